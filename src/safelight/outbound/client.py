"""The one HTTP client for everything outgoing: checked addresses, bounded size and time."""

import asyncio
import io
import ssl
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Generator,
    Mapping,
)
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from safelight.outbound.addresses import Allow
from safelight.outbound.guard import Guard, Refused, check_literal
from safelight.outbound.hearing import Connector
from safelight.outbound.intake import Intake
from safelight.outbound.names import Names
from safelight.outbound.reasons import CONNECT_SECONDS, TooLarge, reading, reason, sending, size
from safelight.outbound.sieve import Sieve
from safelight.outgoing import Fetched, FetchFailed, OutcomeUnknown, Response, Streamed
from safelight.spooled import Content

_Got = TypeVar("_Got")

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Many servers close a connection after five idle seconds. A post that meets the closing cannot be
# told from one that was acted on, so an idle connection is not used for that long.
_IDLE_SECONDS = 3.0
_NAMES_AT_ONCE = 256  # of callers, and as many of the operator: neither keeps the other waiting
_READ_BYTES = 1 << 16  # of each connection; twice as much may be there
_WARNED_BYTES = 1 << 20  # aiohttp warns about plain bytes above this
_PLAIN = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('\\"<>^`{|}')
_HEADERS = {
    "user-agent": "Safelight",
    # Pictures do not compress, and undoing it for base64 costs more time than the network saves.
    "accept-encoding": "identity",
}


