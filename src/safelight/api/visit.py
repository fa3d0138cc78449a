"""One request on its way: who came, for what, and what its answer is to carry besides."""

from typing import Final

from starlette.requests import Request
from starlette.types import Scope

from safelight.limits import Allowance

KEY: Final = "safelight.visit"
NOWHERE: Final = "none"
"""The operation of a request that fits no route."""
Header = tuple[bytes, bytes]


class Visit:
    """What the layers around the endpoints tell each other about a request."""

    __slots__ = ("allowance", "listens", "operation", "request_id", "status", "token")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.operation = NOWHERE
        self.token = ""
        """The id of the caller's token, once it is known."""
        self.allowance: Allowance | None = None
        self.listens = False
        """Whether its answer is a stream."""
        self.status = 500
        """Of the answer; until there is one, that of a request that got none."""

    def headers(self) -> list[Header]:
        """What its answer carries, whatever the answer is."""
        found = [(b"x-request-id", self.request_id.encode())]
        if self.allowance is not None:
            found.append((b"ratelimit-remaining", b"%d" % self.allowance.remaining))
            found.append((b"ratelimit-reset", b"%d" % self.allowance.reset))
        return found


def visit_in(scope: Scope) -> Visit:
    """The visit that the door has put there."""
    visit: Visit = scope[KEY]
    return visit


def visit_of(request: Request) -> Visit:
    """The visit of a request."""
    return visit_in(request.scope)
