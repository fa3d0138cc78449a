"""The way of the busiest operations: past a framework that takes as long as they do."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from safelight.errors import SafelightError

Endpoint = Callable[[Request], Awaitable[Response]]
OnError = Callable[[Request, Exception], Awaitable[Response]]
_NO_PATH: Final = "/v1/v1/"


class Shortcut:
    """Answers what some routes match by itself, and leaves the rest to the application.

    It does for them what the application would: the same patterns, the same answers to errors.
    """

    def __init__(
        self, app: ASGIApp, routes: Sequence[Route], refuse: OnError, apologize: OnError
    ) -> None:
        """Answer refusals by *refuse*, and faults of ours by *apologize*."""
        self._app = app
        self._refuse = refuse
        self._apologize = apologize
        self._routes: dict[str, list[tuple[re.Pattern[str], Endpoint]]] = {}
        for route in routes:
            for method in route.methods or ():
                found = self._routes.setdefault(method, [])
                found.append((route.path_regex, cast("Endpoint", route.endpoint)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Also answers `/v1/v1/...` as `/v1/...`: one base URL for both Python clients."""
        if scope["type"] == "http":
            if scope["path"].startswith(_NO_PATH):
                scope = {**scope, "path": scope["path"][3:]}
            for pattern, endpoint in self._routes.get(scope["method"], ()):
                if match := pattern.match(scope["path"]):
                    scope["path_params"] = match.groupdict()
                    await self._answer(endpoint, scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _answer(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except SafelightError as error:
            response = await self._refuse(request, error)
        except Exception as error:
            response = await self._apologize(request, error)
            await response(scope, receive, send)
            raise
        await response(scope, receive, send)


class _Request(Request):
    """One whose headers are found without walking through all of them each time."""

    @property
    def headers(self) -> Headers:
        """The same, as a mapping."""
        if not hasattr(self, "_headers"):
            self._headers = _Heads(scope=self.scope)
        return self._headers


class _Heads(Headers):
    def __init__(self, scope: Scope) -> None:
        super().__init__(raw=scope["headers"])
        self._first = dict(reversed(scope["headers"]))

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as in a mapping
        found = self._first.get(key.encode("latin-1"))
        return default if found is None else found.decode("latin-1")
