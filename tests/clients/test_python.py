"""Python's official client, 1.0.7."""

import io
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import replicate
from PIL import Image
from replicate.client import Client
from replicate.exceptions import ModelError, ReplicateError
from replicate.helpers import FileOutput
from replicate.stream import ServerSentEvent
from tests.serving import Server

OCEAN = "43d5bce2e1c97fa1e7d8996187a85cd5c882787989091af3b135c7a16ca23b79"
ECHO = "safelight/echo"
SLOW = {"prompt": "[[timeout]]"}


def _form(content: bytes) -> tuple[str | None, int, int]:
    with Image.open(io.BytesIO(content)) as image:
        return image.format, image.width, image.height


def test_it_is_the_version_that_people_have() -> None:
    """Not a newer one, and not a changed one."""
    assert version("replicate") == "1.0.7"


@pytest.mark.parametrize(
    ("reference", "value", "form"),
    [
        ("openai/gpt-image-1", {"openai_api_key": "none", "aspect_ratio": "2:3"}, "WEBP"),
        ("openai/gpt-image-2", {"aspect_ratio": "3:2", "output_format": "jpeg"}, "JPEG"),
        ("google/imagen-4-fast", {"aspect_ratio": "4:3"}, "JPEG"),
        (f"jigsawstack/image-generation:{OCEAN}", {"api_key": "none", "steps": 4}, "PNG"),
        ("jigsawstack/image-generation", {"api_key": "none"}, "PNG"),
        ("safelight/sketch", {"width": 256, "height": 320, "output_format": "png"}, "PNG"),
    ],
)
def test_run_gives_files_that_can_be_read(
    client: Client, reference: str, value: dict[str, Any], form: str
) -> None:
    """From each model in the box, one file or a list of them as its schema says."""
    output = client.run(reference, input={"prompt": "a red fox in the snow", **value})
    files = output if isinstance(output, list) else [output]
    assert isinstance(output, list) is reference.startswith(("openai/", "safelight/"))
    for file in files:
        assert isinstance(file, FileOutput)
        assert file.url.startswith("https://127.0.0.1:")
        content = file.read()
        assert _form(content)[0] == form
        assert b"".join(file) == content


def test_run_gives_text_as_text(client: Client) -> None:
    """A model that makes no files."""
    assert client.run(ECHO, input={"prompt": "hello"}) == "hello"


def test_run_can_be_told_to_give_plain_urls(client: Client) -> None:
    """As the client did before it knew files."""
    output = client.run("google/imagen-4-fast", {"prompt": "a"}, use_file_output=False)
    assert isinstance(output, str)
    assert output.endswith("/output.jpg")


def test_run_can_poll(client: Client) -> None:
    """Without `Prefer: wait`."""
    assert client.run(ECHO, input={"prompt": "a [[delay: 100ms]]"}, wait=False) == "a"


def test_run_goes_on_polling_when_its_wait_is_over(client: Client) -> None:
    """That is what the status `starting` is for."""
    assert client.run(ECHO, input={"prompt": "a [[delay: 1500ms]]"}, wait=1) == "a"


async def test_async_run_gives_files_that_can_be_read(client: Client) -> None:
    """By model and by version."""
    for reference in ("jigsawstack/image-generation", f"jigsawstack/image-generation:{OCEAN}"):
        file = await client.async_run(reference, input={"prompt": "a", "api_key": "none"})
        assert _form(await file.aread())[0] == "PNG"
        assert b"".join([part async for part in file]) == await file.aread()


async def test_async_run_can_poll(client: Client) -> None:
    """Without `Prefer: wait`."""
    assert await client.async_run(ECHO, input={"prompt": "a"}, wait=False) == "a"


def test_a_failure_raises_a_model_error_with_the_prediction(client: Client) -> None:
    """Its message is the prediction's error."""
    with pytest.raises(ModelError, match=r"^no luck$") as caught:
        client.run(ECHO, input={"prompt": "[[fail: no luck]]"})
    assert caught.value.prediction.status == "failed"
    assert caught.value.prediction.error == "no luck"


def test_a_failure_after_the_wait_raises_it_too(client: Client) -> None:
    """Found by polling."""
    with pytest.raises(ModelError, match=r"^no luck$"):
        client.run(ECHO, input={"prompt": "[[delay: 1500ms]] [[fail: no luck]]"}, wait=1)


def test_a_refusal_raises_a_replicate_error_that_says_all(client: Client) -> None:
    """The client drops `invalid_fields`; the detail has them all."""
    with pytest.raises(ReplicateError) as caught:
        client.run("safelight/sketch", input={"num_outputs": 99})
    error = caught.value
    assert error.status == 422
    assert error.title == "Input validation failed"
    assert error.detail == (
        "- input: prompt is required\n- input.num_outputs: Must be less than or equal to 4\n"
    )


