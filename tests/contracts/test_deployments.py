"""What every store of deployments promises."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from tests.contracts.stores import Opener, running
from tests.support.making import MODEL, NOW, VERSION, made

from safelight.deployment import Configuration, Deployment, Release
from safelight.errors import Conflict, InvalidInput, NotFound, StaleWrite
from safelight.page import Part
from safelight.prediction import Status
from safelight.store import Query, Store

SMALL = Configuration(hardware="cpu", min_instances=0, max_instances=1)
LARGE = Configuration(hardware="gpu-t4", min_instances=1, max_instances=20)
MINUTE = timedelta(minutes=1)


def deployment(name: str = "app", owner: str = "me", age: int = 0) -> Deployment:
    at = NOW - age * MINUTE
    release = Release(
        number=1,
        model=MODEL,
        version=VERSION,
        created_at=at,
        created_by=owner,
        configuration=SMALL,
    )
    return Deployment(owner=owner, name=name, created_at=at, release=release)


def following(release: Release) -> Release:
    return release.followed_by("b" * 64, LARGE, created_by="other", now=NOW + MINUTE)


async def names(store: Store, part: Part) -> Sequence[str]:
    return [found.name for found in await store.deployments.list("me", part)]


async def test_a_deployment_is_kept_as_it_was_made(store: Store, another: Opener) -> None:
    """Another process sees it too."""
    await store.deployments.add(deployment())
    assert await store.deployments.get("me", "app") == deployment()
    assert await (await another()).deployments.get("me", "app") == deployment()
    assert await store.deployments.releases("me", "app") == [deployment().release]


async def test_a_name_is_taken_once_in_an_account(store: Store) -> None:
    """In another account it is another one."""
    await store.deployments.add(deployment())
    with pytest.raises(Conflict, match="me/app already"):
        await store.deployments.add(deployment(age=5))
    assert await store.deployments.get("me", "app") == deployment()
    await store.deployments.add(deployment(owner="other"))
    assert (await store.deployments.get("other", "app")).owner == "other"


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    """Neither by another name nor in another account."""
    await store.deployments.add(deployment())
    for owner, name in (("me", "nope"), ("other", "app")):
        with pytest.raises(NotFound):
            await store.deployments.get(owner, name)
        with pytest.raises(NotFound):
            await store.deployments.remove(owner, name)
        with pytest.raises(NotFound):
            await store.deployments.release(owner, name, following(deployment().release))
        assert await store.deployments.releases(owner, name) == []


async def test_a_release_follows_and_the_earlier_ones_stay(store: Store) -> None:
    """The deployment shows the newest; its own creation time stays."""
    first = deployment()
    await store.deployments.add(first)
    second = following(first.release)
    await store.deployments.release("me", "app", second)
    found = await store.deployments.get("me", "app")
    assert found == msgspec.structs.replace(first, release=second)
    assert await store.deployments.releases("me", "app") == [second, first.release]
    assert await store.deployments.list("me", Part()) == [found]


async def test_of_two_changes_at_once_one_is_told_so(store: Store) -> None:
    """Both followed the same release; the second one changes nothing."""
    await store.deployments.add(deployment())
    second = following(deployment().release)
    await store.deployments.release("me", "app", second)
    with pytest.raises(StaleWrite):
        await store.deployments.release("me", "app", following(deployment().release))
    assert len(await store.deployments.releases("me", "app")) == 2


async def test_a_minimum_above_the_maximum_is_no_configuration() -> None:
    """Whoever makes it."""
    with pytest.raises(InvalidInput, match="min_instances"):
        Configuration(hardware="cpu", min_instances=2, max_instances=1)


async def test_deployments_are_listed_newest_first_in_both_directions(store: Store) -> None:
    """One more than the limit tells that more follow; other accounts' are not among them."""
    for age, name in enumerate(("a", "b", "c", "d")):
        await store.deployments.add(deployment(name, age=age))
    await store.deployments.add(deployment("x", owner="other"))
    await store.deployments.release("me", "d", following(deployment("d", age=3).release))
    assert await names(store, Part()) == ["a", "b", "c", "d"]
    assert await names(store, Part(limit=2)) == ["a", "b", "c"]
    after_b = (NOW - MINUTE, "b")
    assert await names(store, Part(position=after_b)) == ["c", "d"]
    assert await names(store, Part(position=after_b, is_backwards=True)) == ["a"]
    after_d = (NOW - 3 * MINUTE, "d")
    back = Part(limit=1, position=after_d, is_backwards=True)
    assert await names(store, back) == ["b", "c"]


async def test_those_of_one_moment_are_told_apart_by_name(store: Store) -> None:
    """So that no page loses one."""
    for name in ("b", "a", "c"):
        await store.deployments.add(deployment(name))
    assert await names(store, Part(limit=1)) == ["c", "b"]
    assert await names(store, Part(limit=1, position=(NOW, "c"))) == ["b", "a"]
    assert await names(store, Part(limit=1, position=(NOW, "b"))) == ["a"]


async def test_one_in_use_is_not_removed(store: Store) -> None:
    """Not while a prediction through it waits, and not while it runs."""
    await store.deployments.add(deployment())
    claimed = await running(store, deployment="app")
    with pytest.raises(Conflict, match="1 of its predictions"):
        await store.deployments.remove("me", "app")
    waiting = made(deployment="app")
    await store.insert(waiting)
    with pytest.raises(Conflict, match="2 of its predictions"):
        await store.deployments.remove("me", "app")
    ended = claimed.prediction.succeed(NOW)
    await store.save(ended, Status.PROCESSING, claimed.claim)
    await store.save(waiting.cancel(NOW), Status.STARTING)
    await store.deployments.remove("me", "app")
    with pytest.raises(NotFound):
        await store.deployments.get("me", "app")
    assert await store.deployments.releases("me", "app") == []


async def test_only_its_own_predictions_hold_a_deployment(store: Store) -> None:
    """Not those of another one, of none, or of another account's of the same name."""
    await store.deployments.add(deployment())
    for facts in ({"deployment": "other"}, {}, {"deployment": "app", "account": "other"}):
        await store.insert(made(**facts))
    await store.deployments.remove("me", "app")


async def test_a_removed_name_can_be_taken_again(store: Store) -> None:
    """And begins at its first release."""
    await store.deployments.add(deployment())
    await store.deployments.release("me", "app", following(deployment().release))
    await store.deployments.remove("me", "app")
    await store.deployments.add(deployment())
    assert await store.deployments.get("me", "app") == deployment()


async def test_trainings_and_predictions_are_listed_apart(store: Store) -> None:
    """Each list has none of the other."""
    training, prediction = made(destination="me/mine"), made()
    await store.insert(training)
    await store.insert(prediction)
    assert await store.list(Query(account="me")) == [prediction]
    assert await store.list(Query(account="me", trainings=True)) == [training]
    assert await store.list(Query(account="other", trainings=True)) == []
