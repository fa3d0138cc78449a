"""One paid call to a provider: its key, its sending, and what its failure is called."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import msgspec

from safelight.media import is_data_uri, parse_data_uri, sniff
from safelight.outgoing import FetchFailed, NotSent, OutcomeUnknown, Outgoing, Poster, Response
from safelight.spooled import Content, head_of
from safelight.upstream import Fault, Picture, UpstreamError
from safelight.upstreams.pauses import asked_pause
from safelight.upstreams.scrub import scrub

_Read = TypeVar("_Read")
_MOST_BYTES = 100_000_000
_TEXTS: Mapping[Fault, str] = {
    Fault.CREDIT: "{name} refused the call: the account behind the key has no credit left,"
    " or is at its limit. Check its billing.",
    Fault.KEY: "{name} did not accept the key. Check {key_place}.",
    Fault.BUSY: "Service is currently unavailable due to high demand. Please try again later.",
    Fault.DOWN: "Service is temporarily unavailable. Please try again later.",
    Fault.FLAGGED: "The input or output was flagged as sensitive."
    " Please try again with different inputs.",
}
_GATEWAY = frozenset({408, 502, 504, 520, 524})  # somebody in between gave up waiting
_CUT = b"disconnect/reset before headers"  # so says Envoy, with 503, when it may have been sent
_BY_STATUS: Mapping[int, Fault] = {
    401: Fault.KEY,
    402: Fault.CREDIT,
    403: Fault.KEY,
    429: Fault.BUSY,
}
_DID_NOTHING = 503  # of the failures from 500 on, the one that comes before any work


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider and its key are called in messages."""

    name: str
    variable: str
    """Where the server's own key comes from."""
    key_input: str | None = None
    """The input that takes a caller's key, if the models have one."""
    pictures: frozenset[str] = frozenset()
    """The names that pictures have in the JSON of its answers."""

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
                f"No {self.name} key: {own}set {self.variable} where Safelight runs.", Fault.KEY
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise UpstreamError(
                f"The {self.name} key holds characters that no key has. Check {self.key_place}."
                " (E002)",
                Fault.KEY,
            )
        return key

    def failure(
        self,
        fault: Fault,
        request_id: str | None = None,
        *,
        did_no_work: bool = True,
        retry_after: timedelta | None = None,
    ) -> UpstreamError:
        """Name a failure that has a code, in the words that Replicate's clients know."""
        text = _TEXTS[fault].format(name=self.name, key_place=self.key_place)
        return UpstreamError(
            f"{text} ({fault.value})",
            fault,
            did_no_work=did_no_work,
            retry_after=retry_after,
            request_id=request_id,
        )

    def unknown(self, reason: str, request_id: str | None = None) -> UpstreamError:
        """Say that the call may have been done and billed."""
        return UpstreamError(
            f"The outcome of the call to {self.name} is unknown ({reason}); it was not retried.",
            Fault.UNKNOWN,
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
    with sending(call):
        return await poster.post(
            call.url,
            call.headers,
            call.body,
            within=call.within,
            trusted=True,
            pictures=call.provider.pictures,
        )


@contextmanager
def sending(call: Call) -> Generator[None]:
    """Name what the HTTP client raises within.

    Raises:
        UpstreamError: Nothing was sent, or nobody knows what became of it.
    """
    provider = call.provider
    try:
        yield
    except NotSent as error:
        raise UpstreamError(
            f"{provider.name} could not be reached: {scrub(str(error), call.key)}."
            " Nothing was sent. Please try again later. (E004)",
            Fault.DOWN,
        ) from error
    except OutcomeUnknown as error:
        raise provider.unknown(str(error)) from error


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer that is no success says, as far as its provider's own words are known."""

    message: str | None = None
    fault: Fault | None = None
    """By the provider's codes; None leaves it to the status."""
    request_id: str | None = None
    retry_after: timedelta | None = None
    """By the provider's own means; None leaves it to the headers and the message."""
    may_be_billed: bool = False
    """Whether it was refused only after the work."""


def refusal(call: Call, response: Response, said: Said) -> UpstreamError:
    """Turn an answer that is no success into an error.

    A key that is accepted but may not do this (403) is told in the provider's own words: they say
    what to do about it. So is what has no code.
    """
    provider, status = call.provider, response.status
    if said.fault is None and status < 300:
        return provider.unknown(f"HTTP {status} without what was asked for", said.request_id)
    if said.fault is None and (status in _GATEWAY or _CUT in response.body[:1000]):
        return provider.unknown(f"HTTP {status} from a gateway", said.request_id)
    fault = said.fault or _by_status(status)
    pause = said.retry_after or asked_pause(response.headers, said.message or "")
    may_not = fault is Fault.KEY and status == 403 and said.message
    if fault in _TEXTS and not may_not:
        return provider.failure(
            fault,
            said.request_id,
            did_no_work=_did_no_work(fault, status) and not said.may_be_billed,
            retry_after=pause if fault in {Fault.BUSY, Fault.DOWN} else None,
        )
    reason = scrub(said.message or "", call.key) or "it gave no reason."
    code = f" ({fault.value})" if may_not else ""
    return UpstreamError(
        f"{provider.name} refused the call ({status}): {reason}{code}",
        fault,
        request_id=said.request_id,
    )


def _did_no_work(fault: Fault, status: int) -> bool:
    return fault is not Fault.DOWN or status == _DID_NOTHING


def _by_status(status: int) -> Fault:
    if status >= 500:
        return Fault.DOWN
    return _BY_STATUS.get(status, Fault.REFUSED)


def retired(error: UpstreamError, model: str) -> UpstreamError:
    """Add the way out to an error about a model that the provider does not have (any more)."""
    return UpstreamError(
        f"{error.detail} If {model} is retired, name its successor in SAFELIGHT_ROUTES.",
        Fault.RETIRED,
        request_id=error.request_id,
    )


async def fetch_made(
    outgoing: Outgoing, provider: Provider, url: str, *, base_url: str, within: timedelta
) -> Content:
    """Get a picture that was made and paid for from where the provider put it.

    Raises:
        UpstreamError: It was not to be had.
    """
    try:
        return await outgoing.spool(
            url, limit_bytes=_MOST_BYTES, within=within, trusted_origin=base_url
        )
    except FetchFailed as error:
        raise UpstreamError(
            f"{provider.name} made the picture, but it was not to be had: {error.detail}",
            Fault.UNKNOWN,
        ) from error


def content_of(value: str | int, spooled: Sequence[Content]) -> Content:
    """What a picture's field in an answer holds: base64, or the number of what was taken out.

    Raises:
        ValueError: Neither.
    """
    if isinstance(value, str):
        return parse_data_uri(value if is_data_uri(value) else f"data:;base64,{value}").content
    if not 0 <= value < len(spooled):
        raise ValueError("nothing has this number")
    return spooled[value]


def read_if_fit(decoder: "msgspec.json.Decoder[_Read]", raw: msgspec.Raw) -> _Read | None:
    """Read what is of use but not needed: a paid picture is not thrown away for its usage."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def picture(provider: Provider, content: Content, request_id: str | None = None) -> Picture:
    """Take the bytes as a picture of the type that they are.

    Raises:
        UpstreamError: They are none; the call may be billed all the same.
    """
    media_type = sniff(head_of(content))
    if media_type is None or not media_type.startswith("image/"):
        raise provider.unknown("its answer holds no picture", request_id)
    return Picture(content, media_type)
