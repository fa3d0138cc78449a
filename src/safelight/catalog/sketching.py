"""The sketch in the place of a provider."""

import asyncio
import zlib

from safelight.catalog.shapes import PAINTED, Size, like, paintable, size_of
from safelight.errors import RunFailed
from safelight.sketch import Commission, paint_apart
from safelight.upstream import ImageRequest, ImageResult, OnPartial, Picture

_MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}


class SketchUpstream:
    """An upstream without a key or a network; the same request gives the same pictures."""

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,  # noqa: ARG002 - the contract's; the sketch needs none
        on_partial: OnPartial | None = None,  # noqa: ARG002 - nor shows what is not finished
    ) -> ImageResult:
        """Paint what is asked, in the asked size and format.

        Raises:
            RunFailed: An input image cannot be read.
        """
        try:
            painted = await asyncio.gather(*(paint_apart(one) for one in _commissions(request)))
        except ValueError as error:
            raise RunFailed(str(error)) from error
        media_type = _MEDIA_TYPES[request.format]
        return ImageResult(
            pictures=tuple(Picture(content, media_type) for content in painted),
            upstream="sketch:sketch",
        )


def painted_size(request: ImageRequest) -> Size:
    """The size that was asked for, else that of the ratio, else the shape of the first input."""
    size = request.size or PAINTED.get(request.aspect_ratio)
    if size is not None:
        return paintable(size)
    first = size_of(request.images[0]) if request.images else None
    return like(first) if first is not None else PAINTED["1:1"]


def _commissions(request: ImageRequest) -> list[Commission]:
    first = zlib.crc32(request.prompt.encode()) if request.seed is None else request.seed
    width, height = painted_size(request)
    transparent = request.background == "transparent" and request.format in {"png", "webp"}
    return [
        Commission(
            prompt=request.prompt,
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
