"""Outgoing calls: what the rest asks of the HTTP client, what it gets back, how that can fail."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

import msgspec

from safelight.errors import RunFailed
from safelight.spooled import Content


class Response(msgspec.Struct, frozen=True):
    """An answer, read whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    spooled: Sequence[Content] = ()
    """What was taken out of the body: where it was, there is its number."""


class Streamed(msgspec.Struct, frozen=True):
    """An answer whose body is still coming. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    pieces: AsyncIterator[bytes]
    """The body, once; the next piece can raise OutcomeUnknown."""
    spooled: Sequence[Content] = ()
    """What has been taken out of the pieces so far: where it was, there is its number."""

    async def read(self) -> Response:
        """Read what has not come yet.

        Raises:
            OutcomeUnknown: It did not come whole, or not in time.
        """
        body = b"".join([piece async for piece in self.pieces])
        return Response(self.status, self.headers, body, self.spooled)


class Fetched(msgspec.Struct, frozen=True):
    """A file from somewhere else; its media type is only what the other side claims."""

    content: bytes
    media_type: str


class CallFailed(Exception):
    """A call ended without an answer; the text is a reason such as `the connection was cut`."""


class NotSent(CallFailed):
    """Nothing reached the other side, so nothing was done there."""


class Unsendable(NotSent):
    """The address may not be called, or is none: trying again would not help."""


class OutcomeUnknown(CallFailed):
    """The request may have arrived, and may have been acted on."""


class FetchFailed(RunFailed):
    """A file could not be had; the message names its host, never its whole address."""


class Poster(Protocol):
    """Sends a body, once: no retry, no redirect followed."""

    async def post(  # noqa: PLR0913 - what is sent, and its bounds by name
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        within: timedelta,
        trusted: bool = False,
        at_most: int | None = None,
        pictures: Collection[str] = (),
    ) -> Response:
        """Send the body and read the whole answer, whatever its status.

        `trusted` means that the operator named the URL, so that it may be a private address. With
        `at_most`, the answer is cut after so many bytes, and the rest is not read. Long base64
        under the names of `pictures` in the JSON of an answer with 200 goes to files, as does all
        of an answer that is itself a picture: then its body is empty, and `spooled` holds one.

        Raises:
            Unsendable: The address is not allowed, or is none; nothing was sent.
            NotSent: The connection was refused or not made; nothing was sent.
            OutcomeUnknown: There was no whole answer in time, after the request may have been sent.
        """
        ...

    def stream(  # noqa: PLR0913 - what is sent, and its bounds by name
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        within: timedelta,
        trusted: bool = False,
        pictures: Collection[str] = (),
    ) -> AbstractAsyncContextManager[Streamed]:
        """Send the body and give the answer while it comes, whatever its status.

        The context raises as `post` does when it is entered. What is left of the answer when it
        is left is not read. `within` bounds all of it.
        """
        ...


class Fetcher(Protocol):
    """Gets files by their address."""

    async def fetch(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Fetched:
        """Get the file, through redirects.

        `trusted_origin` is a URL that the operator named: its scheme, host and port may be private.

        Raises:
            FetchFailed: The address is not allowed, or the file is missing, late or too large.
        """
        ...


class Outgoing(Poster, Fetcher, Protocol):
    """Both: what an upstream is given."""

    async def spool(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Content:
        """Get a file as `fetch` does, into a file.

        Raises:
            FetchFailed: As from `fetch`.
        """
        ...
