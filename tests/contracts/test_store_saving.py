"""What every store promises of a save: its guards, secrets, deliveries, who hears of it."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.contracts.stores import (
    EVERYTHING,
    HOOK,
    SECOND,
    Opener,
    claim,
    events,
    ids,
    running,
)
from tests.support.making import NOW, SOON, made

from safelight.errors import StaleWrite
from safelight.prediction import Prediction, Status
from safelight.store import Claim, Store
from safelight.webhook import Event


async def test_a_stale_save_changes_nothing_and_queues_no_webhook(store: Store) -> None:
    """Someone canceled meanwhile: theirs stands, and theirs alone is told."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING)
    canceled = held.prediction.cancel(NOW + SECOND)
    await store.save(canceled, Status.PROCESSING)
    with pytest.raises(StaleWrite):
        await store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim)
    assert await store.get(canceled.id, "me") == canceled
    assert await events(store, canceled) == [Event.START, Event.COMPLETED]


@pytest.mark.parametrize(
    "move",
    [
        lambda p: (p.start(NOW), Status.STARTING),
        lambda p: (p.start(NOW).log("x"), Status.PROCESSING),
        lambda p: (p.start(NOW).succeed(NOW), Status.PROCESSING),
        lambda p: (p.fail(NOW, "x"), Status.STARTING),
        lambda p: (p.cancel(NOW), Status.STARTING),
        lambda p: (p.abort(NOW), Status.STARTING),
    ],
)
async def test_an_end_is_never_overwritten(
    store: Store, move: Callable[[Prediction], tuple[Prediction, Status]]
) -> None:
    """Whatever another mover still believes."""
    waiting = made()
    await store.insert(waiting)
    ended = waiting.cancel(NOW)
    await store.save(ended, Status.STARTING)
    after, was = move(waiting)
    with pytest.raises(StaleWrite):
        await store.save(after, was)
    assert await store.get(waiting.id, "me") == ended


async def test_a_save_of_what_was_never_inserted_is_stale(store: Store) -> None:
    """There is no row to move."""
    with pytest.raises(StaleWrite):
        await store.save(made().start(NOW), Status.STARTING)


async def test_of_two_cancels_at_once_one_is_stale(store: Store, another: Opener) -> None:
    """Also when they come through two processes."""
    other = await another()
    waiting = made(webhook=HOOK)
    await store.insert(waiting)
    ended = waiting.cancel(NOW)
    saves = [s.save(ended, Status.STARTING) for s in (store, other, store, other)]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    assert (
        sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["StaleWrite"] * 3
    )
    assert await events(store, waiting) == [Event.COMPLETED]


async def test_a_lapsed_workers_save_is_refused_once_another_has_claimed(store: Store) -> None:
    """It was asleep, not dead; its result must not land on the new holder's run."""
    held = await running(store, "asleep")
    later = NOW + SOON
    (taken,) = await store.orphans("awake", later, later + SOON)
    for claim_of_old in (held.claim, Claim("awake", held.claim.fence), Claim("x", 2)):
        with pytest.raises(StaleWrite):
            await store.save(held.prediction.log("x"), Status.PROCESSING, claim_of_old)
    await store.save(taken.prediction.succeed(later), Status.PROCESSING, taken.claim)


async def test_the_same_owner_is_fenced_from_its_own_past(store: Store) -> None:
    """A worker that took its own orphan over cannot save under the old claim."""
    held = await running(store, "w1")
    (taken,) = await store.orphans("w1", NOW + SOON, NOW + 2 * SOON)
    with pytest.raises(StaleWrite):
        await store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim)
    await store.save(taken.prediction.succeed(NOW), Status.PROCESSING, taken.claim)


async def test_a_lapsed_worker_may_save_while_nobody_else_has_claimed(store: Store) -> None:
    """A late result is better than none."""
    held = await running(store)
    await store.release("w1")
    await store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim)
    assert (await store.get(held.prediction.id, "me")).status is Status.SUCCEEDED


async def test_a_refused_save_among_many_spoils_none_of_them(store: Store) -> None:
    """They share a commit, not their fate."""
    waiting = [made() for _ in range(20)]
    await asyncio.gather(*map(store.insert, waiting))
    doomed = waiting[7]
    await store.save(doomed.cancel(NOW), Status.STARTING)
    saves = (store.save(p.fail(NOW, "x"), Status.STARTING) for p in waiting)
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if outcome is not None] == [7]
    assert isinstance(outcomes[7], StaleWrite)
    stored = [(await store.get(p.id, "me")).status for p in waiting]
    assert stored.count(Status.FAILED) == 19


