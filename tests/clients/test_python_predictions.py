"""Python's official client, 1.0.7: what a prediction can do besides being run."""

import pytest
from replicate.client import Client
from replicate.exceptions import ModelError

ECHO = "safelight/echo"
SKETCH = "safelight/sketch"
SMALL = {"prompt": "a", "width": 256, "height": 256}


async def test_every_way_to_create_asynchronously_is_answered(client: Client) -> None:
    """By version id, by version object, by model and through its model."""
    model = await client.models.async_get(ECHO)
    latest = model.latest_version
    assert latest is not None
    create = client.models.predictions.async_create
    for made in (
        await client.predictions.async_create(version=latest.id, input={"prompt": "a"}, wait=True),
        await client.predictions.async_create(version=latest, input={"prompt": "a"}, wait=5),
        await client.predictions.async_create(model=ECHO, input={"prompt": "a"}),
        await client.predictions.async_create(model=model, input={"prompt": "a"}),
        await create(ECHO, {"prompt": "a"}, wait=True),
        await create(model, {"prompt": "a"}, wait=True),
    ):
        await made.async_wait()
        assert (made.status, made.output, made.version) == ("succeeded", "a", latest.id)


async def test_cancel_and_reload_have_two_forms_each(client: Client) -> None:
    """The same requests, blocking and not."""
    made = client.models.predictions.create(ECHO, {"prompt": "[[timeout]]"})
    made.reload()
    await made.async_reload()
    assert made.status in {"starting", "processing"}
    assert (await client.predictions.async_cancel(made.id)).status == "canceled"
    await made.async_reload()
    assert made.status == "canceled"


async def test_the_files_of_a_prediction_can_be_iterated(client: Client) -> None:
    """Each output once, as they come."""
    value = SMALL | {"num_outputs": 2}
    made = client.models.predictions.create(SKETCH, value)
    assert len(list(made.output_iterator())) == 2
    other = client.models.predictions.create(SKETCH, value)
    assert len([output async for output in other.async_output_iterator()]) == 2
    failing = client.models.predictions.create(SKETCH, {"prompt": "[[fail: no luck]]"})
    with pytest.raises(ModelError, match="no luck"):
        list(failing.output_iterator())


async def test_a_prediction_can_be_streamed_after_it_was_made(client: Client) -> None:
    """By the address that it has for that, also when it has ended."""
    made = client.models.predictions.create(ECHO, {"prompt": "a b"})
    assert "".join(map(str, made.stream())) == "a b"
    made.wait()
    assert "".join(map(str, made.stream())) == "a b"
    assert "".join([str(event) async for event in made.async_stream()]) == "a b"


def test_progress_is_read_from_the_logs(client: Client) -> None:
    """As tqdm prints it; a model that prints no bar has none."""
    made = client.models.predictions.create(SKETCH, SMALL, wait=True)
    assert made.progress is None or 0 <= made.progress.percentage <= 1
