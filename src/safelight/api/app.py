"""Every route, and how errors become problem documents."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from safelight import wire
from safelight.api.context import Context, answer
from safelight.api.models import Models
from safelight.api.operation import Operation
from safelight.api.outputs import Outputs
from safelight.api.predictions import Predictions
from safelight.api.stream import Streams
from safelight.errors import Forbidden, InternalError, MethodNotAllowed, NotFound, SafelightError

MISSING_SCOPE: Final = (
    "You do not have permission to perform this action. "
    "The token lacks the scope `{scope}`, which {operation} needs."
)
_log: Final = logging.getLogger("safelight.api")


def create_app(context: Context) -> ASGIApp:
    """The whole HTTP surface."""
    app = Starlette(
        routes=_routes(context),
        exception_handlers={
            SafelightError: _on_safelight_error,
            HTTPException: _on_http_exception,
            Exception: _on_exception,
        },
    )
    return _OneVersionPrefix(app)


def operations(context: Context) -> list[Operation]:
    """All that needs a token; the busiest first, as they are tried in this order."""
    return [*Predictions(context).operations(), *Models(context).operations()]


def _routes(context: Context) -> list[Route]:
    opened_by_name = [
        Route("/outputs/{capability}/{name}", Outputs(context).get),
        Route("/v1/files/{capability:str}", Streams(context).get),
        Route("/healthz", _health),
    ]
    guarded = [
        Route(o.path, _guarded(context, o), methods=[o.method], name=o.name)
        for o in operations(context)
    ]
    return guarded + opened_by_name


def _guarded(
    context: Context, operation: Operation
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The operation behind the check of who calls, and whether they may."""

    async def endpoint(request: Request) -> Response:
        token = await context.caller(request)
        if operation.needs is not None and operation.needs not in token.scopes:
            raise Forbidden(MISSING_SCOPE.format(scope=operation.needs, operation=operation.name))
        return await operation.answer(request, token)

    return endpoint


async def _health(_request: Request) -> Response:
    return answer({"status": "ok"})


def _problem(error: SafelightError, headers: dict[str, str] | None = None) -> Response:
    return Response(wire.problem(error), error.status, headers, "application/problem+json")


async def _on_safelight_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SafelightError)
    if error.status == 503:
        return _problem(error, {"retry-after": "5"})
    return _problem(error)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = {"allow": ", ".join(_methods(request))}
        return _problem(MethodNotAllowed("Method not allowed for this path."), allowed)
    return _problem(NotFound())


def _methods(request: Request) -> list[str]:
    """What the path can be asked with: one path may have a route for each method."""
    routes: list[Route] = request.app.routes
    matching = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in matching for method in route.methods or ()})


async def _on_exception(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _problem(InternalError())


class _OneVersionPrefix:
    """Answers `/v1/v1/...` as `/v1/...`: one base URL for both Python clients, old and new."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1/v1/"):
            scope = {**scope, "path": scope["path"][3:]}
        await self._app(scope, receive, send)
