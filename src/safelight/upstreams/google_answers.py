"""What Google answers: pictures, filtered pictures, refusals and errors."""

import msgspec

from safelight.outgoing import Response
from safelight.upstream import ImageResult, Picture, UpstreamError, Usage
from safelight.upstreams.calls import (
    Call,
    Failure,
    Provider,
    picture,
    read_if_fit,
    refusal,
    retired,
)

_FLAGGED = frozenset(
    {
        "SAFETY",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "IMAGE_PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
        "JAILBREAK",
        "MODEL_ARMOR",
    }
)


class _Camel(msgspec.Struct, frozen=True, rename="camel"):
    pass


class _Prediction(_Camel, frozen=True):
    bytes_base64_encoded: bytes | None = None


class _Predictions(_Camel, frozen=True):
    predictions: tuple[_Prediction, ...] = ()


class _InlineData(_Camel, frozen=True):
    data: bytes = b""


class _Part(_Camel, frozen=True):
    inline_data: _InlineData | None = None
    thought: bool = False


class _Content(_Camel, frozen=True):
    parts: tuple[_Part, ...] = ()


class _Candidate(_Camel, frozen=True):
    content: _Content | None = None
    finish_reason: str | None = None


class _Feedback(_Camel, frozen=True):
    block_reason: str | None = None


class _UsageMetadata(_Camel, frozen=True):
    prompt_token_count: int = 0
    candidates_token_count: int = 0
    thoughts_token_count: int = 0


class _Generated(_Camel, frozen=True):
    candidates: tuple[_Candidate, ...] = ()
    prompt_feedback: _Feedback | None = None
    usage_metadata: msgspec.Raw = msgspec.Raw()
    response_id: str | None = None


class _Detail(_Camel, frozen=True):
    reason: str | None = None


class _Error(_Camel, frozen=True):
    message: str | None = None
    details: tuple[_Detail, ...] = ()


class _Failed(_Camel, frozen=True):
    error: _Error = _Error()


_predictions = msgspec.json.Decoder(_Predictions)
_generated = msgspec.json.Decoder(_Generated)
_usage = msgspec.json.Decoder(_UsageMetadata)
_failed = msgspec.json.Decoder(_Failed)


def predicted(provider: Provider, model: str, response: Response) -> ImageResult:
    """Read Imagen's answer; filtered pictures are left out as long as one is there.

    Raises:
        UpstreamError: All were filtered, or the answer cannot be read.
    """
    try:
        answer = _predictions.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise provider.unknown("its answer cannot be read") from error
    encoded = [one.bytes_base64_encoded for one in answer.predictions]
    pictures = tuple(picture(provider, content) for content in encoded if content)
    if not pictures:
        raise provider.failure(Failure.FLAGGED)
    return ImageResult(pictures=pictures, upstream=f"google:{model}")


def generated(provider: Provider, model: str, response: Response) -> ImageResult:
    """Read Gemini's answer.

    Raises:
        UpstreamError: It refused, made no picture, or the answer cannot be read.
    """
    try:
        answer = _generated.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise provider.unknown("its answer cannot be read") from error
    pictures = _pictures(provider, answer)
    if not pictures:
        raise _without_picture(provider, answer)
    return ImageResult(
        pictures=pictures,
        upstream=f"google:{model}",
        usage=_used(read_if_fit(_usage, answer.usage_metadata)),
        request_id=answer.response_id,
    )


def _pictures(provider: Provider, answer: _Generated) -> tuple[Picture, ...]:
    """Take the pictures, but not those of its thoughts, which are drafts."""
    contents = [candidate.content for candidate in answer.candidates if candidate.content]
    parts = [part for content in contents for part in content.parts if not part.thought]
    found = [part.inline_data.data for part in parts if part.inline_data]
    return tuple(picture(provider, data, answer.response_id) for data in found if data)


def _without_picture(provider: Provider, answer: _Generated) -> UpstreamError:
    reasons = [candidate.finish_reason for candidate in answer.candidates]
    if answer.prompt_feedback is not None:
        reasons.insert(0, answer.prompt_feedback.block_reason)
    reason = next(filter(None, reasons), None)
    if reason in _FLAGGED:
        return provider.failure(Failure.FLAGGED, answer.response_id)
    because = f" ({reason})" if reason and reason.replace("_", "").isalpha() else ""
    return UpstreamError(
        f"{provider.name} made no picture{because}. Please try again with a different prompt.",
        request_id=answer.response_id,
    )


def _used(usage: _UsageMetadata | None) -> Usage | None:
    if usage is None:
        return None
    return Usage(
        input_tokens=usage.prompt_token_count,
        output_tokens=usage.candidates_token_count + usage.thoughts_token_count,
    )


def failure(call: Call, response: Response, model: str) -> UpstreamError:
    """Name what went wrong when the status is not 200."""
    try:
        said = _failed.decode(response.body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Error()  # a page of HTML from something in between
    kind = _kind(said)
    error = refusal(call, response, kind, said.message)
    return retired(error, model) if response.status == 404 else error


def _kind(said: _Error) -> Failure | None:
    message = said.message or ""
    reasons = {detail.reason for detail in said.details}
    if "API_KEY_INVALID" in reasons or message.startswith("API key not valid"):
        return Failure.KEY
    if "Responsible AI practices" in message or "usage guidelines" in message:
        return Failure.FLAGGED
    return None
