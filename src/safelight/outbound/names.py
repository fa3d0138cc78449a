"""Looks names up in threads of its own: a name server that never answers holds up nobody else."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

_Found = list[tuple[Any, ...]]
LookUp = Callable[[str, int, int], _Found]
"""Host, port and family to what `getaddrinfo` gives."""
_NUMERIC: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


def _ask_the_system(host: str, port: int, family: int) -> _Found:
    return list(
        socket.getaddrinfo(
            host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
    )


class Names(AbstractResolver):
    """The system's resolver, which cannot be interrupted and may take half a minute.

    The loop's own threads are few, and shared by all: two names that nobody answers for would keep
    every provider waiting. These here are daemons, so that none of them holds up the exit either.
    """

    def __init__(self, at_once: int, look_up: LookUp = _ask_the_system) -> None:
        """Set up for so many lookups at once; more of them wait."""
        self._room = asyncio.Semaphore(at_once)
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See `AbstractResolver.resolve`; whoever gives up leaves the thread to its end."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Found] = loop.create_future()
        await self._room.acquire()

        def tell(found: _Found | OSError) -> None:
            self._room.release()
            if answer.done():
                return
            if isinstance(found, OSError):
                answer.set_exception(found)
            else:
                answer.set_result(found)

        def work() -> None:
            found = self._asked(host, port, family)
            with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
                loop.call_soon_threadsafe(tell, found)

        try:
            threading.Thread(target=work, name="safelight-names", daemon=True).start()
        except RuntimeError as error:
            self._room.release()
            raise OSError("no thread can be started") from error
        return [_result(host, port, info) for info in await answer]

    async def close(self) -> None:
        """Nothing to close."""

    def _asked(self, host: str, port: int, family: int) -> _Found | OSError:
        try:
            return self._look_up(host, port, family)
        except OSError as error:
            return error
        except ValueError:  # a label that is too long, for instance
            return OSError(f"{host} is no name")


def _result(host: str, port: int, info: tuple[Any, ...]) -> ResolveResult:
    family, _kind, proto, _name, address = info
    return ResolveResult(
        hostname=host, host=address[0], port=port, family=family, proto=proto, flags=_NUMERIC
    )
