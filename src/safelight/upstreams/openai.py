"""OpenAI's image API, and whatever else speaks it at another base URL."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

import msgspec

from safelight.media import extension, sniff
from safelight.outgoing import Outgoing, Response
from safelight.upstream import ImageRequest, ImageResult, UpstreamError, Usage
from safelight.upstreams.calls import (
    Call,
    Failure,
    Provider,
    fetch_made,
    picture,
    read_if_fit,
    refusal,
    retired,
    send,
)

_OPENAI = Provider("OpenAI", "OPENAI_API_KEY", "openai_api_key")
_SIZES = {"1:1": "1024x1024", "3:2": "1536x1024", "2:3": "1024x1536"}
_BASE_URL = "https://api.openai.com/v1"
_COMMANDS = re.compile(r"</?sd_cpp_extra_args>", re.IGNORECASE)
_PIXELS = re.compile(r"\d+x\d+")
_WITH_FIDELITY = re.compile(r"gpt-image-1(\D|$)|chatgpt-image")
_READABLE = frozenset({"image/png", "image/jpeg", "image/webp"})
_CODES = {
    "invalid_api_key": Failure.KEY,
    "insufficient_quota": Failure.CREDIT,
    "billing_hard_limit_reached": Failure.CREDIT,
    "moderation_blocked": Failure.FLAGGED,
    "content_policy_violation": Failure.FLAGGED,
}

_Fields = dict[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIConfig:
    """Where the API is and who pays, in the SDK's own variables."""

    base_url: str = _BASE_URL
    key: str | None = field(default=None, repr=False)
    organization: str | None = None
    project: str | None = None
    within: timedelta = timedelta(seconds=600)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID and OPENAI_PROJECT_ID."""
        return cls(
            base_url=(environment.get("OPENAI_BASE_URL") or _BASE_URL).rstrip("/"),
            key=environment.get("OPENAI_API_KEY") or None,
            organization=environment.get("OPENAI_ORG_ID") or None,
            project=environment.get("OPENAI_PROJECT_ID") or None,
        )


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


class _Error(msgspec.Struct, frozen=True):
    message: str | None = None
    code: str | int | None = None


class _Refusal(msgspec.Struct, frozen=True):
    error: _Error = _Error()


_images = msgspec.json.Decoder(_Images)
_usage = msgspec.json.Decoder(_Usage)
_refusal = msgspec.json.Decoder(_Refusal)


class OpenAI:
    """Pictures from text, and from text and pictures."""

    def __init__(self, config: OpenAIConfig, outgoing: Outgoing) -> None:
        self._config = config
        self._outgoing = outgoing

    async def generate(self, request: ImageRequest, key: str | None = None) -> ImageResult:
        """Ask once for all the pictures.

        Raises:
            UpstreamError: Nothing usable came back.
        """
        call = self._call(request, key)
        response = await send(self._outgoing, call)
        if response.status != 200:
            raise _failure(call, response, request.model)
        return await self._result(request, response)

    def _call(self, request: ImageRequest, callers_key: str | None) -> Call:
        if self._config.base_url != _BASE_URL:
            # stable-diffusion.cpp takes commands out of prompts between these tags.
            request = msgspec.structs.replace(request, prompt=_COMMANDS.sub(" ", request.prompt))
        key = _OPENAI.key(callers_key, self._config.key)
        if request.images:
            path, (content_type, body) = "edits", _multipart(_edit(request), request.images)
        else:
            path, content_type = "generations", "application/json"
            body = msgspec.json.encode(_generation(request))
        headers = {
            "authorization": f"Bearer {key}",
            "accept": "application/json",
            "content-type": content_type,
            **self._account(callers_key),
        }
        url = f"{self._config.base_url}/images/{path}"
        return Call(_OPENAI, url, headers, body, key, self._config.within)

    def _account(self, callers_key: str | None) -> Mapping[str, str]:
        """The server's organization and project, which a caller's own key does not belong to."""
        if (callers_key or "").strip():
            return {}
        named = {
            "openai-organization": self._config.organization,
            "openai-project": self._config.project,
        }
        return {name: value for name, value in named.items() if value}

    async def _result(self, request: ImageRequest, response: Response) -> ImageResult:
        request_id = response.headers.get("x-request-id")
        try:
            answer = _images.decode(response.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _OPENAI.unknown("its answer cannot be read", request_id) from error
        found = [await self._content(datum) for datum in answer.data]
        if not found:
            raise _OPENAI.unknown("its answer holds no picture", request_id)
        return ImageResult(
            pictures=tuple(picture(_OPENAI, content, request_id) for content in found),
            upstream=f"openai:{request.model}",
            usage=_used(read_if_fit(_usage, answer.usage)),
            request_id=request_id,
        )

    async def _content(self, datum: _Datum) -> bytes:
        if datum.b64_json is not None or datum.url is None:
            return datum.b64_json or b""
        base_url, within = self._config.base_url, self._config.within
        return await fetch_made(
            self._outgoing, _OPENAI, datum.url, base_url=base_url, within=within
        )


def _generation(request: ImageRequest) -> _Fields:
    """The fields in the SDK's order. `response_format` is refused by these models, always."""
    return {"model": request.model, "prompt": request.prompt, **_options(request)}