def test_a_wrong_token_is_told(client: Client, server: Server) -> None:
    """With the status and the detail."""
    stranger = Client(api_token="r8_wrong", base_url=server.http)
    with pytest.raises(ReplicateError, match="Invalid or expired API token") as caught:
        stranger.models.get(ECHO)
    assert caught.value.status == 401
    stranger._client.close()


def test_what_does_not_exist_is_told(client: Client) -> None:
    """Models, versions and predictions."""
    for ask in (
        lambda: client.run("nope/nope", input={}),
        lambda: client.models.get("nope/nope"),
        lambda: client.models.get(ECHO).versions.get("0" * 64),
        lambda: client.predictions.get("nope"),
        lambda: client.predictions.cancel("nope"),
    ):
        with pytest.raises(ReplicateError) as caught:
            ask()
        assert caught.value.status == 404
    with pytest.raises(ReplicateError, match="Invalid version or not permitted"):
        client.predictions.create(version="0" * 64, input={})


def test_a_prediction_can_be_followed(client: Client) -> None:
    """Created, reloaded until its end, and got again."""
    made = client.predictions.create(
        model="openai/gpt-image-1",
        input={"openai_api_key": "none", "prompt": "a", "number_of_images": 2},
    )
    assert made.status == "starting"
    assert made.version == "hidden"
    made.wait()
    assert made.status == "succeeded"
    assert made.input is not None
    assert made.input["openai_api_key"] == "[REDACTED]"
    assert made.metrics is not None
    assert made.metrics["image_count"] == 2
    assert made.logs is not None
    assert made.logs.startswith("Generating image...\n")
    assert client.predictions.get(made.id).dict() == made.dict()


def test_every_way_to_create_is_answered(client: Client) -> None:
    """By version id, by version object, by model and through its model."""
    latest = client.models.get(ECHO).latest_version
    assert latest is not None
    for made in (
        client.predictions.create(version=latest.id, input={"prompt": "a"}, wait=True),
        client.predictions.create(version=latest, input={"prompt": "a"}, wait=5),
        client.predictions.create(latest, {"prompt": "a"}, wait=True),
        client.models.predictions.create(ECHO, {"prompt": "a"}, wait=True),
        client.models.predictions.create(("safelight", "echo"), {"prompt": "a"}, wait=True),
    ):
        assert made.status == "succeeded"
        assert made.output == "a"
        assert made.model == ECHO
        assert made.version == latest.id


def test_webhooks_are_accepted(client: Client) -> None:
    """In each form that the client sends."""
    made = client.models.predictions.create(
        ECHO,
        {"prompt": "a"},
        webhook="https://example.com/hook",
        webhook_events_filter=["start", "completed"],
        webhook_completed="https://example.com/hook",
        stream=True,
    )
    assert made.status == "starting"


def test_a_prediction_can_be_canceled(client: Client) -> None:
    """Through itself, and by its id."""
    made = client.models.predictions.create(ECHO, SLOW)
    made.cancel()
    assert made.status == "canceled"
    other = client.models.predictions.create(ECHO, SLOW)
    assert client.predictions.cancel(other.id).status == "canceled"
    other.reload()
    assert other.status == "canceled"


async def test_a_prediction_can_be_followed_and_canceled_asynchronously(client: Client) -> None:
    """The same requests."""
    made = await client.models.predictions.async_create(ECHO, {"prompt": "a"})
    await made.async_wait()
    assert made.status == "succeeded"
    assert (await client.predictions.async_get(made.id)).output == "a"
    slow = await client.models.predictions.async_create(ECHO, SLOW)
    await slow.async_cancel()
    assert slow.status == "canceled"
    assert slow.id in [one.id for one in await client.predictions.async_list()]


def test_predictions_are_listed_page_by_page(client: Client) -> None:
    """Newest first; `paginate` follows `next` to the end."""
    made = [client.models.predictions.create(ECHO, {"prompt": "a"}).id for _ in range(101)]
    first = client.predictions.list()
    assert len(first.results) == 100
    assert first.previous is None
    second = client.predictions.list(first.next)
    assert second.previous is not None
    listed = [one.id for page in replicate.paginate(client.predictions.list) for one in page]
    assert len(listed) == len(set(listed))
    assert set(made) <= set(listed)


async def test_predictions_are_paginated_asynchronously(client: Client) -> None:
    """The same pages."""
    listed = [
        one.id
        async for page in replicate.async_paginate(client.predictions.async_list)
        for one in page
    ]
    assert len(listed) == len(set(listed))


