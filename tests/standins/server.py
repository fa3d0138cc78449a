"""What all stand-ins share: a real server on a free port of 127.0.0.1, and what it saw."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web

_DIRECTIVE = re.compile(r"!(\S+)")
_PAGES = {"html-502": (502, "502 Bad Gateway"), "html-200": (200, "Please sign in")}
_ODD_TYPES = {"odd-type": "application/octet-stream", "text-type": "text/plain"}


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class StandIn:
    """A provider in this process. Subclasses answer; a word `!...` in the prompt makes them fail.

    Understood by all: `!html-502`, `!truncated`, `!cut`, `!slow` (waits for `release`),
    `!nonsense`, `!redirect`, `!html-200`, `!odd-type` and `!text-type` (the
    usual answer under another media type).
    """

    seen: list[Seen] = field(default_factory=list)
    paid: int = 0
    """Calls that were answered with a picture, and would be billed."""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    origin: str = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=200_000_000)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen = Seen(request.method, request.raw_path, headers, body)
        self.seen.append(seen)
        self.arrived.set()
        directive = self.directive(body)
        misbehaved = await self._misbehave(request, directive)
        answer = misbehaved if misbehaved is not None else self.answer(seen, directive)
        answer.content_type = _ODD_TYPES.get(directive, answer.content_type)
        return answer

    async def _misbehave(self, request: web.Request, directive: str) -> web.StreamResponse | None:
        if directive in _PAGES:
            status, text = _PAGES[directive]
            page = f"<html><body><h1>{text}</h1></body></html>"
            return web.Response(status=status, text=page, content_type="text/html")
        if directive == "nonsense":
            return web.json_response({"hello": "there"})
        if directive == "redirect":
            return web.Response(status=307, headers={"location": "/elsewhere"})
        if directive == "truncated":
            return await self._truncated(request)
        if directive == "cut" and request.transport is not None:
            request.transport.abort()
            return web.Response()
        if directive == "slow":
            await self.release.wait()
        return None

    async def _truncated(self, request: web.Request) -> web.StreamResponse:
        """Promise more bytes than come; the work was done."""
        self.paid += 1
        answer = web.StreamResponse(headers={"content-length": "10000"})
        await answer.prepare(request)
        await answer.write(b'{"created":1,"data":[{"b64_json":"iVBOR')
        assert request.transport is not None
        request.transport.close()
        return answer

    def directive(self, body: bytes) -> str:
        """Find the first `!word` in what was asked."""
        found = _DIRECTIVE.search(body.decode("latin-1"))
        return found[1].rstrip("\"'}]),\\").split('"')[0] if found else ""

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer one request."""
        raise NotImplementedError
