"""The API for scripts of the pages: the cookie stands in for the token, if the page is ours."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from safelight.account import Mode
from safelight.web.caller import authorized
from safelight.web.sessions import Session, Sessions, is_from_elsewhere

PREFIX: Final = "/-/api/"
_VERSION: Final = "v1/"
_SAFE: Final = frozenset({"GET", "HEAD"})
_PASSED_ON: Final = frozenset(
    {b"accept", b"content-type", b"content-length", b"prefer", b"idempotency-key", b"cancel-after"}
    | {b"last-event-id", b"range", b"if-none-match"}
)
_APART: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Gateway:
    """Passes `/-/api/v1/...` on as `/v1/...`, streams both ways."""

    def __init__(self, api: ASGIApp, sessions: Sessions) -> None:
        self._api = api
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a script."""
        request = Request(scope)
        path: str = scope["path"].removeprefix(PREFIX)
        if not path.startswith(
            _VERSION
        ):  # what operators ask, for one, trusts who is on this machine
            await _no(404, "Only addresses below /v1 are passed on.")(scope, receive, send)
            return
        session = self._sessions.read(request)
        if session is None:
            await _no(401, "You are not signed in any more.")(scope, receive, send)
            return
        if reason := _refusal(request, session):
            await _no(403, reason)(scope, receive, send)
            return
        token = session.token_of(_mode(request, session))
        if token is None:
            await _no(403, "You have not signed in with a token for this mode.")(
                scope, receive, send
            )
            return
        inner = authorized(scope, scope["method"], f"/{path}", token)
        kept = [(name, value) for name, value in scope["headers"] if name in _PASSED_ON]
        inner["headers"] += kept
        inner["query_string"] = scope["query_string"]
        await self._api(inner, receive, _apart(send))


def _refusal(request: Request, session: Session) -> str | None:
    """Why the call may not come from a page of ours; None if it does."""
    if is_from_elsewhere(request):
        return "Other sites may not call this."
    if request.method in _SAFE:
        return None
    # What runs must never run live because nobody said that it is for the other mode.
    is_told = request.headers.get("x-mode") in list(Mode)
    if is_told and session.may_post(request.headers.get("x-csrf")):
        return None
    return "This page is no longer good: load it again, and try once more."


def _apart(send: Send) -> Send:
    """What is opened by itself is a text in a place of its own, whoever wrote it."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_APART]
        await send(message)

    return sent


def _mode(request: Request, session: Session) -> Mode:
    """The mode that the page was made in: another window may have switched since."""
    given = request.headers.get("x-mode")
    return Mode(given) if given in list(Mode) else session.mode


def _no(status: int, detail: str) -> Response:
    problem = {"title": "Refused", "detail": detail, "status": status}
    return Response(msgspec.json.encode(problem), status, media_type="application/problem+json")
