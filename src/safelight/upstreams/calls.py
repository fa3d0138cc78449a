"""One paid call to a provider: its key, its sending, and what its failure is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TypeVar

import msgspec

from safelight.media import sniff
from safelight.outgoing import Fetcher, FetchFailed, NotSent, OutcomeUnknown, Poster, Response
from safelight.upstream import Picture, UpstreamError
from safelight.upstreams.scrub import scrub

_Read = TypeVar("_Read")
_MOST_BYTES = 100_000_000


class Failure(Enum):
    """What Replicate has a code for; clients read the code out of the text."""

    CREDIT = "E001"
    KEY = "E002"
    BUSY = "E003"
    DOWN = "E004"
    FLAGGED = "E005"


_TEXTS: Mapping[Failure, str] = {
    Failure.CREDIT: "{name} refused the call: the account behind the key has no credit left,"
    " or is at its limit. Check its billing.",
    Failure.KEY: "{name} did not accept the key. Check {key_place}.",
    Failure.BUSY: "Service is currently unavailable due to high demand. Please try again later.",
    Failure.DOWN: "Service is temporarily unavailable. Please try again later.",
    Failure.FLAGGED: "The input or output was flagged as sensitive."
    " Please try again with different inputs.",
}
_GATEWAY = frozenset({408, 502, 504, 520, 524})  # somebody in between gave up waiting


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider and its key are called in messages."""

    name: str
    variable: str
    """Where the server's own key comes from."""
    key_input: str | None = None
    """The input that takes a caller's key, if the models have one."""

    @property
    def key_place(self) -> str:
        """Where a key can be given, for a sentence."""
        own = f"`{self.key_input}` in the input, or " if self.key_input else ""
        return f"{own}{self.variable} where Safelight runs"

    def key(self, callers: str | None, servers: str | None) -> str:
        """Choose the caller's key, else the server's.

        Raises:
            UpstreamError: There is none, or it cannot be sent in a header.
        """
        key = (callers or "").strip() or (servers or "").strip()
        if not key:
            own = f"pass `{self.key_input}` in the input, or " if self.key_input else ""
            raise UpstreamError(
                f"No {self.name} key: {own}set {self.variable} where Safelight runs."
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise UpstreamError(
                f"The {self.name} key holds characters that no key has. Check {self.key_place}."
                " (E002)"
            )
        return key

    def failure(self, kind: Failure, request_id: str | None = None) -> UpstreamError:
        """Name a failure in the words that Replicate's clients know."""
        text = _TEXTS[kind].format(name=self.name, key_place=self.key_place)
        return UpstreamError(f"{text} ({kind.value})", request_id=request_id)

    def unknown(self, reason: str, request_id: str | None = None) -> UpstreamError:
        """Say that the call may have been done and billed."""
        return UpstreamError(
            f"The outcome of the call to {self.name} is unknown ({reason}); it was not retried.",
            outcome_unknown=True,
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider, and the key in it, which no message may repeat."""

    provider: Provider
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    key: str = field(repr=False)
    within: timedelta


async def send(poster: Poster, call: Call) -> Response:
    """Send once and give whatever was answered.

    Raises:
        UpstreamError: Nothing was sent, or nobody knows what became of it.
    """
    provider = call.provider
    try:
        return await poster.post(
            call.url, call.headers, call.body, within=call.within, trusted=True
        )
    except NotSent as error:
        raise UpstreamError(
            f"{provider.name} could not be reached: {scrub(str(error), call.key)}."
            " Nothing was sent. Please try again later. (E004)"
        ) from error
    except OutcomeUnknown as error:
        raise provider.unknown(str(error)) from error


def refusal(
    call: Call,
    response: Response,
    kind: Failure | None,
    message: str | None,
    request_id: str | None = None,
) -> UpstreamError:
    """Turn an answer that is no success into an error.

    `kind` is what the provider's own codes say, if they say it; `message` is its own text.
    """
    provider, status = call.provider, response.status
    if kind is None and status in _GATEWAY:
        return provider.unknown(f"HTTP {status} from a gateway", request_id)
    kind = kind or _kind(status)
    if kind is not None:
        return provider.failure(kind, request_id)
    reason = scrub(message or "", call.key) or "it gave no reason."
    return UpstreamError(
        f"{provider.name} refused the call ({status}): {reason}", request_id=request_id
    )


def _kind(status: int) -> Failure | None:
    if status >= 500:
        return Failure.DOWN
    return {401: Failure.KEY, 402: Failure.CREDIT, 429: Failure.BUSY}.get(status)


def retired(error: UpstreamError, model: str) -> UpstreamError:
    """Add the way out to an error about a model that the provider does not have (any more)."""
    return UpstreamError(
        f"{error.detail} If {model} is retired, name its successor in SAFELIGHT_ROUTES.",
        request_id=error.request_id,
    )


async def fetch_made(
    fetcher: Fetcher, provider: Provider, url: str, *, base_url: str, within: timedelta
) -> bytes:
    """Get a picture that was made and paid for from where the provider put it.

    Raises:
        UpstreamError: It was not to be had.
    """
    try:
        got = await fetcher.fetch(
            url, limit_bytes=_MOST_BYTES, within=within, trusted_origin=base_url
        )
    except FetchFailed as error:
        raise UpstreamError(
            f"{provider.name} made the picture, but it was not to be had: {error.detail}",
            outcome_unknown=True,
        ) from error
    return got.content


def read_if_fit(decoder: "msgspec.json.Decoder[_Read]", raw: msgspec.Raw) -> _Read | None:
    """Read what is of use but not needed: a paid picture is not thrown away for its usage."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def picture(provider: Provider, content: bytes, request_id: str | None = None) -> Picture:
    """Take the bytes as a picture of the type that they are.

    Raises:
        UpstreamError: They are none; the call may be billed all the same.
    """
    media_type = sniff(content)
    if media_type is None or not media_type.startswith("image/"):
        raise provider.unknown("its answer holds no picture", request_id)
    return Picture(content, media_type)
