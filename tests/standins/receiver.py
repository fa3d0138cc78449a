"""A receiver of webhooks in this process: a real server on loopback that behaves as it is told."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

PATIENCE: Final = 20.0
"""Seconds after which what should have come has not."""


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The delivery that it is an attempt of."""
        return self.headers["webhook-id"]

    @property
    def shown(self) -> dict[str, Any]:
        """The prediction that it tells of."""
        return dict(json.loads(self.body))

    @property
    def status(self) -> str:
        """Of the prediction."""
        return str(self.shown["status"])


Behaviour = Callable[["Receiver", web.Request], Awaitable[web.StreamResponse]]


def answers(status: int, **headers: str) -> Behaviour:
    """Answers at once; header names are written with underscores."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}

    async def behave(_receiver: "Receiver", _request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=named)

    return behave


async def waits(receiver: "Receiver", _request: web.Request) -> web.StreamResponse:
    """Answers when it is released, and not before."""
    await receiver.released.wait()
    return web.Response()


async def cuts(_receiver: "Receiver", request: web.Request) -> web.StreamResponse:
    """Closes the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def talks(receiver: "Receiver", request: web.Request) -> web.StreamResponse:
    """Answers 200, and does not stop talking."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    try:
        while not receiver.released.is_set():
            await answer.write(b"x" * 1000)
            receiver.talked += 1000
    except ConnectionError:
        receiver.was_cut.set()
    return answer


@dataclass
class Receiver:
    """Behaves in turn as it was told, then goes on as the last time."""

    behaviours: Sequence[Behaviour] = (answers(200),)
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list[Received])
    released: asyncio.Event = field(default_factory=asyncio.Event)
    was_cut: asyncio.Event = field(default_factory=asyncio.Event)
    talked: int = 0
    at_once: int = 0
    """How many requests it has not answered yet."""
    most_at_once: int = 0
    port: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        """Where it is to be told."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    @property
    def statuses(self) -> list[str]:
        """What the predictions were that it was told of."""
        return [received.status for received in self.received]

    async def until(self, count: int) -> list[Received]:
        """Wait for so many requests; gives all that have come."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=100_000_000)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.released.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): text for name, text in request.headers.items()}
        received = Received(request.raw_path, headers, await request.read())
        behave = self.behaviours[min(len(self.received), len(self.behaviours) - 1)]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        async with self._changed:
            self.received.append(received)
            self._changed.notify_all()
        try:
            return await behave(self, request)
        finally:
            self.at_once -= 1
