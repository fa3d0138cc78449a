"""Getting in: by the printed link, or with a token."""

import hmac
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from safelight.web.caller import Caller
from safelight.web.posting import form_of
from safelight.web.rendering import Rendering
from safelight.web.sessions import Session, Sessions, is_from_elsewhere
from safelight.web.visitor import here

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_NAMES: Final = _LOOPBACK | {"localhost"}
_BEHIND_A_PROXY: Final = (
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"),
)
_LARGEST_FORM: Final = 65_536
_OVER: Final = "The link is of another start of the server. Take the one that it printed last."
_NOT_HERE: Final = "The link opens only on the machine that Safelight runs on. Paste a token."
_REVOKED: Final = "The tokens that this link signs in with have been revoked. Paste one of yours."
_ENDED: Final = "You have been signed out: your token has been revoked."
_FOREIGN: Final = "Sign in on this page, not from another site."
_WRONG: Final = (
    "Safelight does not know this token. Tokens begin with r8_; test ones with r8_test_."
)


@dataclass(frozen=True)
class Keys:
    """What opens the playground on the machine that it runs on."""

    ticket: str = field(repr=False)
    """Part of the printed link; of one start of the server."""
    live: str = field(repr=False)
    test: str = field(repr=False)


class Entrance:
    """The addresses that need no session."""

    def __init__(self, api: ASGIApp, sessions: Sessions, rendering: Rendering, keys: Keys) -> None:
        self._api = api
        self._sessions = sessions
        self._rendering = rendering
        self._keys = keys

    def routes(self) -> list[Route]:
        """What is answered here."""
        return [
            Route("/enter", self.show, methods=["GET"]),
            Route("/enter", self.sign_in, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form for a token; with the ticket of the printed link, straight in."""
        ticket = request.query_params.get("ticket")
        if ticket is None:
            return await self._welcome(request)
        if not _is_here(request):
            return self._page(request, _NOT_HERE, 403)
        if not hmac.compare_digest(ticket.encode(), self._keys.ticket.encode()):
            return self._page(request, _OVER, 403)
        live = await self._username(request, self._keys.live)
        test = await self._username(request, self._keys.test)
        if not (username := live or test):
            return self._page(request, _REVOKED, 403)
        tokens = self._keys.live if live else None, self._keys.test if test else None
        return self._in(request, self._sessions.begin(username, *tokens))

    async def sign_in(self, request: Request) -> Response:
        """With a token; a second one, of the other mode, joins the first."""
        if is_from_elsewhere(request):
            return self._page(request, _FOREIGN, 403)
        form = await form_of(request, _LARGEST_FORM)
        wanted = str(form.get("next") or "/")
        token = str(form.get("token") or "").strip()
        username = await self._username(request, token) if _is_sendable(token) else None
        if username is None:
            return self._page(request, _WRONG, 401, wanted)
        session = self._sessions.read(request)
        if session is None or session.username != username:
            session = self._sessions.begin(username, None, None)
        return self._in(request, session.with_token(token), wanted)

    async def _welcome(self, request: Request) -> Response:
        """The form, for somebody who may be signed in, or may have been."""
        session = self._sessions.read(request)
        if session is None or await self._username(request, session.token) is not None:
            return self._page(request, None)
        response = self._page(request, _ENDED, is_over=True)
        self._sessions.end(request, response)
        return response

    async def _username(self, request: Request, token: str) -> str | None:
        """Whose token it is; None for one that is not known, or not any more.

        Raises:
            Refused: Nobody can be asked just now.
        """
        answer = await Caller(self._api, request, token).call("GET", "/v1/account")
        return None if answer.status == 401 else str(answer.json()["username"])

    def _in(self, request: Request, session: Session, wanted: str = "/") -> Response:
        response = RedirectResponse(here(wanted), 303)
        self._sessions.write(session, request, response)
        return response

    def _page(
        self,
        request: Request,
        error: str | None,
        status: int = 200,
        wanted: str | None = None,
        *,
        is_over: bool = False,
    ) -> Response:
        wanted = here(wanted or request.query_params.get("next") or "/")
        values = {"error": error, "wanted": wanted, "is_here": _is_here(request)}
        values["is_overheard"] = _is_overheard(request)
        session = None if is_over else self._sessions.read(request)
        return self._rendering.page("enter.html", request, session, status, values)


def _is_here(request: Request) -> bool:
    """Whether the browser runs on this machine, as far as one can tell.

    A page elsewhere can point a name of its own at 127.0.0.1; the browser then says that name.
    """
    if request.client is None or request.client.host not in _LOOPBACK:
        return False
    if request.url.hostname not in _NAMES:
        return False
    return not any(name in request.headers for name in _BEHIND_A_PROXY)


def _is_overheard(request: Request) -> bool:
    """Whether a token crosses a network as it is, as far as one can tell."""
    is_plain = "https" not in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    return is_plain and request.client is not None and request.client.host not in _LOOPBACK


def _is_sendable(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token
