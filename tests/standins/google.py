"""Google's image APIs as they behave, at every path that its SDK uses for them."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from tests.standins.google_errors import REFUSALS, refused
from tests.standins.pictures import paint, with_credentials
from tests.standins.server import Seen, StandIn

KEY = "AIzaSyA9x81mKq20ZbWv73RtLd55Pc"
_PATH = re.compile(
    r"/(?P<version>v1|v1beta|v1beta1)/(projects/[^/]+/locations/[^/]+/)?"
    r"(?P<vertex>publishers/google/)?"
    r"models/(?P<model>[^/:]+):(?P<method>predict|generateContent)"
)
_RETIRED = frozenset({"imagen-4.0-fast-generate-retired"})
_FILTERED = (
    "Unable to show generated images. All images were filtered out because they violated Vertex"
    " AI's usage guidelines. You will not be charged for blocked images. Try rephrasing the prompt."
    " If you think this was an error, send feedback. Support codes: 39322892, 29310472"
)
_SOME_FILTERED = (
    "Your current safety filter threshold filtered out 1 generated images. You will not be charged"
    " for blocked images. Try rephrasing the prompt. If you think this was an error, send feedback."
)
_SIZES = {"1:1": (1024, 1024), "4:3": (1280, 896), "16:9": (1408, 768), "9:16": (768, 1408)}
_USAGE = {
    "promptTokenCount": 265,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 7},
        {"modality": "IMAGE", "tokenCount": 258},
    ],
    "candidatesTokenCount": 1120,
    "thoughtsTokenCount": 30,
    "totalTokenCount": 1415,
}


@dataclass
class GoogleStandIn(StandIn):
    """`:predict` and `:generateContent`; `!word` in the prompt picks a refusal.

    Beside the words of google_errors and `!retired`, for predict: `!all-filtered`, `!mixed`,
    `!missing`, `!empty`, `!empty-list`. For generateContent: `!block-REASON`, `!finish-REASON`,
    `!spent-REASON` (tokens were used), `!text-only`, `!no-usage`, `!odd-usage`,
    `!half-usage`, `!null-usage`, `!spoiled-draft`.
    """

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer as the API does."""
        path = _PATH.fullmatch(seen.path)
        if path is None:
            return web.Response(status=404, text="<html>Not Found</html>", content_type="text/html")
        if seen.headers.get("x-goog-api-key") != KEY:
            return refused("bad-key")
        if path["model"] in _RETIRED or directive == "retired":
            word = "retired" if path["method"] == "predict" else "retired-listed"
            return refused(word, f"models/{path['model']}", path["version"], path["method"])
        body = json.loads(seen.body)
        rule = _broken_rule(path, body)
        if rule or directive in REFUSALS:
            return refused(rule or directive)
        answer = _predict if path["method"] == "predict" else _generate
        content = answer(body, directive)
        self.paid += _has_picture(content)
        return web.json_response(content)


def _broken_rule(path: re.Match[str], body: Mapping[str, Any]) -> str | None:
    """Name the refusal for what each service does not take."""
    if path["method"] != "predict":
        options = body.get("generationConfig", {}).get("imageConfig", {}).get("imageOutputOptions")
        return "unknown-field" if options and not path["vertex"] else None
    parameters = body["parameters"]
    level = parameters.get("safetySetting", "block_low_and_above").lower()
    if not path["vertex"] and level != "block_low_and_above":
        return "level"
    if "seed" in parameters and parameters.get("addWatermark", True):
        return "seed"
    return None if 1 <= parameters.get("sampleCount", 4) <= 4 else "count"


def _has_picture(content: Mapping[str, Any]) -> bool:
    text = json.dumps(content)
    return "iVBOR" in text or "/9j/" in text


def _predict(body: dict[str, Any], directive: str) -> dict[str, Any]:
    parameters = body["parameters"]
    media_type = parameters.get("outputOptions", {}).get("mimeType", "image/png")
    size = _SIZES.get(parameters.get("aspectRatio", "1:1"), (1024, 1024))
    encoded = base64.b64encode(paint(size, media_type.removeprefix("image/"))).decode()
    good = {"mimeType": media_type, "bytesBase64Encoded": encoded}
    count = parameters.get("sampleCount", 4)
    answers: dict[str, dict[str, Any]] = {
        "all-filtered": {"predictions": [{"raiFilteredReason": _FILTERED}]},
        "mixed": {"predictions": [good] * (count - 1) + [{"raiFilteredReason": _SOME_FILTERED}]},
        "missing": {"predictions": [good] * (count - 1)},
        "empty": {},
        "empty-list": {"predictions": []},
    }
    # Of an answer to includeSafetyAttributes, which Vertex adds to without being asked.
    positive = {"contentType": "Positive Prompt", "safetyAttributes": {"scores": [0.1]}}
    return answers.get(directive, {"predictions": [good] * count + [positive]})


def _generate(body: dict[str, Any], directive: str) -> dict[str, Any]:
    kind, _, reason = directive.partition("-")
    if kind == "block":
        return {"promptFeedback": {"blockReason": reason}, "responseId": "r-1"}
    if kind in {"finish", "spent"}:
        used = {"promptTokenCount": 7, "candidatesTokenCount": 1120 if kind == "spent" else 0}
        stopped = {"finishReason": reason, "finishMessage": "Unable to show it."}
        return {"candidates": [stopped], "usageMetadata": used, "responseId": "r-1"}
    if directive == "text-only":
        content = {"role": "model", "parts": [{"text": "I would rather not."}]}
        return {"candidates": [{"content": content, "finishReason": "STOP"}]}
    return _painted(body, directive)


def _painted(body: dict[str, Any], directive: str) -> dict[str, Any]:
    config = body.get("generationConfig", {}).get("imageConfig", {})
    media_type = config.get("imageOutputOptions", {}).get("mimeType", "image/png")
    size = _SIZES.get(config.get("aspectRatio", "1:1"), (1024, 1024))
    picture = with_credentials(paint(size, media_type.removeprefix("image/")))
    encoded = base64.b64encode(picture).decode()
    image = {"inlineData": {"mimeType": media_type, "data": encoded}}
    draft = {**image, "thought": True}
    parts = [draft, {"text": "Here it is."}, image]
    if directive == "spoiled-draft":
        parts.append({"inlineData": {"mimeType": "image/png", "data": "bm8="}})
    content = {"role": "model", "parts": parts}
    odd = {
        "no-usage": {},
        "odd-usage": {"promptTokenCount": "7"},
        "half-usage": {"promptTokenCount": 7},
        "null-usage": {"promptTokenCount": None},
    }
    usage = odd.get(directive, _USAGE)
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        **({"usageMetadata": usage} if usage else {}),
        "modelVersion": "gemini-3.1-flash-image",
        "responseId": "r-1",
    }