class Client:
    """Posts to providers and webhooks, and fetches input files.

    Proxies named by the environment (HTTPS_PROXY and others) are not used: a proxy would resolve
    the names itself, and the check of addresses here would be worth nothing.
    No cookies are kept, and nothing is sent twice.
    """

    def __init__(
        self,
        allow: Allow | None = None,
        *,
        limit_bytes: int = 512 * 1024 * 1024,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Set up; `limit_bytes` bounds the answer to a post, in bytes."""
        self._allow = allow or Allow()
        self._limit_bytes = limit_bytes
        self._resolver = resolver
        self._tls = tls
        self._sessions: tuple[aiohttp.ClientSession, aiohttp.ClientSession] | None = None
        self._intake = Intake()

    async def __aenter__(self) -> Self:
        checked = self._resolver or Names(_NAMES_AT_ONCE)
        trusted = self._resolver or Names(_NAMES_AT_ONCE)
        self._sessions = (self._session(Guard(self._allow, checked)), self._session(trusted))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for session in self._sessions or ():
            await session.close()
        self._sessions = None
        self._intake.close()

    def _session(self, resolver: AbstractResolver) -> aiohttp.ClientSession:
        tls = self._tls if self._tls is not None else True
        # The limits on calls are per model and per provider, elsewhere: here every call may go.
        connector = Connector(resolver=resolver, limit=0, ssl=tls, keepalive_timeout=_IDLE_SECONDS)
        return aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            read_bufsize=_READ_BYTES,
            trust_env=False,
        )

    def _session_for(self, *, trusted: bool) -> aiohttp.ClientSession:
        """Trusted and checked calls share no connection: a pooled one is not checked again."""
        if self._sessions is None:
            raise RuntimeError("Client is used outside `async with`")
        return self._sessions[trusted]

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
        """Send the body once and read the whole answer, whatever its status; see `Poster.post`.

        Redirects are not followed. `trusted` leaves the address unchecked. With `at_most`, no
        answer is too large: it is cut after so many bytes.

        Raises:
            Unsendable: The address is not allowed, or is none; nothing was sent.
            NotSent: The connection was refused or not made; nothing was sent.
            OutcomeUnknown: There was no whole answer in time, after the request may have been sent.
        """
        with sending(within, self._limit_bytes):
            async with asyncio.timeout(within.total_seconds()):
                answer = await self._sent(url, headers, body, trusted=trusted)
                async with answer:
                    if pictures and answer.status == 200:
                        return await self._sifted(answer, pictures)
                    if at_most is None:
                        content = await _read(answer, self._limit_bytes)
                    else:
                        content = await _beginning(answer, at_most)
        return Response(answer.status, _names(answer), content)

    async def _sifted(self, answer: aiohttp.ClientResponse, pictures: Collection[str]) -> Response:
        pieces = _bounded(answer, self._limit_bytes)
        if answer.content_type.startswith("image/"):
            whole = await self._intake.keep(pieces)
            return Response(answer.status, _names(answer), b"", (whole,))
        sieve = Sieve(pictures)
        text = b"".join([part async for part in self._intake.sift(pieces, sieve)])
        return Response(answer.status, _names(answer), text, sieve.found)

    @asynccontextmanager
    async def stream(  # noqa: PLR0913 - what is sent, and its bounds by name
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        within: timedelta,
        trusted: bool = False,
        pictures: Collection[str] = (),
    ) -> AsyncGenerator[Streamed]:
        """Send the body once and give the answer while it comes; see `Poster.stream`.

        Raises:
            Unsendable: The address is not allowed, or is none; nothing was sent.
            NotSent: The connection was refused or not made; nothing was sent.
            OutcomeUnknown: No answer began in time, after the request may have been sent.
        """
        give_up = asyncio.get_running_loop().time() + within.total_seconds()
        with sending(within, self._limit_bytes):
            async with asyncio.timeout_at(give_up):
                answer = await self._sent(url, headers, body, trusted=trusted)
        try:
            pieces, sieve = self._pieces(answer, give_up, within), Sieve(pictures)
            if pictures and answer.status == 200:
                pieces = self._intake.sift(pieces, sieve)
            yield Streamed(answer.status, _names(answer), pieces, sieve.found)
        finally:
            answer.close()  # with its connection, unless all of the answer was read

    async def _sent(
        self, url: str, headers: Mapping[str, str], body: bytes, *, trusted: bool
    ) -> aiohttp.ClientResponse:
        target = _parse(url)
        if not trusted:
            check_literal(target, self._allow)
        session = self._session_for(trusted=trusted)
        data = io.BytesIO(body) if len(body) > _WARNED_BYTES else body
        return await session.post(target, data=data, headers=headers, allow_redirects=False)

    async def _pieces(
        self, answer: aiohttp.ClientResponse, give_up: float, within: timedelta
    ) -> AsyncIterator[bytes]:
        count, piece = 0, b"-"
        while piece:
            with reading(within, self._limit_bytes):
                async with asyncio.timeout_at(give_up):
                    piece = await answer.content.read(_READ_BYTES)
                count += len(piece)
                if count > self._limit_bytes:
                    raise TooLarge
            yield piece

    async def fetch(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Fetched:
        """Get a file through at most five redirects, each checked like the first address.

        What has the scheme, host and port of `trusted_origin` is not checked.

        Raises:
            FetchFailed: The address is not allowed, or the file is missing, late or too large.
        """

        async def read(answer: aiohttp.ClientResponse) -> Fetched:
            return Fetched(await _read(answer, limit_bytes), answer.content_type)

        with _fetching(url, limit_bytes, within) as target:
            async with asyncio.timeout(within.total_seconds()):
                return await self._follow(target, _origin(trusted_origin), read)

    async def spool(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Content:
        """Get a file into a file; otherwise as `fetch`.

        Raises:
            FetchFailed: As from `fetch`; or what came was lost.
        """

        async def keep(answer: aiohttp.ClientResponse) -> Content:
            return await self._intake.keep(_bounded(answer, limit_bytes))

        with _fetching(url, limit_bytes, within) as target:
            async with asyncio.timeout(within.total_seconds()):
                return await self._follow(target, _origin(trusted_origin), keep)

    async def _follow(
        self,
        url: URL,
        origin: URL | None,
        read: Callable[[aiohttp.ClientResponse], Awaitable[_Got]],
    ) -> _Got:
        for _ in range(_MOST_REDIRECTS + 1):
            trusted = url.origin() == origin
            if not trusted:
                check_literal(url, self._allow)
            session = self._session_for(trusted=trusted)
            async with session.get(url, allow_redirects=False) as answer:
                if answer.status in _REDIRECTS:
                    url = _next(url, answer.headers.get("location"))
                elif answer.status == 200:
                    return await read(answer)
                else:
                    where = f"The file at {url.raw_host}"
                    raise FetchFailed(f"{where} could not be fetched: it answered {answer.status}.")
        raise FetchFailed(f"The file is behind more than {_MOST_REDIRECTS} redirects.")


@contextmanager
def _fetching(url: str, limit_bytes: int, within: timedelta) -> Generator[URL]:
    """Read the address, and name what goes wrong with the file there.

    Raises:
        FetchFailed: It did.
    """
    try:
        target = _parse(url)
    except ValueError as error:
        raise FetchFailed(f"The file cannot be fetched: {error}.") from error
    where = f"The file at {target.raw_host}"
    try:
        yield target
    except TooLarge as error:
        raise FetchFailed(f"{where} is over {size(limit_bytes)}.") from error
    except (aiohttp.ClientError, Refused, ValueError) as error:
        raise FetchFailed(f"{where} could not be fetched: {reason(error)}.") from error
    except TimeoutError as error:
        seconds = within.total_seconds()
        raise FetchFailed(f"{where} did not arrive within {seconds:g} s.") from error
    except OSError as error:
        raise FetchFailed(f"{where} could not be fetched: {reason(error)}.") from error
    except OutcomeUnknown as error:
        raise FetchFailed(f"{where} could not be fetched: {error}.") from error


def _origin(url: str | None) -> URL | None:
    try:
        return _parse(url).origin() if url else None
    except ValueError as error:
        raise FetchFailed(f"The file cannot be fetched: {error}.") from error


def _names(answer: aiohttp.ClientResponse) -> Mapping[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


async def _read(answer: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    return b"".join([part async for part in _bounded(answer, limit_bytes)])


async def _bounded(answer: aiohttp.ClientResponse, limit_bytes: int) -> AsyncIterator[bytes]:
    if (answer.content_length or 0) > limit_bytes:
        raise TooLarge
    count = 0
    async for part in answer.content.iter_chunked(_READ_BYTES):
        count += len(part)
        if count > limit_bytes:
            raise TooLarge
        yield part


async def _beginning(answer: aiohttp.ClientResponse, at_most: int) -> bytes:
    content = b""
    async for part in answer.content.iter_any():
        content += part
        if len(content) > at_most:
            answer.close()  # with its connection: the rest of the answer is still on it
            break
    return content[:at_most]


def _parse(text: str) -> URL:
    """Read an address; one that is quoted already stays as it is, since it may be signed."""
    url = URL(text, encoded=_PLAIN.issuperset(text))
    if url.scheme not in {"http", "https"} or not url.raw_host:
        raise ValueError("its address does not begin with http:// or https:// and a host")
    return url


def _next(url: URL, location: str | None) -> URL:
    if not location:
        raise FetchFailed(f"The file at {url.raw_host} is behind a redirect to nowhere.")
    try:
        target = _parse(str(url.join(URL(location, encoded=_PLAIN.issuperset(location)))))
    except ValueError as error:
        raise FetchFailed(f"{url.raw_host} redirects to what is no web address.") from error
    if url.scheme == "https" and target.scheme == "http":
        raise FetchFailed(f"{url.raw_host} redirects from https to http, which is not followed.")
    return target
