"""What every store promises to those who wait beside a crowd, and after a clock was wrong."""

import asyncio
from collections import Counter
from datetime import timedelta

from tests.contracts.stores import HOOK, SECOND, running
from tests.contracts.test_outbox import LATER, capacity, claim, ended, settle
from tests.support.making import NOW, SOON, made

from safelight.outbox import Delivery
from safelight.prediction import Prediction, Status
from safelight.store import Store

YEAR = timedelta(days=365)


async def crowd(store: Store, count: int, account: str, url: str) -> None:
    """So many ends that are owed."""
    waiting = [made(account=account, webhook=url) for _ in range(count)]
    await asyncio.gather(*map(store.insert, waiting))
    await asyncio.gather(*(store.save(p.cancel(NOW), Status.STARTING) for p in waiting))


def accounts(taken: list[Delivery]) -> Counter[str]:
    """How many were taken of each account."""
    return Counter(delivery.account for delivery in taken)


async def test_one_account_takes_no_more_than_its_share(store: Store) -> None:
    """However many hosts it has; what is on its way counts."""
    for number in range(6):
        await crowd(store, 2, "crowd", f"https://h{number}.test/")
    other = await ended(store)
    room = capacity(total=10, of_account=5)
    taken = await claim(store, room=room)
    assert accounts(taken) == {"crowd": 5, "me": 1}
    assert other.id in {delivery.prediction for delivery in taken}
    await store.outbox.release("e1")
    full = capacity(total=10, of_account=5, hooks=5)
    assert accounts(await claim(store, room=full)) == {"crowd": 5}


async def test_accounts_do_not_share_a_hosts_patience(store: Store) -> None:
    """One that has filled its own share of a host takes nothing from another's."""
    await crowd(store, 5, "crowd", HOOK)
    await ended(store)
    assert accounts(await claim(store, room=capacity(each=2))) == {"crowd": 2, "me": 1}


async def test_one_beside_thousands_of_another_host_is_taken_at_once(store: Store) -> None:
    """Also when they have waited longer, and come first by name."""
    await crowd(store, 2000, "me", "https://a.test/")
    late = await ended(store, webhook="https://z.test/")
    taken = await claim(store, room=capacity(each=3))
    assert late.id in {delivery.prediction for delivery in taken}
    assert len(taken) == 4


async def test_every_host_has_its_turn_when_there_is_room_for_few(store: Store) -> None:
    """Those that come first by name do not come first each time."""
    for name in "abc":
        await crowd(store, 300, "me", f"https://{name}.test/")
    seen: set[str] = set()
    for _ in range(3):
        taken = await claim(store, room=capacity(total=2, each=2))
        seen |= {delivery.lane[1] for delivery in taken}
        for delivery in taken:
            await settle(store, delivery, 500, NOW)
    assert seen == {"a.test", "b.test", "c.test"}


async def test_what_a_fast_clock_put_off_is_sent_when_it_is_set_right(store: Store) -> None:
    """It would wait for the time that the clock once showed."""
    prediction = await ended(store)
    (delivery,) = await claim(store)
    await settle(store, delivery, 500, LATER + YEAR / 2)
    (again,) = await claim(store, now=NOW)
    assert again.prediction == prediction.id


async def test_a_lease_of_a_fast_clock_does_not_hold_for_a_year(store: Store) -> None:
    """Its engine died meanwhile, and nobody has started since."""
    await ended(store)
    assert len(await claim(store, "dead", now=LATER)) == 1
    assert len(await claim(store, "heir", now=LATER - YEAR)) == 1


async def test_a_lease_holds_although_clocks_differ_by_a_little(store: Store) -> None:
    """One is asked for a moment before another that was given first."""
    await ended(store)
    assert len(await claim(store, "first", now=LATER + SOON)) == 1
    assert await claim(store, "second", now=LATER) == []


async def test_the_size_of_what_is_told_is_known_before_it_is_read(store: Store) -> None:
    """Input, output and logs; of what is gone, nothing."""
    held = await running(store, webhook=HOOK, input={"x": "y" * 1000})
    done: Prediction = held.prediction.log("z" * 1000).succeed(NOW + SECOND)
    await store.save(done, Status.PROCESSING, held.claim)
    (delivery,) = await store.outbox.of_prediction(done.id)
    assert 2000 < await store.outbox.size(delivery) < 4000
    gone = {name: getattr(delivery, name) for name in delivery.__struct_fields__} | {"id": "x"}
    assert await store.outbox.size(Delivery(**gone)) == 0
