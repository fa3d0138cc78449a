"""Python's official client, 1.0.7: trainings."""

import uuid

import pytest
import replicate
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.model import Model

ECHO = "safelight/echo"


@pytest.fixture
def destination(client: Client) -> Model:
    """A model of the caller's own."""
    name = f"mine-{uuid.uuid4().hex[:8]}"
    return client.models.create("safelight", name, visibility="private", hardware="cpu")


def _version(client: Client) -> str:
    latest = client.models.get(ECHO).latest_version
    assert latest is not None
    return latest.id


def test_a_destination_must_exist(client: Client) -> None:
    """With Replicate's own words."""
    with pytest.raises(ReplicateError, match="training destination does not exist") as caught:
        client.trainings.create(f"{ECHO}:{_version(client)}", {"prompt": "a"}, "safelight/nope")
    assert caught.value.status == 404


def test_a_training_is_made_read_and_canceled(client: Client, destination: Model) -> None:
    """By every way to name what is trained."""
    version = _version(client)
    model = client.models.get(ECHO)
    made = [
        client.trainings.create(f"{ECHO}:{version}", {"prompt": "a"}, destination.id),
        client.trainings.create(
            model=ECHO, version=version, input={"prompt": "a"}, destination=destination
        ),
        client.trainings.create(
            model=model,
            version=version,
            input={"prompt": "a"},
            destination=(destination.owner, destination.name),
        ),
    ]
    for training in made:
        assert training.model == ECHO
        assert training.version == version
        assert training.input == {"prompt": "a"}
        assert client.trainings.get(training.id).id == training.id
        training.reload()
        training.cancel()
        assert client.trainings.cancel(training.id).status in {"canceled", "failed", "succeeded"}
    listed = [one.id for page in replicate.paginate(client.trainings.list) for one in page]
    ids = [training.id for training in made]
    assert [one for one in listed if one in ids] == ids[::-1]


async def test_the_same_asynchronously(client: Client, destination: Model) -> None:
    """The same requests."""
    made = await client.trainings.async_create(
        model=ECHO, version=_version(client), input={"prompt": "a"}, destination=destination.id
    )
    assert (await client.trainings.async_get(made.id)).id == made.id
    assert made.id in [one.id for one in await client.trainings.async_list()]
    await made.async_reload()
    await made.async_cancel()
    ended = await client.trainings.async_cancel(made.id)
    assert ended.status in {"canceled", "failed", "succeeded"}


def test_a_training_that_is_not_there_is_told(client: Client) -> None:
    """To be read or to be canceled."""
    for ask in (client.trainings.get, client.trainings.cancel):
        with pytest.raises(ReplicateError) as caught:
            ask("nope")
        assert caught.value.status == 404
