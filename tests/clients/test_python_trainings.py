"""Python's official client, 1.0.7: trainings, and the versions that they leave."""

import uuid
from collections.abc import Callable

import pytest
import replicate
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.model import Model
from replicate.training import Training
from tests.clients.trainable import STYLE, client_environment, server
from tests.clients.wire import eventually

__all__ = ["client_environment", "server"]

NEVER = {"style": "never"}


@pytest.fixture
def destination(client: Client) -> Model:
    """A model of the caller's own."""
    name = f"mine-{uuid.uuid4().hex[:8]}"
    return client.models.create("safelight", name, visibility="private", hardware="cpu")


def _version(client: Client, name: str = STYLE) -> str:
    latest = client.models.get(name).latest_version
    assert latest is not None
    return latest.id


def _ended(training: Training) -> Callable[[], bool]:
    def look() -> bool:
        training.reload()
        return training.status in {"succeeded", "failed", "canceled"}

    return look


def test_a_training_leaves_a_version_that_can_be_run(client: Client, destination: Model) -> None:
    """Its weights are those that were trained; it can be read, run and deleted."""
    version = _version(client)
    made = client.trainings.create(f"{STYLE}:{version}", {"style": "loud"}, destination.id)
    assert (made.model, made.version, made.input) == (STYLE, version, {"style": "loud"})
    eventually(_ended(made))
    assert made.status == "succeeded", made.error
    assert made.destination == destination.id
    assert made.logs is not None
    assert "Learning loud" in made.logs
    assert made.output is not None
    assert client._client.get(made.output["weights"]).text == "loud"
    assert client.run(made.output["version"], input={"prompt": "hello"}) == "hello (loud)"
    left = _version(client, destination.id)
    assert made.output["version"] == f"{destination.id}:{left}"
    assert client.run(destination.id, input={"prompt": "hello"}) == "hello (loud)"
    assert destination.versions.get(left).id == left
    # It is deleted, though the client says that it is not.
    assert destination.versions.delete(left) is False
    with pytest.raises(ReplicateError) as caught:
        destination.versions.get(left)
    assert caught.value.status == 404


async def test_a_version_can_be_deleted_asynchronously(client: Client, destination: Model) -> None:
    """The same request, and the same mistake in the client."""
    made = client.trainings.create(
        model=STYLE, version=_version(client), input={"style": "quiet"}, destination=destination
    )
    eventually(_ended(made))
    versions = await destination.versions.async_list()
    assert len(versions) == 1
    assert await destination.versions.async_delete(versions[0].id) is False
    assert list(await destination.versions.async_list()) == []


def test_a_destination_must_exist_and_be_ones_own(client: Client) -> None:
    """With Replicate's own words."""
    reference = f"{STYLE}:{_version(client)}"
    for destination in ("safelight/nope", "somebody/else", STYLE):
        with pytest.raises(ReplicateError, match="training destination does not exist") as caught:
            client.trainings.create(reference, {"style": "a"}, destination)
        assert caught.value.status == 404


def test_a_model_that_cannot_be_trained_says_so(client: Client, destination: Model) -> None:
    """As those in the box do."""
    echo = "safelight/echo"
    with pytest.raises(ReplicateError, match="train") as caught:
        client.trainings.create(f"{echo}:{_version(client, echo)}", {"prompt": "a"}, destination.id)
    assert caught.value.status == 422


def test_a_training_is_made_in_every_form_read_and_canceled(
    client: Client, destination: Model
) -> None:
    """By every way to name what is trained, and where it goes."""
    version, model = _version(client), client.models.get(STYLE)
    of = (destination.owner, destination.name)
    made = [
        client.trainings.create(f"{STYLE}:{version}", NEVER, destination.id),
        client.trainings.create(model=STYLE, version=version, input=NEVER, destination=destination),
        client.trainings.create(model=model, version=version, input=NEVER, destination=of),
    ]
    for training in made:
        assert client.trainings.get(training.id).input == NEVER
        training.cancel()
        assert training.status == "canceled"
        assert client.trainings.cancel(training.id).status == "canceled"
    listed = [one.id for page in replicate.paginate(client.trainings.list) for one in page]
    ids = [training.id for training in made]
    assert [one for one in listed if one in ids] == ids[::-1]
    predictions = [one.id for page in replicate.paginate(client.predictions.list) for one in page]
    assert not set(ids) & set(predictions)


async def test_the_same_asynchronously(client: Client, destination: Model) -> None:
    """The same requests."""
    made = await client.trainings.async_create(
        model=STYLE, version=_version(client), input=NEVER, destination=destination.id
    )
    assert (await client.trainings.async_get(made.id)).id == made.id
    assert made.id in [one.id for one in await client.trainings.async_list()]
    await made.async_reload()
    await made.async_cancel()
    assert (await client.trainings.async_cancel(made.id)).status == "canceled"


def test_a_training_that_fails_leaves_nothing(client: Client, destination: Model) -> None:
    """But its error."""
    made = client.trainings.create(f"{STYLE}:{_version(client)}", {"style": "bad"}, destination.id)
    eventually(_ended(made))
    assert made.status == "failed"
    assert made.error == "no luck"
    assert list(destination.versions.list()) == []


def test_a_training_that_is_not_there_is_told(client: Client) -> None:
    """To be read or to be canceled."""
    for ask in (client.trainings.get, client.trainings.cancel):
        with pytest.raises(ReplicateError) as caught:
            ask("nope")
        assert caught.value.status == 404
