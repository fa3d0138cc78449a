"""What every store promises of leases and deadlines."""

import asyncio
from datetime import timedelta

from tests.contracts.stores import (
    SECOND,
    Opener,
    claim,
    running,
)
from tests.support.making import NOW, SOON, made

from safelight.account import Mode
from safelight.prediction import Status
from safelight.store import Room, Store


async def test_a_waiting_row_whose_lease_lapsed_can_be_claimed_again(store: Store) -> None:
    """Its worker died before the start; nothing was spent."""
    await store.insert(made())
    await claim(store, "dies")
    assert await claim(store, "w2", now=NOW + SOON) == []
    assert list(await store.orphans("w2", NOW + SOON, NOW + 2 * SOON)) == []
    assert len(await claim(store, "w2", now=NOW + SOON)) == 1


async def test_a_running_row_is_no_orphan_before_its_lease_lapses(store: Store) -> None:
    """To the microsecond."""
    held = await running(store)
    early = NOW + SOON - timedelta(microseconds=1)
    assert list(await store.orphans("w2", early, early + SOON)) == []
    (taken,) = await store.orphans("w2", NOW + SOON, NOW + 2 * SOON)
    assert taken.prediction == held.prediction


async def test_an_orphan_is_taken_by_one_only(store: Store, another: Opener) -> None:
    """Two workers that look at the same time do not both run it."""
    other = await another()
    await running(store, "dies")
    looks = [s.orphans(w, NOW + SOON, NOW + 2 * SOON) for s, w in ((store, "a"), (other, "b"))]
    assert sum(map(len, await asyncio.gather(*looks))) == 1


async def test_a_renewed_lease_lasts_longer(store: Store) -> None:
    """It is no orphan at its first end, but at its second."""
    held = await running(store)
    kept = await store.renew({held.prediction.id: held.claim}, NOW + 2 * SOON)
    assert kept == {held.prediction.id}
    assert list(await store.orphans("w2", NOW + SOON, NOW + 3 * SOON)) == []
    assert len(await store.orphans("w2", NOW + 2 * SOON, NOW + 3 * SOON)) == 1


async def test_renewing_tells_what_is_no_longer_held(store: Store) -> None:
    """Taken over, ended, or never there."""
    lost, ended, kept = [await running(store, "w1") for _ in range(3)]
    await store.renew({c.prediction.id: c.claim for c in (ended, kept)}, NOW + 9 * SOON)
    await store.orphans("w2", NOW + SOON, NOW + 2 * SOON)
    await store.save(ended.prediction.cancel(NOW), Status.PROCESSING)
    held = {c.prediction.id: c.claim for c in (lost, ended, kept)} | {"0" * 26: kept.claim}
    assert await store.renew(held, NOW + 9 * SOON) == {kept.prediction.id}
    assert await store.renew({}, NOW) == frozenset()


async def test_releasing_lets_all_leases_of_one_owner_lapse(store: Store) -> None:
    """And no one else's."""
    mine, yours = await running(store, "me"), await running(store, "you")
    await store.insert(made())
    await claim(store, "me")
    await store.release("me")
    taken = await store.orphans("w2", NOW, NOW + SOON)
    assert [c.prediction.id for c in taken] == [mine.prediction.id]
    assert len(await claim(store, "w2")) == 1
    assert await store.renew({yours.prediction.id: yours.claim}, NOW) == {yours.prediction.id}


async def test_what_has_ended_is_nobodys_orphan(store: Store) -> None:
    """Its lease ended with it."""
    held = await running(store)
    await store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim)
    assert list(await store.orphans("w2", NOW + 9 * SOON, NOW + 10 * SOON)) == []


async def test_overdue_are_those_that_wait_past_their_deadline(store: Store) -> None:
    """At the instant itself; neither running ones nor ended ones nor those without."""
    late = made(deadline=NOW + SECOND)
    await store.insert(late)
    await store.insert(made(deadline=NOW + 2 * SECOND))
    await store.insert(made())
    gone = made(deadline=NOW)
    await store.insert(gone)
    await store.save(gone.cancel(NOW), Status.STARTING)
    assert list(await store.overdue(NOW)) == []
    assert list(await store.overdue(NOW + SECOND)) == [late]


