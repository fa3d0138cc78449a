"""Takes in the bodies of answers: text into memory, pictures into files."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from safelight.outbound.reasons import TooLarge
from safelight.outbound.sieve import Sieve
from safelight.outbound.spool import Spool
from safelight.outgoing import OutcomeUnknown
from safelight.spooled import Content

_Got = TypeVar("_Got")
_WRITERS: Final = 4
_TOGETHER: Final = 16 * 1024 * 1024
_MOST_EACH: Final = 256 * 1024
_LEAST_EACH: Final = 32 * 1024
_A_TURN: Final = 8
"""Pieces that are decoded before others get to use the event loop: about 1 ms."""
_MOST_TEXT: Final = 100_000_000


class Intake:
    """What comes in at the same time shares the memory for it, and a few threads that write."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_WRITERS, "spool")
        self._turns = asyncio.Semaphore(_A_TURN)
        self._count = 0

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False)

    async def sift(self, pieces: AsyncIterator[bytes], sieve: Sieve) -> AsyncIterator[bytes]:
        """Give the text in the pieces; what it refers to is in `sieve.found` by then.

        Raises:
            TooLarge: There is too much text.
            OutcomeUnknown: What came is lost: the disk neither kept it nor gave it back.
        """
        size = 0
        self._count += 1
        try:
            async for piece in pieces:
                text = await self._in_turn(sieve.feed, piece)
                if sieve.has_found or sieve.pending >= self._share():
                    await self._write(sieve.flush)
                size += len(text)
                if size > _MOST_TEXT:
                    raise TooLarge
                if text:
                    yield text
            yield sieve.end()
            await self._write(sieve.flush)
        except BaseException:
            sieve.drop()
            raise
        finally:
            self._count -= 1

    async def keep(self, pieces: AsyncIterator[bytes]) -> Content:
        """Take all of it as one file.

        Raises:
            OutcomeUnknown: As from `sift`.
        """
        spool = Spool()
        self._count += 1
        try:
            async for piece in pieces:
                await self._in_turn(spool.write, piece)
                if spool.pending >= self._share():
                    await self._write(spool.flush)
            await self._write(spool.flush)
            return spool.content()
        except BaseException:
            del spool  # an error that is kept would keep its file, too
            raise
        finally:
            self._count -= 1

    async def _in_turn(self, take: Callable[[bytes], _Got], piece: bytes) -> _Got:
        if self._count <= _A_TURN:
            return take(piece)
        async with self._turns:
            got = take(piece)
            await asyncio.sleep(0)
        return got

    def _share(self) -> int:
        """How much may wait in memory before it is written: less where there are many."""
        return max(min(_TOGETHER // max(self._count, 1), _MOST_EACH), _LEAST_EACH)

    async def _write(self, flush: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, flush)
        except OSError as error:
            raise OutcomeUnknown("what came could not be kept") from error
