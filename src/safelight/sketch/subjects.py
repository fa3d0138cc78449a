"""Subjects as cut-out pictures: taken from the library or drawn by hand, recoloured, and lit like the scene."""

import io
import zipfile
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageChops

from safelight.sketch.brief import Thing
from safelight.sketch.colours import Colour, line_table, luminance
from safelight.sketch.drawings import DRAWINGS
from safelight.sketch.fields import Field, Floats, smooth
from safelight.sketch.lexicon import subjects
from safelight.sketch.light import Light
from safelight.sketch.stage import mask_of
from safelight.sketch.vectors import drawn

_LIBRARY_SIDE = 128  # the library's pictures are drawn on a square of this many units


@cache
def _library() -> zipfile.ZipFile:
    data = (files("safelight.sketch") / "data" / "subjects.zip").read_bytes()
    return zipfile.ZipFile(io.BytesIO(data))


def library_body(picture: str) -> str:
    """Return the SVG elements of a library picture. Raises KeyError when the library lacks it."""
    return _library().read(f"{picture}.svg").decode()


@lru_cache(maxsize=48)
def _rendered(
    picture: str, side: int, variant: int, colour: Colour | None, words: frozenset[str]
) -> Image.Image:
    """Render a picture so that its longer side has about `side` pixels, cropped to what is painted."""
    if picture.startswith("@"):
        width, height, body = DRAWINGS[picture[1:]](variant, colour, words)
        fine = side / max(width, height)
        cut = drawn(body, (0, 0, width, height), fine)
    else:
        fine = side / _LIBRARY_SIDE
        cut = drawn(library_body(picture), (0, 0, _LIBRARY_SIDE, _LIBRARY_SIDE), fine)
    return cut.crop(cut.getchannel("A").getbbox() or (0, 0, 1, 1))


def cutout(thing: Thing, height: int, variant: int = 0) -> Image.Image:
    """Return the subject as RGBA, `height` pixels high, in the colour the prompt gave it, unlit."""
    picture = subjects()[thing.name].picture
    step = max(64, min(1024, 64 * round(height * 1.25 / 64)))
    cut = _rendered(picture, step, variant, thing.colour, thing.words)
    ratio = height / cut.height
    width = max(1, round(cut.width * ratio))
    cut = cut.resize(
        (width, max(1, height)), Image.Resampling.LANCZOS if ratio < 1 else Image.Resampling.BICUBIC
    )
    if thing.colour is not None and not picture.startswith("@"):
        cut = recoloured(cut, thing.colour)
    return cut


def recoloured(cut: Image.Image, colour: Colour) -> Image.Image:
    """Give the main colour of a cut-out another hue and tone; shading, eyes and whites stay."""
    data = np.asarray(cut, dtype=np.float32) / np.float32(255)
    paint, alpha = data[..., :3], data[..., 3]
    high, low = paint.max(axis=-1), paint.min(axis=-1)
    chroma, lum = high - low, paint @ np.asarray((0.3, 0.59, 0.11), dtype=np.float32)
    solid = alpha > 0.5
    if not solid.any():
        return cut
    coloured = solid & (chroma > 0.18) & (lum > 0.12)
    if coloured.sum() > 0.2 * solid.sum():
        mean = np.median(paint[coloured], axis=0)
        near = np.exp(
            -(((paint - mean[None, None]) - (lum - mean @ (0.3, 0.59, 0.11))[..., None]) ** 2).sum(
                -1
            )
            / 0.09
        )
        share = smooth(near.astype(np.float32), 0.15, 0.6) * smooth(lum, 0.08, 0.22)
    else:
        mean = np.median(paint[solid], axis=0)
        share = smooth(lum, 0.06, 0.2) * (1 - smooth(lum, 0.93, 1.0) * (luminance(colour) > 0.3))
    middle = max(0.12, float(mean @ np.asarray((0.3, 0.59, 0.11))))
    tone = np.clip(lum / middle, 0, 1.7)[..., None]
    target = np.asarray(colour, dtype=np.float32) * np.minimum(tone, 1) + np.maximum(
        tone - 1, 0
    ) * np.float32(0.45)
    mixed = paint + (target - paint) * share[..., None]
    return _rgba(mixed.astype(np.float32), alpha)


def lit(
    cut: Image.Image, light: Light, *, depth: float = 0.0, strength: float = 1.0
) -> Image.Image:
    """Model a flat cut-out and set it in the light: volume, rim light, ambient tint, and haze by `depth` (0..1)."""
    depth = round(depth, 2)
    bulge = _bulge(cut)
    side = 1.0 if light.sun_at[0] > 0.5 else -1.0
    gy, gx = np.gradient(bulge)
    slope = np.clip((-gx * side * 0.8 + gy * 0.9) * max(bulge.shape) * 0.16, -1, 1)
    shading = 1 + strength * (0.22 * slope + 0.10 * (bulge - 0.6)) * (0.5 + 0.5 * light.direct)
    fall = np.linspace(1.05, 0.86, bulge.shape[0], dtype=np.float32)[:, None]
    rim = np.clip(slope, 0, 1) ** 2 * (1 - smooth(bulge, 0.5, 0.95)) * light.direct * 0.5 * strength
    shaded = _stretched(shading * fall / _BRIGHTEST, cut.size)
    edge = _stretched(rim, cut.size)
    paint = ImageChops.multiply(cut.convert("RGB"), Image.merge("RGB", (shaded, shaded, shaded)))
    tables = [line_table(round(_BRIGHTEST * part, 3)) for part in light.tint]
    tinted = paint.point([*tables[0], *tables[1], *tables[2]])
    glow = Image.merge("RGB", [edge.point(line_table(round(part, 3))) for part in light.sun])
    whole = ImageChops.add(tinted, glow)
    if depth:
        tables = [line_table(1 - depth, round(part * depth, 3)) for part in light.haze]
        whole = whole.point([*tables[0], *tables[1], *tables[2]])
    whole.putalpha(cut.getchannel("A"))
    return whole


_BRIGHTEST = 1.35  # the most that shading multiplies by


def _stretched(field: Floats, size: tuple[int, int]) -> Image.Image:
    return mask_of(field).resize(size, Image.Resampling.BICUBIC)


def _bulge(cut: Image.Image) -> Field:
    """Return a soft pillow over the cut-out, at most 96 cells a side: 0 outside, rising to 1 within."""
    scale = min(1.0, 96 / max(cut.size))
    size = (max(4, round(cut.width * scale)), max(4, round(cut.height * scale)))
    small = cut.getchannel("A").resize(size, Image.Resampling.BOX)
    soft = np.pad(np.asarray(small, dtype=np.float32) / np.float32(255), 8)
    for _ in range(2):
        for axis in (0, 1):
            total = np.zeros_like(soft)
            for shift in range(-3, 4):
                total += np.roll(soft, shift, axis)
            soft = total / np.float32(7)
    return np.clip(soft[8:-8, 8:-8] * 2 - 0.75, 0, 1).astype(np.float32)


def _rgba(paint: Floats, alpha: Floats) -> Image.Image:
    whole = np.concatenate([np.clip(paint, 0, 1), alpha[..., None]], axis=-1)
    return Image.fromarray((whole * 255 + 0.5).astype(np.uint8), "RGBA")
