"""Whatever a provider, or something in between, answers: a picture, or an error with a name."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standins.pictures import paint

from safelight.outgoing import Fetched, FetchFailed, Response
from safelight.upstream import ImageRequest, UpstreamError
from safelight.upstreams import google_answers, google_failures
from safelight.upstreams.calls import Call, Provider
from safelight.upstreams.jigsawstack import JigsawStack, JigsawStackConfig

PROVIDER = Provider("Google", "GOOGLE_API_KEY")
CALL = Call(PROVIDER, "http://127.0.0.1:9", {}, b"", "AIzaSyA9x81mKq20", timedelta(seconds=1))
ENCODED = msgspec.json.decode(msgspec.json.encode(paint((8, 8))))
GENERATED = {
    "candidates": [
        {
            "content": {
                "parts": [
                    {"inlineData": {"mimeType": "image/png", "data": ENCODED}, "thought": True},
                    {"text": "Here it is."},
                    {"inlineData": {"mimeType": "image/png", "data": ENCODED}},
                ],
            },
            "finishReason": "STOP",
            "finishMessage": "Done.",
        }
    ],
    "promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "No."},
    "usageMetadata": {"promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 7}]},
    "responseId": "r-1",
}
PREDICTED = {
    "predictions": [{"bytesBase64Encoded": ENCODED}, {"raiFilteredReason": "codes: 29310472"}],
    "deployedModelId": "1",
}
REFUSED = {
    "error": {
        "code": 429,
        "message": "Quota exceeded. Please retry in 24.5s.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"reason": "RATE_LIMIT_EXCEEDED"},
            {"retryDelay": "3.29s"},
            {"violations": [{"quotaId": "PerDay"}]},
        ],
    }
}
PUZZLE = {"success": True, "url": ENCODED, "_usage": {"input_tokens": 18, "output_tokens": 77}}
JUNK = st.sampled_from([None, True, -1, 1e300, "", "x", "\ud7ff", [], [None], {}, {"data": 1}])


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every way into a value, with the one to itself."""
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    return [place, *(deep for name, one in inside for deep in _places(one, (*place, name)))]


def _with(value: Any, place: tuple[Any, ...], junk: object) -> Any:
    if not place:
        return junk
    changed = _with(value[place[0]], place[1:], junk)
    if isinstance(value, dict):
        return {**value, place[0]: changed}
    return [changed if at == place[0] else one for at, one in enumerate(value)]


def _spoiled(answer: Any) -> st.SearchStrategy[bytes]:
    """Encode an answer in which something is not what it should be, or which ends too early."""
    places = st.sampled_from(_places(answer))
    bodies = st.builds(lambda at, junk: msgspec.json.encode(_with(answer, at, junk)), places, JUNK)
    return bodies | st.builds(lambda body, end: body[:end], bodies, st.integers(0, 300))


@given(body=_spoiled(GENERATED) | _spoiled(PREDICTED))
def test_google_gives_a_picture_or_an_error(body: bytes) -> None:
    """By either method."""
    answer = Response(200, {}, body)
    reads = (
        lambda: google_answers.generated(PROVIDER, "gemini-x", answer),
        lambda: google_answers.predicted(PROVIDER, "imagen-x", 1, answer),
    )
    for read in reads:
        try:
            result = read()
        except UpstreamError:
            continue
        assert result.pictures


@given(body=_spoiled(REFUSED), status=st.sampled_from([400, 401, 403, 404, 429, 500, 503, 504]))
def test_googles_refusals_have_a_name(body: bytes, status: int) -> None:
    """Also when they cannot be read."""
    error = google_failures.failure(CALL, Response(status, {}, body), "gemini-x")
    assert error.detail
    assert error.did_no_work or status >= 500


class _Answering:
    """The network, which gives one answer to all."""

    def __init__(self, answer: Response) -> None:
        self._answer = answer

    async def post(self, *_: object, **__: object) -> Response:
        return self._answer

    async def fetch(self, *_: object, **__: object) -> Fetched:
        raise FetchFailed("There is nothing.")


@pytest.mark.parametrize("media_type", ["application/json", "image/png", ""])
@given(body=_spoiled(PUZZLE) | st.binary(), status=st.sampled_from([200, 400, 429, 500]))
async def test_jigsawstack_gives_a_picture_or_an_error(
    media_type: str, body: bytes, status: int
) -> None:
    """Whatever type it claims."""
    answering = _Answering(Response(status, {"content-type": media_type}, body))
    upstream = JigsawStack(JigsawStackConfig(key="k" * 12), answering)
    try:
        result = await upstream.generate(ImageRequest(model="image_generation", prompt="a"))
    except UpstreamError:
        return
    assert result.pictures
