"""What Google is asked: request bodies of generateContent and predict."""

from collections.abc import Mapping

import msgspec

from safelight.media import sniff
from safelight.upstream import ImageRequest

_HARMS = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_FREE_LEVEL = "BLOCK_LOW_AND_ABOVE"
_GEMINI_RATIOS = frozenset(
    {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}
)


def generate_content(request: ImageRequest) -> bytes:
    """Write the body for a Gemini image model. It has no field for format, count or seed."""
    images = (
        {"inlineData": {"data": image, "mimeType": sniff(image) or "application/octet-stream"}}
        for image in request.images
    )
    body: dict[str, object] = {
        "contents": [{"parts": [{"text": request.prompt}, *images], "role": "user"}]
    }
    if request.safety_filter_level:
        level = request.safety_filter_level.upper()
        body["safetySettings"] = [
            {"category": f"HARM_CATEGORY_{harm}", "threshold": level} for harm in _HARMS
        ]
    return msgspec.json.encode(body | {"generationConfig": _generation_config(request)})


def _generation_config(request: ImageRequest) -> Mapping[str, object]:
    config: dict[str, object] = {"responseModalities": ["IMAGE"]}
    if request.model.startswith("gemini-3.1-flash-image"):
        # Google names this model at this level as the successor of Imagen's fast one.
        config["thinkingConfig"] = {"thinkingLevel": "MINIMAL"}
    if request.aspect_ratio in _GEMINI_RATIOS:
        config["imageConfig"] = {"aspectRatio": request.aspect_ratio}
    return config


def predict(request: ImageRequest, *, vertex: bool) -> bytes:
    """Write the body for an Imagen model; the other service knows fewer parameters than Vertex."""
    level = (request.safety_filter_level or "").upper()
    is_jpeg = request.format == "jpeg"
    output = {
        "mimeType": "image/jpeg" if is_jpeg else "image/png",
        "compressionQuality": request.compression if is_jpeg else None,
    }
    parameters = {
        "negativePrompt": request.negative_prompt if vertex else None,
        "sampleCount": request.count,
        "aspectRatio": request.aspect_ratio,
        "seed": request.seed if vertex else None,
        # The other service refuses every level but its own.
        "safetySetting": level if vertex or level == _FREE_LEVEL else None,
        "includeRaiReason": True,  # otherwise filtered pictures are missing without a word
        "outputOptions": _set(output),
    }
    return msgspec.json.encode(
        {"instances": [{"prompt": request.prompt}], "parameters": _set(parameters)}
    )


def _set(fields: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}
