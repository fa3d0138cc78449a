"""What Google is asked: request bodies of generateContent and predict."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from safelight.media import sniff
from safelight.upstream import ImageRequest

_HARMS = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_ONLY_LEVEL = "BLOCK_LOW_AND_ABOVE"
"""The one that the Gemini API takes for Imagen; Vertex takes all."""
_IMAGEN_RATIOS = ("1:1", "9:16", "16:9", "3:4", "4:3")
_GEMINI_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_SAME_SHAPE = 0.1  # Imagen's own pixels for 3:4 are 7:10


def generate_content(request: ImageRequest, *, vertex: bool) -> bytes:
    """Write the body for a Gemini image model. It has no field for count or seed."""
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
    config = _generation_config(request, vertex=vertex)
    return msgspec.json.encode(body | {"generationConfig": config})


def _generation_config(request: ImageRequest, *, vertex: bool) -> Mapping[str, object]:
    config: dict[str, object] = {"responseModalities": ["IMAGE"]}
    if request.model.startswith("gemini-3.1-flash-image"):
        # Google names this model at this level as the successor of Imagen's fast one.
        config["thinkingConfig"] = {"thinkingLevel": "MINIMAL"}
    image = {
        "aspectRatio": _ratio(request, _GEMINI_RATIOS),
        # What Imagen paints and prices are for; older models know no other, and not this field.
        "imageSize": "1K" if request.model.startswith("gemini-3") else None,
        # The Gemini API knows no such field: there a picture may have to be encoded anew.
        "imageOutputOptions": _output(request) if vertex else None,
    }
    if any(image.values()):
        config["imageConfig"] = _set(image)
    return config


def predict(request: ImageRequest, *, vertex: bool) -> bytes:
    """Write the body for an Imagen model; the Gemini API knows fewer parameters than Vertex.

    A seed is not sent at all: only a picture without a watermark can have one.
    """
    parameters = {
        "negativePrompt": request.negative_prompt if vertex else None,
        "sampleCount": request.count,
        "aspectRatio": _ratio(request, _IMAGEN_RATIOS),
        "safetySetting": _level(request, vertex=vertex),
        "includeRaiReason": True,  # otherwise filtered pictures are missing without a word
        "outputOptions": _output(request),
    }
    return msgspec.json.encode(
        {"instances": [{"prompt": request.prompt}], "parameters": _set(parameters)}
    )


def _output(request: ImageRequest) -> Mapping[str, object]:
    if request.format != "jpeg":
        return {"mimeType": "image/png"}
    return _set({"mimeType": "image/jpeg", "compressionQuality": request.compression})


def _level(request: ImageRequest, *, vertex: bool) -> str | None:
    level = (request.safety_filter_level or "").upper()
    if not level or vertex or level == _ONLY_LEVEL:
        return level or None
    print(
        f"Google's Gemini API takes no safety filter level but {_ONLY_LEVEL.lower()}:"
        f" {level.lower()} was tightened to it."
    )
    return _ONLY_LEVEL


def _ratio(request: ImageRequest, known: Sequence[str]) -> str | None:
    """The ratio that is asked for, else the known one nearest to it; None leaves it to Google."""
    asked = _shape(request)
    if asked is None:
        return None
    named = request.aspect_ratio
    if named in known and _distance(named, asked) < _SAME_SHAPE:
        return named
    nearest = min(known, key=lambda ratio: _distance(ratio, asked))
    if _distance(nearest, asked) >= _SAME_SHAPE:
        print(f"Google's {request.model} has no such aspect ratio; {nearest} is the nearest.")
    return nearest


def _shape(request: ImageRequest) -> float | None:
    """Width over height; explicit pixels win over the ratio."""
    if request.size is not None:
        return request.size[0] / request.size[1]
    across, _, down = request.aspect_ratio.partition(":")
    is_ratio = across.isdecimal() and down.isdecimal() and int(across) and int(down)
    return int(across) / int(down) if is_ratio else None


def _distance(ratio: str, shape: float) -> float:
    across, down = ratio.split(":")
    return abs(math.log(int(across) / int(down) / shape))


def _set(fields: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}
