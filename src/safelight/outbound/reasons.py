"""What went wrong with a call, in few words and with no more of an address than its host."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import aiohttp

from safelight.outbound.guard import Refused
from safelight.outgoing import NotSent, OutcomeUnknown, Unsendable

CONNECT_SECONDS = 10.0


class TooLarge(Exception):
    """More comes than was agreed to."""


@contextmanager
def sending(within: timedelta, limit_bytes: int) -> Generator[None]:
    """Name what goes wrong until an answer begins.

    Raises:
        Unsendable: The address is not allowed, or is none; nothing was sent.
        NotSent: The connection was refused or not made; nothing was sent.
        OutcomeUnknown: See `reading`.
    """
    with reading(within, limit_bytes):
        try:
            yield
        except Refused as error:
            raise Unsendable(str(error)) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            cause = getattr(error, "os_error", None)
            kind = Unsendable if isinstance(cause, Refused) else NotSent
            raise kind(reason(error)) from error
        except ValueError as error:
            raise Unsendable("its address or a header cannot be sent") from error


@contextmanager
def reading(within: timedelta, limit_bytes: int) -> Generator[None]:
    """Name what goes wrong while an answer comes.

    Raises:
        OutcomeUnknown: There was no whole answer in time, after the request may have been sent.
    """
    try:
        yield
    except TimeoutError as error:
        seconds = within.total_seconds()
        raise OutcomeUnknown(f"there was no answer within {seconds:g} s") from error
    except TooLarge as error:
        raise OutcomeUnknown(f"the answer is over {size(limit_bytes)}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise OutcomeUnknown("the connection was cut") from error


def reason(error: Exception) -> str:
    """Say in a few words what went wrong."""
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
        return f"there was no connection within {CONNECT_SECONDS:g} s"
    return "the connection was cut"


def size(count: int) -> str:
    """A number of bytes as people say it."""
    return f"{count / 1_000_000:g} MB" if count >= 1_000_000 else f"{count} bytes"
