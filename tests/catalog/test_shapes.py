"""Sizes read from pictures, and sizes made from ratios."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from safelight.catalog.shapes import PAINTED, completed, like, paintable, size_of


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "dpi": (72, 72), "comment": "x" * 300}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00"}),
    ],
)
def test_the_size_is_read_from_the_header(form: str, options: dict[str, object], mode: str) -> None:
    """Of every format that a caller may send."""
    if (form, mode) == ("JPEG", "RGBA"):
        mode = "L"
    buffer = io.BytesIO()
    Image.new(mode, (301, 77)).save(buffer, form, **options)
    assert size_of(buffer.getvalue()) == (301, 77)


@settings(deadline=None)  # the machine may be busy
@given(
    st.sampled_from([b"", b"\x89PNG", b"\xff\xd8", b"\xff\xd8\xff", b"GIF8", b"RIFF....WEBP"]),
    st.binary(max_size=40),
)
def test_damaged_bytes_have_no_size_and_raise_nothing(head: bytes, tail: bytes) -> None:
    """What callers send may be anything."""
    size = size_of(head + tail)
    assert size is None or len(size) == 2


def test_the_sizes_of_ratios_are_those_of_the_engines_table() -> None:
    """In the order of the page."""
    assert list(PAINTED.items()) == [
        ("1:1", (1024, 1024)),
        ("16:9", (1344, 768)),
        ("21:9", (1536, 640)),
        ("3:2", (1216, 832)),
        ("2:3", (832, 1216)),
        ("4:5", (896, 1088)),
        ("5:4", (1088, 896)),
        ("3:4", (896, 1152)),
        ("4:3", (1152, 896)),
        ("9:16", (768, 1344)),
        ("9:21", (640, 1536)),
    ]


def test_a_missing_side_follows_from_the_ratio() -> None:
    """Both, one or no side may be given."""
    assert completed(None, None, "3:2") is None
    assert completed(300, None, "3:2") == (300, 200)
    assert completed(None, 200, "3:2") == (300, 200)
    assert completed(5, 6, "3:2") == (5, 6)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_shape_becomes_a_size_that_can_be_painted(width: int, height: int) -> None:
    """Of about a megapixel, unless it is very narrow."""
    painted = like((width, height))
    assert paintable(painted) == painted
    assert all(side % 16 == 0 for side in painted)
