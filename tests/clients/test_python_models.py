"""Python's official client, 1.0.7: models, versions, collections, hardware, the account."""

import uuid
from typing import Any

import pytest
import replicate
from replicate.client import Client
from replicate.exceptions import ReplicateError

ECHO = "safelight/echo"


def _wanted(**changes: Any) -> dict[str, Any]:
    usual = {
        "owner": "safelight",
        "name": f"mine-{uuid.uuid4().hex[:8]}",
        "visibility": "private",
        "hardware": "cpu",
        "description": "A model of my own",
        "github_url": "https://example.com/code",
        "paper_url": "https://example.com/paper",
        "license_url": "https://example.com/license",
        "cover_image_url": "https://example.com/cover.png",
    }
    return usual | changes


def test_a_model_is_made_and_deleted(client: Client) -> None:
    """It has no version yet; what was said of it is kept."""
    wanted = _wanted()
    made = client.models.create(**wanted)
    assert made.latest_version is None
    for name in wanted.keys() - {"hardware"}:
        assert getattr(made, name) == wanted[name]
    assert client.models.get(made.owner, made.name) == made
    assert list(made.versions.list()) == []
    assert client.models.delete(made.owner, made.name) is True
    for ask in (client.models.get, client.models.delete):
        with pytest.raises(ReplicateError) as caught:
            ask(made.id)
        assert caught.value.status == 404


async def test_the_same_asynchronously(client: Client) -> None:
    """The same requests."""
    made = await client.models.async_create(**_wanted())
    assert await client.models.async_get(made.id) == made
    assert list(await made.versions.async_list()) == []
    assert await client.models.async_delete(made.id) is True


def test_a_model_without_a_version_cannot_be_run(client: Client) -> None:
    """The answer says so."""
    made = client.models.create(**_wanted())
    with pytest.raises(ReplicateError) as caught:
        client.run(made.id, input={"prompt": "a"})
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"owner": "somebody-else"}, 403),
        ({"visibility": "secret"}, 422),
        ({"hardware": "abacus"}, 422),
        ({"name": ""}, 422),
        ({"name": "a/b"}, 422),
        ({"github_url": "javascript:alert(1)"}, 422),
    ],
)
def test_a_model_that_cannot_be_is_refused(
    client: Client, wrong: dict[str, Any], status: int
) -> None:
    """With a reason."""
    with pytest.raises(ReplicateError) as caught:
        client.models.create(**_wanted(**wrong))
    assert caught.value.status == status
    assert caught.value.detail
    assert next(iter(wrong)) in caught.value.detail


def test_a_name_can_be_taken_once(client: Client) -> None:
    """That of a model in the box is taken, too."""
    wanted = _wanted()
    client.models.create(**wanted)
    for name in (wanted["name"], "echo"):
        with pytest.raises(ReplicateError) as caught:
            client.models.create(**wanted | {"name": name})
        assert caught.value.status == 409


def test_a_model_in_the_box_cannot_be_deleted(client: Client) -> None:
    """Nor can its versions; all goes on running."""
    model = client.models.get(ECHO)
    assert model.latest_version is not None
    for ask in (
        lambda: client.models.delete(ECHO),
        lambda: model.versions.delete(model.latest_version.id),
    ):
        with pytest.raises(ReplicateError) as caught:
            ask()
        assert caught.value.status == 403
    assert client.run(ECHO, input={"prompt": "a"}) == "a"


def test_models_are_listed_searched_and_reloaded(client: Client) -> None:
    """All of them by pages; those that fit, the best one first."""
    listed = [one.id for page in replicate.paginate(client.models.list) for one in page]
    assert {"openai/gpt-image-1", "google/imagen-4-fast", ECHO} <= set(listed)
    found = client.models.search("imagen")
    assert found.results[0].id == "google/imagen-4-fast"
    assert list(client.models.search("zzzzzz")) == []
    model = client.models.get("google", "imagen-4-fast")
    model.reload()
    assert model.id == found.results[0].id


async def test_models_are_listed_and_searched_asynchronously(client: Client) -> None:
    """The same requests."""
    found = await client.models.async_search("imagen")
    assert found.results[0].id == "google/imagen-4-fast"
    assert ECHO in [one.id for one in await client.models.async_list()]
    versions = found.results[0].versions
    first = (await versions.async_list())[0]
    assert (await versions.async_get(first.id)).id == first.id


def test_a_model_shows_what_it_makes(client: Client) -> None:
    """A cover that can be fetched, and a prediction as its example."""
    model = client.models.get("openai/gpt-image-2")
    assert model.cover_image_url is not None
    assert client._client.get(model.cover_image_url).headers["content-type"].startswith("image/")
    example = model.default_example
    assert example is not None
    assert example.status == "succeeded"
    assert example.model == model.id
    assert client._client.get(example.output[0]).status_code == 200


def test_collections_can_be_read(client: Client) -> None:
    """The list has names, each one has its models."""
    listed = [one for page in replicate.paginate(client.collections.list) for one in page]
    assert listed
    for item in listed:
        one = client.collections.get(item.slug)
        assert (one.slug, one.name, one.description) == (item.slug, item.name, item.description)
        assert len(one) > 0
        for model in one:
            assert client.models.get(model.id).id == model.id
    with pytest.raises(ReplicateError) as caught:
        client.collections.get("nope")
    assert caught.value.status == 404


async def test_the_rest_can_be_read_asynchronously(client: Client) -> None:
    """Collections, hardware, the account."""
    first = (await client.collections.async_list())[0]
    assert (await client.collections.async_get(first.slug)).name == first.name
    assert "cpu" in [one.sku for one in await client.hardware.async_list()]
    assert (await client.accounts.async_current()).username == "safelight"
    assert client.hardware.list() == await client.hardware.async_list()
    assert client.accounts.current() == await client.accounts.async_current()
