"""Load: so many requests over so many kept connections, each sent once the last is answered."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

AGAIN = 0.0005
"""Seconds before a request that was turned away is sent again."""
BODY = json.dumps({"input": {"prompt": "a lighthouse in a storm, seen from a small boat"}}).encode()


@dataclass(frozen=True)
class Target:
    """Where predictions are created, and how."""

    port: int
    path: str
    token: str | None = None

    @property
    def request(self) -> bytes:
        """A create that waits for the end."""
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Content-Type: application/json",
            "Prefer: wait",
            f"Content-Length: {len(BODY)}",
        ]
        if self.token is not None:
            lines.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join((*lines, "", "")).encode() + BODY


@dataclass(frozen=True)
class Outcome:
    """What a load came to."""

    per_second: float
    median_ms: float
    refused: int
    """Answered 409, and asked again."""


async def load(target: Target, *, connections: int, requests: int) -> Outcome:
    """Send *requests* in all, and expect each to succeed."""
    loop = asyncio.get_running_loop()
    callers = [_Caller(target.request, requests // connections) for _ in range(connections)]
    for caller in callers:
        await loop.create_connection(_same(caller), "127.0.0.1", target.port)
    started = time.perf_counter()
    for caller in callers:
        caller.send()
    await asyncio.gather(*(caller.finished for caller in callers))
    seconds = time.perf_counter() - started
    took = [each for caller in callers for each in caller.took]
    refused = sum(caller.refused for caller in callers)
    return Outcome(len(took) / seconds, median(took) * 1000, refused)


class _Caller(asyncio.Protocol):
    def __init__(self, request: bytes, times: int) -> None:
        self._request = request
        self._times = times
        self._answer = b""
        self._started = 0.0
        self._loop = asyncio.get_running_loop()
        self.finished: asyncio.Future[None] = self._loop.create_future()
        self.took: list[float] = []
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self) -> None:
        self._started = time.perf_counter()
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._answer = b""
        if b" 409 " in head[:16]:
            self.refused += 1
            self._loop.call_later(AGAIN, self._ask)
        elif b'"succeeded"' in body:
            self._go_on()
        else:
            self.connection_lost(ConnectionError((head + body)[:500]))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_exception(exc or ConnectionError("The server hung up."))

    def _ask(self) -> None:
        self._transport.write(self._request)

    def _go_on(self) -> None:
        self.took.append(time.perf_counter() - self._started)
        if len(self.took) < self._times:
            self.send()
        else:
            self.finished.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


def _same(caller: _Caller) -> Callable[[], _Caller]:
    return lambda: caller
