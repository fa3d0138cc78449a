"""Test mode: pictures from the sketch in place of a provider, and faults on demand."""

import asyncio
import re
from typing import Final, NoReturn

import msgspec

from safelight.catalog.coarse import coarse
from safelight.catalog.retired import REHEARSED
from safelight.catalog.shapes import PAINTED, size_of
from safelight.catalog.sketching import SketchUpstream, painted_size
from safelight.errors import RunFailed
from safelight.image_tokens import input_tokens, output_tokens, partial_tokens, text_tokens
from safelight.upstream import ImageRequest, ImageResult, OnPartial, Usage

MODERATED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
RATE_LIMITED = "Service is currently unavailable due to high demand. Please try again later. (E003)"

_COARSE: Final = (8, 3)
"""How much coarser the unfinished pictures are than the finished one, in their order."""
_DIRECTIVE = re.compile(
    r"\[\[ {0,9}(fail|delay|moderated|rate-limited|timeout|crash) {0,9}(?::([^\[\]]{0,1000}))?\]\]",
    re.IGNORECASE,
)
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|m|)")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}


class Rehearsal:
    """An upstream for test mode: it stands in for the one that `request.model` belongs to."""

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        """Obey the directives in the prompt, then paint what is left of it.

        Whoever looks on sees it coarser first, where it stands in for a provider that shows that.

        Raises:
            RunFailed: A directive asked for it, or an input image cannot be read.
        """
        request = msgspec.structs.replace(request, prompt=await rehearse(request.prompt))
        result = await SketchUpstream().generate(request, key)
        if on_partial is not None and _is_openai(request):
            for picture in result.pictures:
                for unfinished in await coarse(picture, _COARSE[: request.partials]):
                    await on_partial(unfinished)
        return msgspec.structs.replace(result, upstream=REHEARSED, usage=_usage(request))


async def rehearse(prompt: str) -> str:
    """Obey the directives in a prompt, in their order, and give back the rest.

    `[[fail: text]]`, `[[delay: 5s]]` (or ms, m), `[[moderated]]`, `[[rate-limited]]`, `[[timeout]]`
    and `[[crash]]`, which raises what a faulty model would.

    Raises:
        RunFailed: A directive asked for it, or a delay is no duration.
    """
    directives = list(_DIRECTIVE.finditer(prompt)) if "[[" in prompt else []
    for directive in directives:
        name, text = directive.group(1).lower(), (directive.group(2) or "").strip()
        if name == "delay":
            await asyncio.sleep(_seconds(text))
        elif name == "timeout":
            await asyncio.Event().wait()
        else:
            _fail(name, text)
    return re.sub(r" {2,9}", " ", _DIRECTIVE.sub("", prompt)).strip() if directives else prompt


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


def _is_openai(request: ImageRequest) -> bool:
    return request.model.startswith("gpt-image-")


def _usage(request: ImageRequest) -> Usage | None:
    """Tokens as OpenAI would count them; other providers report none."""
    model = request.model
    if not _is_openai(request):
        return None
    sizes = [size_of(image) or PAINTED["1:1"] for image in request.images]
    image_tokens = sum(input_tokens(model, s, request.input_fidelity) for s in sizes)
    each = output_tokens(model, painted_size(request), request.quality)
    each += partial_tokens(request.partials)
    return Usage(
        input_tokens=text_tokens(request.prompt, len(sizes)) + image_tokens,
        input_image_tokens=image_tokens,
        output_tokens=each * request.count,
    )
