"""CORS: which pages of other origins may call the API from a browser; by default none."""

from collections.abc import Sequence
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_METHODS: Final = ("GET", "POST", "PATCH", "PUT", "DELETE", "QUERY")
_EXPOSED: Final = (
    *("Location", "x-request-id", "Retry-After", "Preference-Applied", "ETag"),
    *("ratelimit-remaining", "ratelimit-reset"),
)


def with_origins(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """*app*, open to pages of these origins; `*` stands for all."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=("*",),
        expose_headers=_EXPOSED,
    )
