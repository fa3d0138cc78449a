"""Callers who begin and do not go on: each would hold a connection for as long as it likes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from tests.api.test_lost_callers import Served, served
from tests.support.making import PATIENCE

__all__ = ["served"]

WHOLE = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, served: Served) -> Served:
    """Waits for a head for a fifth of a second."""
    monkeypatch.setattr("safelight.server.HEAD_WITHIN", timedelta(seconds=0.2))
    return served


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\n", WHOLE + WHOLE[:30]])
async def test_who_does_not_end_a_head_is_hung_up_on(quick: Served, begun: bytes) -> None:
    """Whether it is the first or a later one; what was asked before is answered."""
    reader, writer = await asyncio.open_connection(quick.host, quick.port)
    writer.write(begun)
    answered = await asyncio.wait_for(reader.read(), PATIENCE)
    assert answered.count(b'{"status":"ok"}') == begun.count(WHOLE)
    writer.close()


async def test_who_drips_is_hung_up_on_all_the_same(quick: Served) -> None:
    """The time is that of the whole head."""
    reader, writer = await asyncio.open_connection(quick.host, quick.port)
    ended = asyncio.create_task(reader.read())
    writer.write(WHOLE[:-4])
    while not ended.done():
        writer.write(b"x")
        await asyncio.wait([ended], timeout=0.02)
    assert ended.result() == b""
    writer.close()


async def test_who_has_asked_may_wait_for_long(quick: Served) -> None:
    """The time is for the head alone, not for a body or an answer."""
    slept = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b'{"input": {'
        asyncio.get_running_loop().call_later(0.5, slept.set)
        await slept.wait()
        yield b'"prompt": "x"}}'

    path = "/v1/models/safelight/echo/predictions"
    answer: httpx.Response = await quick.client.post(path, content=body())
    assert answer.status_code == 201