def test_models_and_versions_are_objects(client: Client) -> None:
    """With all that the client demands of them."""
    listed = {model.name: model for model in client.models.list()}
    model = client.models.get("openai/gpt-image-1")
    assert listed["gpt-image-1"].id == model.id == "openai/gpt-image-1"
    assert model.visibility == "public"
    assert model.latest_version is not None
    versions = model.versions.list()
    assert versions[0].id == model.latest_version.id
    one = model.versions.get(versions[1].id)
    assert one.cog_version
    properties = one.openapi_schema["components"]["schemas"]["Input"]["properties"]
    assert properties["openai_api_key"]["x-cog-secret"] is True


def test_an_object_can_be_run(client: Client) -> None:
    """A model and a version, in place of their names."""
    model = client.models.get(ECHO)
    assert client.run(model, input={"prompt": "a"}) == "a"
    assert model.latest_version is not None
    assert client.run(model.latest_version, input={"prompt": "a"}) == "a"


def test_hardware_and_the_account_can_be_read(client: Client) -> None:
    """The client demands a name of each."""
    assert "cpu" in [one.sku for one in client.hardware.list()]
    assert client.accounts.current().username == "safelight"


def test_a_stream_gives_the_files_and_done(client: Client) -> None:
    """Each file can be read."""
    events = list(client.stream("safelight/sketch", input={"prompt": "a", "num_outputs": 2}))
    kinds = [event.event for event in events]
    output, done = ServerSentEvent.EventType.OUTPUT, ServerSentEvent.EventType.DONE
    assert kinds == [output, output, done]
    for event in events[:2]:
        assert isinstance(event.data, FileOutput)
        assert _form(event.data.read())[0] == "WEBP"


def test_a_stream_shows_pictures_before_they_are_finished(client: Client) -> None:
    """Each can be read, in the size and format of the finished one, which comes last."""
    events = list(client.stream("openai/gpt-image-2", input={"prompt": "a", "quality": "low"}))
    assert len(events) == 4
    files = [event.data for event in events[:3]]
    assert all(isinstance(file, FileOutput) for file in files)
    assert {_form(file.read()) for file in files} == {("WEBP", 1024, 1024)}
    names = [file.url.rsplit("/", 1)[-1] for file in files]
    assert names[:2] == ["partial-1.webp", "partial-2.webp"]
    assert not names[2].startswith("partial")


def test_a_stream_of_text_can_be_joined(client: Client) -> None:
    """As the client's documentation does it."""
    events = client.stream(ECHO, input={"prompt": "one\ntwo"})
    assert "".join(str(event) for event in events) == "one\ntwo"


async def test_a_stream_can_be_read_asynchronously(client: Client) -> None:
    """The same events."""
    stream = await client.async_stream(ECHO, input={"prompt": "a"})
    assert "".join([str(event) async for event in stream]) == "a"


def test_a_stream_that_fails_raises(client: Client) -> None:
    """With the detail that was sent."""
    with pytest.raises(RuntimeError, match="no luck"):
        list(client.stream(ECHO, input={"prompt": "[[fail: no luck]]"}))


def test_files_can_be_inputs_as_data_uris(client: Client, tmp_path: Path) -> None:
    """Open files and paths, in a list."""
    path = tmp_path / "logo.png"
    Image.new("RGB", (64, 64), "red").save(path)
    with path.open("rb") as file:
        output = client.run(
            "openai/gpt-image-2",
            input={"prompt": "a", "input_images": [file, path, io.BytesIO(path.read_bytes())]},
            file_encoding_strategy="base64",
        )
    assert _form(output[0].read())[0] == "WEBP"


def test_an_output_can_be_an_input(client: Client) -> None:
    """By its URL."""
    picture = client.run("google/imagen-4-fast", input={"prompt": "a"})
    output = client.run("openai/gpt-image-2", input={"prompt": "b", "input_images": [str(picture)]})
    assert _form(output[0].read())[0] == "WEBP"


def test_without_https_outputs_are_plain_urls(client: Client, server: Server) -> None:
    """The client knows no files but those of `https:` and `data:`."""
    plain = Client(base_url=server.http)
    output = plain.run("google/imagen-4-fast", input={"prompt": "a"})
    assert isinstance(output, str)
    assert output.startswith(f"{server.http}/outputs/")
    plain._client.close()


def test_both_forms_of_the_base_url_work(client: Client, server: Server) -> None:
    """With `/v1`, as the newer client wants it, and without."""
    for base_url in (server.https, f"{server.https}/v1"):
        other = Client(base_url=base_url)
        assert other.run(ECHO, input={"prompt": "a"}) == "a"
        other._client.close()
