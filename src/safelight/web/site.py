"""The whole playground: every page, who may see it, and what becomes of errors."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from safelight.account import Mode
from safelight.vault import Vault
from safelight.web.caller import Caller, Refused
from safelight.web.entrance import Entrance, Keys
from safelight.web.gateway import PREFIX, Gateway
from safelight.web.pages import PAGES
from safelight.web.posting import form_of
from safelight.web.rendering import Rendering
from safelight.web.sessions import Session, Sessions, is_from_elsewhere
from safelight.web.visitor import Page, Visitor, enter

FORGED: Final = "This page is no longer good: go back, load it again, and try once more."
NO_TOKEN: Final = "You have not signed in with a {mode} token: add one at /enter."  # noqa: S105 - a message
NO_MODE: Final = "The form has to say its mode, live or test: load the page again."
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_A_DAY: Final = "public, max-age=86400"
_TOKENS: Final = ("bearer ", "token ")
"""Programs send these; browsers never do by themselves."""
_log: Final = logging.getLogger("safelight.pages")
Endpoint = Callable[[Request], Awaitable[Response]]


class Site:
    """Pages at their addresses; whatever is none of them goes to the API."""

    def __init__(
        self, api: ASGIApp, vault: Vault, keys: Keys, public_url: str | None, largest: int
    ) -> None:
        self._api = api
        self._largest = largest
        """Bytes of what is posted."""
        self._rendering = Rendering()
        self._sessions = Sessions(vault, public_url)
        entrance = Entrance(api, self._sessions, self._rendering, keys)
        self._gateway = Gateway(api, self._sessions)
        self._routes = [
            Route("/-/{edition}/{name}", self._asset),
            Route("/favicon.ico", self._icon),
            *entrance.routes(),
            *(Route(p.path, self._endpoint(p), methods=[p.method]) for p in PAGES),
        ]
        self._app = Starlette(
            routes=self._routes,
            exception_handlers={
                Refused: self._on_refused,
                HTTPException: self._on_http_exception,
                Exception: self._on_exception,
            },
        )
        self._policy = _policy(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or path.startswith("/v1/"):
            await self._api(scope, receive, send)
        elif path.startswith(PREFIX):
            await self._gateway(scope, receive, send)
        elif _is_of_a_program(scope):
            await self._api(scope, receive, send)
        elif self._is_ours(scope):
            await self._answer(self._app, scope, receive, send)
        elif _wants_a_page(scope):
            await self._pass_on(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._routes)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the API; what it does not have either is a page that says so."""
        is_missing = False

        async def unless_missing(message: Message) -> None:
            nonlocal is_missing
            if message["type"] == "http.response.start":
                is_missing = message["status"] == 404
            if not is_missing:
                await send(message)

        await self._api(scope, receive, unless_missing)
        if is_missing:
            request = Request(scope)
            page = self._failed(request, self._sessions.read(request), 404, "")
            await self._answer(page, scope, receive, send)

    async def _answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 0

        async def protected(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._policy]
            await send(message)

        try:
            await app(scope, receive, protected)
        except Exception:
            if not status:  # else it has been logged, and answered
                raise
        finally:
            took = (time.perf_counter() - started) * 1000
            _log.info("%s %s %d %.1f ms", scope["method"], _line(scope["path"]), status, took)

    def _endpoint(self, page: Page) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            session = self._sessions.read(request)
            if session is None:
                return enter(request)
            if page.method != "POST":
                return await page.shows(self._visitor(request, session, FormData()))
            if is_from_elsewhere(request):
                return self._failed(request, session, 403, FORGED)
            form = await form_of(request, self._largest)
            try:
                return await self._post(page, request, session, form)
            finally:
                await form.close()

        return endpoint

    async def _post(
        self, page: Page, request: Request, session: Session, form: FormData
    ) -> Response:
        given, mode = form.get("csrf"), form.get("mode")
        if not session.may_post(given if isinstance(given, str) else None):
            return self._failed(request, session, 403, FORGED)
        if mode in list(Mode):  # of its page: another window may have switched since
            if session.token_of(Mode(mode)) is None:
                return self._failed(request, session, 403, NO_TOKEN.format(mode=mode))
            session = session.switched(Mode(mode))
        elif page.runs or mode is not None:  # it must not run live because nobody said
            return self._failed(request, session, 400, NO_MODE)
        return await page.shows(self._visitor(request, session, form))

    def _visitor(self, request: Request, session: Session, form: FormData) -> Visitor:
        return Visitor(
            request=request,
            session=session,
            api=Caller(self._api, request, session.token),
            rendering=self._rendering,
            sessions=self._sessions,
            form=form,
        )

    async def _asset(self, request: Request) -> Response:
        asset = self._rendering.assets.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("Not found", 404)
        headers = {"cache-control": _FOR_EVER, "content-type": asset.media_type}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(asset.content, headers=headers)
        return Response(asset.compressed, headers=headers | {"content-encoding": "gzip"})

    async def _icon(self, _request: Request) -> Response:
        """What browsers ask for where no page names an icon."""
        asset = self._rendering.assets["mark.svg"]
        headers = {"cache-control": _FOR_A_DAY, "content-type": asset.media_type}
        return Response(asset.content, headers=headers)

    async def _on_refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        if error.status == 401:  # its token has been revoked: that page says so, and ends it
            return enter(request)
        return self._failed(request, self._sessions.read(request), error.status, str(error))

    async def _on_http_exception(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        session = self._sessions.read(request)
        page = self._failed(request, session, error.status_code, error.detail)
        page.headers.update(error.headers or {})
        return page

    async def _on_exception(self, request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, _line(request.url.path), exc_info=error)
        told = "Something here is broken. The log of the server tells what happened."
        return self._failed(request, self._sessions.read(request), 500, told)

    def _failed(
        self, request: Request, session: Session | None, status: int, detail: str
    ) -> Response:
        values = {"status": status, "detail": detail}
        return self._rendering.page("error.html", request, session, status, values)


def _is_of_a_program(scope: Scope) -> bool:
    """Whether it brings a token of its own, as clients of the API do."""
    return Headers(scope=scope).get("authorization", "").lower().startswith(_TOKENS)


def _wants_a_page(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _line(path: str) -> str:
    """A path as a log may hold it: on one line."""
    return quote(path, safe="/:.,=@-_~!$'()*")


def _policy(public_url: str | None) -> list[tuple[bytes, bytes]]:
    """What a browser may do with a page of ours: load from here, and nothing else."""
    public = urlsplit(public_url or "")
    ours = f"'self' {public.scheme}://{public.netloc}" if public.netloc else "'self'"
    content = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {ours} data: blob:;"
        f" connect-src {ours}; font-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", content.encode()),
        (b"x-content-type-options", b"nosniff"),
        # For our own pages alone: without it browsers leave the origin out of what is posted.
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    ]
