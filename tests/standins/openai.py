"""OpenAI's image API as it behaves: checks in its order, its error texts, usage by its tables."""

import base64
import io
import json
import re
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from math import ceil
from typing import Any

from aiohttp import web
from PIL import Image
from tests.standins.pictures import paint
from tests.standins.server import Seen, StandIn

KEY = "sk-proj-Zq81tWm3LkYv92RbXc47"
EMPTY_KEY = "sk-proj-NoCredit55XbQw83Kd01"
_GENERATION = frozenset(
    {
        "model",
        "prompt",
        "background",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "quality",
        "size",
        "user",
        "stream",
        "partial_images",
        "safety_identifier",
    }
)
_EDIT = _GENERATION | {"input_fidelity", "mask", "image", "image[]"}
_TABLE = {
    "low": {"1024x1024": 272, "1024x1536": 408, "1536x1024": 400},
    "medium": {"1024x1024": 1056, "1024x1536": 1584, "1536x1024": 1568},
    "high": {"1024x1024": 4160, "1024x1536": 6240, "1536x1024": 6208},
}
_USER = "image_generation_user_error"
_BAD = "invalid_request_error"


@dataclass(frozen=True)
class Problem(Exception):
    """One row of the provider's catalogue of errors."""

    status: int
    message: str
    type: str = _BAD
    param: str | None = None
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


CATALOGUE = {
    "quota": Problem(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        code="insufficient_quota",
    ),
    "billing": Problem(
        400, "Billing hard limit has been reached", code="billing_hard_limit_reached"
    ),
    "rate": Problem(
        429,
        "Rate limit reached for gpt-image-1 (for limit gpt-image) in organization org-x on"
        " input-images per min: Limit 5, Used 5, Requested 1. Please try again in 12s.",
        "input-images",
        code="rate_limit_exceeded",
        headers=(("retry-after", "12"),),
    ),
    "moderation": Problem(
        400,
        "Your request was rejected by the safety system. If you believe this is an error, contact"
        " us at help.openai.com and include the request ID 1. safety_violations=[sexual].",
        _USER,
        code="moderation_blocked",
    ),
    "verify": Problem(403, "Your organization must be verified to use the model `gpt-image-1`."),
    "gone": Problem(
        404,
        "The model `gpt-image-1` does not exist or you do not have access to it.",
        code="model_not_found",
    ),
    "server": Problem(
        500, "The server had an error while processing your request.", "server_error"
    ),
    "leak": Problem(
        400, f"Cannot use {KEY}, that is sk-proj-****Xc47 or {KEY[-8:]} with this.", _BAD
    ),
}


