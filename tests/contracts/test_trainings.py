"""What every store promises of trainings: the end and the version it leaves are one write."""

from typing import Any

import pytest
from tests.contracts.stores import EVERYTHING, HOOK, events, running
from tests.support.making import NOW

from safelight.errors import NotFound, StaleWrite
from safelight.model import Model, Version
from safelight.prediction import Prediction, Status
from safelight.store import Claim, Claimed, Store

DESTINATION = Model(owner="me", name="mine", visibility="private", created_at=NOW)
LEFT = Version(
    id="f" * 64,
    created_at=NOW,
    cog_version="0.23.1",
    openapi_schema={"components": {"schemas": {}}},
    base="a" * 64,
    weights="https://safelight.test/outputs/x/weights",
)


async def training(store: Store, **facts: Any) -> Claimed:
    """One that runs."""
    return await running(store, destination="me/mine", webhook=HOOK, **facts)


async def versions(store: Store) -> tuple[Version, ...]:
    return (await store.models.get("me", "mine")).versions


async def succeed(store: Store, claimed: Claimed, claim: Claim | None = None) -> Prediction:
    ended = claimed.prediction.succeed(NOW)
    await store.save(ended, Status.PROCESSING, claim or claimed.claim, LEFT)
    return ended


async def test_a_training_ends_and_leaves_its_version(store: Store) -> None:
    """Both are there, and the webhook is owed."""
    await store.models.add(DESTINATION)
    claimed = await training(store)
    ended = await succeed(store, claimed)
    assert await store.get(ended.id, "me") == ended
    assert await versions(store) == (LEFT,)
    assert len(await events(store, ended)) == 1


async def test_a_training_that_was_canceled_meanwhile_leaves_no_version(store: Store) -> None:
    """The cancel stands."""
    await store.models.add(DESTINATION)
    claimed = await training(store)
    await store.save(claimed.prediction.cancel(NOW), Status.PROCESSING)
    with pytest.raises(StaleWrite):
        await succeed(store, claimed)
    assert await versions(store) == ()


async def test_whoever_has_lost_the_claim_leaves_no_version(store: Store) -> None:
    """It is another worker's now."""
    await store.models.add(DESTINATION)
    claimed = await training(store)
    with pytest.raises(StaleWrite):
        await succeed(store, claimed, Claim("w2", claimed.claim.fence + 1))
    assert await versions(store) == ()


async def test_without_its_destination_a_training_does_not_succeed(store: Store) -> None:
    """It stays as it was, no webhook is owed, and it can still fail."""
    claimed = await training(store, webhook_events=EVERYTHING)
    before = await events(store, claimed.prediction)
    with pytest.raises(NotFound, match="me/mine"):
        await succeed(store, claimed)
    assert await store.get(claimed.prediction.id, "me") == claimed.prediction
    assert await events(store, claimed.prediction) == before
    failed = claimed.prediction.fail(NOW, "gone")
    await store.save(failed, Status.PROCESSING, claimed.claim)
    assert await store.get(failed.id, "me") == failed


async def test_a_version_that_is_there_already_is_left_as_it_is(store: Store) -> None:
    """A training that runs twice leaves one."""
    await store.models.add(DESTINATION)
    await store.models.add_version("me", "mine", LEFT)
    await succeed(store, await training(store))
    assert await versions(store) == (LEFT,)
