"""What bytes are: media type and pixel size read from the bytes themselves, and data URIs."""

import binascii
import re
import struct
from collections.abc import Callable, Mapping
from struct import unpack_from
from urllib.parse import unquote_to_bytes

import msgspec

EXTENSIONS: Mapping[str, str] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
}
"""File extensions of the media types that can be told from bytes."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
)
_SVG_START = re.compile(rb"\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg[\s>/])", re.IGNORECASE)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_BOXES_BYTES = 65_536  # the boxes that describe an AVIF or HEIC picture come first


class DataUri(msgspec.Struct, frozen=True):
    """A data URI, decoded; `declared` is the media type it claims, often wrongly."""

    declared: str
    content: bytes


def sniff(content: bytes) -> str | None:
    """Tell the media type from the bytes; None when they are none of EXTENSIONS."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[:2] == b"BM" and content[14:18] in _BMP_HEADERS:
        return "image/bmp"
    if content[4:8] == b"ftyp":
        return _sniff_boxes(content)
    head = content[:4096].removeprefix(b"\xef\xbb\xbf")
    if _SVG_START.match(head) and b"<svg" in head:
        return "image/svg+xml"
    return None


_BMP_HEADERS = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def _sniff_boxes(content: bytes) -> str | None:
    length = int.from_bytes(content[:4], "big")
    brands = {content[8:12], *(content[at : at + 4] for at in range(16, min(length, 256), 4))}
    if brands & _AVIF_BRANDS:
        return "image/avif"
    return "image/heic" if brands & _HEIC_BRANDS else None


def extension(media_type: str) -> str:
    """Give the file extension with its dot; `.bin` for a type that is not known here."""
    return EXTENSIONS.get(media_type, ".bin")


def dimensions(content: bytes) -> tuple[int, int] | None:
    """Read width and height in pixels from the header, without decoding.

    None when the bytes are no raster picture, or end before their header does.
    """
    read = _READERS.get(sniff(content) or "")
    if read is None:
        return None
    try:
        size = read(content)
    except (struct.error, IndexError):
        return None
    return size if size and min(size) > 0 else None


def _png(content: bytes) -> tuple[int, int]:
    width, height = unpack_from(">II", content, 16)
    return width, height


def _gif(content: bytes) -> tuple[int, int]:
    width, height = unpack_from("<HH", content, 6)
    return width, height


def _bmp(content: bytes) -> tuple[int, int]:
    if content[14] == 12:
        width, height = unpack_from("<HH", content, 18)
    else:
        width, height = unpack_from("<ii", content, 18)
    return width, abs(height)  # rows from the top have a negative height


def _webp(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = content[24:27], content[27:30]
        if len(height) < 3:
            return None
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8L":
        (bits,) = unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while True:
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _JPEG_ALONE:
            at += 2
        elif marker in _JPEG_FRAMES:
            height, width = unpack_from(">HH", content, at + 5)
            return width, height
        else:
            (length,) = unpack_from(">H", content, at + 2)
            at += 2 + length


def _tiff(content: bytes) -> tuple[int, int] | None:
    order = "<" if content[:2] == b"II" else ">"
    (start,) = unpack_from(order + "I", content, 4)
    (count,) = unpack_from(order + "H", content, start)
    found: dict[int, int] = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = unpack_from(order + "HH", content, at)
        if tag in {256, 257}:
            (found[tag],) = unpack_from(order + ("H" if kind == 3 else "I"), content, at + 8)
    return (found[256], found[257]) if len(found) == 2 else None


def _boxes(content: bytes) -> tuple[int, int] | None:
    """Take the largest `ispe` property: tiles and thumbnails have smaller ones of their own."""
    head = content[:_BOXES_BYTES]
    sizes = [unpack_from(">II", head, m.end() + 4) for m in re.finditer(rb"ispe", head)]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)  # pyright: ignore[reportReturnType]


_READERS: Mapping[str, Callable[[bytes], tuple[int, int] | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/tiff": _tiff,
    "image/avif": _boxes,
    "image/heic": _boxes,
}


def is_data_uri(text: str) -> bool:
    """Say whether the text is meant as a data URI, well formed or not."""
    return text.lstrip()[:5].lower() == "data:"


def parse_data_uri(text: str) -> DataUri:
    """Decode a data URI as people write them.

    Accepted besides RFC 2397: line breaks, percent-encoded or URL-safe base64, padding left out,
    and no `;base64` where the payload is base64 all the same.

    Raises:
        ValueError: There is no comma, or the payload is not the base64 it says it is.
    """
    head, comma, payload = text.lstrip()[5:].partition(",")
    if not comma:
        raise ValueError("it has no comma between the type and the data")
    declared, *parameters = (part.strip().lower() for part in head.split(";"))
    if "base64" in parameters:
        content = _from_base64(payload)
        if content is None:
            raise ValueError("its data is not base64")
        return DataUri(declared or "text/plain", content)
    return DataUri(declared or "text/plain", _unmarked(declared, payload))


def _unmarked(declared: str, payload: str) -> bytes:
    """Decode a payload without `;base64`, which shell recipes leave out."""
    content = _from_base64(payload)
    if content is not None and (sniff(content) or _is_binary(declared)):
        return content
    return unquote_to_bytes(payload)


def _is_binary(declared: str) -> bool:
    return declared == "application/octet-stream" or declared.startswith(
        ("image/", "audio/", "video/")
    )


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _from_base64(payload: str) -> bytes | None:
    try:
        raw = unquote_to_bytes(payload) if "%" in payload else payload.encode("ascii")
        digits = raw.translate(_URL_SAFE, b" \t\r\n\f\v").rstrip(b"=")
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
