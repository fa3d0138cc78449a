"""The client against real sockets: size, time, what is sent, and what a failure means."""

import asyncio
import gzip

import pytest
from aiohttp import web
from tests.outbound.conftest import Names, Site
from tests.outbound.pages import SHORT, SOON, fetched, free_port, page, redirect

from safelight.outbound.addresses import LOOPBACK, Allow
from safelight.outbound.client import Client
from safelight.outgoing import FetchFailed, NotSent, OutcomeUnknown


async def test_an_allowed_file_arrives_with_its_claimed_type(site: Site) -> None:
    """The plain case."""
    site.pages["/a"] = page(b"hello", **{"content-type": "text/x-a; charset=utf-8"})
    async with Client(LOOPBACK) as client:
        got = await client.fetch(f"{site.url}/a", limit_bytes=10, within=SOON)
    assert (got.content, got.media_type) == (b"hello", "text/x-a")


async def test_a_signed_address_is_asked_for_as_it_is_written(site: Site) -> None:
    """Quoting anew would break the signature."""
    path = "/a%2Fb/c%7Ed?sig=a%2Bb%3D&x=1+2&y=%e4"
    async with Client(LOOPBACK) as client:
        with pytest.raises(FetchFailed, match=r"answered 404") as caught:
            await fetched(client, site.url + path)
    assert site.asked == [path]
    assert "sig" not in str(caught.value)


async def test_a_file_over_the_limit_is_refused_before_and_while_it_comes(site: Site) -> None:
    """The length that is announced is checked, and so is what comes without one."""

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 1000)
        except ConnectionError:
            return answer

    site.pages["/known"] = page(b"x" * 1001)
    site.pages["/endless"] = endless
    site.pages["/fits"] = page(b"x" * 1000)
    site.pages["/bomb"] = page(gzip.compress(b"x" * 10_000_000), **{"content-encoding": "gzip"})
    async with Client(LOOPBACK) as client:
        assert len(await fetched(client, f"{site.url}/fits")) == 1000
        for path in ("/known", "/endless", "/bomb"):
            with pytest.raises(FetchFailed, match=r"over 1000 bytes"):
                await fetched(client, site.url + path)
    async with Client(LOOPBACK, limit_bytes=1000) as client:
        with pytest.raises(OutcomeUnknown, match=r"over 1000 bytes"):
            await client.post(f"{site.url}/endless", {}, b"", within=SOON)


async def test_a_file_that_drips_is_given_up_in_time(site: Site) -> None:
    """The time holds for the whole file, not for each byte."""

    async def dripping(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"x")
        await site.held.wait()
        return answer

    site.pages["/"] = dripping
    async with Client(LOOPBACK) as client:
        with pytest.raises(FetchFailed, match=r"did not arrive within 0.15 s"):
            await client.fetch(site.url, limit_bytes=10, within=SHORT)


async def test_a_cut_file_is_an_error(site: Site) -> None:
    """Half a file is not taken for a whole one."""

    async def cut(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-length": "100"})
        await answer.prepare(request)
        await answer.write(b"x")
        assert request.transport is not None
        request.transport.close()
        return answer

    site.pages["/"] = cut
    async with Client(LOOPBACK) as client:
        with pytest.raises(FetchFailed, match=r"cut"):
            await fetched(client, site.url)


async def test_nothing_listening_means_not_sent() -> None:
    """The outcome is known: nothing was done."""
    async with Client(LOOPBACK) as client:
        url = f"http://127.0.0.1:{free_port()}"
        with pytest.raises(NotSent, match=r"refused the connection"):
            await client.post(url, {}, b"", within=SOON, trusted=True)
        with pytest.raises(FetchFailed, match=r"refused the connection"):
            await fetched(client, url)


async def test_a_name_that_does_not_exist_means_not_sent() -> None:
    """The message names the host."""
    async with Client(resolver=Names({})) as client:
        for trusted in (True, False):
            with pytest.raises(NotSent, match=r"no host named nowhere.example"):
                await client.post("http://nowhere.example/", {}, b"", within=SOON, trusted=trusted)


async def test_silence_after_sending_means_outcome_unknown(site: Site) -> None:
    """The server has the request, and may act on it yet."""

    async def silent(_: web.Request) -> web.StreamResponse:
        await site.held.wait()
        return web.Response()

    site.pages["/"] = silent
    async with Client(LOOPBACK) as client:
        with pytest.raises(OutcomeUnknown, match=r"no answer within 0.15 s"):
            await client.post(site.url, {}, b"x", within=SHORT)
    assert site.bodies == [b"x"]


async def test_a_connection_cut_after_sending_means_outcome_unknown(site: Site) -> None:
    """It is not sent again."""

    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    site.pages["/"] = cut
    async with Client(LOOPBACK) as client:
        with pytest.raises(OutcomeUnknown, match=r"cut"):
            await client.post(site.url, {}, b"x", within=SOON)
    assert len(site.asked) == 1


async def test_a_header_that_cannot_be_sent_is_not_shown(site: Site) -> None:
    """A key with a line break in it stays out of the message."""
    async with Client(LOOPBACK) as client:
        with pytest.raises(NotSent) as caught:
            await client.post(site.url, {"x-key": "secret\r\nx: y"}, b"", within=SOON)
    assert "secret" not in str(caught.value)
    assert site.asked == []


async def test_a_post_gives_the_answer_whatever_its_status(site: Site) -> None:
    """Errors and redirects are for the caller to read; large bodies arrive whole."""
    site.pages["/"] = redirect("/elsewhere", 307)
    body = b"x" * 3_000_000
    async with Client(LOOPBACK) as client:
        answer = await client.post(site.url, {"X-Key": "1"}, body, within=SOON)
    assert (answer.status, answer.headers["location"], answer.body) == (307, "/elsewhere", b"")
    assert site.bodies == [body]
    assert site.headers[0]["content-length"] == "3000000"
    assert site.headers[0]["x-key"] == "1"


async def test_cookies_are_not_kept(site: Site) -> None:
    """One input's fetch leaves nothing behind for the next."""
    site.pages["/"] = page(**{"set-cookie": "a=b"})
    async with Client(Allow.parse("localhost")) as client:
        for _ in range(2):
            await fetched(client, f"http://localhost:{site.port}/")
    assert all("cookie" not in headers for headers in site.headers)


async def test_many_calls_wait_at_once(site: Site) -> None:
    """No pool limit holds a call back: two hundred are in flight together."""
    arrived = asyncio.Event()

    async def crowd(_: web.Request) -> web.StreamResponse:
        if len(site.asked) == 200:
            arrived.set()
        await site.held.wait()
        return web.Response()

    site.pages["/"] = crowd
    async with Client(LOOPBACK) as client, asyncio.timeout(20), asyncio.TaskGroup() as group:
        for _ in range(200):
            group.create_task(client.post(site.url, {}, b"", within=SOON))
        await arrived.wait()
        site.held.set()


async def test_a_client_that_was_not_entered_says_so() -> None:
    """A mistake in the program is told as one."""
    with pytest.raises(RuntimeError, match=r"async with"):
        await Client(LOOPBACK).post("http://127.0.0.1/", {}, b"", within=SOON)
