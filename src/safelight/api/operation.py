"""One operation of the API: its name, where it is, what a token needs for it, and who answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from safelight.account import Scope, Token


@dataclass(frozen=True)
class Operation:
    """A row of the table of all operations: routes, scopes, limits and documents come from it."""

    name: str
    """Replicate's operation id, such as `predictions.create`."""
    method: str
    path: str
    """With its parameters in braces, `/v1` included."""
    answer: Callable[[Request, Token], Awaitable[Response]]
    needs: Scope | None
    """The scope a token needs; None when any token will do."""
