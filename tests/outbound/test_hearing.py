"""Receivers that answer what is no answer: `100 Continue` without an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from tests.outbound.pages import SOON

from safelight.outbound.addresses import LOOPBACK
from safelight.outbound.client import Client
from safelight.outbound.hearing import MOST_INTERIM
from safelight.outgoing import OutcomeUnknown

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINT = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
GOOD = b"HTTP/1.1 204 No Content\r\n\r\n"
LONG = timedelta(seconds=60)


@asynccontextmanager
async def answering(*pieces: bytes, for_ever: bool = False) -> AsyncIterator[str]:
    """A server that sends these, one after the other, whatever it is asked; gives its URL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                while for_ever:
                    writer.write(pieces[-1])
                    await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


async def test_a_few_interim_answers_are_passed_over() -> None:
    """They are usual before the real one; the next answer on that connection has as many."""
    async with answering(HINT, CONTINUE * 4, HINT + GOOD) as url, Client(LOOPBACK) as client:
        for _ in range(MOST_INTERIM):
            assert (await client.post(url, {}, b"", within=SOON)).status == 204


@pytest.mark.parametrize(
    "piece", [CONTINUE * 10_000, HINT, CONTINUE[:9], CONTINUE[-3:] + CONTINUE * 9 + CONTINUE[:-3]]
)
async def test_interim_answers_without_an_end_are_cut_off(piece: bytes) -> None:
    """However they are cut into pieces; the time for an answer is not used up on them."""
    pieces = (CONTINUE[:-3], piece) if piece.startswith(CONTINUE[-3:]) else (piece,)
    if piece == CONTINUE[:9]:
        pieces = (CONTINUE[:9], CONTINUE[9:] + CONTINUE[:9])
    async with answering(*pieces, for_ever=True) as url, Client(LOOPBACK) as client:
        with pytest.raises(OutcomeUnknown, match="cut"):
            await client.post(url, {}, b"", within=LONG, at_most=10)
