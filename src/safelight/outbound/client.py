"""The one HTTP client for everything outgoing: checked addresses, bounded size and time."""

import asyncio
import io
import ssl
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from safelight.outbound.addresses import Allow
from safelight.outbound.guard import Guard, Refused, check_literal
from safelight.outbound.hearing import Connector
from safelight.outbound.names import Names
from safelight.outgoing import Fetched, FetchFailed, NotSent, OutcomeUnknown, Response, Unsendable

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CONNECT_SECONDS = 10.0
# Many servers close a connection after five idle seconds. A post that meets the closing cannot be
# told from one that was acted on, so an idle connection is not used for that long.
_IDLE_SECONDS = 3.0
_NAMES_AT_ONCE = 256  # of callers, and as many of the operator: neither keeps the other waiting
_READ_BYTES = 1 << 20
_WARNED_BYTES = 1 << 20  # aiohttp warns about plain bytes above this
_PLAIN = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('\\"<>^`{|}')
_HEADERS = {
    "user-agent": "Safelight",
    # Pictures do not compress, and undoing it for base64 costs more time than the network saves.
    "accept-encoding": "identity",
}


class _TooLarge(Exception):
    pass


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

    def _session(self, resolver: AbstractResolver) -> aiohttp.ClientSession:
        tls = self._tls if self._tls is not None else True
        # The limits on calls are per model and per provider, elsewhere: here every call may go.
        connector = Connector(resolver=resolver, limit=0, ssl=tls, keepalive_timeout=_IDLE_SECONDS)
        return aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
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
    ) -> Response:
        """Send the body once and read the whole answer, whatever its status.

        Redirects are not followed. `trusted` leaves the address unchecked. With `at_most`, no
        answer is too large: it is cut after so many bytes.

        Raises:
            Unsendable: The address is not allowed, or is none; nothing was sent.
            NotSent: The connection was refused or not made; nothing was sent.
            OutcomeUnknown: There was no whole answer in time, after the request may have been sent.
        """
        seconds = within.total_seconds()
        try:
            target = _parse(url)
            if not trusted:
                check_literal(target, self._allow)
            async with asyncio.timeout(seconds):
                session = self._session_for(trusted=trusted)
                return await self._post(session, target, headers, body, at_most)
        except Refused as error:
            raise Unsendable(str(error)) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            cause = getattr(error, "os_error", None)
            kind = Unsendable if isinstance(cause, Refused) else NotSent
            raise kind(_reason(error)) from error
        except ValueError as error:
            raise Unsendable("its address or a header cannot be sent") from error
        except TimeoutError as error:
            raise OutcomeUnknown(f"there was no answer within {seconds:g} s") from error
        except _TooLarge as error:
            raise OutcomeUnknown(f"the answer is over {_size(self._limit_bytes)}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknown("the connection was cut") from error

    async def _post(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        headers: Mapping[str, str],
        body: bytes,
        at_most: int | None,
    ) -> Response:
        data = io.BytesIO(body) if len(body) > _WARNED_BYTES else body
        async with session.post(url, data=data, headers=headers, allow_redirects=False) as answer:
            if at_most is None:
                content = await _read(answer, self._limit_bytes)
            else:
                content = await _beginning(answer, at_most)
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status, names, content)

    async def fetch(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Fetched:
        """Get a file through at most five redirects, each checked like the first address.

        What has the scheme, host and port of `trusted_origin` is not checked.

        Raises:
            FetchFailed: The address is not allowed, or the file is missing, late or too large.
        """
        seconds = within.total_seconds()
        try:
            target = _parse(url)
            origin = _parse(trusted_origin).origin() if trusted_origin else None
        except ValueError as error:
            raise FetchFailed(f"The file cannot be fetched: {error}.") from error
        where = f"The file at {target.raw_host}"
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(target, limit_bytes, origin)
        except _TooLarge as error:
            raise FetchFailed(f"{where} is over {_size(limit_bytes)}.") from error
        except (aiohttp.ClientError, Refused, ValueError) as error:
            raise FetchFailed(f"{where} could not be fetched: {_reason(error)}.") from error
        except TimeoutError as error:
            raise FetchFailed(f"{where} did not arrive within {seconds:g} s.") from error
        except OSError as error:
            raise FetchFailed(f"{where} could not be fetched: {_reason(error)}.") from error

    async def _follow(self, url: URL, limit_bytes: int, origin: URL | None) -> Fetched:
        for _ in range(_MOST_REDIRECTS + 1):
            trusted = url.origin() == origin
            if not trusted:
                check_literal(url, self._allow)
            session = self._session_for(trusted=trusted)
            async with session.get(url, allow_redirects=False) as answer:
                if answer.status in _REDIRECTS:
                    url = _next(url, answer.headers.get("location"))
                elif answer.status == 200:
                    return Fetched(await _read(answer, limit_bytes), answer.content_type)
                else:
                    where = f"The file at {url.raw_host}"
                    raise FetchFailed(f"{where} could not be fetched: it answered {answer.status}.")
        raise FetchFailed(f"The file is behind more than {_MOST_REDIRECTS} redirects.")


async def _read(answer: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    if (answer.content_length or 0) > limit_bytes:
        raise _TooLarge
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > limit_bytes:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


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


def _reason(error: Exception) -> str:
    """Say in a few words what went wrong, with no more of the address than its host."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        cause = error.os_error
        return str(cause) if isinstance(cause, Refused) else f"there is no host named {error.host}"
    if isinstance(error, aiohttp.ClientSSLError):
        return "its certificate or TLS is not accepted"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host} refused the connection"
    if isinstance(error, TimeoutError):
        return f"there was no connection within {_CONNECT_SECONDS:g} s"
    return "the connection was cut"


def _size(count: int) -> str:
    return f"{count / 1_000_000:g} MB" if count >= 1_000_000 else f"{count} bytes"
