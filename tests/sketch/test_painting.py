"""The painting itself: sizes, formats, determinism, inputs."""

import hashlib
import io
import re
import struct
import subprocess
import sys
import zlib
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from safelight.sketch import Commission, paint
from safelight.sketch.brief import Brief
from safelight.sketch.light import light_of
from safelight.sketch.places import PLACES
from safelight.sketch.stage import Stage
from safelight.sketch.styles import STYLES


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def _png(colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def _bomb() -> bytes:
    """A PNG whose header claims 20000 by 20000 pixels."""
    header = struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"IDAT" + zlib.compress(bytes(64))
    whole = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    return whole + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


@pytest.mark.parametrize("size", [(256, 256), (640, 274), (300, 701), (1344, 768)])
def test_the_picture_has_exactly_the_asked_size(size: tuple[int, int]) -> None:
    """Any ratio comes out to the pixel."""
    assert _opened(paint(Commission("a fox in a forest", *size))).size == size


def test_a_very_large_picture_has_the_asked_size() -> None:
    """Pictures painted smaller and enlarged still come out to the pixel."""
    assert _opened(paint(Commission("ocean", 3840, 2160, "jpeg"))).size == (3840, 2160)


@pytest.mark.parametrize(("kind", "name"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_the_picture_has_the_asked_format(kind: Literal["png", "jpeg", "webp"], name: str) -> None:
    """The bytes are what the format says."""
    assert _opened(paint(Commission("a lake", 256, 256, kind))).format == name


def test_svg_states_its_size() -> None:
    """An SVG is a document of the asked size."""
    text = paint(Commission("a lake", 320, 256, "svg")).decode()
    assert re.search(r'<svg[^>]+width="320" height="256"', text)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_transparent_pictures_have_real_alpha(kind: Literal["png", "webp"]) -> None:
    """The subject is opaque, the corners are clear."""
    picture = _opened(
        paint(Commission("a black cat with a blue hat", 512, 512, kind, transparent=True))
    ).convert("RGBA")
    assert picture.getchannel("A").getextrema() == (0, 255)
    assert picture.getpixel((2, 2)) is not None
    assert picture.getchannel("A").getpixel((2, 2)) == 0


def test_the_same_commission_gives_the_same_bytes() -> None:
    """Painting is deterministic, across processes too."""
    commission = Commission("a sailboat at sunset, watercolour", 320, 256)
    code = (
        "import hashlib; from safelight.sketch import Commission, paint;"
        "commission = Commission('a sailboat at sunset, watercolour', 320, 256);"
        "print(hashlib.sha256(paint(commission)).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    here = hashlib.sha256(paint(commission)).hexdigest()
    assert paint(commission) == paint(commission)
    assert other.stdout.strip() == here


@pytest.mark.parametrize("prompt", ["<today's date>", "ocean", "a dog in a park"])
def test_another_seed_gives_another_picture(prompt: str) -> None:
    """Two seeds differ to the eye, not only in their bytes."""
    first, second = (
        _opened(paint(Commission(prompt, 256, 256, seed=seed))).convert("L").resize((32, 32))
        for seed in (1, 2)
    )
    apart = sum(abs(a - b) for a, b in zip(first.tobytes(), second.tobytes(), strict=True)) / 1024
    assert apart > 2


@pytest.mark.parametrize(
    "prompt", ["a laptop screen with a playlist", "a living room", "a mountain lake", "a calendar"]
)
def test_inputs_are_worked_into_the_picture(prompt: str) -> None:
    """A bright input picture shows in the painting."""
    plain = _opened(paint(Commission(prompt, 384, 256))).convert("RGB")
    shown = _opened(paint(Commission(prompt, 384, 256, inputs=(_png((255, 0, 255)),)))).convert(
        "RGB"
    )

    def magenta(picture: Image.Image) -> int:
        data = picture.tobytes()
        return sum(
            1
            for k in range(0, len(data), 3)
            if data[k] > 150 and data[k + 2] > 150 and data[k + 1] < 90
        )

    assert magenta(shown) > magenta(plain) + 100


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not a picture", "cannot|not a picture"),
        (_bomb(), "megapixels"),
        (_png((1, 2, 3))[:60], "not a picture"),
    ],
)
def test_bad_inputs_are_refused_by_index(data: bytes, words: str) -> None:
    """The error names which input is wrong and why, before anything is decoded."""
    with pytest.raises(ValueError, match=rf"inputs\[1\].*({words})"):
        paint(Commission("a lake", 256, 256, inputs=(_png((9, 9, 9)), data)))


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "   ",
        "\u6d77\u8fb9\u7684\u72d0\u72f8",
        "\U0001f98a\u200d\U0001f525",
        "<>\"'{}",
        "a" * 32000,
        "\ud800 lone",
    ],
)
def test_any_prompt_gives_a_picture(prompt: str) -> None:
    """Empty, foreign, malformed and huge prompts are painted too."""
    assert _opened(paint(Commission(prompt, 256, 256))).size == (256, 256)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_every_place_can_be_painted(place: str) -> None:
    """Each painter of the list fills a picture, by day and by night."""
    for hour in ("day", "night"):
        empty = Image.new("RGB", (256, 256), (255, 0, 255))
        stage = Stage(Brief(), light_of(hour, ""), np.random.default_rng(1), empty)
        PLACES[place](stage)
        assert (255, 0, 255) not in {colour for _, colour in stage.image.getcolors(1 << 17) or []}
        assert 0 < stage.ground.near <= stage.height * 1.05


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_style_keeps_the_size(style: str) -> None:
    """A style changes the look, never the size or the mode."""
    before = Image.linear_gradient("L").resize((300, 256)).convert("RGB")
    after = STYLES[style](before, np.random.default_rng(1))
    assert (after.size, after.mode) == (before.size, "RGB")
