"""The sender among many: nobody waits long for what others have to send, or to receive."""

import asyncio

import pytest
from tests.outbound.conftest import Names
from tests.outbound.desk import HOUR, Desk, desk
from tests.standins.receiver import Receiver, waits

from safelight.errors import StoreUnavailable
from safelight.outbound.addresses import LOOPBACK, Allow
from safelight.outbound.client import Client
from safelight.outbox import State

__all__ = ["desk"]

LONG = "x" * 5000


async def test_hosts_that_do_not_answer_leave_room_for_those_that_do(desk: Desk) -> None:
    """Each has its share of an account's, and an account its share of all."""
    names = Names({f"h{n}.example": [["127.0.0.1"]] for n in range(8)})
    client = Client(Allow.parse(",".join(names.names) + ",127.0.0.1"), resolver=names)
    rules = {"total": 8, "of_account": 4, "each": 1}
    async with Receiver([waits]) as bad, Receiver() as good:
        async with desk.sending(client=client, **rules):
            for n in range(8):
                await desk.end(f"http://h{n}.example:{bad.port}/", account="crowd")
            await bad.until(4)
            assert (await desk.settled(await desk.end(good.url))).state is State.DELIVERED
        assert bad.most_at_once == 4


async def test_large_ones_of_an_account_are_sent_one_at_a_time(desk: Desk) -> None:
    """Each is in memory as a whole; small ones, and another account's, do not wait for them."""
    async with Receiver([waits]) as slow, Receiver() as quick:
        async with desk.sending(large=5000):
            for _ in range(3):
                await desk.end(slow.url, input={"x": LONG})
            await slow.until(1)
            for facts in ({"input": {"x": LONG}, "account": "other"}, {}):
                assert (await desk.settled(await desk.end(quick.url, **facts))).attempts == 1
            assert slow.at_once == 1
            slow.released.set()
            await slow.until(3)
        assert slow.most_at_once == 1


async def test_a_stop_while_the_store_refuses_lets_go_of_all_the_same(desk: Desk) -> None:
    """No request outlives its client and its store; what was on its way is sent again later."""
    writing = desk.store._database._writing
    async with Receiver([waits]) as receiver, Client(LOOPBACK) as client:
        sender = desk.sender(client, each=1)
        task = asyncio.create_task(sender.work())
        first, _due = [await desk.end(receiver.url) for _ in range(2)]
        await receiver.until(1)
        writing.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreUnavailable):
            await sender.finish(HOUR)
        assert not sender._sending
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        writing.execute("PRAGMA query_only = OFF")
    await desk.store.outbox.release("e1")
    async with Receiver(port=receiver.port) as again, desk.sending("e2"):
        await again.until(2)
    (delivery,) = await desk.store.outbox.of_prediction(first.id)
    assert receiver.received[0].id == delivery.id
    assert delivery.id in {received.id for received in again.received}
