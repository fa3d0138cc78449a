"""Pictures in the format that was asked for, where an upstream knows only another."""

import asyncio
import io
from collections.abc import Sequence

from PIL import Image

from safelight.upstream import Format, Picture

_CONVERTIBLE = frozenset({"image/png", "image/jpeg", "image/webp"})
_QUALITY = 90


async def in_format(
    pictures: Sequence[Picture], wanted: Format, quality: int | None
) -> tuple[Picture, ...]:
    """Each as it came if it fits already, else encoded anew; vectors are left as they are."""
    media_type = f"image/{wanted}"
    if all(p.media_type == media_type or not _can_become(p, media_type) for p in pictures):
        return tuple(pictures)
    return await asyncio.to_thread(
        lambda: tuple(_converted(p, wanted, media_type, quality) for p in pictures)
    )


def _can_become(picture: Picture, media_type: str) -> bool:
    return {picture.media_type, media_type} <= _CONVERTIBLE


def _converted(picture: Picture, wanted: Format, media_type: str, quality: int | None) -> Picture:
    if picture.media_type == media_type or not _can_become(picture, media_type):
        return picture
    encoded = io.BytesIO()
    content = picture.content
    with Image.open(io.BytesIO(content) if isinstance(content, bytes) else content.path) as image:
        mode = "RGB" if wanted == "jpeg" or image.mode not in {"RGBA", "LA", "P"} else "RGBA"
        options = {} if wanted == "png" else {"quality": _QUALITY if quality is None else quality}
        image.convert(mode).save(encoded, wanted, **options)
    return Picture(encoded.getvalue(), media_type)