def _edit(request: ImageRequest) -> _Fields:
    options = {"model": request.model, **_options(request)}
    if request.input_fidelity and _WITH_FIDELITY.match(request.model):
        options["input_fidelity"] = request.input_fidelity
    moderation = options.pop("moderation")  # not in the SDK's signature, so it comes last
    return {"prompt": request.prompt, **dict(sorted(options.items())), "moderation": moderation}


def _options(request: ImageRequest) -> _Fields:
    options: _Fields = {
        "background": request.background,
        "moderation": request.moderation,
        "n": request.count,
    }
    if request.compression is not None and request.format in {"jpeg", "webp"}:
        options["output_compression"] = request.compression  # refused with png, unless it is 100
    options |= {
        "output_format": request.format,
        "quality": request.quality,
        "size": _size(request),
    }
    if request.user:
        options["user"] = request.user
    return options


def _size(request: ImageRequest) -> str:
    if request.size is not None:
        return f"{request.size[0]}x{request.size[1]}"
    ratio = request.aspect_ratio
    return ratio if _PIXELS.fullmatch(ratio) else _SIZES.get(ratio, "auto")


def _multipart(fields: _Fields, images: tuple[bytes, ...]) -> tuple[str, bytes]:
    boundary = secrets.token_hex(16)
    parts: list[bytes] = []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts += [head.encode(), str(value).encode(), b"\r\n"]
    for index, content in enumerate(images):
        media_type = _readable(index, content)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="image[]";'
            f' filename="image-{index}{extension(media_type)}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        )
        parts += [head.encode(), content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)


def _readable(index: int, content: bytes) -> str:
    media_type = sniff(content)
    if media_type not in _READABLE:
        what = f"is {media_type}" if media_type else "is no image"
        raise UpstreamError(
            f"Input image {index + 1} {what}; OpenAI reads PNG, JPEG and WebP. Send one of these."
        )
    return media_type


def _used(usage: _Usage | None) -> Usage | None:
    if usage is None:
        return None
    details = usage.input_tokens_details or _InputDetails()
    return Usage(
        input_tokens=usage.input_tokens,
        input_image_tokens=details.image_tokens,
        output_tokens=usage.output_tokens,
    )


def _failure(call: Call, response: Response, model: str) -> UpstreamError:
    try:
        said = _refusal.decode(response.body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Error()  # a page of HTML from something in between
    kind = _CODES.get(str(said.code))
    error = refusal(call, response, kind, said.message, response.headers.get("x-request-id"))
    gone = said.code == "model_not_found" or "does not exist" in (said.message or "")
    return retired(error, model) if gone and kind is None and response.status < 500 else error