async def test_a_claimed_prediction_is_overdue_until_it_starts(store: Store) -> None:
    """Held is not yet started."""
    late = made(deadline=NOW)
    await store.insert(late)
    (held,) = await claim(store)
    assert list(await store.overdue(NOW)) == [late]
    await store.save(late.start(NOW), Status.STARTING, held.claim)
    assert list(await store.overdue(NOW)) == []


async def test_under_a_total_limit_the_model_that_waited_longest_is_served_first(
    store: Store,
) -> None:
    """Whatever the models are called: none starves behind another's queue."""
    await store.insert(made(model="zeta/last", created_at=NOW - SECOND))
    await store.insert(made(model="alpha/first"))
    room = Room(1, {"alpha/first": 5, "zeta/last": 5})
    (taken,) = await claim(store, room=room)
    assert taken.prediction.model == "zeta/last"


async def test_what_takes_the_same_room_waits_in_one_queue(store: Store) -> None:
    """Whatever model it is of: first come first served, within the room of their runner."""
    first = made(model="me/tuned", shares="acme/base", created_at=NOW - SECOND)
    for prediction in (made(model="acme/base"), first, made(model="acme/base trainings")):
        await store.insert(prediction)
    (taken,) = await claim(store, room=Room(9, {"acme/base": 1}))
    assert taken.prediction == first


async def test_among_all_queues_those_that_came_first_are_served_first(store: Store) -> None:
    """One after the other, as far as each has room."""
    at = [NOW - (9 - number) * SECOND for number in range(6)]
    models = ("b/b", "a/a", "b/b", "a/a", "b/b", "c/c")
    for model, created in zip(models, at, strict=True):
        await store.insert(made(model=model, created_at=created))
    taken = await claim(store, room=Room(4, {"a/a": 1, "b/b": 9, "c/c": 0}))
    created = sorted(one.prediction.created_at for one in taken)
    assert created == [at[0], at[1], at[2], at[4]]


async def test_queues_that_take_from_one_pool_share_it(store: Store) -> None:
    """First come, first served; others do not wait for it."""
    at = [NOW - (9 - number) * SECOND for number in range(5)]
    models = ("a/a", "b/b", "a/a", "b/b", "c/c")
    for model, created in zip(models, at, strict=True):
        await store.insert(made(model=model, created_at=created))
    queues = {"a/a": 9, "b/b": 9, "c/c": 9}
    takes = {"a/a": ("p", "wide"), "b/b": ("p",)}
    room = Room(9, queues, pools={"p": 3, "wide": 5}, takes=takes)
    taken = await claim(store, room=room)
    created = sorted(one.prediction.created_at for one in taken)
    assert created == [at[0], at[1], at[2], at[4]]
    assert await claim(store, room=Room(9, queues, pools={"p": 0, "wide": 5}, takes=takes)) == []


async def test_a_place_is_counted_within_the_queue(store: Store) -> None:
    """Among those that nobody has claimed; of two that came together, by their order."""
    first = made(created_at=NOW - SECOND)
    second, third = made(), made()
    tested = made(mode=Mode.TEST)
    for prediction in (first, second, third, tested, made(model="b/b", created_at=NOW - SECOND)):
        await store.insert(prediction)
    waiting = (first, second, third, tested)
    assert [await store.place(one, 9) for one in waiting] == [1, 2, 3, 1]
    assert [await store.place(one, 2) for one in waiting] == [1, 2, 2, 1]
    (held,) = await claim(store, room=Room(1, {first.model: 1}))
    await store.save(first.start(NOW), Status.STARTING, held.claim)
    assert [await store.place(one, 9) for one in waiting] == [1, 1, 2, 1]
    await store.save(second.cancel(NOW), Status.STARTING)
    assert await store.place(third, 9) == 1
