"""The client's answers that are read while they come, against real sockets."""

import asyncio

import pytest
from aiohttp import web
from tests.outbound.conftest import Site
from tests.outbound.pages import SHORT, SOON, free_port, page

from safelight.meter import Meter
from safelight.outbound.client import Client
from safelight.outbound.metered import Metered
from safelight.outgoing import NotSent, OutcomeUnknown, Unsendable

PIECES = (b"one", b"two", b"three")


def in_pieces(site: Site, *, then: str = "end") -> None:
    """A page that sends three pieces, and then ends, is cut, or waits."""

    async def send(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"X-A": "b"})
        await answer.prepare(request)
        for piece in PIECES:
            await answer.write(piece)
        if then == "wait":
            await site.held.wait()
        if then == "cut" and request.transport is not None:
            request.transport.abort()
        return answer

    site.pages["/"] = send


async def test_an_answer_is_given_while_it_comes(site: Site) -> None:
    """Pieces arrive before the other side has finished."""
    in_pieces(site, then="wait")
    got = b""
    async with (
        Client() as client,
        client.stream(site.url, {"a": "b"}, b"body", within=SOON, trusted=True) as streamed,
    ):
        assert (streamed.status, streamed.headers["x-a"]) == (200, "b")
        async for piece in streamed.pieces:
            got += piece
            if got == b"".join(PIECES):
                break
    assert (site.bodies, site.headers[0]["a"]) == ([b"body"], "b")


async def test_what_is_left_can_be_read_at_once(site: Site) -> None:
    """As with an answer that is no stream."""
    in_pieces(site)
    async with (
        Client() as client,
        client.stream(site.url, {}, b"", within=SOON, trusted=True) as streamed,
    ):
        response = await streamed.read()
    assert (response.status, response.body) == (200, b"onetwothree")


@pytest.mark.parametrize(
    ("then", "limit", "reason"),
    [
        ("cut", 100, "the connection was cut"),
        ("wait", 100, "there was no answer within 0.15 s"),
        ("end", 5, "the answer is over 5 bytes"),
    ],
)
async def test_an_answer_that_breaks_off_has_an_unknown_outcome(
    site: Site, then: str, limit: int, reason: str
) -> None:
    """The time and the size hold for all of it."""
    in_pieces(site, then=then)
    async with (
        Client(limit_bytes=limit) as client,
        client.stream(
            site.url, {}, b"", within=SHORT if then == "wait" else SOON, trusted=True
        ) as streamed,
    ):
        with pytest.raises(OutcomeUnknown, match=reason):
            await streamed.read()


async def test_what_cannot_be_sent_is_not_sent(site: Site) -> None:
    """The same guarantees as for a post."""
    async with Client() as client:
        with pytest.raises(Unsendable):
            await client.stream(site.url, {}, b"", within=SOON).__aenter__()
        with pytest.raises(Unsendable):
            await client.stream("mailto:x", {}, b"", within=SOON, trusted=True).__aenter__()
        nowhere = f"http://127.0.0.1:{free_port()}"
        with pytest.raises(NotSent):
            await client.stream(nowhere, {}, b"", within=SOON, trusted=True).__aenter__()
    assert site.asked == []


async def test_an_error_of_the_reader_is_its_own(site: Site) -> None:
    """It is not taken for one of the call."""
    in_pieces(site)
    async with Client() as client:
        with pytest.raises(ValueError, match="mine"):
            async with client.stream(site.url, {}, b"", within=SOON, trusted=True):
                raise ValueError("mine")


async def test_a_stream_is_counted_once_by_how_it_ended(site: Site) -> None:
    """Answered, refused, broken off, not sent, or given up."""
    meter = Meter()
    site.pages["/no"] = page(b"", 429)
    async with Client() as client:
        metered = Metered(client, "acme", meter)

        async def follow(url: str, *, then: str = "end") -> None:
            in_pieces(site, then=then)
            async with metered.stream(url, {}, b"", within=SOON, trusted=True) as streamed:
                await streamed.read()

        await follow(site.url)
        await follow(f"{site.url}/no")
        with pytest.raises(OutcomeUnknown):
            await follow(site.url, then="cut")
        with pytest.raises(NotSent):
            await follow(f"http://127.0.0.1:{free_port()}")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SHORT.total_seconds()):
                await follow(site.url, then="wait")
    series = meter.upstream_calls.series
    assert {labels[1]: sum(one.buckets) for labels, one in series.items()} == {
        "succeeded": 1,
        "refused": 1,
        "unknown": 1,
        "not_sent": 1,
        "canceled": 1,
    }
