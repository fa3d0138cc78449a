"""The ground of a street between its fronts: road, pavements, and on a wet road the lights mirrored in it."""

import numpy as np
from PIL import Image, ImageFilter

from safelight.sketch.colours import hexa, mix, rgb, times
from safelight.sketch.fields import Field, fractal, resized
from safelight.sketch.landscapes import dark
from safelight.sketch.stage import Stage, picture_of, plate_of

FAR, REACH = (
    0.055,
    0.36,
)  # half the far gap (share of the width); how far the fronts reach below the horizon (height)
_FINE = 3  # the mirror image is made at a third of the size


def front_foot(stage: Stage, vx: float, columns: Field) -> Field:
    """Return the row (pixels) where fronts and pavement meet, for columns in pixels."""
    width, low = stage.width, stage.height * REACH
    far = width * FAR
    deep = low * far / max(width * 1.02 - vx, vx + width * 0.02) * 1.2
    places = (-width * 0.02, vx - far, vx, vx + far, width * 1.02)
    rows = np.interp(columns, places, (low, deep, 1.0, deep, low))
    return (stage.horizon + rows).astype(np.float32)


def paint_pavement(stage: Stage, vx: float, *, wet: float) -> None:
    """Paint the ground of a street that runs to column `vx` on the horizon; `wet` is 0 (dry) to 1."""
    width, height, top = stage.width, stage.height, stage.horizon
    lights = _mirrored(stage, vx) if wet > 0.05 else None
    tone = dark(stage, rgb("#5c6068")) if stage.light.dark < 0.6 else rgb("#141722")
    walk = mix(tone, (0.75, 0.72, 0.68), 0.3 if stage.light.dark < 0.6 else 0.1)
    left, foot, right = (
        float(part)
        for part in front_foot(
            stage, vx, np.asarray([0.0, vx - width * FAR, width], dtype=np.float32)
        )
    )
    far, slope = width * FAR, (left - top) / vx
    body = f'<path d="M0 {left}L{vx - far} {foot}L{vx} {top}L{vx + far} {foot}L{width} {right}V{height}H0Z" fill="{hexa(walk)}"/>'
    half = (height - top) / slope / 1.55
    body += f'<path d="M{vx} {top}L{vx - half} {height}H{vx + half}Z" fill="{hexa(tone)}"/><path d="M{vx} {top}L{vx - half} {height}M{vx} {top}L{vx + half} {height}" stroke="{hexa(times(walk, 1.6))}" stroke-width="{3 * stage.unit}"/>'
    low = height - top
    for s in (0.07, 0.11, 0.17, 0.26, 0.4, 0.62):
        y, w, h = top + low * s, 9 * stage.unit * s, low * 0.16 * s
        body += f'<path d="M{vx - w} {y}h{2 * w}l{w * 0.35} {h}h{-2.7 * w}Z" fill="#f3efe2" fill-opacity="{0.8 - 0.45 * stage.light.dark}"/>'
    stage.draw(body, (0, top, width, height))
    if lights is not None:
        gain = [min(255, int(value * wet)) for value in range(256)] * 3
        stage.shine(lights.point(gain), (0, int(top)))


def _mirrored(stage: Stage, vx: float) -> Image.Image:
    """Return the light that a wet ground throws back: each column mirrored at the foot of its front, and smeared."""
    small = stage.image.reduce(_FINE)
    plate = plate_of(small)
    start = int(stage.horizon) // _FINE
    columns = np.arange(small.width, dtype=np.float32)
    foot = front_foot(stage, vx, columns * _FINE)[None, :] / _FINE
    rows = np.arange(start, small.height, dtype=np.float32)[:, None]
    size = (small.width, small.height - start)
    ripple = fractal(stage.rng, *size, (small.width / 9, small.height / 60), 3)
    below = np.maximum(rows - foot, 0)
    source = np.clip(foot - below * 1.25 + ripple * (1 + below * 0.12), 0, small.height - 1)
    across = np.clip(columns[None, :] + ripple * (0.6 + below * 0.05), 0, small.width - 1)
    seen = plate[source.astype(np.int32), across.astype(np.int32)]
    puddles = 0.5 + 0.5 * np.clip(0.55 + 1.3 * resized(ripple[::2, ::2], *size), 0, 1)
    fall = np.exp(-below / (0.55 * small.height)) * np.clip(below / 2, 0, 1) * puddles
    picture = picture_of((seen**1.3 * fall[..., None] * 0.95).astype(np.float32))
    soft = picture.filter(ImageFilter.BoxBlur((1, max(2, small.height // 90))))
    return soft.resize((stage.width, stage.height - int(stage.horizon)), Image.Resampling.BILINEAR)
