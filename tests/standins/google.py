"""Google's image APIs as they behave, at every path that its SDK uses for them."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from tests.standins.pictures import paint
from tests.standins.server import Seen, StandIn

KEY = "AIzaSyA9x81mKq20ZbWv73RtLd55Pc"
_PATH = re.compile(
    r"/(v1|v1beta|v1beta1)/(projects/[^/]+/locations/[^/]+/)?(publishers/google/)?"
    r"models/(?P<model>[^/:]+):(?P<method>predict|generateContent)"
)
_RETIRED = frozenset({"imagen-4.0-fast-generate-retired"})
_PRINCIPLES = (
    "Image generation failed with the following error: The prompt could not be submitted. This"
    " prompt contains sensitive words that violate Google's Responsible AI practices. Try"
    " rephrasing the prompt. If you think this was an error, send feedback. Support codes: 42876398"
)
_FILTERED = (
    "Unable to show generated images. All images were filtered out because they violated Vertex"
    " AI's usage guidelines. You will not be charged for blocked images."
)
_SIZES = {"1:1": (1024, 1024), "4:3": (1280, 896), "16:9": (1408, 768), "9:16": (768, 1408)}


@dataclass
class GoogleStandIn(StandIn):
    """`:predict` and `:generateContent`; `!word` in the prompt picks a refusal."""

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer as the API does."""
        path = _PATH.fullmatch(seen.path)
        if path is None:
            return _error(404, "NOT_FOUND", "no such path")
        if seen.headers.get("x-goog-api-key") != KEY:
            text = "API key not valid. Please pass a valid API key."
            return _error(400, "INVALID_ARGUMENT", text, reason="API_KEY_INVALID")
        if path["model"] in _RETIRED:
            text = f"models/{path['model']} is not found for API version v1beta."
            return _error(404, "NOT_FOUND", text)
        refused = _refused(directive)
        if refused is not None:
            return refused
        body = json.loads(seen.body)
        answer = _predict if path["method"] == "predict" else _generate
        content = answer(body, directive)
        self.paid += "iVBOR" in json.dumps(content) or "/9j/" in json.dumps(content)
        return web.json_response(content)


def _refused(directive: str) -> web.Response | None:
    rows = {
        "blocked-prompt": (400, "INVALID_ARGUMENT", _PRINCIPLES),
        "unbilled": (400, "FAILED", "Imagen API is only accessible to billed users at this time."),
        "rate": (429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric."),
        "down": (503, "UNAVAILABLE", "The model is overloaded."),
        "late": (504, "DEADLINE_EXCEEDED", "The request timed out."),
    }
    return _error(*rows[directive]) if directive in rows else None


def _error(status: int, name: str, message: str, reason: str | None = None) -> web.Response:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    error = {"code": status, "message": message, "status": name}
    if reason:
        error["details"] = details
    return web.json_response({"error": error}, status=status)


def _predict(body: dict[str, Any], directive: str) -> dict[str, Any]:
    parameters = body["parameters"]
    media_type = parameters.get("outputOptions", {}).get("mimeType", "image/png")
    size = _SIZES.get(parameters.get("aspectRatio", "1:1"), (1024, 1024))
    encoded = base64.b64encode(paint(size, media_type.removeprefix("image/"))).decode()
    good = {"mimeType": media_type, "bytesBase64Encoded": encoded}
    filtered = {"raiFilteredReason": _FILTERED}
    if directive == "all-filtered":
        return {"predictions": [filtered]}
    if directive == "empty":
        return {}
    if directive == "mixed":
        return {"predictions": [good, filtered]}
    return {"predictions": [good] * parameters["sampleCount"]}


def _generate(body: dict[str, Any], directive: str) -> dict[str, Any]:
    if directive == "blocked":
        return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "responseId": "r-1"}
    if directive == "image-safety":
        return {"candidates": [{"finishReason": "IMAGE_SAFETY"}]}
    if directive == "no-image":
        part = {"text": "I would rather not."}
        return {"candidates": [{"content": {"parts": [part]}, "finishReason": "NO_IMAGE"}]}
    ratio = body["generationConfig"].get("imageConfig", {}).get("aspectRatio", "1:1")
    encoded = base64.b64encode(paint(_SIZES.get(ratio, (1024, 1024)))).decode()
    image = {"inlineData": {"mimeType": "image/png", "data": encoded}}
    draft = {**image, "thought": True}
    content = {"role": "model", "parts": [draft, {"text": "Here it is."}, image]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 7,
            "candidatesTokenCount": 1120,
            "totalTokenCount": 1127,
        },
        "modelVersion": "gemini-3.1-flash-image",
        "responseId": "r-1",
    }
