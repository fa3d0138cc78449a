"""Scenes of streets, roads and walls."""

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from safelight.sketch.colours import byte, hexa, mix, rgb, shifted, times
from safelight.sketch.facades import NEON, front_row, warp
from safelight.sketch.fields import ramp
from safelight.sketch.landscapes import GRASS, dark, leaves_of, paint_rolling
from safelight.sketch.light import Light, light_of, toward
from safelight.sketch.pavements import FAR, front_foot, paint_pavement
from safelight.sketch.plants import leafy
from safelight.sketch.skies import paint_sky
from safelight.sketch.skylines import WARM, skyline_row
from safelight.sketch.speed import bokeh
from safelight.sketch.stage import Ground, Stage, mask_of
from safelight.sketch.terrain import Floor, paint_floor


def _base(stage: Stage) -> None:
    """Cover everything below the horizon, so that nothing bare shows between road and fronts."""
    box = (0, int(stage.horizon), stage.width, stage.height)
    stage.image.paste(byte(dark(stage, rgb("#5c6068"))), box)


def _corridor(stage: Stage, *, neon: bool) -> float:
    """Paint the two rows of fronts meeting at the vanishing point, and return its column."""
    width, height = stage.width, stage.height
    vx, vy = width * (0.5 + float(stage.rng.uniform(-0.06, 0.06))), stage.horizon
    far, rise = width * FAR, height * 0.95
    for side in (-1, 1):
        front = front_row(stage.rng, (1500, 620), stage, neon=neon)
        near_x, far_x = (-width * 0.02 if side < 0 else width * 1.02), vx + side * far
        scale = far / max(abs(near_x - vx), 1)
        near_foot, far_foot = (
            float(row)
            for row in front_foot(stage, vx, np.asarray([near_x, far_x], dtype=np.float32))
        )
        corners = [
            (near_x, vy - rise), (far_x, vy - rise * scale * 1.15), (far_x, far_foot), (near_x, near_foot),
        ]  # fmt: skip
        if side > 0:
            front = ImageOps.mirror(front)
            corners = [corners[1], corners[0], corners[3], corners[2]]
        warp(stage, front, corners)
    return vx


def neonstreet(stage: Stage) -> None:
    """A wet street at night between glowing fronts."""
    from_night(stage)
    stage.horizon = stage.height * 0.5
    paint_sky(stage)
    skyline_row(
        stage,
        stage.horizon + 4,
        stage.height * 0.34,
        stage.width * 0.06,
        mix(rgb("#1a2240"), stage.light.haze, 0.35),
        0.5,
    )
    stage.glow((stage.width * 0.5, stage.horizon), stage.width * 0.4, (0.75, 0.25, 0.6), 0.55)
    _base(stage)
    vx = _corridor(stage, neon=True)
    stage.shine(
        ImageEnhance.Brightness(stage.image.reduce(6).filter(ImageFilter.GaussianBlur(7)))
        .enhance(0.75)
        .resize(stage.image.size),
        (0, 0),
    )
    paint_pavement(stage, vx, wet=1.0)
    bokeh(stage, 14, [*NEON, *WARM], (stage.height * 0.3, stage.height * 0.6), 14)
    for side in (-1, 1):
        for k in (1, 2, 3):
            x = vx + stage.width * side * 0.022 * k
            stage.glow(
                (x, stage.horizon + stage.height * 0.012 * k),
                24 * k * stage.unit,
                (1.0, 0.93, 0.8) if side > 0 else (1.0, 0.2, 0.15),
                0.8,
            )
    stage.ground = Ground(
        "road",
        stage.horizon + 0.14 * stage.height,
        stage.height * 0.92,
        0.38,
        letters=(stage.width * 0.2, stage.height * 0.1, stage.width * 0.8, stage.height * 0.42),
    )


def from_night(stage: Stage) -> None:
    """Neon needs the dark: an unspoken hour becomes night."""
    if not stage.brief.hour:
        stage.light = night_light(stage)


def street(stage: Stage) -> None:
    """A street of houses in perspective, with trees; lit windows when it is dark."""
    stage.horizon = stage.height * 0.52
    paint_sky(stage)
    skyline_row(
        stage,
        stage.horizon + 4,
        stage.height * 0.16,
        stage.width * 0.05,
        mix(dark(stage, rgb("#8a8f98")), stage.light.haze, 0.6),
        0.2 * stage.light.dark,
    )
    _base(stage)
    vx = _corridor(stage, neon=stage.light.dark > 0.8)
    paint_pavement(
        stage, vx, wet=1.0 if stage.brief.weather in {"rain", "storm"} else 0.25 * stage.light.dark
    )
    height = stage.height
    for x, size in ((0.405, 0.14), (0.6, 0.15), (0.3, 0.27), (0.71, 0.28)):
        leafy(
            stage,
            stage.width * x,
            stage.horizon + size * height * 0.34,
            height * size,
            leaves_of(stage),
        )
    if stage.light.dark > 0.3:
        bokeh(stage, 20, WARM, (height * 0.35, height * 0.6), 18)
    stage.ground = Ground("road", stage.horizon + 0.12 * height, height * 0.92, 0.38)


