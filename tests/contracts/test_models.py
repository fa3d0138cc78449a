"""The contract of the models that accounts create, on every store."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.contracts.stores import Opener
from tests.support.making import NOW

from safelight.deployment import Configuration, Deployment, Release
from safelight.errors import Conflict, NotFound
from safelight.model import README_IN_LISTS, Model, Version
from safelight.store import Store

SCHEMA = {"components": {"schemas": {"Input": {"properties": {"a": {"type": "string"}}}}}}
FULL = Model(
    owner="me",
    name="mine",
    description="Of my own",
    created_at=NOW,
    visibility="private",
    github_url="https://example.com/code",
    paper_url="https://example.com/paper",
    license_url="https://example.com/license",
    weights_url="https://example.com/weights",
    cover_url="https://example.com/cover.png",
    readme="# Mine",
    hardware="gpu-t4",
)


def version(number: int, **facts: Any) -> Version:
    """Each is a second younger than the one before."""
    usual = {
        "id": f"{number:064x}",
        "created_at": NOW + timedelta(seconds=number),
        "cog_version": "0.23.1",
        "openapi_schema": SCHEMA,
    }
    return Version(**usual | facts)


async def test_a_model_is_kept_as_it_was_given(store: Store, another: Opener) -> None:
    """Each fact of it, for other processes too."""
    await store.models.add(FULL)
    assert await store.models.get("me", "mine") == FULL
    assert await (await another()).models.get("me", "mine") == FULL


async def test_a_name_is_taken_once(store: Store) -> None:
    """By each owner; what is there stays as it is."""
    await store.models.add(FULL)
    with pytest.raises(Conflict, match="me/mine"):
        await store.models.add(msgspec.structs.replace(FULL, description="Another"))
    await store.models.add(msgspec.structs.replace(FULL, owner="you"))
    assert await store.models.get("me", "mine") == FULL


async def test_an_account_sees_its_own_and_what_is_public(store: Store) -> None:
    """Others' private ones are not there for it."""
    for owner, name, visibility in (
        ("me", "open", "public"),
        ("me", "shut", "private"),
        ("you", "open", "public"),
        ("you", "shut", "private"),
    ):
        facts = {"owner": owner, "name": name, "visibility": visibility}
        await store.models.add(msgspec.structs.replace(FULL, **facts))
    seen = {model.full_name for model in await store.models.list("me")}
    assert seen == {"me/open", "me/shut", "you/open"}


async def test_what_is_told_of_a_model_can_be_changed(store: Store) -> None:
    """Only what is named; null takes it away."""
    await store.models.add(FULL)
    await store.models.describe("me", "mine", {"description": "New", "readme": None})
    changed = msgspec.structs.replace(FULL, description="New", readme=None)
    assert await store.models.get("me", "mine") == changed
    await store.models.describe("me", "mine", {})
    assert await store.models.get("me", "mine") == changed


async def test_versions_are_newest_first(store: Store) -> None:
    """A list shows only the newest."""
    await store.models.add(FULL)
    first, second = version(1), version(2, base="b" * 64, weights="https://example.com/w.tar")
    await store.models.add_version("me", "mine", second)
    await store.models.add_version("me", "mine", first)
    model = await store.models.get("me", "mine")
    assert model.versions == (second, first)
    (listed,) = await store.models.list("me")
    assert listed.versions == (second,)


async def test_a_version_is_found_by_its_id(store: Store) -> None:
    """With the model that it belongs to."""
    await store.models.add(FULL)
    await store.models.add_version("me", "mine", version(1))
    found = await store.models.version(version(1).id)
    assert found is not None
    assert (found[0].full_name, found[1]) == ("me/mine", version(1))
    assert await store.models.version("f" * 64) is None


async def test_the_same_version_twice_is_one(store: Store) -> None:
    """Who is not sure that it was kept may say it again."""
    await store.models.add(FULL)
    for weights in ("https://example.com/1", "https://example.com/2"):
        await store.models.add_version("me", "mine", version(1, weights=weights))
    (kept,) = (await store.models.get("me", "mine")).versions
    assert kept.weights == "https://example.com/1"


async def test_a_model_with_versions_stays(store: Store) -> None:
    """Until the last of them is gone."""
    await store.models.add(FULL)
    await store.models.add_version("me", "mine", version(1))
    with pytest.raises(Conflict, match="has versions"):
        await store.models.remove("me", "mine")
    await store.models.remove_version("me", "mine", version(1).id)
    assert await store.models.version(version(1).id) is None
    await store.models.remove("me", "mine")
    with pytest.raises(NotFound):
        await store.models.get("me", "mine")


async def test_a_version_that_another_runs_on_stays(store: Store) -> None:
    """Or that could not be run any more."""
    await store.models.add(FULL)
    await store.models.add_version("me", "mine", version(1))
    await store.models.add_version("me", "mine", version(2, base=version(1).id))
    with pytest.raises(Conflict, match="trained from this one"):
        await store.models.remove_version("me", "mine", version(1).id)
    await store.models.remove_version("me", "mine", version(2).id)
    await store.models.remove_version("me", "mine", version(1).id)


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    """Whatever is to be done with it."""
    models = store.models
    await models.add(FULL)
    for asked in (
        models.get("me", "other"),
        models.describe("me", "other", {"readme": "x"}),
        models.remove("you", "mine"),
        models.add_version("me", "other", version(1)),
        models.remove_version("me", "mine", version(1).id),
    ):
        with pytest.raises(NotFound):
            await asked


async def test_lists_have_the_beginnings_of_readmes(store: Store) -> None:
    """A thousand whole ones would not fit into memory; by itself a model has all of its own."""
    readme = "a" * (README_IN_LISTS + 1)
    await store.models.add(msgspec.structs.replace(FULL, readme=readme))
    (listed,) = await store.models.list("me")
    assert listed.readme == readme[:-1]
    assert (await store.models.get("me", "mine")).readme == readme


async def test_a_version_that_a_deployment_runs_is_not_removed(store: Store) -> None:
    """One that it has run before is."""
    await store.models.add(FULL)
    for number in (1, 2):
        await store.models.add_version("me", "mine", version(number))
    release = Release(
        number=1,
        model="me/mine",
        version=version(1).id,
        created_at=NOW,
        created_by="you",
        configuration=Configuration(hardware="cpu", min_instances=0, max_instances=1),
    )
    await store.deployments.add(Deployment(owner="you", name="a", created_at=NOW, release=release))
    with pytest.raises(Conflict, match="deployment"):
        await store.models.remove_version("me", "mine", version(1).id)
    following = msgspec.structs.replace(release, number=2, version=version(2).id)
    await store.deployments.release("you", "a", following)
    await store.models.remove_version("me", "mine", version(1).id)
    assert (await store.models.get("me", "mine")).versions == (version(2),)
