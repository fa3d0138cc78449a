"""Test mode: pictures from the sketch in place of a provider, and faults on demand."""

import asyncio
import re
import zlib
from typing import NoReturn

from safelight.catalog.openai import tokens
from safelight.catalog.retired import REHEARSED
from safelight.catalog.shapes import PAINTED, Size, like, paintable, size_of
from safelight.errors import RunFailed
from safelight.sketch import Commission, paint_apart
from safelight.upstream import ImageRequest, ImageResult, Picture, Usage

MODERATED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
RATE_LIMITED = "Service is currently unavailable due to high demand. Please try again later. (E003)"

_DIRECTIVE = re.compile(
    r"\[\[ {0,9}(fail|delay|moderated|rate-limited|timeout|crash) {0,9}(?::([^\[\]]{0,1000}))?\]\]",
    re.IGNORECASE,
)
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|m|)")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
_MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}


class Rehearsal:
    """An upstream without a key or a network: the sketch paints, and the same request the same."""

    async def generate(self, request: ImageRequest, key: str | None = None) -> ImageResult:  # noqa: ARG002 - the contract's; a rehearsal needs none
        """Obey the directives in the prompt, then paint what is left of it.

        Raises:
            RunFailed: A directive asked for it, or an input image cannot be read.
        """
        prompt = await rehearse(request.prompt)
        commissions = _commissions(request, prompt, _size(request))
        try:
            painted = await asyncio.gather(*(paint_apart(one) for one in commissions))
        except ValueError as error:
            raise RunFailed(str(error)) from error
        media_type = _MEDIA_TYPES[request.format]
        return ImageResult(
            pictures=tuple(Picture(content, media_type) for content in painted),
            upstream=REHEARSED,
            usage=_usage(request, prompt),
        )


async def rehearse(prompt: str) -> str:
    """Obey the directives in a prompt, in their order, and give back the rest.

    `[[fail: text]]`, `[[delay: 5s]]` (or ms, m), `[[moderated]]`, `[[rate-limited]]`, `[[timeout]]`
    and `[[crash]]`, which raises what a faulty model would.

    Raises:
        RunFailed: A directive asked for it, or a delay is no duration.
    """
    if "[[" not in prompt:
        return prompt
    for directive in _DIRECTIVE.finditer(prompt):
        name, text = directive.group(1).lower(), (directive.group(2) or "").strip()
        if name == "delay":
            await asyncio.sleep(_seconds(text))
        elif name == "timeout":
            await asyncio.Event().wait()
        else:
            _fail(name, text)
    return re.sub(r" {2,9}", " ", _DIRECTIVE.sub("", prompt)).strip()


def _fail(name: str, text: str) -> NoReturn:
    if name == "crash":
        raise RuntimeError(text or "The model crashed, as the prompt asked.")
    if name == "moderated":
        raise RunFailed(MODERATED)
    if name == "rate-limited":
        raise RunFailed(RATE_LIMITED)
    raise RunFailed(text or "The model failed, as the prompt asked.")


def _seconds(text: str) -> float:
    duration = _DURATION.fullmatch(text)
    if duration is None:
        raise RunFailed(f"[[delay: {text}]] is no duration; write 5s, 250ms or 2m.")
    return float(duration.group(1)) * _SECONDS[duration.group(2)]


def _commissions(request: ImageRequest, prompt: str, size: Size) -> list[Commission]:
    first = zlib.crc32(prompt.encode()) if request.seed is None else request.seed
    width, height = size
    transparent = request.background == "transparent" and request.format in {"png", "webp"}
    return [
        Commission(
            prompt=prompt,
            width=width,
            height=height,
            format=request.format,
            quality=90 if request.compression is None else request.compression,
            seed=first + number,
            transparent=transparent,
            inputs=request.images,
        )
        for number in range(request.count)
    ]


def _size(request: ImageRequest) -> Size:
    """The size that was asked for, else that of the ratio, else the shape of the first input."""
    size = request.size or PAINTED.get(request.aspect_ratio)
    if size is not None:
        return paintable(size)
    first = size_of(request.images[0]) if request.images else None
    return like(first) if first is not None else PAINTED["1:1"]


def _usage(request: ImageRequest, prompt: str) -> Usage | None:
    """Tokens as OpenAI would count them; other providers report none."""
    if not request.model.startswith("gpt-image-"):
        return None
    sizes = [size_of(image) or PAINTED["1:1"] for image in request.images]
    fidelity = request.input_fidelity
    image_tokens = sum(tokens.input_tokens(request.model, size, fidelity) for size in sizes)
    output = tokens.output_tokens(request.model, _size(request), request.quality)
    return Usage(
        input_tokens=tokens.text_tokens(prompt, len(sizes)) + image_tokens,
        input_image_tokens=image_tokens,
        output_tokens=output * request.count,
    )
