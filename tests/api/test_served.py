"""The API over real connections: what only a socket shows."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from tests.serving import PATIENCE, Server, serving

CREATE = "/v1/models/safelight/echo/predictions"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes a megabyte at most."""
    with serving(tmp_path_factory.mktemp("served"), SAFELIGHT_MAX_BODY="1MB") as started:
        yield started


@pytest.fixture(scope="module")
def trust(server: Server) -> ssl.SSLContext:
    """What trusts the server's authority."""
    return ssl.create_default_context(cafile=server.bundle)


@pytest.fixture
async def caller(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A caller in test mode."""
    headers = {"authorization": f"Bearer {server.test_token}"}
    async with httpx.AsyncClient(base_url=server.http, headers=headers, timeout=PATIENCE) as client:
        yield client


async def _listed(caller: httpx.AsyncClient) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = (await caller.get("/v1/predictions")).json()["results"]
    return results


async def test_each_port_hands_out_its_own_urls(server: Server, trust: ssl.SSLContext) -> None:
    """HTTPS to those who came by it, so that the clients take outputs for files."""
    headers = {"authorization": f"Bearer {server.test_token}"}
    async with httpx.AsyncClient(verify=trust, headers=headers) as client:
        for origin in (server.http, server.https):
            body = {"input": {"prompt": "a"}}
            shown = (await client.post(f"{origin}{CREATE}", json=body)).json()
            assert {url.split("/v1/")[0].split("/p/")[0] for url in shown["urls"].values()} == {
                origin
            }
            assert (await client.get(shown["urls"]["get"])).status_code == 200


@pytest.mark.parametrize("size", [2_000_000, 50_000_000])
async def test_a_body_over_the_limit_is_answered_before_it_is_read(
    caller: httpx.AsyncClient, size: int
) -> None:
    """The caller gets to see why, though it is still sending."""
    answer = await caller.post(CREATE, content=b"x" * size)
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.json()["detail"]


async def test_a_chunked_body_over_the_limit_is_answered_before_it_ends(
    caller: httpx.AsyncClient,
) -> None:
    """Nobody announced how long it is."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 100_000

    answer = await caller.post(CREATE, content=chunks())
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.json()["detail"]


async def test_who_hangs_up_while_waiting_cancels_nothing(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """The prediction ends as if nobody had waited."""
    host, port = server.http.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    body = json.dumps({"input": {"prompt": "left alone [[delay: 500ms]]"}})
    writer.write(
        f"POST {CREATE} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: Bearer {server.test_token}\r\nPrefer: wait\r\n\r\n{body}".encode()
    )
    await writer.drain()
    await _until(caller, "left alone [[delay: 500ms]]", "processing")
    writer.transport.abort()
    shown = await _until(caller, "left alone [[delay: 500ms]]", "succeeded")
    assert shown["output"] == "left alone"


async def test_who_hangs_up_while_sending_creates_nothing(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Half a body is none."""
    before = await _listed(caller)
    host, port = server.http.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST {CREATE} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n"
        f'Authorization: Bearer {server.test_token}\r\n\r\n{{"input": {{"prompt": "'.encode()
    )
    await writer.drain()
    writer.transport.abort()
    assert await _listed(caller) == before


async def test_a_slow_stream_comes_event_by_event(caller: httpx.AsyncClient) -> None:
    """Nothing on the way holds it back until the end."""
    body = {"input": {"prompt": "[[timeout]]"}}
    shown = (await caller.post(CREATE, json=body)).json()
    async with caller.stream("GET", shown["urls"]["stream"]) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": hi"
        await caller.post(shown["urls"]["cancel"])
        rest = [line async for line in lines]
    assert "event: done" in rest


async def test_a_cancel_as_javascripts_client_sends_it(caller: httpx.AsyncClient) -> None:
    """`Content-Length: 0`, and JSON as its type."""
    shown = (await caller.post(CREATE, json={"input": {"prompt": "[[timeout]]"}})).json()
    request = caller.build_request("POST", shown["urls"]["cancel"])
    request.headers["content-type"] = "application/json"
    assert request.headers["content-length"] == "0"
    assert (await caller.send(request)).json()["status"] == "canceled"


async def test_nothing_was_printed_but_the_greeting(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Bad requests are their callers' business, and no traceback is anybody's."""
    for body in (b"{", b"[" * 100_000, b'{"input": {"prompt": "[[crash]]"}}'):
        await caller.post(CREATE, content=body, headers={"prefer": "wait"})
    assert (server.folder / "stderr").read_text() == ""


async def _until(caller: httpx.AsyncClient, prompt: str, status: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while True:
        for shown in await _listed(caller):
            if shown["input"]["prompt"] == prompt and shown["status"] == status:
                return shown
        assert time.monotonic() < deadline, f"{prompt} is not {status}"
        await asyncio.sleep(0.01)


async def test_a_server_that_stops_tells_those_who_wait_what_it_has_accepted(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """An answer of 500 would have clients create, and pay for, the same again."""
    with serving(tmp_path_factory.mktemp("stopping"), SAFELIGHT_GRACE="1s") as stopping:
        headers = {"authorization": f"Bearer {stopping.test_token}", "prefer": "wait"}
        async with httpx.AsyncClient(
            base_url=stopping.http, headers=headers, timeout=PATIENCE
        ) as client:
            body = {"input": {"prompt": "[[timeout]]"}}
            waiting = asyncio.create_task(client.post(CREATE, json=body))
            async with asyncio.timeout(PATIENCE):
                while not (await _listed(client)):
                    await asyncio.wait([waiting], timeout=0.01)
            assert await asyncio.to_thread(stopping.stop) == 0
            answered = await waiting

        assert answered.status_code == 201
        assert answered.json()["status"] == "starting"
        assert b"Traceback" not in stopping.printed
