"""The sender against real receivers: what is sent, to whom, when, and in which order."""

from datetime import UTC, datetime
from typing import Any

import pytest
from replicate.webhook import Webhooks, WebhookSigningSecret
from standardwebhooks import Webhook
from tests.contracts.stores import EVERYTHING, claim
from tests.outbound.desk import HOUR, ORIGIN, WIRE, Desk, desk
from tests.standins.receiver import Receiver, answers, waits
from tests.support.making import eventually

from safelight.outbound.addresses import LOOPBACK
from safelight.outbound.client import Client
from safelight.outbound.webhooks import LEASE
from safelight.outbox import Capacity, State
from safelight.prediction import Status
from safelight.webhook import Event
from safelight.wire import encode, webhook_body

__all__ = ["desk"]


async def test_the_body_is_what_get_answers(desk: Desk) -> None:
    """In compact JSON, under the origin that the caller used, to the URL with its query."""
    async with Receiver() as receiver, desk.sending():
        ended = await desk.end(f"{receiver.url}?mine=1&x=%2F", input={"prompt": "ä", "n": 1.0})
        (received,) = await receiver.until(1)
    assert received.path == "/hook?mine=1&x=%2F"
    assert received.shown == WIRE.prediction(ended, ORIGIN)
    assert received.shown["urls"]["get"].startswith(f"{ORIGIN}/v1/predictions/")
    assert received.body == webhook_body(WIRE, ended)
    assert not received.body.endswith(b"\n")
    assert len(received.body) <= len(encode(received.shown))
    assert received.headers["content-type"] == "application/json"
    assert received.headers["user-agent"] == "Safelight"


async def test_others_accept_the_signature(desk: Desk) -> None:
    """The standard's own validator, and Replicate's."""
    async with Receiver() as receiver, desk.sending():
        await desk.end(receiver.url, input={"prompt": "ä 😀"})
        (received,) = await receiver.until(1)
    secret = await desk.signing.secret("me", datetime.now(UTC))
    Webhook(secret).verify(received.body, received.headers)
    Webhooks.validate(
        headers=received.headers,
        body=received.body.decode(),
        secret=WebhookSigningSecret(key=secret),
        tolerance=60,
    )


async def test_events_arrive_in_order_also_at_a_slow_receiver(desk: Desk) -> None:
    """The end waits for what came before it."""
    async with Receiver([waits, answers(200)]) as receiver, desk.sending():
        waiting = await desk.accept(receiver.url, webhook_events=EVERYTHING)
        (held,) = await claim(desk.store)
        p = waiting.start(datetime.now(UTC))
        await desk.store.save(p, Status.STARTING, held.claim)
        await receiver.until(1)
        last = p.log("abc").produce("xy", ())
        for later in (p.log("a"), p.log("ab").produce("x", ()), last):
            await desk.store.save(later, Status.PROCESSING, held.claim)
        await desk.store.save(last.succeed(datetime.now(UTC)), Status.PROCESSING, held.claim)
        assert len(receiver.received) == 1
        receiver.released.set()
        await receiver.until(4)
    told = [received.shown for received in receiver.received]
    assert [shown["status"] for shown in told] == ["processing"] * 3 + ["succeeded"]
    assert [(shown["output"], shown["logs"]) for shown in told[1:]] == [("xy", "abc")] * 3


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (None, ["output", "completed"]),
        (frozenset({Event.START, Event.COMPLETED}), ["start", "completed"]),
        (frozenset({Event.LOGS}), ["logs"]),
        (frozenset({Event.OUTPUT}), ["output"]),
        (EVERYTHING, ["start", "output", "logs", "completed"]),
        (frozenset[Event](), []),
    ],
)
async def test_only_what_the_filter_names_is_sent(
    desk: Desk, events: frozenset[Event] | None, told: list[str]
) -> None:
    """Told apart by what the prediction was."""

    def event_of(shown: dict[str, Any]) -> str:
        if shown["status"] == "succeeded":
            return "completed"
        return "start" if shown["output"] is None else "later"

    async with Receiver() as receiver, desk.sending():
        waiting = await desk.accept(receiver.url, webhook_events=events)
        (held,) = await claim(desk.store)
        p = waiting.start(datetime.now(UTC))
        await desk.store.save(p, Status.STARTING, held.claim)
        p = p.log("a").produce("x", ())
        await desk.store.save(p, Status.PROCESSING, held.claim)
        await desk.store.save(p.succeed(datetime.now(UTC)), Status.PROCESSING, held.claim)
        await desk.end(receiver.url)  # which is told last
        await receiver.until(len(told) + 1)

        async def all_sent() -> bool:
            owed = await desk.store.outbox.of_prediction(waiting.id)
            return all(delivery.state is State.DELIVERED for delivery in owed)

        await eventually(all_sent)
    shown = [event_of(r.shown) for r in receiver.received if r.shown["id"] == waiting.id]
    assert shown == [event if event in {"start", "completed"} else "later" for event in told]
    owed = await desk.store.outbox.of_prediction(waiting.id)
    assert [delivery.event for delivery in owed] == told


