"""What OpenAI's image API answers: pictures, whole or while they come, and what they used."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec

from safelight.outgoing import Response
from safelight.upstream import ImageResult, Picture, UpstreamError, Usage
from safelight.upstreams.calls import Provider, picture, read_if_fit
from safelight.upstreams.openai_failures import Problem
from safelight.upstreams.pauses import allowance_pause

OPENAI: Final = Provider("OpenAI", "OPENAI_API_KEY", "openai_api_key")
Fetch = Callable[[str], Awaitable[bytes]]
"""Gets a picture from its address."""


class _Datum(msgspec.Struct, frozen=True):
    b64_json: bytes | None = None
    url: str | None = None
    """Only from other servers that speak this API: OpenAI has none for these models."""


class _InputDetails(msgspec.Struct, frozen=True):
    image_tokens: int = 0


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _InputDetails | None = None


class _Images(msgspec.Struct, frozen=True):
    data: tuple[_Datum, ...] = ()
    usage: msgspec.Raw = msgspec.Raw()


class Event(msgspec.Struct, frozen=True):
    """One event of a stream."""

    type: str = ""
    b64_json: bytes = b""
    usage: msgspec.Raw = msgspec.Raw()
    error: Problem | None = None

    @property
    def is_partial(self) -> bool:
        """Whether it shows an unfinished picture."""
        return self.type.endswith(".partial_image")

    @property
    def is_completed(self) -> bool:
        """Whether it brings a finished picture."""
        return self.type.endswith(".completed")


_images = msgspec.json.Decoder(_Images)
_usage = msgspec.json.Decoder(_Usage)
_event = msgspec.json.Decoder(Event)


async def read_result(model: str, response: Response, fetch: Fetch) -> ImageResult:
    """Read an answer that came at once.

    Raises:
        UpstreamError: It cannot be read, or holds no picture.
    """
    request_id = response.headers.get("x-request-id")
    try:
        answer = _images.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OPENAI.unknown("its answer cannot be read", request_id) from error
    found = [await _content(datum, fetch) for datum in answer.data]
    if not found:
        raise OPENAI.unknown("its answer holds no picture", request_id)
    return ImageResult(
        pictures=tuple(picture(OPENAI, content, request_id) for content in found),
        upstream=f"openai:{model}",
        usage=read_usage(answer.usage),
        request_id=request_id,
        next_call_in=allowance_pause(response.headers),
    )


async def _content(datum: _Datum, fetch: Fetch) -> bytes:
    if datum.b64_json is not None or datum.url is None:
        return datum.b64_json or b""
    return await fetch(datum.url)


def read_usage(raw: msgspec.Raw) -> Usage | None:
    """The tokens, if they are told in a form that is known."""
    usage = read_if_fit(_usage, raw)
    if usage is None:
        return None
    details = usage.input_tokens_details or _InputDetails()
    return Usage(
        input_tokens=usage.input_tokens,
        input_image_tokens=details.image_tokens,
        output_tokens=usage.output_tokens,
    )


def added(usages: list[Usage]) -> Usage | None:
    """What several events used: each tells of its own picture."""
    if not usages:
        return None
    return Usage(
        input_tokens=sum(one.input_tokens for one in usages),
        input_image_tokens=sum(one.input_image_tokens for one in usages),
        output_tokens=sum(one.output_tokens for one in usages),
    )


async def events(pieces: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """Read a stream of server-sent events; what is no JSON, such as `[DONE]`, is passed over."""
    async for data in _data(pieces):
        try:
            yield _event.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue


async def _data(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The `data` of each event: the type is in there once more, so that its line is not needed."""
    lines: list[bytes] = []
    async for line in _lines(pieces):
        if line.startswith(b"data:"):
            lines.append(line[5:].removeprefix(b" "))
        elif not line and lines:
            yield b"\n".join(lines)
            lines.clear()
    if lines:  # the last blank line was left out
        yield b"\n".join(lines)


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines of up to tens of megabytes, put together from pieces in linear time."""
    begun: list[bytes] = []
    async for piece in pieces:
        first, *others = piece.split(b"\n")
        begun.append(first)
        if others:
            yield b"".join(begun).removesuffix(b"\r")
            for whole in others[:-1]:
                yield whole.removesuffix(b"\r")
            begun = [others[-1]]
    yield b"".join(begun).removesuffix(b"\r")


def shown(event: Event) -> Picture | None:
    """An unfinished picture; None when it is none."""
    try:
        return picture(OPENAI, event.b64_json)
    except UpstreamError:
        return None
