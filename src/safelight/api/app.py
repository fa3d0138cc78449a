"""Every route, and how errors become problem documents."""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp

from safelight import wire
from safelight.api.archives import Archives
from safelight.api.collections import Collections
from safelight.api.context import MISSING_SCOPE, Context
from safelight.api.cors import with_origins
from safelight.api.covers import Covers
from safelight.api.deployments import Deployments
from safelight.api.door import STREAM, Door, shown_path
from safelight.api.files import Files
from safelight.api.health import Health
from safelight.api.metrics import Metrics
from safelight.api.models import Models
from safelight.api.openapi import Document
from safelight.api.operation import Operation
from safelight.api.outputs import Outputs
from safelight.api.predictions import Predictions
from safelight.api.search import Search
from safelight.api.shortcut import Shortcut
from safelight.api.stream import Streams
from safelight.api.tokens import Tokens
from safelight.api.trainings import Trainings
from safelight.api.upstreams import Upstreams
from safelight.api.usage import Usage
from safelight.api.versions import Versions
from safelight.api.visit import Visit, visit_of
from safelight.api.webhooks import Webhooks
from safelight.errors import (
    Forbidden,
    InternalError,
    MethodNotAllowed,
    NotFound,
    SafelightError,
    Throttled,
)

_BUSIEST: Final = ("models.predictions.create", "predictions.create", "predictions.get")
_log: Final = logging.getLogger("safelight.api")


def create_app(context: Context) -> ASGIApp:
    """The whole HTTP surface."""
    routes = _routes(context)
    app = Starlette(
        routes=routes,
        exception_handlers={
            SafelightError: _on_safelight_error,
            HTTPException: _on_http_exception,
            Exception: _on_exception,
        },
    )
    busiest = [route for route in routes if route.name in _BUSIEST]
    quick = Shortcut(app, busiest, _on_safelight_error, _on_exception)
    return Door(with_origins(quick, context.cors_origins), context.meter)


def operations(context: Context) -> list[Operation]:
    """All that needs a token; the busiest first, as they are tried in this order."""
    return [
        *Predictions(context).operations(),
        *Deployments(context).operations(),
        *Models(context).operations(),
        *Versions(context).operations(),
        *Trainings(context).operations(),
        *Search(context).operations(),
        *Collections(context).operations(),
        *Files(context).operations(),
        *Webhooks(context).operations(),
        *Usage(context).operations(),
        *Tokens(context).operations(),
        *Archives(context).operations(),
        *Upstreams(context).operations(),
    ]


def _routes(context: Context) -> list[Route]:
    streams = Streams(context)
    all_ = operations(context)
    document = Document(all_)
    streaming = [
        _open("/v1/files/bcwr-{capability}", STREAM, streams.get),
        _open("/v1/streams/bcwr-{capability}", STREAM, streams.get),
    ]
    opened_by_name = [
        _open("/outputs/{capability}/{name}", "outputs.get", Outputs(context).get),
        _open("/v1/files/{id}/download", "files.download", Files(context).download),
        _open("/covers/{owner}/{name}.webp", "covers.get", Covers(context).get),
        _open("/openapi.json", "openapi.get", document.get),
        *_for_operators(context),
    ]
    guarded = [Route(o.path, _guarded(context, o), methods=[o.method], name=o.name) for o in all_]
    document.opened = [*streaming, *opened_by_name]
    also = _open("/v1/openapi.json", "openapi.get", document.get)
    # Before the operations on files, which are at `/v1/files/` too; after the busiest ones.
    files = next(n for n, o in enumerate(all_) if o.path.startswith("/v1/files"))
    outputs, *others = opened_by_name
    return [outputs, *guarded[:files], *streaming, *guarded[files:], *others, also]


def _guarded(
    context: Context, operation: Operation
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The operation behind the check of who calls, and whether they may."""

    async def endpoint(request: Request) -> Response:
        visit = visit_of(request)
        visit.operation = operation.name
        token = await context.caller(request)
        visit.token = token.id
        _limit(context, visit)
        if operation.needs is not None and operation.needs not in token.scopes:
            raise Forbidden(MISSING_SCOPE.format(scope=operation.needs, operation=operation.name))
        return await operation.answer(request, token)

    return endpoint


def _limit(context: Context, visit: Visit) -> None:
    if context.limiter is None:
        return
    visit.allowance = context.limiter.take(visit.token, visit.operation, time.monotonic())
    if visit.allowance.retry_after > 0:
        raise Throttled(visit.allowance.retry_after)


def _open(path: str, name: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    """A route that needs no token."""

    async def named(request: Request) -> Response:
        visit_of(request).operation = name
        return await endpoint(request)

    return Route(path, named, name=name)


def _for_operators(context: Context) -> list[Route]:
    health = Health(context)
    return [
        _open("/healthz", "health.live", health.live),
        _open("/readyz", "health.ready", health.ready),
        _open("/metrics", "metrics", Metrics(context).get),
    ]


def _problem(error: SafelightError, headers: dict[str, str] | None = None) -> Response:
    return Response(wire.problem(error), error.status, headers, "application/problem+json")


async def _on_safelight_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SafelightError)
    if isinstance(error, Throttled):
        return _problem(error, {"retry-after": str(error.retry_after)})
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
    _log.error("%s %s failed", request.method, shown_path(request.url.path), exc_info=error)
    return _problem(InternalError())
