"""What every endpoint works with, and who is calling."""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Token, token_hash
from safelight.blob import BlobStore
from safelight.capability import Capabilities
from safelight.errors import TooLarge, Unauthenticated
from safelight.examination import Examine, nothing_examined
from safelight.file import FilePolicy
from safelight.library import Library
from safelight.limits import Limiter
from safelight.meter import Meter
from safelight.overview import Overview
from safelight.own_files import OwnFiles
from safelight.queueing import Queueing
from safelight.repeats import Repeats
from safelight.signing import Signing
from safelight.spending import Estimates
from safelight.store import Store
from safelight.vault import Vault

NO_TOKEN: Final = "You did not pass an authentication token"  # noqa: S105 - a message
BAD_TOKEN: Final = "Invalid or expired API token."  # noqa: S105 - a message
MISSING_SCOPE: Final = (
    "You do not have permission to perform this action. "
    "The token lacks the scope `{scope}`, which {operation} needs."
)
_HOST: Final = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
_JSON: Final = b"application/json; charset=UTF-8"


@dataclass(frozen=True, kw_only=True)
class Context:
    """The engine as the API sees it."""

    store: Store
    library: Library
    blobs: BlobStore
    own_files: OwnFiles
    file_policy: FilePolicy
    repeats: Repeats
    vault: Vault
    signing: Signing
    capabilities: Capabilities
    wire: wire.Wire
    public_url: str | None
    max_body: int
    estimates: Estimates = field(default_factory=Estimates)
    limiter: Limiter | None = None
    cors_origins: tuple[str, ...] = ()
    meter: Meter = field(default_factory=Meter)
    overview: Overview = field(default_factory=Overview)
    examine: Examine = nothing_examined
    """Asks the providers whether they take the keys."""
    queueing: Queueing = field(default_factory=partial(Queueing, {}, 0))

    async def caller(self, request: Request) -> Token:
        """Whose token the request carries.

        Raises:
            Unauthenticated: None, or an unknown one.
        """
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token") or not credential.strip():
            raise Unauthenticated(NO_TOKEN)
        token = await self.store.accounts.token(token_hash(credential.strip()))
        if token is None:
            raise Unauthenticated(BAD_TOKEN)
        return token

    def origin(self, request: Request) -> str:
        """Scheme, host and port under which the caller reaches us."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = request.headers.get("host", "")
        # It becomes a part of every URL in the answer.
        known = host if _HOST.fullmatch(host) else "localhost"
        return f"{request.scope['scheme']}://{known}"

    async def body(self, request: Request) -> bytes:
        """The whole request body.

        Raises:
            TooLarge: It is over the limit; the rest is not read.
        """
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > self.max_body:
            raise self._too_large()
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                return b""
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > self.max_body:
                raise self._too_large()
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)

    def _too_large(self) -> TooLarge:
        limit = f"{self.max_body / (1024 * 1024):.3g} MB"
        return TooLarge(
            f"The request body is larger than {limit} (SAFELIGHT_MAX_BODY). "
            "Pass large files by URL instead of as data URIs."
        )


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer, with the newline that Replicate ends its bodies with."""
    return _Answer(wire.encode(value) + b"\n", status, headers)


class _Answer(Response):
    """JSON that is encoded already; Starlette's own asks of every answer what it could be."""

    def __init__(self, body: bytes, status: int, headers: dict[str, str] | None) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", _JSON),
        ]
        for name, value in (headers or {}).items():
            self.raw_headers.append((name.encode("latin-1"), value.encode("latin-1")))
