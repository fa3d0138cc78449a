"""What Google answers with 200: pictures, pictures withheld, and refusals."""

from collections.abc import Sequence

import msgspec

from safelight.outgoing import Response
from safelight.spooled import Content
from safelight.upstream import Fault, ImageResult, Picture, UpstreamError, Usage
from safelight.upstreams.calls import Provider, content_of, picture, read_if_fit
from safelight.upstreams.google_codes import rules_named
from safelight.upstreams.scrub import scrub

_FLAGGED = frozenset(
    {
        "SAFETY",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "IMAGE_PROHIBITED_CONTENT",
        "RECITATION",
        "IMAGE_RECITATION",
        "BLOCKLIST",
        "SPII",
        "ESCALATION",
        "MODEL_ARMOR",
    }
)
"""Reasons to finish without a picture that are about what it shows."""
_BARRED = "PUP_LIMITED_DISABLED"
"""The account behind the key broke the rules and may not go on."""


class _Camel(msgspec.Struct, frozen=True, rename="camel"):
    """What stands between here and Google may write null where Google writes nothing."""


class _Prediction(_Camel, frozen=True):
    bytes_base64_encoded: str | int | None = None
    rai_filtered_reason: str | None = None


class _Predictions(_Camel, frozen=True):
    predictions: tuple[_Prediction, ...] | None = None
    deployed_model_id: str | None = None


class _InlineData(_Camel, frozen=True):
    data: str | int | None = None


class _Part(_Camel, frozen=True):
    inline_data: _InlineData | None = None
    text: str | None = None
    thought: bool | None = None


class _Content(_Camel, frozen=True):
    parts: tuple[_Part, ...] | None = None


class _Candidate(_Camel, frozen=True):
    content: _Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None


class _Feedback(_Camel, frozen=True):
    block_reason: str | None = None
    block_reason_message: str | None = None


class _Modality(_Camel, frozen=True):
    modality: str | None = None
    token_count: int | None = None


class _UsageMetadata(_Camel, frozen=True):
    prompt_token_count: int | None = None
    prompt_tokens_details: tuple[_Modality, ...] | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class _Generated(_Camel, frozen=True):
    candidates: tuple[_Candidate, ...] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: msgspec.Raw = msgspec.Raw()
    response_id: str | None = None


_predictions = msgspec.json.Decoder(_Predictions)
_generated = msgspec.json.Decoder(_Generated)
_usage = msgspec.json.Decoder(_UsageMetadata)


def predicted(provider: Provider, model: str, count: int, response: Response) -> ImageResult:
    """Read Imagen's answer; of *count* pictures, those filtered are left out, and logged.

    Raises:
        UpstreamError: All were filtered, or the answer cannot be read.
    """
    try:
        answer = _predictions.decode(response.body)
        given = answer.predictions or ()
        contents = _contents([one.bytes_base64_encoded for one in given], response.spooled)
    except (msgspec.DecodeError, ValueError) as error:
        raise provider.unknown("its answer cannot be read") from error
    if answer == _Predictions() and response.body.strip() != b"{}":
        raise provider.unknown("its answer cannot be read")  # Google's own holds nothing else
    pictures = _sound(provider, contents)
    reasons = [one.rai_filtered_reason for one in given if one.rai_filtered_reason]
    if len(pictures) < count:
        print(_withheld(provider, count, len(pictures), reasons))
    if not pictures:
        raise provider.failure(Fault.FLAGGED)  # "You will not be charged for blocked images."
    return ImageResult(pictures=pictures, upstream=f"google:{model}")


def _withheld(provider: Provider, count: int, came: int, reasons: list[str]) -> str:
    text = " ".join(dict.fromkeys(reasons))
    why = rules_named(text) or scrub(text, "") or "it gave no reason"
    return f"{provider.name} filtered out {count - came} of {count} pictures: {why.rstrip('.')}."


