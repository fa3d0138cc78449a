"""Input pictures as OpenAI's image API takes them: checked, upright and in plain colours."""

import asyncio
import io
from collections.abc import Sequence

import msgspec
from PIL import ExifTags, Image, ImageOps

from safelight.media import extension, sniff
from safelight.upstream import UpstreamError

_READABLE = frozenset({"image/png", "image/jpeg", "image/webp"})
_REFUSED_MODES = frozenset({"CMYK", "P", "PA", "YCCK"})
_MOST = 16
_MOST_BYTES = 50_000_000
_QUALITY = 95  # of a JPEG that has to be encoded again
_UPRIGHT = 1


class Part(msgspec.Struct, frozen=True):
    """One picture of an upload."""

    filename: str
    media_type: str
    content: bytes


async def parts(images: Sequence[bytes]) -> tuple[Part, ...]:
    """Prepare the pictures for an upload. Those that the API reads are sent as they are.

    Raises:
        UpstreamError: There are too many, or one is too large or of a kind that is not read.
    """
    if len(images) > _MOST:
        raise UpstreamError(
            f"OpenAI takes at most {_MOST} input images, not {len(images)}. Send fewer."
        )
    return tuple([await _part(index, content) for index, content in enumerate(images)])


async def _part(index: int, content: bytes) -> Part:
    media_type = sniff(content)
    if media_type not in _READABLE:
        what = f"is {media_type}" if media_type else "is no image"
        raise UpstreamError(
            f"Input image {index + 1} {what}; OpenAI reads PNG, JPEG and WebP. Send one of these."
        )
    try:
        plain = await asyncio.to_thread(_plain, content)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UpstreamError(
            f"Input image {index + 1} cannot be read: it is damaged, or of an unusual kind."
            " Save it anew as PNG, JPEG or WebP."
        ) from error
    if len(plain) >= _MOST_BYTES:
        raise UpstreamError(
            f"Input image {index + 1} has {len(plain) / 1_000_000:.1f} MB; OpenAI takes less than"
            f" {_MOST_BYTES / 1_000_000:g} MB. Send a smaller one."
        )
    media_type = sniff(plain) or media_type
    return Part(f"image-{index}{extension(media_type)}", media_type, plain)


def _plain(content: bytes) -> bytes:
    """Encode it anew only if the API would refuse it, or the model see it lying on its side."""
    with Image.open(io.BytesIO(content)) as picture:
        is_turned = picture.getexif().get(ExifTags.Base.Orientation, _UPRIGHT) != _UPRIGHT
        is_odd = picture.mode in _REFUSED_MODES or picture.format == "MPO"
        return _anew(picture) if is_turned or is_odd else content


def _anew(picture: Image.Image) -> bytes:
    is_photo = picture.format in {"JPEG", "MPO"}
    has_alpha = picture.mode in {"PA", "RGBA", "LA"} or "transparency" in picture.info
    # The profile of printing inks says nothing of the colours that they are turned into.
    profile = None if picture.mode in {"CMYK", "YCCK"} else picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    out = io.BytesIO()
    if is_photo:
        plain.convert("RGB").save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
    else:
        plain.save(out, "PNG", icc_profile=profile)
    return out.getvalue()