@dataclass
class OpenAIStandIn(StandIn):
    """`POST /v1/images/generations` and `/v1/images/edits`; `!word` picks an error of CATALOGUE."""

    forms: list["Form"] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"{self.origin}/v1"

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer as the API does."""
        if seen.path == "/generated/1.png":
            return web.Response(body=paint(), content_type="image/png")
        headers = {"x-request-id": f"req_{len(self.seen)}", "openai-version": "2020-10-01"}
        try:
            return web.json_response(self._paint(seen, directive), headers=headers)
        except Problem as problem:
            error = {
                "message": problem.message,
                "type": problem.type,
                "param": problem.param,
                "code": problem.code,
            }
            headers |= dict(problem.headers)
            return web.json_response({"error": error}, status=problem.status, headers=headers)

    def _paint(self, seen: Seen, directive: str) -> dict[str, Any]:
        _check_key(seen.headers.get("authorization", ""))
        if directive in CATALOGUE:
            raise CATALOGUE[directive]
        is_edit = seen.path == "/v1/images/edits"
        if not is_edit and seen.path != "/v1/images/generations":
            raise Problem(404, f"Invalid URL (POST {seen.path})")
        form = read_form(seen) if is_edit else Form(json.loads(seen.body), [])
        self.forms.append(form)
        _check(form, is_edit=is_edit)
        self.paid += 1
        answer = _images(form)
        if directive == "odd-usage":
            answer["usage"] = {"input_tokens": "many"}
        if directive == "url":  # as LocalAI answers
            answer["data"] = [{"url": f"{self.origin}/generated/1.png"}]
        if directive == "no-usage":
            del answer["usage"]
        return answer


@dataclass(frozen=True)
class Form:
    """Fields, and files as (field, filename, media type, bytes)."""

    fields: dict[str, Any]
    files: list[tuple[str, str, str, bytes]]


def read_form(seen: Seen) -> Form:
    """Take a multipart body apart."""
    head = f"content-type: {seen.headers['content-type']}\r\n\r\n".encode()
    fields: dict[str, Any] = {}
    files: list[tuple[str, str, str, bytes]] = []
    for part in BytesParser(policy=HTTP).parsebytes(head + seen.body).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        filename = part.get_filename()
        if filename is None:
            fields[name] = content.decode()
        else:
            files.append((name, filename, part.get_content_type(), content))
    if "n" in fields:
        fields["n"] = int(fields["n"])
    if "output_compression" in fields:
        fields["output_compression"] = int(fields["output_compression"])
    return Form(fields, files)


def _check_key(authorization: str) -> None:
    key = authorization.removeprefix("Bearer ")
    if key == EMPTY_KEY:
        raise CATALOGUE["quota"]
    if key != KEY:
        masked = f"{key[:8]}********{key[-4:]}"
        raise Problem(
            401, f"Incorrect API key provided: {masked}. You can find it.", code="invalid_api_key"
        )


def _check(form: Form, *, is_edit: bool) -> None:
    """Check in the live API's order: model, unknown keys, prompt, images, n, and so on."""
    fields = form.fields
    model = fields.get("model")
    if not str(model).startswith("gpt-image-"):
        raise Problem(400, f"The model '{model}' does not exist.", _USER, "model", "invalid_value")
    for name in fields:
        if name not in (_EDIT if is_edit else _GENERATION):
            raise Problem(400, f"Unknown parameter: '{name}'.", _BAD, name, "unknown_parameter")
    if not fields.get("prompt"):
        text = "Invalid 'prompt': empty string. Expected a string with minimum length 1."
        raise Problem(400, text, _BAD, "prompt", "empty_string")
    if "input_fidelity" in fields and model != "gpt-image-1":
        text = f"The model '{model}' does not support the 'input_fidelity' parameter"
        raise Problem(400, text, _USER, "input_fidelity", "invalid_input_fidelity_model")
    for _, _, media_type, _ in form.files:
        if media_type not in {"image/png", "image/jpeg", "image/webp"}:
            text = f"Invalid file 'image': unsupported mimetype ('{media_type}')."
            raise Problem(400, text, _BAD, "image", "unsupported_file_mimetype")
    if not 1 <= fields.get("n", 1) <= 10:
        text = f"Invalid 'n': integer above maximum value, got {fields['n']}."
        raise Problem(400, text, _BAD, "n", "integer_above_max_value")
    if fields.get("output_format", "png") == "png" and fields.get("output_compression", 100) < 100:
        text = "Compression less than 100 is not supported for PNG output format"
        raise Problem(400, text, _USER, None, "invalid_png_output_compression")
    _check_size(fields.get("size", "auto"))


def _check_size(size: str) -> None:
    if size == "auto":
        return
    if not re.fullmatch(r"\d+x\d+", size):
        text = f"Invalid size '{size}'. Expected WIDTHxHEIGHT, for example '1824x1024'."
        raise Problem(400, text, _USER, "size", "invalid_value")
    if any(int(side) % 16 for side in size.split("x")):
        text = f"Invalid size '{size}'. Width and height must both be divisible by 16."
        raise Problem(400, text, _USER, "size", "invalid_value")


def _images(form: Form) -> dict[str, Any]:
    fields = form.fields
    size = fields.get("size", "auto").replace("auto", "1024x1024")
    quality = fields.get("quality", "auto").replace("auto", "medium")
    output_format = fields.get("output_format", "png")
    width, height = (int(side) for side in size.split("x"))
    content = base64.b64encode(paint((width, height), output_format)).decode()
    count = fields.get("n", 1)
    text, image = max(1, len(fields["prompt"]) // 4), sum(map(_image_tokens, form.files))
    output = count * output_tokens(fields["model"], quality, width, height)
    return {
        "created": 1745853342,
        "data": [{"b64_json": content} for _ in range(count)],
        "background": "opaque",
        "output_format": output_format,
        "quality": quality,
        "size": size,
        "usage": {
            "input_tokens": text + image,
            "output_tokens": output,
            "total_tokens": text + image + output,
            "input_tokens_details": {"text_tokens": text, "image_tokens": image},
        },
    }


def output_tokens(model: str, quality: str, width: int, height: int) -> int:
    """Count the tokens of one picture, as measured of the live API."""
    if model.startswith("gpt-image-1"):
        return _TABLE[quality][f"{width}x{height}"]
    factor = {"low": 16, "medium": 48, "high": 96}[quality]
    long, short = max(width, height), min(width, height)
    rows = (2 * factor * short + long) // (2 * long)
    return ceil(factor * rows * (2_000_000 + width * height) / 4_000_000)


def _image_tokens(file: tuple[str, str, str, bytes]) -> int:
    with Image.open(io.BytesIO(file[3])) as picture:
        return 194 if picture.width == picture.height else 323