def night_light(stage: Stage) -> Light:
    """Return the light of night in the stage's weather and palette."""
    return toward(light_of("night", stage.brief.weather), stage.brief.palette)


def road(stage: Stage) -> None:
    """A highway running to the hills."""
    paint_rolling(stage, GRASS)
    width, height, top = stage.width, stage.height, stage.horizon + stage.height * 0.07
    tone = hexa(dark(stage, rgb("#5a5c62")))
    lines = "".join(
        f'<path d="M{width * 0.5 - w} {y}h{2 * w}l{w * 0.6} {h}h{-3.2 * w}Z" fill="#f6e7b0" fill-opacity="{0.95 - 0.5 * stage.light.dark}"/>'
        for y, w, h in (
            (top + (height - top) * s, 8 * stage.unit * s, (height - top) * 0.16 * s)
            for s in (0.05, 0.1, 0.19, 0.33, 0.55)
        )
    )
    edges = "".join(
        f'<path d="M{width * (0.5 + s * 0.012)} {top}L{width * (0.5 + s * 0.44)} {height}" stroke="#f3efe2" stroke-width="{5 * stage.unit}" stroke-opacity=".8"/>'
        for s in (-1, 1)
    )
    stage.draw(
        f'<path d="M{width * 0.487} {top}H{width * 0.513}L{width * 0.97} {height}H{width * 0.03}Z" fill="{tone}"/>{edges}{lines}',
        (0, top, width, height),
    )
    stage.ground = Ground("road", top + 0.1 * height, height * 0.9, 0.4)


def _bricks(stage: Stage) -> None:
    """Lay bricks of slightly different fire, and stain them."""
    width, height, unit = stage.width, stage.height, stage.unit
    pen = ImageDraw.Draw(stage.image)
    mortar, base = dark(stage, rgb("#b7a594")), list(stage.brief.palette)[:1] or [rgb("#a04f3a")]
    pen.rectangle((0, 0, width, height), fill=byte(mortar))
    high, wide = 34 * unit, 86 * unit
    for row in range(int(stage.horizon / high) + 1):
        for column in range(-1, int(width / wide) + 1):
            x, y = (column + 0.5 * (row % 2)) * wide, row * high
            tone = shifted(
                dark(stage, base[0]),
                hue=float(stage.rng.uniform(-0.012, 0.012)),
                light=float(stage.rng.uniform(0.72, 1.18)),
            )
            pen.rounded_rectangle(
                (x, y, x + wide - 5 * unit, y + high - 5 * unit), 3 * unit, fill=byte(tone)
            )
    noise = (
        mask_of(
            np.clip(stage.rng.normal(0.5, 0.22, (height // 4, width // 4)).astype(np.float32), 0, 1)
        )
        .filter(ImageFilter.GaussianBlur(1))
        .resize(stage.image.size, Image.Resampling.BICUBIC)
    )
    stage.image.paste(
        Image.new("RGB", stage.image.size, (40, 22, 18)),
        (0, 0),
        noise.point([max(0, value - 120) for value in range(256)]),
    )


def brickwall(stage: Stage) -> None:
    """A brick wall in raking light over a pavement."""
    width, height, unit = stage.width, stage.height, stage.unit
    stage.horizon = height * 0.8
    _bricks(stage)
    fall = ramp(256, 0.0, 0.55) if stage.light.sun_at[0] < 0.5 else ramp(256, 0.55, 0.0)
    shade = np.broadcast_to(fall[None, :], (8, 256))
    stage.fill(
        mask_of(shade).resize(stage.image.size, Image.Resampling.BICUBIC),
        times(stage.light.shade, 0.35),
    )
    stage.glow(
        (stage.light.sun_at[0] * width, height * 0.1),
        800 * unit,
        stage.light.sun,
        0.3 * stage.light.direct,
    )
    paint_floor(stage, Floor(rgb("#8d8a86"), rgb("#a5a19b"), rgb("#6f6d6a"), 0.6, 1.5))
    stage.draw(
        f'<rect y="{stage.horizon - 6 * unit}" width="{width}" height="{40 * unit}" fill="#1a1412" fill-opacity=".5"/>',
        (0, stage.horizon - 40 * unit, width, stage.horizon + 60 * unit),
        blur=14 * unit,
        fine=0.3,
    )
    stage.ground = Ground(
        "ground",
        stage.horizon + 0.03 * height,
        height * 0.9,
        0.5,
        letters=(width * 0.15, height * 0.1, width * 0.85, height * 0.5),
    )