async def test_an_id_that_is_taken_spoils_only_its_own_insert(store: Store) -> None:
    """The database refuses it; its neighbours in the commit are accepted."""
    first = made()
    await store.insert(first)
    fresh = [made() for _ in range(5)]
    twins = [*fresh[:2], made(id=first.id, input={"prompt": "a twin"}), *fresh[2:]]
    outcomes = await asyncio.gather(*map(store.insert, twins), return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if outcome is not None] == [2]
    assert await store.get(first.id, "me") == first
    assert set(await ids(store)) == {first.id, *(p.id for p in fresh)}


@pytest.mark.parametrize("way", ["start", "cancel", "abort"])
async def test_the_first_save_erases_the_secrets(store: Store, way: str) -> None:
    """Whether it starts or ends: nobody who takes it over later finds them."""
    waiting = made()
    await store.insert(waiting, b"sealed")
    moved = {"start": waiting.start, "cancel": waiting.cancel, "abort": waiting.abort}[way](NOW)
    (first,) = await claim(store)
    assert first.secrets == b"sealed"
    await store.save(moved, Status.STARTING)
    taken = await store.orphans("w2", NOW + SOON, NOW + 2 * SOON)
    assert [c.secrets for c in taken] == ([None] if way == "start" else [])


async def test_a_claim_that_lapses_before_the_start_leaves_the_secrets(store: Store) -> None:
    """The next holder needs them."""
    await store.insert(made(), b"sealed")
    await claim(store, "dies")
    await store.orphans("w2", NOW + SOON, NOW + 2 * SOON)
    (again,) = await claim(store, "w2", now=NOW + SOON)
    assert again.secrets == b"sealed"


