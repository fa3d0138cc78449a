"""Answers of the API that a page passes on while they come."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from safelight.web.caller import Caller, Refused

SCOPE: Scope = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "http",
    "client": None,
    "server": None,
    "method": "POST",
    "path": "/zip",
    "query_string": b"",
    "headers": [(b"cookie", b"secret"), (b"host", b"here")],
}


class Browser:
    """Takes what comes, and can go away."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.taken.append(message)

    @property
    def bodies(self) -> list[bytes]:
        """The pieces that have come, without the empty one at the end."""
        pieces = [m["body"] for m in self.taken if m["type"] == "http.response.body"]
        return [piece for piece in pieces if piece]


async def refused(error: Refused) -> Response:
    """What a page says instead."""
    return PlainTextResponse(f"page: {error}", error.status)


def streamed(api: ASGIApp) -> Response:
    """As a page answers with what the API answers."""
    caller = Caller(api, Request(SCOPE), "r8_token")
    return caller.streamed("POST", "/v1/predictions/archive", {"ids": ["a"]}, refused)


async def test_a_piece_is_passed_on_before_the_next_is_made() -> None:
    """Nothing is gathered, whatever the size; the call is the API's own, without the cookie."""
    browser = Browser()
    asked: list[object] = []

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        asked.extend([request.url.path, dict(request.headers), await request.json()])

        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"one", b"two", b"three"):
                seen.append(list(browser.bodies))
                yield piece

        await StreamingResponse(pieces(), media_type="application/zip")(scope, receive, send)

    seen: list[list[bytes]] = []
    await streamed(api)(SCOPE, browser.receive, browser.send)
    assert seen == [[], [b"one"], [b"one", b"two"]]
    assert browser.bodies == [b"one", b"two", b"three"]
    headers = {
        "host": "here",
        "authorization": "Bearer r8_token",
        "content-type": "application/json",
    }
    assert asked == ["/v1/predictions/archive", headers, {"ids": ["a"]}]


async def test_a_browser_that_goes_away_ends_it() -> None:
    """The API hears of it, and makes no more."""
    browser = Browser()

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"one"
            browser.gone.set()
            await asyncio.Event().wait()

        await Request(scope, receive).body()
        await StreamingResponse(pieces())(scope, receive, send)

    await asyncio.wait_for(streamed(api)(SCOPE, browser.receive, browser.send), 10)
    assert browser.bodies == [b"one"]


async def test_a_refusal_becomes_a_page() -> None:
    """Nothing of the API's own answer is sent."""
    browser = Browser()

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"detail": "No such thing"}, 404)(scope, receive, send)

    await streamed(api)(SCOPE, browser.receive, browser.send)
    assert browser.taken[0]["status"] == 404
    assert browser.bodies == [b"page: No such thing"]
