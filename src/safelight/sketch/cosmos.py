"""Scenes beyond the ground: space, planets, the moon, the sky."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.sketch.colours import Colour, byte, hexa, mix, rgb, shifted, times
from safelight.sketch.fields import line_noise, ramp, sample, smooth, tile
from safelight.sketch.light import Light, light_of
from safelight.sketch.skies import paint_sky, scatter_stars
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.terrain import Floor, Ridge, paint_floor, paint_ridge, scatter


def space(stage: Stage) -> None:
    """Nebulae, stars and planets."""
    _cosmos(stage)
    width, height, rng = stage.width, stage.height, stage.rng
    planet(
        stage,
        width * float(rng.uniform(0.12, 0.3)),
        height * float(rng.uniform(0.65, 0.85)),
        min(width, height) * 0.26,
        rgb("#c9743f"),
        ringed=bool(rng.random() < 0.5),
    )
    planet(stage, width * 0.84, height * 0.2, min(width, height) * 0.09, rgb("#5f8fd0"))
    stage.horizon = height * 0.5
    stage.ground = Ground("space", height * 0.3, height * 0.75, 0.42)


def _cosmos(stage: Stage) -> None:
    width, height, rng = stage.width, stage.height, stage.rng
    rows, columns = height // 2, width // 2
    square = tile(rng, 256, 1.9)
    y, x = np.meshgrid(
        np.arange(rows, dtype=np.float32), np.arange(columns, dtype=np.float32), indexing="ij"
    )
    step = np.float32(190 / max(rows, columns))
    warp = sample(square, x * step, y * step) * 13
    cloud = sample(square, x * step * 0.8 + warp, y * step * 0.8 + 70)
    second = sample(square, x * step * 0.7 + 120, y * step * 0.7 + warp)
    plate = np.broadcast_to(np.asarray((0.012, 0.014, 0.045), dtype=np.float32), (rows, columns, 3))
    tones = list(stage.brief.palette) or [
        rgb(code)
        for code in (
            ("#7a2fb0", "#1f6ad0", "#ff6a8a"),
            ("#1f8a9a", "#6a3fd0", "#ffb05a"),
            ("#b02f6a", "#3f2fa0", "#5ad0ff"),
        )[int(rng.integers(3))]
    ]
    for k, field in enumerate((cloud, second, cloud * second)):
        plate = plate + (smooth(field, 0.0, 2.4) * (0.75, 0.55, 0.5)[k])[..., None] * np.asarray(
            tones[k % len(tones)], dtype=np.float32
        )
    plate = plate + (smooth(cloud + 0.5 * second, 1.5, 3.0) * 0.6)[..., None]
    plate = (
        plate
        * (1 - 0.6 * smooth(sample(square, x * step * 1.7 + 33, y * step * 1.7), 0.5, 1.8))[
            ..., None
        ]
    )
    stage.lay(np.clip(plate, 0, 1).astype(np.float32))
    scatter_stars(stage, 900, height)


def _globe(stage: Stage, radius: float, base: Colour) -> Image.Image:
    """Return a lit globe as RGBA, `radius` pixels."""
    size = max(16, int(radius * 2))
    axis = ramp(size, -1, 1)
    gx, gy = axis[None, :], axis[:, None]
    inside = 1 - gx**2 - gy**2
    gz = np.sqrt(np.clip(inside, 0, 1))
    light = np.clip(
        0.75 * gx * (1 if stage.light.sun_at[0] > 0.5 else -1) - 0.35 * gy + 0.55 * gz, 0, 1
    )
    square = tile(stage.rng, 128, 1.8)
    bands = sample(
        square,
        (gx / (gz + 0.6) * 20 + 64).astype(np.float32),
        np.broadcast_to(gy * 60 + 64, (size, size)).astype(np.float32),
    )
    surface = (
        np.asarray(base, dtype=np.float32) * (1 + 0.22 * bands)[..., None] + 0.06 * bands[..., None]
    )
    body = surface * (0.03 + 1.1 * light)[..., None] + (np.exp(-gz * 5) * light * 0.5)[
        ..., None
    ] * np.asarray(mix(base, (0.7, 0.9, 1), 0.7), dtype=np.float32)
    rgba = np.concatenate(
        [np.clip(body, 0, 1), np.clip(inside * radius * 0.7, 0, 1)[..., None]], axis=-1
    )
    return _image(rgba)


def planet(
    stage: Stage, x: float, y: float, radius: float, base: Colour, *, ringed: bool = False
) -> None:
    """Paint a lit globe with bands and a thin glowing air."""
    at = (int(x - radius), int(y - radius))
    stage.glow((x, y), radius * 1.35, mix(base, (0.6, 0.8, 1.0), 0.6), 0.35)
    globe = _globe(stage, radius, base)
    ring = (
        f'<g transform="rotate(-18 {x} {y})" fill="none">'
        + "".join(
            f'<path d="M{x - radius * r} {y}A{radius * r} {radius * r * 0.3} 0 0 {{0}} {x + radius * r} {y}" stroke="{hexa(mix(base, (1, 0.95, 0.85), 0.5))}" stroke-opacity="{o}" stroke-width="{radius * 0.1}"/>'
            for r, o in ((1.45, 0.75), (1.6, 0.45), (1.78, 0.6))
        )
        + "</g>"
    )
    if ringed:
        stage.draw(ring.replace("{0}", "1"))
    stage.put(globe, at)
    if ringed:
        stage.draw(ring.replace("{0}", "0"))


def _image(rgba: npt.NDArray[np.float32]) -> Image.Image:
    return Image.fromarray((rgba * 255).astype(np.uint8), "RGBA")


def moon(stage: Stage) -> None:
    """The grey ground of the moon under a black sky, the earth above."""
    _barren(stage, rgb("#8f9096"), rgb("#c9cace"))
    width, height = stage.width, stage.height
    planet(stage, width * 0.78, height * 0.2, min(width, height) * 0.11, rgb("#3f7ac9"))


def _barren(stage: Stage, near: Colour, far: Colour) -> None:
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    stage.light = light_of("day", "")
    stage.image.paste((3, 4, 10), (0, 0, width, height))
    stage.horizon = height * 0.56
    scatter_stars(stage, 520, stage.horizon)
    airless = rgb("#b4b5ba")
    stage.light = _with_haze(stage, mix(far, airless, 0.5))
    paint_ridge(stage, Ridge(stage.horizon + 3, height * 0.13, 0.35, near, 0.12, 0.35))
    paint_floor(stage, Floor(near, far, times(near, 0.72), 1.0))
    craters = ""
    for _ in range(34):
        share = float(rng.random()) ** 1.6
        y, r = (
            stage.horizon + (height - stage.horizon) * (0.04 + share),
            (8 + 120 * share) * unit * float(rng.uniform(0.4, 1)),
        )
        x = float(rng.random()) * width
        craters += f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{r:.0f}" ry="{r * 0.3:.0f}" fill="#000" fill-opacity=".32"/><path d="M{x - r:.0f} {y:.0f}A{r:.0f} {r * 0.3:.0f} 0 0 0 {x + r:.0f} {y:.0f}" stroke="#fff" stroke-opacity=".45" stroke-width="{r * 0.07:.1f}" fill="none"/>'
    stage.draw(craters, (0, stage.horizon, width, height), blur=1.2 * unit)
    scatter(stage, [times(near, 0.6), times(near, 1.2)], 260, 7, stage.horizon + height * 0.04)
    stage.ground = Ground("ground", stage.horizon + height * 0.1, height * 0.9, 0.38)


def _with_haze(stage: Stage, haze: Colour) -> Light:
    return replace(stage.light, haze=haze, sun_at=(0.2, 0.8), tint=(1.0, 0.98, 0.95))


def alien(stage: Stage) -> None:
    """A strange world: coloured sky, spires, a ringed planet overhead."""
    red = bool(stage.brief.words & {"mars", "martian", "red"})
    tones = (
        [rgb("#8a4a2f"), rgb("#d99a6a"), rgb("#f2c9a0")]
        if red
        else [rgb("#2f1f5a"), rgb("#8a4fb0"), rgb("#ffb0a0")]
    )
    if not stage.brief.hour:
        top, middle, low = tones
        haze = mix(middle, low, 0.5)
        sky = replace(stage.light, top=top, middle=middle, low=low, haze=haze)
        stage.light = replace(sky, stars=0.4, cloud=0.2)
    stage.horizon = stage.height * 0.58
    paint_sky(stage)
    planet(
        stage,
        stage.width * 0.27,
        stage.height * 0.22,
        min(stage.width, stage.height) * 0.15,
        rgb("#d9a05a") if red else rgb("#4fb0a0"),
        ringed=True,
    )
    rock = rgb("#9a4a2c") if red else rgb("#4a3a7a")
    for k, haze in enumerate((0.6, 0.3)):
        rise = stage.height * (0.26 - 0.08 * k)
        paint_ridge(stage, Ridge(stage.horizon + 4, rise, 0.2, rock, haze, 1.0, strata=red))
    paint_floor(stage, Floor(rock, mix(rock, tones[2], 0.5), times(rock, 0.7), 1.0))
    scatter(
        stage, [times(rock, 0.6), times(rock, 1.3)], 240, 9, stage.horizon + stage.height * 0.05
    )
    stage.ground = Ground("ground", stage.horizon + stage.height * 0.1, stage.height * 0.92, 0.38)


def sky(stage: Stage) -> None:
    """High among the clouds, a sea of cloud below."""
    stage.horizon = stage.height * 0.7
    stage.light = replace(
        stage.light, cloud=max(0.45, stage.light.cloud) if stage.brief.weather != "clear" else 0.1
    )
    paint_sky(stage)
    height, width = stage.height, stage.width
    stage.image.paste(
        byte(shifted(stage.light.haze, light=1.08)), (0, int(stage.horizon), width, height)
    )
    for k in range(5):
        share = k / 4
        tone = mix(
            stage.light.haze, mix(stage.light.cloud_lit, stage.light.cloud_shade, 0.25), share
        )
        line = (
            line_noise(stage.rng, width, width * (0.12 + 0.2 * share), 5, 0.55) * 0.5 + 0.5
        ).astype(np.float32)
        paint_ridge(
            stage,
            Ridge(
                height * (0.76 + 0.3 * share),
                height * (0.06 + 0.12 * share),
                0.3,
                shifted(tone, light=1.15),
                0.35 * (1 - share),
                0.0,
            ),
            line,
        )
        foot = int(height * (0.76 + 0.3 * share))
        if foot < height:  # the cloud goes on below, until the next one covers it
            last = stage.image.crop((0, foot - 2, width, foot - 1))
            soft = last.resize((4, 1), Image.Resampling.BOX)
            size = (width, height - foot)
            stage.image.paste(soft.resize(size, Image.Resampling.BILINEAR), (0, foot))
    stage.ground = Ground("air", height * 0.3, height * 0.7, 0.34)
