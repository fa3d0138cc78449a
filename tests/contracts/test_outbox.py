"""What every store promises of its outbox: who sends what, when, in which order, and the log."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.contracts.stores import EVERYTHING, HOOK, SECOND, Opener, events, running
from tests.support.making import NOW, SOON, made

from safelight.errors import NotFound, StaleWrite
from safelight.outbox import Attempt, Capacity, Delivery, State
from safelight.page import Part
from safelight.prediction import Prediction, Status
from safelight.store import Claimed, Store
from safelight.webhook import Event

OTHER = "https://other.test/"
LATER = datetime.max.replace(tzinfo=NOW.tzinfo) - timedelta(days=365)
"""A time when everything is due: what is owed is due by the clock of the save."""


def capacity(total: int = 100, each: int = 100, of_account: int = 2000, **busy: int) -> Capacity:
    """So much room, with so many to `NAME.test` on their way already."""
    lanes = {("me", f"{name}.test"): count for name, count in busy.items()}
    return Capacity(total=total, of_account=of_account, each=each, busy=lanes)


ROOM = capacity()


async def ended(store: Store, **facts: Any) -> Prediction:
    """A prediction that was canceled at once, and owes `completed`."""
    waiting = made(**{"webhook": HOOK} | facts)
    await store.insert(waiting)
    canceled = waiting.cancel(NOW)
    await store.save(canceled, Status.STARTING)
    return canceled


async def claim(
    store: Store, owner: str = "e1", room: Capacity = ROOM, now: datetime = LATER
) -> list[Delivery]:
    return list(await store.outbox.claim(owner, room, now, now + SOON))


async def settle(
    store: Store,
    delivery: Delivery,
    status: int = 200,
    again_at: datetime | None = None,
    owner: str = "e1",
) -> None:
    attempt = Attempt(at=NOW, took=SECOND, status=status)
    await store.outbox.settle(delivery, owner, attempt, again_at)


async def save(store: Store, held: Claimed, *steps: Prediction) -> None:
    """Save one state after the other of a running prediction."""
    for step in steps:
        await store.save(step, Status.PROCESSING, held.claim)


async def test_output_and_logs_in_one_save_owe_an_event_each(store: Store) -> None:
    """Both tell the same prediction."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING)
    both = held.prediction.log("x").produce(["a"], ())
    await save(store, held, both)
    start, output, logs = await store.outbox.of_prediction(both.id)
    assert [start.event, output.event, logs.event] == [Event.START, Event.OUTPUT, Event.LOGS]
    assert await store.outbox.as_it_was(output) == await store.outbox.as_it_was(logs) == both


async def test_what_is_not_new_owes_nothing(store: Store) -> None:
    """Metrics, or a save of the same again."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING)
    told = held.prediction.log("x").produce([{"a": 1.0}], ())
    await save(store, held, told, told, told.measure({"steps": 2}))
    assert await events(store, told) == [Event.START, Event.OUTPUT, Event.LOGS]


async def test_a_run_that_begins_anew_owes_what_it_tells_anew(store: Store) -> None:
    """After a crash its output is void, and no event; what follows is one."""
    held = await running(store, webhook=HOOK, webhook_events=frozenset({Event.OUTPUT, Event.LOGS}))
    told = held.prediction.log("old").produce(["old"], ())
    await save(store, held, told)
    for delivery in await claim(store):
        await settle(store, delivery)
    for delivery in await claim(store):
        await settle(store, delivery)
    again = told.restart(NOW)
    await save(store, held, again, again.log("new"))
    assert await events(store, told) == [Event.OUTPUT, Event.LOGS, Event.LOGS]


async def test_a_newer_event_replaces_one_of_its_kind_that_was_not_sent(store: Store) -> None:
    """Nothing piles up; the newest is what is told."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING)
    p = held.prediction
    steps = [p.log("a"), p.log("a").produce(["x"], ()), p.log("ab").produce(["x"], ())]
    await save(store, held, *steps)
    owed = await store.outbox.of_prediction(p.id)
    assert [d.event for d in owed] == [Event.START, Event.OUTPUT, Event.LOGS]
    assert (await store.outbox.as_it_was(owed[2])).logs == "ab"


async def test_an_event_on_its_way_is_not_replaced(store: Store) -> None:
    """What follows waits behind it."""
    held = await running(store, webhook=HOOK, webhook_events=frozenset({Event.LOGS}))
    p = held.prediction
    await save(store, held, p.log("a"))
    (first,) = await claim(store)
    await save(store, held, p.log("ab"), p.log("abc"))
    assert await claim(store) == []
    await settle(store, first)
    (second,) = await claim(store)
    assert first.id != second.id
    assert (await store.outbox.as_it_was(second)).logs == "abc"


async def test_an_event_tells_the_prediction_as_it_was(store: Store) -> None:
    """With its input, and whatever has become of it since."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING, input={"prompt": "x"})
    done = held.prediction.succeed(NOW)
    await save(store, held, done)
    start, completed = await store.outbox.of_prediction(done.id)
    assert await store.outbox.as_it_was(start) == held.prediction
    assert await store.outbox.as_it_was(completed) == done


async def test_once_settled_an_event_tells_the_prediction_as_it_is(store: Store) -> None:
    """No copy of it is kept for a replay."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING)
    (start,) = await claim(store)
    await settle(store, start)
    done = held.prediction.succeed(NOW)
    await save(store, held, done)
    assert await store.outbox.as_it_was(start) == done


async def test_events_of_one_prediction_are_sent_one_after_the_other(store: Store) -> None:
    """In their order; those of others do not wait for them."""
    held = await running(store, webhook=HOOK, webhook_events=EVERYTHING)
    await save(store, held, held.prediction.succeed(NOW))
    other = await ended(store)
    first, second = await claim(store)
    assert {first.prediction, second.prediction} == {held.prediction.id, other.id}
    assert await claim(store) == []
    start = first if first.event is Event.START else second
    await settle(store, start, 500)
    (completed,) = await claim(store)
    assert (completed.prediction, completed.event) == (held.prediction.id, Event.COMPLETED)


async def test_of_two_engines_one_sends(store: Store, another: Opener) -> None:
    """However they race."""
    for _ in range(20):
        await ended(store)
    stores = [store, await another()]
    taken = await asyncio.gather(*(claim(s, f"e{n}") for n, s in enumerate(stores * 3)))
    names = [delivery.id for some in taken for delivery in some]
    assert len(names) == len(set(names)) == 20


async def test_nothing_is_claimed_before_it_is_due(store: Store) -> None:
    """And the time when it is can be asked for."""
    await ended(store)
    (delivery,) = await claim(store)
    assert await store.outbox.next_due(NOW) is None
    again_at = LATER + 5 * SECOND
    await settle(store, delivery, 500, again_at)
    assert await store.outbox.next_due(LATER) == again_at
    assert await store.outbox.next_due(again_at) is None
    assert await claim(store, now=again_at - SECOND) == []
    (again,) = await claim(store, now=again_at)
    assert (again.id, again.attempts, again.state) == (delivery.id, 1, State.PENDING)


async def test_a_slow_host_takes_no_more_than_its_share(store: Store) -> None:
    """What is on its way counts; another host has a share of its own."""
    for _ in range(5):
        await ended(store)
    await ended(store, webhook=OTHER)
    room = capacity(each=3, hooks=1)
    taken = await claim(store, room=room)
    assert sorted(delivery.lane[1] for delivery in taken) == ["hooks.test"] * 2 + ["other.test"]
    full = capacity(each=3, hooks=3, other=1)
    assert await claim(store, room=full) == []


async def test_no_more_is_claimed_than_there_is_room_for(store: Store) -> None:
    """In all, whatever the host; the oldest of a host first."""
    made = [await ended(store) for _ in range(4)]
    taken = await claim(store, room=capacity(total=2, each=9))
    assert {delivery.prediction for delivery in taken} == {p.id for p in made[:2]}
    assert await claim(store, room=capacity(total=0, each=9)) == []


async def test_what_a_dead_engine_held_is_free_when_its_lease_lapses(store: Store) -> None:
    """It was sending; nobody knows whether it arrived, so it is sent again."""
    await ended(store)
    (delivery,) = await claim(store, "dead")
    assert await claim(store, "heir", now=LATER + SOON - SECOND) == []
    (again,) = await claim(store, "heir", now=LATER + SOON)
    assert again.id == delivery.id


async def test_what_is_released_is_free_at_once(store: Store) -> None:
    """And only that of the one who releases."""
    await ended(store)
    await claim(store, "dead")
    await ended(store)
    await claim(store, "alive")
    await store.outbox.release("dead")
    assert len(await claim(store, "heir")) == 1


async def test_a_late_sender_writes_nothing_down(store: Store) -> None:
    """Its lease went to another one, whose attempt counts."""
    await ended(store)
    (delivery,) = await claim(store, "slow")
    await claim(store, "heir", now=LATER + SOON)
    with pytest.raises(StaleWrite):
        await settle(store, delivery, owner="slow")
    assert await store.outbox.attempts(delivery.id) == []
    await settle(store, delivery, owner="heir")
    with pytest.raises(StaleWrite):
        await settle(store, delivery, owner="heir")


@pytest.mark.parametrize(
    ("attempt", "state"),
    [
        (Attempt(at=NOW, took=SECOND, status=204), State.DELIVERED),
        (Attempt(at=NOW, took=SECOND, status=302), State.FAILED),
        (Attempt(at=NOW, took=SECOND, error="cut"), State.FAILED),
    ],
)
async def test_the_last_attempt_settles_it(store: Store, attempt: Attempt, state: State) -> None:
    """How it ended, and when, is kept."""
    p = await ended(store)
    (delivery,) = await claim(store)
    await store.outbox.settle(delivery, "e1", attempt, None)
    (settled,) = await store.outbox.of_prediction(p.id)
    assert (settled.state, settled.attempts, settled.due_at) == (state, 1, None)
    assert settled.settled_at == NOW + SECOND
    assert await store.outbox.attempts(delivery.id) == [attempt]
    assert await claim(store) == []


async def test_every_attempt_is_in_the_log(store: Store) -> None:
    """Oldest first."""
    await ended(store)
    for status in (500, 429, 200):
        (delivery,) = await claim(store)
        await settle(store, delivery, status, None if status == 200 else NOW)
    attempts = await store.outbox.attempts(delivery.id)
    assert [attempt.status for attempt in attempts] == [500, 429, 200]


async def test_a_replay_is_due_at_once_whatever_became_of_it(store: Store) -> None:
    """Delivered or not; its earlier attempts stay in the log."""
    heard: list[None] = []
    store.outbox.watch(lambda: heard.append(None))
    p = await ended(store)
    (delivery,) = await claim(store)
    await settle(store, delivery)
    replayed = await store.outbox.replay(delivery.id, "me", NOW)
    assert (replayed.state, replayed.due_at, replayed.settled_at) == (State.PENDING, NOW, None)
    assert heard == [None]
    (again,) = await claim(store, now=NOW)
    assert again.id == delivery.id
    assert await store.outbox.as_it_was(again) == p
    await settle(store, again, 500)
    assert len(await store.outbox.attempts(delivery.id)) == 2


async def test_a_replay_of_what_is_on_its_way_changes_nothing(store: Store) -> None:
    """It is being sent."""
    await ended(store)
    (delivery,) = await claim(store)
    await store.outbox.replay(delivery.id, "me", NOW)
    assert await claim(store) == []
    await settle(store, delivery)
    assert (await store.outbox.get(delivery.id, "me")).state is State.DELIVERED


async def test_deliveries_of_others_are_not_found(store: Store) -> None:
    """Nor can they be replayed."""
    p = await ended(store)
    (delivery,) = await store.outbox.of_prediction(p.id)
    assert await store.outbox.get(delivery.id, "me") == delivery
    for account, name in (("you", delivery.id), ("me", "msg_nothing")):
        with pytest.raises(NotFound):
            await store.outbox.get(name, account)
        with pytest.raises(NotFound):
            await store.outbox.replay(name, account, NOW)
    assert await store.outbox.list("you", Part()) == []
    assert await store.outbox.list("you", Part(), p.id) == []


async def test_the_list_is_newest_first_page_by_page(store: Store) -> None:
    """In both directions, and for one prediction alone."""
    predictions = [await ended(store) for _ in range(5)]
    names = [p.id for p in reversed(predictions)]
    found = await store.outbox.list("me", Part(limit=2))
    assert [delivery.prediction for delivery in found] == names[:3]
    position = (found[1].created_at, found[1].id)
    found = await store.outbox.list("me", Part(limit=2, position=position))
    assert [delivery.prediction for delivery in found] == names[2:5]
    position = (found[2].created_at, found[2].id)
    found = await store.outbox.list("me", Part(limit=2, position=position, is_backwards=True))
    assert [delivery.prediction for delivery in found] == names[1:4]
    (one,) = await store.outbox.list("me", Part(), names[3])
    assert one.prediction == names[3]


async def test_only_what_was_settled_long_ago_is_forgotten(store: Store) -> None:
    """With its attempts; what is still to be sent is kept for however long it takes."""
    for _ in range(3):
        await ended(store)
    old, fresh, pending = await claim(store)
    await settle(store, old)
    attempt = Attempt(at=NOW + 2 * SECOND, took=SECOND, status=200)
    await store.outbox.settle(fresh, "e1", attempt, None)
    await settle(store, pending, 500, NOW)
    await store.outbox.prune(NOW + 2 * SECOND)
    left = await store.outbox.list("me", Part())
    assert {delivery.id for delivery in left} == {fresh.id, pending.id}
    assert await store.outbox.attempts(old.id) == []
    assert len(await store.outbox.attempts(fresh.id)) == 1


async def test_more_is_forgotten_than_fits_into_one_transaction(store: Store) -> None:
    """All that is old goes."""
    waiting = [made(webhook=HOOK) for _ in range(1100)]
    await asyncio.gather(*map(store.insert, waiting))
    await asyncio.gather(*(store.save(p.cancel(NOW), Status.STARTING) for p in waiting))
    taken = await claim(store, room=capacity(total=2000, each=2000))
    await asyncio.gather(*(settle(store, delivery) for delivery in taken))
    assert len(taken) == 1100
    await store.outbox.prune(LATER)
    assert await store.outbox.list("me", Part()) == []


async def test_secrets_are_kept_until_they_end(store: Store) -> None:
    """The newest first; a second first one changes nothing."""
    outbox = store.outbox
    assert await outbox.secrets("me", NOW) == []
    await outbox.add_secret("me", b"1")
    await outbox.add_secret("me", b"late")
    await outbox.replace_secret("me", b"2", NOW + SECOND)
    await outbox.add_secret("you", b"yours")
    found = [(secret.sealed, secret.expires_at) for secret in await outbox.secrets("me", NOW)]
    assert found == [(b"2", None), (b"1", NOW + SECOND)]
    assert [secret.sealed for secret in await outbox.secrets("me", NOW + SECOND)] == [b"2"]
    await outbox.replace_secret("me", b"3", NOW + 9 * SECOND)
    ends = {secret.sealed: secret.expires_at for secret in await outbox.secrets("me", NOW)}
    assert ends == {b"1": NOW + SECOND, b"2": NOW + 9 * SECOND, b"3": None}


async def test_a_prediction_that_is_gone_has_nothing_to_tell(store: Store) -> None:
    """The sender is told so."""
    p = await ended(store)
    (delivery,) = await store.outbox.of_prediction(p.id)
    stranger = Delivery(
        **{f: getattr(delivery, f) for f in delivery.__struct_fields__} | {"id": "x"}
    )
    with pytest.raises(NotFound, match="is gone"):
        await store.outbox.as_it_was(stranger)
