"""What is sent to OpenAI's image API: the fields in its SDK's order, as JSON or multipart."""

import re
import secrets
from collections.abc import Mapping, Sequence

import msgspec

from safelight.upstream import ImageRequest
from safelight.upstreams.openai_inputs import Part
from safelight.upstreams.openai_sizes import size_for

Fields = dict[str, str | int]
_OPTIONAL = frozenset(
    {
        "background",
        "input_fidelity",
        "moderation",
        "output_compression",
        "output_format",
        "partial_images",
        "quality",
        "stream",
        "user",
    }
)
_COMMANDS = re.compile(r"</?sd_cpp_extra_args>", re.IGNORECASE)
_WITH_FIDELITY = re.compile(r"gpt-image-1(\D|$)|chatgpt-image")


def without_commands(request: ImageRequest) -> ImageRequest:
    """Take out the tags between which stable-diffusion.cpp reads commands in a prompt."""
    return msgspec.structs.replace(request, prompt=_COMMANDS.sub(" ", request.prompt))


def generation(request: ImageRequest, *, stream: bool) -> Fields:
    """The fields in the SDK's order. `response_format` is refused by these models, always."""
    first: Fields = {"model": request.model, "prompt": request.prompt}
    options = _options(request)
    if stream:
        first = {"model": request.model, "stream": True, "prompt": request.prompt}
        options["partial_images"] = request.partials
    return {**first, **dict(sorted(options.items()))}


def edit(request: ImageRequest, *, stream: bool) -> Fields:
    """The fields in the SDK's order, without the pictures."""
    options: Fields = {"model": request.model, **_options(request)}
    if request.input_fidelity and _WITH_FIDELITY.match(request.model):
        options["input_fidelity"] = request.input_fidelity
    if stream:
        options |= {"stream": True, "partial_images": request.partials}
    moderation = options.pop("moderation")  # not in the SDK's signature, so it comes last
    return {"prompt": request.prompt, **dict(sorted(options.items())), "moderation": moderation}


def is_dispensable(fields: Fields, name: str) -> bool:
    """Whether a picture is still the one that was asked for without this field."""
    return name in _OPTIONAL & fields.keys() and fields[name] != "transparent"


def without(fields: Fields, refused: str) -> Fields:
    """Leave out what a server has refused; the unfinished pictures go with the stream."""
    names = {refused, "partial_images"} if refused == "stream" else {refused}
    return {name: value for name, value in fields.items() if name not in names}


def _options(request: ImageRequest) -> Fields:
    options: Fields = {
        "background": request.background,
        "moderation": request.moderation,
        "n": request.count,
        "output_format": request.format,
        "quality": request.quality,
        "size": size_for(request.model, request.size, request.aspect_ratio),
    }
    if request.compression is not None and request.format in {"jpeg", "webp"}:
        options["output_compression"] = request.compression  # refused with png, unless it is 100
    if request.user:
        options["user"] = request.user
    return options


def as_json(fields: Fields) -> tuple[str, bytes]:
    """The media type, and the bytes."""
    return "application/json", msgspec.json.encode(fields)


def as_multipart(fields: Mapping[str, str | int], pictures: Sequence[Part]) -> tuple[str, bytes]:
    """The media type, and the bytes: text parts, then the pictures."""
    boundary = secrets.token_hex(16)
    pieces: list[bytes] = []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        pieces += [head.encode(), _text(value).encode(), b"\r\n"]
    for part in pictures:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="image[]";'
            f' filename="{part.filename}"\r\nContent-Type: {part.media_type}\r\n\r\n'
        )
        pieces += [head.encode(), part.content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(pieces)


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
