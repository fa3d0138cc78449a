"""OpenAI's image API as it behaves: checks in its order, its error texts, usage by its tables."""

import base64
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from math import ceil
from typing import Any

from aiohttp import web
from PIL import Image
from tests.standins.openai_errors import BAD, CATALOGUE, KEY, USER, Problem
from tests.standins.pictures import paint
from tests.standins.server import Seen, StandIn

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
_STREAMS = 2  # unfinished pictures of each
_PARTIAL = 100  # tokens that each of them costs


@dataclass
class OpenAIStandIn(StandIn):
    """`POST /v1/images/generations` and `/v1/images/edits`; `!word` picks an error of CATALOGUE.

    In a stream, `!ends-word` begins with that error, and `!breaks` ends it with one after the first
    unfinished picture; `!one-of-many` cuts it after the first finished picture, `!late` sends the
    unfinished ones last, and `!held` waits for `release` after the first of them.
    """

    forms: list["Form"] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    """Parameters that it does not take, as other servers that speak this API."""
    headers: dict[str, str] = field(default_factory=dict)
    """Added to each answer."""

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"{self.origin}/v1"

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer as the API does."""
        if seen.path == "/generated/1.png":
            return web.Response(body=paint(), content_type="image/png")
        headers = {"x-request-id": f"req_{len(self.seen)}", "openai-version": "2020-10-01"}
        headers |= self.headers
        try:
            answer = self._paint(seen, directive)
        except Problem as problem:
            headers |= dict(problem.headers)
            if problem.page is not None:
                kind = "text/html" if problem.page.startswith("<") else "text/plain"
                return web.Response(
                    status=problem.status, text=problem.page, content_type=kind, headers=headers
                )
            return web.json_response(problem.body(), status=problem.status, headers=headers)
        if self.forms[-1].fields.get("stream") is True and directive != "no-stream":
            kind = "image_edit" if seen.path.endswith("edits") else "image_generation"
            frames = self._frames(kind, answer, directive)
            return web.Response(body=frames, content_type="text/event-stream", headers=headers)
        return web.json_response(answer, headers=headers)

    async def _frames(
        self, kind: str, answer: dict[str, Any], directive: str
    ) -> AsyncIterator[bytes]:
        """The same answer, in events: for each picture the unfinished ones, then itself."""
        about = {name: answer[name] for name in ("background", "output_format", "quality", "size")}
        usages = _shared(answer.get("usage"), len(answer["data"]))
        for datum, usage in zip(answer["data"], usages, strict=True):
            partials = [
                _frame(
                    f"{kind}.partial_image",
                    {**about, **datum, "created_at": 1, "partial_image_index": index},
                )
                for index in range(_STREAMS)
            ]
            if directive.startswith("ends-"):
                yield _frame("error", CATALOGUE[directive.removeprefix("ends-")].body())
                return
            if directive in {"breaks", "held"}:
                yield partials[0]
                if directive == "breaks":
                    yield _frame("error", CATALOGUE["failed"].body())
                    return
                await self.release.wait()
            whole = {**about, **datum, "created_at": 2} | ({"usage": usage} if usage else {})
            last = _frame(f"{kind}.completed", whole)
            frames = [last, *partials] if directive == "late" else [*partials, last]
            for frame in frames:  # in pieces that end anywhere
                yield frame[:40]
                yield frame[40:]
            if directive == "one-of-many":
                raise ConnectionResetError
        yield b"data: [DONE]\n\n"

    def _paint(self, seen: Seen, directive: str) -> dict[str, Any]:
        _check_key(seen.headers.get("authorization", ""))
        if directive in CATALOGUE:
            raise CATALOGUE[directive]
        is_edit = seen.path == "/v1/images/edits"
        if not is_edit and seen.path != "/v1/images/generations":
            raise Problem(404, f"Invalid URL (POST {seen.path})")
        form = read_form(seen)
        self.forms.append(form)
        for name in self.unknown & form.fields.keys():
            raise Problem(400, f"Unknown parameter: '{name}'.", BAD, name, "unknown_parameter")
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
    """Take a body apart, JSON or multipart."""
    if seen.headers["content-type"].startswith("application/json"):
        fields = json.loads(seen.body)
        return Form(fields, [_linked(one) for one in fields.pop("images", [])])
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
    for name in ("n", "output_compression", "partial_images"):
        if name in fields:
            fields[name] = int(fields[name])
    if "stream" in fields:
        fields["stream"] = fields["stream"] == "true"
    return Form(fields, files)


def _linked(image: dict[str, str]) -> tuple[str, str, str, bytes]:
    """A picture that is part of a JSON body, as a data URL."""
    head, _, data = image["image_url"].partition(",")
    media_type = head.removeprefix("data:").removesuffix(";base64")
    return "images", "", media_type, base64.b64decode(data)


def _frame(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def _shared(usage: Any, count: int) -> list[dict[str, Any] | None]:
    """What each picture of a call used; the input is counted with the first."""
    if not isinstance(usage, dict):
        return [None] * count
    output = usage["output_tokens"] // count
    later = {"input_tokens": 0, "output_tokens": output, "total_tokens": output}
    first = {**usage, "output_tokens": output, "total_tokens": usage["input_tokens"] + output}
    return [first, *([later] * (count - 1))]


def _check_key(authorization: str) -> None:
    key = authorization.removeprefix("Bearer ")
    if key == EMPTY_KEY:
        raise CATALOGUE["quota"]
    if not key:
        raise CATALOGUE["no-key"]
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
        raise Problem(400, f"The model '{model}' does not exist.", USER, "model", "invalid_value")
    for name in fields:
        if name not in (_EDIT if is_edit else _GENERATION):
            raise Problem(400, f"Unknown parameter: '{name}'.", BAD, name, "unknown_parameter")
    if not fields.get("prompt"):
        text = "Invalid 'prompt': empty string. Expected a string with minimum length 1."
        raise Problem(400, text, BAD, "prompt", "empty_string")
    if "input_fidelity" in fields and model != "gpt-image-1":
        text = f"The model '{model}' does not support the 'input_fidelity' parameter"
        raise Problem(400, text, USER, "input_fidelity", "invalid_input_fidelity_model")
    for _, _, media_type, _ in form.files:
        if media_type not in {"image/png", "image/jpeg", "image/webp"}:
            text = f"Invalid file 'image': unsupported mimetype ('{media_type}')."
            raise Problem(400, text, BAD, "image", "unsupported_file_mimetype")
    if not 1 <= fields.get("n", 1) <= 10:
        text = f"Invalid 'n': integer above maximum value, got {fields['n']}."
        raise Problem(400, text, BAD, "n", "integer_above_max_value")
    if fields.get("output_format", "png") == "png" and fields.get("output_compression", 100) < 100:
        text = "Compression less than 100 is not supported for PNG output format"
        raise Problem(400, text, USER, None, "invalid_png_output_compression")
    _check_size(fields.get("size", "auto"))


def _check_size(size: str) -> None:
    if size == "auto":
        return
    if not re.fullmatch(r"\d+x\d+", size):
        text = f"Invalid size '{size}'. Expected WIDTHxHEIGHT, for example '1824x1024'."
        raise Problem(400, text, USER, "size", "invalid_value")
    width, height = (int(side) for side in size.split("x"))
    text = f"Invalid size '{size}'. "
    if width % 16 or height % 16:
        text += "Width and height must both be divisible by 16."
    elif width * height < 655_360:
        text += "Requested resolution is below the current minimum pixel budget."
    elif max(width, height) > 3840:
        text += "The longest edge must be less than or equal to 3840."
    elif width * height > 8_294_400:
        text += "Requested resolution exceeds the current pixel budget."
    else:
        return
    raise Problem(400, text, USER, "size", "invalid_value")


def _images(form: Form) -> dict[str, Any]:
    fields = form.fields
    size = fields.get("size", "auto").replace("auto", "1024x1024")
    quality = fields.get("quality", "auto").replace("auto", "medium")
    output_format = fields.get("output_format", "png")
    width, height = (int(side) for side in size.split("x"))
    content = base64.b64encode(paint((width, height), output_format)).decode()
    count = fields.get("n", 1)
    text, image = max(1, len(fields["prompt"]) // 4), sum(map(_image_tokens, form.files))
    each = output_tokens(fields["model"], quality, width, height)
    partials = fields.get("partial_images", 0) if fields.get("stream") else 0
    output = count * (each + _PARTIAL * partials)
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