async def test_a_slow_receiver_holds_up_no_other(desk: Desk) -> None:
    """It gets no more than its share at once, the rest waits for it alone."""
    async with (
        Receiver([waits]) as slow,
        Receiver() as quick,
        desk.sending(each=4, total=8),
    ):
        for _ in range(30):
            await desk.end(slow.url)
        for _ in range(30):
            await desk.end(quick.url)
        await quick.until(30)
        await slow.until(4)
        assert slow.most_at_once == len(slow.received) == 4
        slow.released.set()
        await slow.until(30)
    assert slow.most_at_once == 4
    assert quick.most_at_once <= 4
    names = [received.id for received in slow.received]
    assert len(set(names)) == 30


async def test_no_more_is_on_its_way_than_there_is_room_for(desk: Desk) -> None:
    """In all."""
    async with Receiver([waits]) as one, Receiver([waits]) as other:
        async with desk.sending(each=4, total=5):
            for receiver in (one, other):
                for _ in range(6):
                    await desk.end(receiver.url)

            async def five() -> bool:
                return len(one.received) + len(other.received) == 5

            await eventually(five)
            one.released.set()
            other.released.set()
            await one.until(6)
            await other.until(6)
        assert max(one.most_at_once, other.most_at_once) <= 4


async def test_engines_on_one_home_never_send_the_same_at_once(desk: Desk) -> None:
    """Each event arrives once."""
    async with Receiver() as receiver, desk.sending("e1"), desk.sending("e2"):
        ended = [await desk.end(receiver.url) for _ in range(60)]
        for prediction in ended:
            await desk.settled(prediction)
    assert len(receiver.received) == 60
    assert {received.shown["id"] for received in receiver.received} == {p.id for p in ended}


async def test_what_was_owed_before_the_start_is_sent(desk: Desk) -> None:
    """A restart loses nothing."""
    async with Receiver() as receiver:
        ended = [await desk.end(receiver.url) for _ in range(5)]
        async with desk.sending():
            await receiver.until(5)
    assert {received.shown["id"] for received in receiver.received} == {p.id for p in ended}


async def test_what_was_on_its_way_is_sent_again_after_a_restart(desk: Desk) -> None:
    """The same, under the same id; a stop in order lets go of it at once."""
    async with Receiver([waits, answers(200)]) as receiver:
        async with desk.sending("e1"):
            ended = await desk.end(receiver.url)
            await receiver.until(1)
        async with desk.sending("e2"):
            await desk.settled(ended)
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert len(await desk.attempted(ended)) == 1


async def test_what_a_dead_engine_held_is_sent_when_its_lease_is_over(desk: Desk) -> None:
    """Without anybody's word."""
    async with Receiver() as receiver:
        ended = await desk.end(receiver.url)
        long_ago = datetime.now(UTC) - LEASE
        room = Capacity(total=1, of_account=1, each=1, busy={})
        held = await desk.store.outbox.claim("dead", room, datetime.now(UTC), long_ago)
        assert len(held) == 1
        async with desk.sending():
            await desk.settled(ended)
    assert len(receiver.received) == 1


async def test_a_stopping_sender_sends_what_is_due(desk: Desk) -> None:
    """The last predictions have just ended; the order of their events holds."""
    async with Receiver() as receiver, Client(LOOPBACK) as client:
        sender = desk.sender(client)
        waiting = await desk.accept(receiver.url, webhook_events=EVERYTHING)
        (held,) = await claim(desk.store)
        started = waiting.start(datetime.now(UTC))
        await desk.store.save(started, Status.STARTING, held.claim)
        ended = started.succeed(datetime.now(UTC))
        await desk.store.save(ended, Status.PROCESSING, held.claim)
        await sender.finish(HOUR)
    assert receiver.statuses == ["processing", "succeeded"]


async def test_a_replay_is_sent_at_once(desk: Desk) -> None:
    """Although nothing was saved, and under the same id."""
    async with Receiver() as receiver, desk.sending():
        ended = await desk.end(receiver.url)
        delivery = await desk.settled(ended)
        await desk.store.outbox.replay(delivery.id, "me", datetime.now(UTC))
        await receiver.until(2)
        assert (await desk.settled(ended)).attempts == 2
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)


async def test_what_was_settled_long_ago_is_forgotten_at_the_start(desk: Desk) -> None:
    """As the operator says."""
    async with Receiver() as receiver, desk.sending(log=HOUR):
        ended = await desk.end(receiver.url)
        await desk.settled(ended)
    async with desk.sending(log=-HOUR):

        async def is_forgotten() -> bool:
            return not await desk.store.outbox.of_prediction(ended.id)

        await eventually(is_forgotten)
