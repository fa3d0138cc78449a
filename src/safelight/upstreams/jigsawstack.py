"""JigsawStack's image generation API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

import msgspec

from safelight.media import sniff
from safelight.outgoing import Outgoing, Response
from safelight.spooled import Content
from safelight.upstream import (
    ImageRequest,
    ImageResult,
    OnPartial,
    UpstreamError,
    Usage,
)
from safelight.upstreams.calls import (
    Call,
    Provider,
    Said,
    content_of,
    fetch_made,
    picture,
    read_if_fit,
    refusal,
    retired,
    send,
)
from safelight.upstreams.scrub import scrub

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_PAUSE = timedelta(hours=1)  # the limits are per second and per minute
_JIGSAWSTACK = Provider(
    "JigsawStack", "JIGSAWSTACK_API_KEY", "api_key", pictures=frozenset({"url"})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JigsawStackConfig:
    """Where the API is and who pays, in the SDK's own variables."""

    base_url: str = "https://api.jigsawstack.com"
    key: str | None = field(default=None, repr=False)
    within: timedelta = timedelta(seconds=180)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read JIGSAWSTACK_API_KEY and JIGSAWSTACK_API_URL."""
        return cls(
            base_url=(environment.get("JIGSAWSTACK_API_URL") or cls().base_url).rstrip("/"),
            key=environment.get("JIGSAWSTACK_API_KEY") or None,
        )


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0


class _Answer(msgspec.Struct, frozen=True, rename={"usage": "_usage"}):
    url: str | int | None = None
    """A web address, base64, or the number of what was taken out."""
    usage: msgspec.Raw = msgspec.Raw()
    success: bool = True
    message: str | None = None


class _Refusal(msgspec.Struct, frozen=True):
    message: str | None = None
    error: object = None
    """A text, or whatever else its kind of failure has."""


_answer = msgspec.json.Decoder(_Answer)
_usage = msgspec.json.Decoder(_Usage)
_refusal = msgspec.json.Decoder(_Refusal)


class JigsawStack:
    """Pictures from text."""

    def __init__(self, config: JigsawStackConfig, outgoing: Outgoing) -> None:
        self._config = config
        self._outgoing = outgoing

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        """Ask once for the one picture that a call makes; unfinished ones are not shown.

        Raises:
            UpstreamError: Nothing usable came back, or what is asked for cannot be made.
        """
        del on_partial
        _check(request)
        in_use = _JIGSAWSTACK.key(key, self._config.key)
        call = self._call(request, in_use)
        response = await send(self._outgoing, call)
        if response.status != 200:
            raise _failure(call, response, request.model)
        content, usage = await self._picture(call, response)
        return ImageResult(
            pictures=(picture(_JIGSAWSTACK, content),),
            upstream=f"jigsawstack:{request.model}",
            usage=usage,
            next_call_in=_pause(response, datetime.now(UTC)) if _is_used_up(response) else None,
        )

    def _call(self, request: ImageRequest, key: str) -> Call:
        headers = {
            "x-api-key": key,
            "content-type": "application/json",
            "accept": "application/json",
        }
        url = f"{self._config.base_url}/v1/ai/{request.model}"
        body = msgspec.json.encode(_body(request))
        return Call(_JIGSAWSTACK, url, headers, body, key, self._config.within)

    async def _picture(self, call: Call, response: Response) -> tuple[Content, Usage | None]:
        """Read any of the three kinds of answer, whichever was asked for."""
        if not response.body and response.spooled:
            return response.spooled[0], None
        if (sniff(response.body) or "").startswith("image/"):  # whatever its label says
            return response.body, None
        try:
            answer = _answer.decode(response.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _JIGSAWSTACK.unknown("its answer cannot be read") from error
        source = answer.url
        if not answer.success or source is None or source == "":
            raise _without_picture(call, answer)
        used = read_if_fit(_usage, answer.usage)
        usage = None
        if used is not None and used.output_tokens:  # without, it tells nothing of the picture
            usage = Usage(input_tokens=used.input_tokens, output_tokens=used.output_tokens)
        if isinstance(source, str) and source.startswith(("https://", "http://")):
            config = self._config
            content = await fetch_made(
                self._outgoing,
                _JIGSAWSTACK,
                source,
                base_url=config.base_url,
                within=config.within,
            )
            return content, usage
        return _decoded(source, response.spooled), usage


def _check(request: ImageRequest) -> None:
    """Refuse what would be paid for and not be what was asked."""
    if request.count > 1:
        raise UpstreamError("JigsawStack makes one picture a call: ask for one.")
    if request.images:
        raise UpstreamError(
            "JigsawStack takes an input image only by its address (`url`), or by its key in the"
            " file store there (`file_store_key`)."
        )


def _body(request: ImageRequest) -> Mapping[str, object]:
    """The fields in the SDK's order; those that are not set are left out."""
    width, height = request.size or (None, None)
    advanced = {
        "seed": request.seed,
        "guidance": request.guidance,
        "negative_prompt": request.negative_prompt,
    }
    fields: Mapping[str, object] = {
        "prompt": request.prompt,
        "aspect_ratio": request.aspect_ratio,
        "width": width,
        "height": height,
        "steps": request.steps,
        "output_format": request.format if request.format in {"png", "svg"} else "png",
        "advance_config": _set(advanced) or None,
        "url": request.url,
        "file_store_key": request.file_store_key,
        # Not "url": the picture would cost a second call, which can fail after the first is paid.
        "return_type": "base64",
    }
    return _set(fields)


def _set(fields: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _decoded(source: str | int, spooled: Sequence[Content]) -> Content:
    if isinstance(source, str) and source.lstrip().startswith("<"):
        return source.encode()  # an SVG as it is
    try:
        return content_of(source, spooled)
    except ValueError as error:
        raise _JIGSAWSTACK.unknown("its answer cannot be read") from error


def _without_picture(call: Call, answer: _Answer) -> UpstreamError:
    if answer.success:
        return _JIGSAWSTACK.unknown("its answer holds no picture")
    reason = scrub(answer.message or "", call.key) or "it gave no reason."
    return UpstreamError(f"JigsawStack made no picture: {reason}", did_no_work=False)


def _failure(call: Call, response: Response, model: str) -> UpstreamError:
    """Name what went wrong when the status is not 200."""
    try:
        refused = _refusal.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        refused = _Refusal()  # a page of text from something in between
    message = refused.message or (refused.error if isinstance(refused.error, str) else None)
    pause = _pause(response, datetime.now(UTC)) if response.status == 429 else None
    said = Said(message=message, retry_after=pause)
    error = refusal(call, response, said)
    return retired(error, model) if response.status == 404 and message else error


def _is_used_up(response: Response) -> bool:
    return response.headers.get("x-jigsaw-rate-limit-remaining") == "0"


def _pause(response: Response, now: datetime) -> timedelta | None:
    """Until the rate limit starts anew, by the provider's header, in milliseconds since 1970."""
    text = response.headers.get("x-jigsaw-rate-limit-reset", "")
    if not (text.isascii() and text.isdecimal()):
        return None
    pause = timedelta(milliseconds=int(text[:15])) - (now - _EPOCH)
    return min(pause, _LONGEST_PAUSE) if pause > timedelta() else None
