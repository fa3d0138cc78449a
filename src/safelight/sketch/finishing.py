"""The last pass over every painting: bloom, vignette and grain."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from safelight.sketch.fields import ramp


def bloomed(image: Image.Image, strength: float = 0.35) -> Image.Image:
    """Let bright places glow into their surroundings."""
    small = image.reduce(8)
    bright = small.point(
        [max(0, int((k - 170) * 3 * strength)) if k > 170 else 0 for k in range(256)] * 3
    )
    if bright.getbbox() is None:
        return image
    glow = bright.filter(ImageFilter.GaussianBlur(max(small.size) / 42))
    whole = (0, 0, image.width / 8, image.height / 8)
    return ImageChops.screen(image, glow.resize(image.size, Image.Resampling.BILINEAR, whole))


def vignetted(image: Image.Image, strength: float = 0.22) -> Image.Image:
    """Darken the corners."""
    return ImageChops.multiply(image, _corners(image.size, strength))


@lru_cache(maxsize=4)
def _corners(size: tuple[int, int], strength: float) -> Image.Image:
    x, y = ramp(64, -1, 1)[None, :], ramp(64, -1, 1)[:, None]
    fall = 1 - strength * np.clip((x**2 + y**2) * 0.62 - 0.18, 0, 1)
    mask = Image.fromarray((fall * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return Image.merge("RGB", (mask, mask, mask))


@lru_cache(maxsize=8)
def _grain_tile(seed: int, spread: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    values = np.clip(rng.normal(128, spread, (384, 384)), 0, 255).astype(np.uint8)
    return Image.fromarray(values)


def grained(image: Image.Image, seed: int, spread: int = 5) -> Image.Image:
    """Add film grain of `spread` grey levels."""
    return ImageChops.add(image, _grain_sheet(image.size, seed % 8, spread), 1, -128)


@lru_cache(maxsize=4)
def _grain_sheet(size: tuple[int, int], seed: int, spread: int) -> Image.Image:
    tile = _grain_tile(seed, spread)
    sheet = Image.new("L", size)
    for y in range(0, size[1], tile.height):
        for x in range(0, size[0], tile.width):
            sheet.paste(tile, (x, y))
    return Image.merge("RGB", (sheet, sheet, sheet))
