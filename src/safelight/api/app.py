"""Every route, and how errors become problem documents."""

import logging
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from safelight import wire
from safelight.api.context import Context, answer
from safelight.api.models import Models
from safelight.api.outputs import Outputs
from safelight.api.predictions import Predictions
from safelight.api.stream import Streams
from safelight.errors import InternalError, MethodNotAllowed, NotFound, SafelightError

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


def _routes(context: Context) -> list[Route]:
    predictions, models = Predictions(context), Models(context)
    model = "/v1/models/{owner}/{name}"
    return [
        Route("/v1/predictions", predictions.create, methods=["POST"]),
        Route(f"{model}/predictions", predictions.create_for_model, methods=["POST"]),
        Route("/v1/predictions/{id}", predictions.get),
        Route("/v1/predictions", predictions.list),
        Route("/v1/predictions/{id}/cancel", predictions.cancel, methods=["POST"]),
        Route("/outputs/{capability}/{name}", Outputs(context).get),
        Route("/v1/files/{capability:str}", Streams(context).get),
        Route("/v1/models", models.list),
        Route(model, models.get),
        Route(f"{model}/versions", models.list_versions),
        Route(f"{model}/versions/{{id}}", models.get_version),
        Route("/v1/hardware", models.hardware),
        Route("/v1/account", models.account),
        Route("/healthz", _health),
    ]


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