async def test_each_move_owes_the_event_it_is(store: Store) -> None:
    """In the order of the moves, each with the prediction as it was then."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING)
    p = held.prediction
    logged = p.log("x")
    steps = [p, logged, logged.produce(["a"], ()), logged.produce(["a"], ()).succeed(NOW)]
    for step in steps[1:]:
        await store.save(step, Status.PROCESSING, held.claim)
    owed = await store.outbox.of_prediction(p.id)
    assert [d.event for d in owed] == [Event.START, Event.LOGS, Event.OUTPUT, Event.COMPLETED]
    assert [await store.outbox.as_it_was(d) for d in owed] == steps
    assert {(d.prediction, d.url) for d in owed} == {(p.id, HOOK)}
    assert len({d.id for d in owed}) == 4
    assert all(d.id.startswith("msg_") for d in owed)


async def test_only_wanted_events_are_owed(store: Store) -> None:
    """By the filter, or the default of output and completion."""
    for wanted, owed in (
        (None, [Event.OUTPUT, Event.COMPLETED]),
        (frozenset({Event.START}), [Event.START]),
        (frozenset[Event](), []),
    ):
        held = await running(store, webhook=HOOK, webhook_events=wanted)
        p = held.prediction
        for step in (p.log("x"), p.produce("a", ()), p.succeed(NOW)):
            await store.save(step, Status.PROCESSING, held.claim)
        assert await events(store, p) == owed


@pytest.mark.parametrize("way", ["cancel", "abort", "fail"])
async def test_an_end_before_the_start_owes_one_completion(store: Store, way: str) -> None:
    """And no start."""
    waiting = made(webhook=HOOK, webhook_events=EVERYTHING)
    await store.insert(waiting)
    ways = {
        "cancel": waiting.cancel,
        "abort": waiting.abort,
        "fail": lambda n: waiting.fail(n, "x"),
    }
    await store.save(ways[way](NOW), Status.STARTING)
    assert await events(store, waiting) == [Event.COMPLETED]


async def test_without_a_webhook_nothing_is_owed(store: Store) -> None:
    """Nor by the insert itself."""
    held = await running(store)
    await store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim)
    assert await events(store, held.prediction) == []
    hooked = made(webhook=HOOK, webhook_events=EVERYTHING)
    await store.insert(hooked)
    assert await events(store, hooked) == []


async def test_waiting_for_an_end_wakes_as_soon_as_it_is_stored(store: Store) -> None:
    """All who wait, with the prediction as it ended."""
    held = await running(store)
    waits = [
        asyncio.create_task(store.ended(held.prediction.id, timedelta(seconds=20)))
        for _ in range(3)
    ]
    await asyncio.sleep(0)
    ended = held.prediction.succeed(NOW + SECOND)
    began = time.monotonic()
    await store.save(ended, Status.PROCESSING, held.claim)
    assert await asyncio.gather(*waits) == [ended] * 3
    assert time.monotonic() - began < 0.5


async def test_waiting_notices_an_end_that_another_process_stored(
    store: Store, another: Opener
) -> None:
    """Within seconds, not only by its own timeout."""
    other = await another()
    held = await running(store)
    wait = asyncio.create_task(store.ended(held.prediction.id, timedelta(seconds=20)))
    await asyncio.sleep(0)
    ended = held.prediction.cancel(NOW)
    await other.save(ended, Status.PROCESSING)
    began = time.monotonic()
    assert await wait == ended
    assert time.monotonic() - began < 3


async def test_waiting_for_what_has_ended_gives_it(store: Store) -> None:
    """It is not waited for in vain."""
    waiting = made()
    await store.insert(waiting)
    await store.save(waiting.cancel(NOW), Status.STARTING)
    assert await store.ended(waiting.id, timedelta(seconds=20)) == waiting.cancel(NOW)


async def test_waiting_gives_up_in_time(store: Store) -> None:
    """None, when the end has not come."""
    held = await running(store)
    began = time.monotonic()
    assert await store.ended(held.prediction.id, timedelta(milliseconds=50)) is None
    assert 0.04 < time.monotonic() - began < 1
    assert await store.ended(held.prediction.id, timedelta()) is None


async def test_listeners_are_told_of_inserts_and_of_saves_but_not_of_refusals(store: Store) -> None:
    """In their order."""
    heard: list[Status] = []
    store.watch(lambda prediction: heard.append(prediction.status))
    held = await running(store)
    await store.save(held.prediction.log("x"), Status.PROCESSING, held.claim)
    await store.save(held.prediction.cancel(NOW), Status.PROCESSING)
    with pytest.raises(StaleWrite):
        await store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim)
    assert heard == [Status.STARTING, Status.PROCESSING, Status.PROCESSING, Status.CANCELED]


async def test_a_caller_who_goes_away_does_not_take_the_write_along(store: Store) -> None:
    """A request was cut off while its insert was on the way: others still commit."""
    given_up, other = made(), made()
    task = asyncio.create_task(store.insert(given_up))
    await asyncio.sleep(0)
    task.cancel()
    await store.insert(other)
    assert task.cancelled()
    assert await store.get(other.id, "me") == other


async def test_a_start_that_does_not_wait_is_kept_and_told_like_any_other(store: Store) -> None:
    """Its webhook is owed, its secrets are gone, and listeners hear of it once it is there."""
    await store.insert(made(webhook=HOOK, webhook_events=EVERYTHING), b"sealed")
    (held,) = await claim(store)
    heard: list[Status] = []
    store.watch(lambda prediction: heard.append(prediction.status))
    started = held.prediction.start(NOW)
    await (await store.begin(started, held.claim))
    assert await store.get(started.id, "me") == started
    assert await events(store, started) == [Event.START]
    assert heard == [Status.PROCESSING]


async def test_a_start_that_does_not_wait_is_told_before_the_end(store: Store) -> None:
    """Though both are on disk at once."""
    await store.insert(made())
    (held,) = await claim(store)
    heard: list[Status] = []
    store.watch(lambda prediction: heard.append(prediction.status))
    started = held.prediction.start(NOW)
    await store.begin(started, held.claim)
    await store.save(started.succeed(NOW), Status.PROCESSING, held.claim)
    assert heard == [Status.PROCESSING, Status.SUCCEEDED]


async def test_a_stale_start_that_does_not_wait_is_refused_at_once(store: Store) -> None:
    """Whoever canceled it was first."""
    await store.insert(made())
    (held,) = await claim(store)
    await store.save(held.prediction.cancel(NOW), Status.STARTING)
    with pytest.raises(StaleWrite):
        await store.begin(held.prediction.start(NOW), held.claim)
