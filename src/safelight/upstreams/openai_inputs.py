"""Input pictures as OpenAI's image API takes them: of a kind it reads, upright, in plain modes."""

import asyncio
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from PIL import ExifTags, Image, ImageOps

from safelight.media import extension, sniff
from safelight.upstream import UpstreamError

_READABLE = frozenset({"image/png", "image/jpeg", "image/webp"})
_CONVERTIBLE = frozenset({"image/gif", "image/bmp", "image/tiff", "image/avif"})
_READERS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_PLAIN_MODES = frozenset({"RGB", "RGBA", "L", "LA"})
_DEEP_MODES = frozenset({"I", "I;16", "I;16B", "I;16L"})
_INKS = frozenset({"CMYK", "YCCK"})
_MOST = 16
_MOST_BYTES = 50_000_000
_MOST_PIXELS = 64_000_000
"""To unpack and encode anew, which takes some ten bytes of memory each."""
_ENCODERS = ThreadPoolExecutor(2, "input-pictures")
"""So many at once, whatever the number of predictions: for the memory."""
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
    if media_type not in _READABLE | _CONVERTIBLE:
        what = f"is {media_type}" if media_type else "is no image"
        raise UpstreamError(
            f"Input image {index + 1} {what}; OpenAI reads PNG, JPEG and WebP. Send one of these."
        )
    try:
        loop = asyncio.get_running_loop()
        plain = await loop.run_in_executor(_ENCODERS, _plain, content, media_type)
    except _TooManyPixels as error:
        raise UpstreamError(
            f"Input image {index + 1} has {error.pixels / 1_000_000:.0f} megapixels; it has to be"
            f" encoded anew, which is done with up to {_MOST_PIXELS / 1_000_000:g}. Send a smaller"
            " one."
        ) from error
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


class _TooManyPixels(Exception):
    def __init__(self, pixels: int) -> None:
        super().__init__(pixels)
        self.pixels = pixels


def _plain(content: bytes, media_type: str) -> bytes:
    """Encode it anew only if the API would refuse it, or the model see it lying on its side."""
    with Image.open(io.BytesIO(content), formats=_READERS) as picture:
        is_turned = picture.getexif().get(ExifTags.Base.Orientation, _UPRIGHT) != _UPRIGHT
        is_odd = picture.mode not in _PLAIN_MODES or getattr(picture, "n_frames", 1) > 1
        if media_type in _READABLE and not (is_turned or is_odd):
            return content
        if _pixels(picture) > _MOST_PIXELS:
            # A JPEG can be unpacked at half the size; others stay as they are.
            picture.draft(picture.mode, (picture.width // 2, picture.height // 2))
        if _pixels(picture) > _MOST_PIXELS:
            raise _TooManyPixels(_pixels(picture))
        return _anew(picture)


def _pixels(picture: Image.Image) -> int:
    return picture.width * picture.height


def _anew(picture: Image.Image) -> bytes:
    """The first frame of one that moves."""
    has_alpha = picture.mode in {"PA", "RGBA", "LA"} or "transparency" in picture.info
    is_photo = picture.format in {"JPEG", "MPO", "AVIF"} and not has_alpha
    # The profile of printing inks says nothing of the colours that they are turned into.
    profile = None if picture.mode in _INKS else picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(_shallow(picture))
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    out = io.BytesIO()
    if is_photo:
        plain.save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
    else:
        plain.save(out, "PNG", icc_profile=profile)
    return out.getvalue()


def _shallow(picture: Image.Image) -> Image.Image:
    """Eight bits of sixteen: converting alone would take all but the darkest for white."""
    if picture.mode not in _DEEP_MODES:
        return picture
    return picture.convert("I").point(lambda shade: shade / 256).convert("L")