def generated(provider: Provider, model: str, response: Response) -> ImageResult:
    """Read Gemini's answer.

    Raises:
        UpstreamError: It refused, made no picture, or the answer cannot be read.
    """
    try:
        answer = _generated.decode(response.body)
        given = [part.inline_data.data for part in _parts(answer) if part.inline_data]
        contents = _contents(given, response.spooled)
    except (msgspec.DecodeError, ValueError) as error:
        raise provider.unknown("its answer cannot be read") from error
    pictures = _sound(provider, contents, answer.response_id)
    usage = _used(read_if_fit(_usage, answer.usage_metadata))
    if not pictures:
        _log(provider, answer)
        raise _without_picture(provider, answer, usage)
    return ImageResult(
        pictures=pictures,
        upstream=f"google:{model}",
        # A picture is never free: without a count of it, nothing is known of what it cost.
        usage=usage if usage is not None and usage.output_tokens else None,
        request_id=answer.response_id,
    )


def _parts(answer: _Generated) -> list[_Part]:
    """Give the parts, but not its thoughts, which hold drafts."""
    contents = [candidate.content for candidate in answer.candidates or ()]
    parts = [part for content in contents if content for part in content.parts or ()]
    return [part for part in parts if not part.thought]


def _contents(given: Sequence[str | int | None], spooled: Sequence[Content]) -> list[Content]:
    return [content_of(one, spooled) for one in given if one is not None and one != ""]


def _sound(
    provider: Provider, contents: Sequence[Content], request_id: str | None = None
) -> tuple[Picture, ...]:
    """Leave out what is no picture as long as one is: that one is paid for."""
    pictures: list[Picture] = []
    spoiled: UpstreamError | None = None
    for content in contents:
        try:
            pictures.append(picture(provider, content, request_id))
        except UpstreamError as error:
            spoiled = error
    if spoiled is not None and not pictures:
        raise spoiled
    return tuple(pictures)


def _log(provider: Provider, answer: _Generated) -> None:
    """Pass on what it says instead of a picture."""
    feedback = answer.prompt_feedback or _Feedback()
    messages = [candidate.finish_message for candidate in answer.candidates or ()]
    texts = [part.text for part in _parts(answer)]
    said = " ".join(filter(None, [feedback.block_reason_message, *messages, *texts]))
    reason = feedback.block_reason or _finished(answer) or "no reason"
    print(f"{provider.name} made no picture: {scrub(f'{reason}. {said}', '')}")


def _without_picture(provider: Provider, answer: _Generated, usage: Usage | None) -> UpstreamError:
    if answer.prompt_feedback is not None and answer.prompt_feedback.block_reason:
        return provider.failure(Fault.FLAGGED, answer.response_id)  # before it began to paint
    reason = _finished(answer)
    if reason in _FLAGGED:
        did_no_work = usage is None or usage.output_tokens == 0
        return provider.failure(Fault.FLAGGED, answer.response_id, did_no_work=did_no_work)
    because = f" ({reason})" if reason and reason.replace("_", "").isalpha() else ""
    return UpstreamError(
        f"{provider.name} made no picture{because}. Please try again with a different prompt.",
        Fault.KEY if reason == _BARRED else Fault.REFUSED,
        did_no_work=usage is not None and usage.output_tokens == 0,
        request_id=answer.response_id,
    )


def _finished(answer: _Generated) -> str | None:
    reasons = [candidate.finish_reason for candidate in answer.candidates or ()]
    return next(filter(None, reasons), None)


def _used(usage: _UsageMetadata | None) -> Usage | None:
    if usage is None or usage.prompt_token_count is None:
        return None  # it is there, but tells nothing
    details = usage.prompt_tokens_details or ()
    return Usage(
        input_tokens=usage.prompt_token_count or 0,
        input_image_tokens=sum(one.token_count or 0 for one in details if one.modality == "IMAGE"),
        output_tokens=(usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
    )
