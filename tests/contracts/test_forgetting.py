"""What every store promises of predictions that are deleted, and of looks without inputs."""

from typing import Any

import pytest
from tests.contracts.stores import HOOK, claim, events, running
from tests.support.making import NOW, made

from safelight.blob import Blob, OutputFile
from safelight.errors import NotFound, StaleWrite
from safelight.model import EXAMPLES
from safelight.prediction import Prediction, Status
from safelight.store import Store
from safelight.webhook import Event

KEY = "a" * 64
FILE = OutputFile(name="a.png", media_type="image/png", blob=Blob(key=KEY, size=1))


async def ended(store: Store, **facts: Any) -> Prediction:
    """One that has succeeded with a file."""
    claimed = await running(store, **facts)
    p = claimed.prediction.produce([{"$file": 0}], (FILE,)).succeed(NOW)
    await store.save(p, Status.PROCESSING, claimed.claim)
    return p


async def test_what_is_forgotten_is_gone_and_refers_to_nothing(store: Store) -> None:
    """Its events stay in the log, and find it gone."""
    p = await ended(store, webhook=HOOK)
    assert await store.retention.unreferenced([KEY]) == frozenset()
    await store.forget(p)
    with pytest.raises(NotFound):
        await store.get(p.id, None)
    assert await store.retention.unreferenced([KEY]) == {KEY}
    assert Event.COMPLETED in await events(store, p)
    for delivery in await store.outbox.of_prediction(p.id):
        with pytest.raises(NotFound):
            await store.outbox.as_it_was(delivery)


async def test_what_has_not_ended_stays(store: Store) -> None:
    """Whether it waits or runs, or is a training."""
    claimed = await running(store)
    waiting, training = made(), made(destination="me/own", status=Status.SUCCEEDED)
    await store.insert(waiting)
    await store.restore([training])
    for prediction in (waiting, claimed.prediction, training):
        with pytest.raises(StaleWrite):
            await store.forget(prediction)
        assert await store.get(prediction.id, "me") == prediction


async def test_a_late_result_does_not_bring_it_back(store: Store) -> None:
    """Of a run that was canceled."""
    claimed = await running(store)
    canceled = claimed.prediction.cancel(NOW)
    await store.save(canceled, Status.PROCESSING)
    await store.forget(canceled)
    with pytest.raises(StaleWrite):
        await store.save(claimed.prediction.succeed(NOW), Status.PROCESSING, claimed.claim)
    with pytest.raises(NotFound):
        await store.get(canceled.id, None)
    assert await claim(store) == []


async def test_a_look_without_inputs_finds_what_the_account_may_see(store: Store) -> None:
    """Its own, and the examples; whatever else is asked for is left out."""
    mine, theirs = made(), made(account="you")
    example = made(account=EXAMPLES, status=Status.SUCCEEDED)
    await store.insert(mine)
    await store.insert(theirs)
    await store.restore([example])
    asked = [mine.id, theirs.id, example.id, "nothing", mine.id]
    found = {p.id: p for p in await store.without_inputs(asked, "me")}
    assert found.keys() == {mine.id, example.id}
    assert found[mine.id].input == {}
    assert found[mine.id].model == mine.model
    assert list(await store.without_inputs([], "me")) == []
