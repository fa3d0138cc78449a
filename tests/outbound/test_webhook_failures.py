"""The sender against receivers that fail: what is tried again, and what is not."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from tests.contracts.stores import EVERYTHING, claim
from tests.outbound.conftest import Names
from tests.outbound.desk import HOUR, SOON, Desk, desk, render
from tests.outbound.pages import free_port
from tests.standins.receiver import Receiver, answers, cuts, talks, waits

from safelight.certificates.making import issue, make_authority
from safelight.outbound.addresses import LOOPBACK, Allow
from safelight.outbound.client import Client
from safelight.outbox import State
from safelight.prediction import Prediction, Status
from safelight.signing import Signing
from safelight.vault import Vault
from safelight.webhook import Retry

__all__ = ["desk"]


async def test_after_an_error_it_is_sent_again_under_the_same_id(desk: Desk) -> None:
    """Signed anew each time, and written down each time."""
    async with Receiver([answers(500), cuts, answers(200)]) as receiver, desk.sending():
        ended = await desk.end(receiver.url)
        delivery = await desk.settled(ended)
        secret = await desk.signing.secret("me", datetime.now(UTC))
    assert [received.id for received in receiver.received] == [delivery.id] * 3
    assert len({received.body for received in receiver.received}) == 1
    for received in receiver.received:
        Webhook(secret).verify(received.body, received.headers)
    attempts = await desk.attempted(ended)
    told = [(attempt.status, attempt.error) for attempt in attempts]
    assert told == [(500, None), (None, "the connection was cut"), (200, None)]
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 3)


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
async def test_whatever_is_not_2xx_is_tried_again(desk: Desk, status: int) -> None:
    """A receiver that is being deployed answers many things."""
    async with Receiver([answers(status), answers(204)]) as receiver, desk.sending():
        delivery = await desk.settled(await desk.end(receiver.url))
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 2)


async def test_a_receiver_that_is_gone_for_good_is_left_alone(desk: Desk) -> None:
    """410 says so."""
    async with Receiver([answers(410)]) as receiver, desk.sending():
        delivery = await desk.settled(await desk.end(receiver.url))
    assert (delivery.state, delivery.attempts) == (State.FAILED, 1)


async def test_a_receiver_is_left_alone_for_as_long_as_it_asks(desk: Desk) -> None:
    """The next attempt is due then, however short the usual pause is."""
    async with Receiver([answers(429, retry_after="120")]) as receiver, desk.sending():
        ended = await desk.end(receiver.url)
        (attempt,) = await desk.attempted(ended)
    (delivery,) = await desk.store.outbox.of_prediction(ended.id)
    assert delivery.due_at is not None
    assert delivery.due_at - attempt.at - attempt.took == timedelta(seconds=120)


async def test_it_is_given_up_when_its_time_is_over(desk: Desk) -> None:
    """As long as the operator says, and no attempt later."""
    retry = Retry(first=timedelta(seconds=60), lasts=timedelta())
    async with Receiver([answers(500)]) as receiver, desk.sending(retry=retry):
        delivery = await desk.settled(await desk.end(receiver.url))
    assert (delivery.state, delivery.attempts) == (State.FAILED, 1)


async def test_only_the_end_is_tried_again(desk: Desk) -> None:
    """The others are out of date by then."""
    async with Receiver([answers(500), answers(500), answers(200)]) as receiver, desk.sending():
        waiting = await desk.accept(receiver.url, webhook_events=EVERYTHING)
        (held,) = await claim(desk.store)
        started = waiting.start(datetime.now(UTC))
        await desk.store.save(started, Status.STARTING, held.claim)
        ended = started.fail(datetime.now(UTC), "x")
        await desk.store.save(ended, Status.PROCESSING, held.claim)
        await receiver.until(3)
    assert receiver.statuses == ["processing", "failed", "failed"]
    start, completed = await desk.store.outbox.of_prediction(waiting.id)
    assert (start.state, start.attempts) == (State.FAILED, 1)
    assert completed.id == receiver.received[2].id != start.id


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    """Least of all to an address that the receiver could not be called at."""
    async with Receiver() as inside, Receiver([answers(307, location=inside.url)]) as receiver:
        retry = Retry(lasts=timedelta())
        async with desk.sending(retry=retry):
            ended = await desk.end(receiver.url)
            delivery = await desk.settled(ended)
        (attempt,) = await desk.attempted(ended)
    assert (delivery.state, attempt.status) == (State.FAILED, 307)
    assert inside.received == []


@pytest.mark.parametrize("host", ["127.0.0.1", "hooks.example", "localhost", "[::1]", "127.1"])
async def test_a_private_address_is_refused_and_not_tried_again(desk: Desk, host: str) -> None:
    """Written as one, or found out by asking for its name; the log says why."""
    names = Names({"hooks.example": [["127.0.0.1"]], "localhost": [["127.0.0.1", "::1"]]})
    client = Client(Allow(), resolver=names)
    async with Receiver() as receiver, desk.sending(client=client):
        ended = await desk.end(f"http://{host}:{receiver.port}/hook")
        delivery = await desk.settled(ended)
    (attempt,) = await desk.attempted(ended)
    assert (delivery.state, delivery.attempts, attempt.status) == (State.FAILED, 1, None)
    assert attempt.error is not None
    assert "is not a public address" in attempt.error
    assert attempt.error.endswith("not tried again")
    assert receiver.received == []


@pytest.mark.parametrize("url", ["http://", "http://[", "http:///x", "https://a b/"])
async def test_what_is_no_address_is_not_tried_again(desk: Desk, url: str) -> None:
    """And holds up nobody."""
    client = Client(LOOPBACK, resolver=Names({}))
    async with desk.sending(client=client, retry=Retry(lasts=timedelta())):
        delivery = await desk.settled(await desk.end(url))
    assert (delivery.state, delivery.attempts) == (State.FAILED, 1)


async def test_a_certificate_that_nobody_vouches_for_is_an_error(
    desk: Desk, tmp_path: Path
) -> None:
    """The prediction is not shown to whoever presents it; a valid one may come later."""
    tls = self_made(tmp_path)
    async with Receiver(tls=tls) as receiver, desk.sending(retry=Retry(lasts=timedelta())):
        ended = await desk.end(receiver.url)
        await desk.settled(ended)
    (attempt,) = await desk.attempted(ended)
    assert attempt.error == "its certificate or TLS is not accepted"
    assert receiver.received == []


async def test_a_receiver_that_is_not_there_is_tried_again(desk: Desk) -> None:
    """It gets everything once it is."""
    receiver = Receiver(port=free_port())
    async with desk.sending():
        ended = await desk.end(receiver.url)
        attempts = await desk.attempted(ended, 2)
        assert attempts[0].error == "127.0.0.1 refused the connection"
        async with receiver:
            await receiver.until(1)
            assert (await desk.settled(ended)).state is State.DELIVERED


async def test_a_receiver_that_never_answers_is_given_up_in_time(desk: Desk) -> None:
    """The next attempt may find it awake."""
    async with (
        Receiver([waits, answers(200)]) as receiver,
        desk.sending(within=SOON),
    ):
        ended = await desk.end(receiver.url)
        assert (await desk.settled(ended)).state is State.DELIVERED
    first, second = await desk.attempted(ended, 2)
    assert first.error == "there was no answer within 0.15 s"
    assert first.took >= SOON
    assert second.status == 200
    assert len({received.id for received in receiver.received}) == 1


async def test_a_receiver_that_never_reads_is_given_up_in_time(desk: Desk) -> None:
    """However large what it does not read is."""
    hung = asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0, limit=1)
    port = server.sockets[0].getsockname()[1]
    async with desk.sending(within=SOON, retry=Retry(lasts=timedelta())):
        ended = await desk.end(f"http://127.0.0.1:{port}/", input={"prompt": "x" * 9_000_000})
        await desk.settled(ended)
    hung.set()
    server.close()
    (attempt,) = await desk.attempted(ended)
    assert attempt.error == "there was no answer within 0.15 s"


async def test_an_endless_answer_is_not_listened_to(desk: Desk) -> None:
    """Its status says enough; the connection is closed."""
    async with Receiver([talks]) as receiver, desk.sending():
        delivery = await desk.settled(await desk.end(receiver.url))
        await asyncio.wait_for(receiver.was_cut.wait(), 20)
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 1)


async def test_while_the_secret_is_lost_it_waits(desk: Desk) -> None:
    """Unsigned, a receiver would refuse it; after a rotation it goes out."""
    now = datetime.now(UTC)
    other = Signing(desk.store.outbox, Vault(b"o" * 32))
    await other.secret("me", now)
    async with Receiver() as receiver, desk.sending():
        ended = await desk.end(receiver.url)
        attempts = await desk.attempted(ended)
        assert "Rotate it" in str(attempts[0].error)
        assert receiver.received == []
        await desk.signing.rotate("me", HOUR, now)
        assert (await desk.settled(ended)).state is State.DELIVERED


async def test_a_fault_of_ours_ends_neither_the_sender_nor_the_delivery(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged whole, and tried again like any failure."""
    broken = [True]

    def breaks(prediction: Prediction) -> bytes:
        if broken.pop() if broken else False:
            raise ZeroDivisionError("ours")
        return render(prediction)

    async with Receiver() as receiver, Client(LOOPBACK) as client:
        sender = desk.sender(client)
        sender._render = breaks
        task = asyncio.create_task(sender.work())
        ended = await desk.end(receiver.url)
        assert (await desk.settled(ended)).state is State.DELIVERED
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    attempts = await desk.attempted(ended)
    assert [attempt.error for attempt in attempts] == ["internal error: ZeroDivisionError", None]
    assert "ours" in caplog.text


def self_made(folder: Path) -> ssl.SSLContext:
    """A certificate of an authority that nobody knows."""
    now = datetime.now(UTC)
    authority = make_authority(["127.0.0.1"], "nobody", now)
    file = folder / "nobody.pem"
    file.write_bytes(issue(authority, ["127.0.0.1"], now).pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
