"""What OpenAI's image API answers: pictures, whole or while they come, and what they used."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import msgspec

from safelight.outgoing import Response
from safelight.spooled import Content
from safelight.upstream import ImageResult, Picture, UpstreamError, Usage
from safelight.upstreams.calls import Provider, content_of, picture, read_if_fit
from safelight.upstreams.openai_failures import Problem
from safelight.upstreams.pauses import allowance_pause

OPENAI: Final = Provider(
    "OpenAI", "OPENAI_API_KEY", "openai_api_key", pictures=frozenset({"b64_json"})
)
Fetch = Callable[[str], Awaitable[Content]]
"""Gets a picture from its address."""


class _Datum(msgspec.Struct, frozen=True):
    b64_json: str | int | None = None
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
    b64_json: str | int = ""
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
    return ImageResult(
        pictures=await _sound(answer.data, response.spooled, fetch, request_id),
        upstream=f"openai:{model}",
        usage=read_usage(answer.usage),
        request_id=request_id,
        next_call_in=allowance_pause(response.headers),
    )


async def _sound(
    data: Sequence[_Datum], spooled: Sequence[Content], fetch: Fetch, request_id: str | None
) -> tuple[Picture, ...]:
    """Leave out what is no picture as long as one is: that one is paid for."""
    pictures: list[Picture] = []
    spoiled = OPENAI.unknown("its answer holds no picture", request_id)
    for datum in data:
        try:
            content = await _content(datum, spooled, fetch, request_id)
            pictures.append(picture(OPENAI, content, request_id))
        except UpstreamError as error:
            spoiled = error
    if not pictures:
        raise spoiled
    if len(pictures) < len(data):
        print(f"{len(pictures)} of {len(data)} pictures came: {spoiled.detail}")
    return tuple(pictures)


async def _content(
    datum: _Datum, spooled: Sequence[Content], fetch: Fetch, request_id: str | None
) -> Content:
    if datum.b64_json is not None:
        return decoded(datum.b64_json, spooled, request_id)
    return b"" if datum.url is None else await fetch(datum.url)


def decoded(value: str | int, spooled: Sequence[Content], request_id: str | None) -> Content:
    """What `b64_json` holds.

    Raises:
        UpstreamError: It cannot be read.
    """
    try:
        return content_of(value, spooled)
    except ValueError as error:
        raise OPENAI.unknown("its answer cannot be read", request_id) from error


def read_usage(raw: msgspec.Raw) -> Usage | None:
    """The tokens, if they are told in a form that is known; no picture takes none."""
    usage = read_if_fit(_usage, raw)
    if usage is None or usage.output_tokens <= 0:
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


def shown(event: Event, spooled: Sequence[Content]) -> Picture | None:
    """An unfinished picture; None when it is none."""
    try:
        return picture(OPENAI, decoded(event.b64_json, spooled, None))
    except UpstreamError:
        return None
