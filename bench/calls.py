"""A raw HTTP caller that costs next to nothing: bodies are counted, and kept only when asked."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final, Self, cast

_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ROOM: Final = 1 << 18


@dataclass(frozen=True)
class Answered:
    """An answer that has come whole."""

    status: int
    size: int
    body: bytes
    """Empty if it was not to be kept."""


class Connection(asyncio.BufferedProtocol):
    """One kept connection, one request at a time."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(_ROOM))
        self._expected: asyncio.Future[Answered] | None = None
        self._head = b""
        self._length = -1
        self._count = 0
        self._kept: list[bytes] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to this machine."""
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(cls, "127.0.0.1", port)
        return protocol

    async def ask(self, request: bytes, *, keep: bool = False) -> Answered:
        """Send it, and wait for all of the answer.

        Raises:
            ConnectionError: The other side hung up, or gives no length.
        """
        self._head, self._length, self._count = b"", -1, 0
        self._kept = [] if keep else None
        self._expected = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._expected

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - of the protocol
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        piece = self._buffer[:nbytes]
        if self._length < 0:
            self._head += piece
            head, found, rest = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            length = _LENGTH.search(head)
            if length is None:
                self.connection_lost(ConnectionError(f"An answer without a length: {head!r}"))
                return
            self._length, piece = int(length[1]), memoryview(rest)
        self._count += len(piece)
        if self._kept is not None:
            self._kept.append(bytes(piece))
        if self._count >= self._length and self._expected and not self._expected.done():
            body = b"".join(self._kept or ())
            self._expected.set_result(Answered(int(self._head[9:12]), self._count, body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._expected and not self._expected.done():
            self._expected.set_exception(exc or ConnectionError("The server hung up."))


def get(path: str, port: int) -> bytes:
    """A request for bytes."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def post(path: str, port: int, token: str | None, body: bytes, *more: str) -> bytes:
    """A request with JSON."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *more,
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join((*lines, "", "")).encode() + body
