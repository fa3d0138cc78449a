"""Pixel sizes: by aspect ratio, and as read from the first bytes of a picture."""

import struct

Size = tuple[int, int]

PAINTED = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "21:9": (1536, 640),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "4:5": (896, 1088),
    "5:4": (1088, 896),
    "3:4": (896, 1152),
    "4:3": (1152, 896),
    "9:16": (768, 1344),
    "9:21": (640, 1536),
}
"""The sizes that Flux models use, in the order of their pages; about a megapixel each."""

_SHORTEST_SIDE, _LONGEST_SIDE = 256, 3840
_MEGAPIXEL = 1024
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG's start-of-frame markers."""


def completed(width: int | None, height: int | None, aspect_ratio: str) -> Size | None:
    """An explicit size; a missing side follows from the ratio; None when both are missing."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    if width is None and height is None:
        return None
    if width is None:
        width = round((height or 0) * across / down)
    return width, height or round(width * down / across)


def paintable(size: Size) -> Size:
    """The nearest size that the sketch can paint."""
    width, height = (min(max(side, _SHORTEST_SIDE), _LONGEST_SIDE) for side in size)
    return width, height


def like(size: Size) -> Size:
    """A size of about a megapixel in the shape of another, each side a multiple of 16."""
    scale = _MEGAPIXEL / (size[0] * size[1]) ** 0.5
    return paintable((round(size[0] * scale / 16) * 16, round(size[1] * scale / 16) * 16))


def size_of(content: bytes) -> Size | None:
    """Width and height of a PNG, GIF, JPEG or WebP; None for anything else or damaged."""
    try:
        return _size(content)
    except (struct.error, IndexError):
        return None


def _size(content: bytes) -> Size | None:
    if content.startswith(b"\x89PNG"):
        return struct.unpack_from(">II", content, 16)
    if content.startswith(b"GIF8"):
        return struct.unpack_from("<HH", content, 6)
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    return _webp_size(content) if content[8:12] == b"WEBP" else None


def _jpeg_size(content: bytes) -> Size | None:
    position = 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return width, height
        position += 2 + struct.unpack_from(">H", content, position + 2)[0]
    return None


def _webp_size(content: bytes) -> Size | None:
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF
