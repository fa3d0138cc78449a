"""Scenes of water: seas, shores, lakes, rivers and ice."""

from dataclasses import replace

import numpy as np
from PIL import Image

from safelight.sketch.brief import Thing
from safelight.sketch.colours import byte, hexa, mix, rgb, times
from safelight.sketch.fields import Field, fractal, line_noise, ramp, smooth
from safelight.sketch.landscapes import dark, leaves_of
from safelight.sketch.plants import foliage, leafy, paint_pines
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage, mask_of, picture_of
from safelight.sketch.subjects import cutout
from safelight.sketch.terrain import Floor, Ridge, paint_floor, paint_ridge, scatter
from safelight.sketch.water import LAKE, OCEAN, Sea, paint_sea


def ocean(stage: Stage) -> None:
    """Open sea to the horizon."""
    stage.horizon = stage.height * 0.44
    rough = {"storm": 1.7, "rain": 1.2, "wind": 1.3, "fog": 0.6, "clear": 0.8}.get(
        stage.brief.weather, 1.0
    )
    if stage.brief.words & {"calm", "still", "serene", "quiet"}:
        rough = 0.35
    _choose_sun(stage)
    paint_sky(stage)
    if not stage.brief.things and rough <= 1.2:
        _distant_sail(stage)
    paint_sea(stage, Sea(rough, *OCEAN, foam=0.5 + 0.3 * rough))
    if not stage.brief.things and stage.light.dark < 0.6:
        _gulls(stage)
    stage.ground = Ground("water", stage.horizon + 0.05 * stage.height, stage.height * 0.8, 0.27)


def _choose_sun(stage: Stage) -> None:
    """Where the prompt names no hour, the sun stands elsewhere in every picture."""
    if stage.brief.hour:
        return
    across, up = float(stage.rng.uniform(0.14, 0.86)), float(stage.rng.uniform(0.5, 0.82))
    cloud = stage.light.cloud * float(stage.rng.uniform(0.75, 1.3))
    stage.light = replace(stage.light, sun_at=(across, up), cloud=min(1.0, cloud))
    stage.horizon = stage.height * float(stage.rng.uniform(0.38, 0.46))


def _distant_sail(stage: Stage) -> None:
    """A sail or two at the edge of the sea, in some pictures."""
    rng, unit = stage.rng, stage.unit
    for _ in range(int(rng.integers(3))):
        x, high = float(rng.uniform(0.08, 0.92)) * stage.width, float(rng.uniform(14, 30)) * unit
        y = stage.horizon + 2
        tone = hexa(mix(dark(stage, rgb("#8c97a8")), stage.light.haze, 0.15))
        hull = hexa(mix(dark(stage, rgb("#3a4654")), stage.light.haze, 0.35))
        body = (
            f'<path d="M{x} {y - high}L{x + high * 0.42} {y - high * 0.14}H{x}ZM{x - high * 0.06} {y - high * 0.86}L{x - high * 0.3} {y - high * 0.14}H{x - high * 0.06}Z" fill="{tone}"/>'
            f'<path d="M{x - high * 0.36} {y - high * 0.1}H{x + high * 0.46}L{x + high * 0.34} {y}H{x - high * 0.26}Z" fill="{hull}"/>'
        )
        stage.draw(body, (x - high, y - high * 1.1, x + high, y + 1))


def _gulls(stage: Stage) -> None:
    """A few gulls far off, in some pictures."""
    rng, unit = stage.rng, stage.unit
    count = int(rng.integers(-3, 6))
    cx, cy = (
        float(rng.uniform(0.12, 0.8)) * stage.width,
        float(rng.uniform(0.3, 0.8)) * stage.horizon,
    )
    tone = hexa(mix(dark(stage, rgb("#39424f")), stage.light.haze, 0.3))
    for _ in range(count):
        x, y = cx + float(rng.normal(0, 60)) * unit, cy + float(rng.normal(0, 26)) * unit
        w, lift = float(rng.uniform(7, 15)) * unit, float(rng.uniform(0.25, 0.5))
        body = f'<path d="M{x - w} {y - w * lift * 0.7}Q{x - w * 0.45} {y - w * lift * 1.3} {x} {y}Q{x + w * 0.45} {y - w * lift * 1.4} {x + w} {y - w * lift}" stroke="{tone}" stroke-width="{max(1.2, 2 * unit)}" fill="none" stroke-linecap="round"/>'
        stage.draw(body, (x - w * 1.3, y - w, x + w * 1.3, y + w * 0.4))


def _wash(stage: Stage, edge: Field, rows: Field, box: tuple[int, int]) -> None:
    """Lay the foam of the last waves along the edge of the water."""
    width = stage.width
    lace = fractal(stage.rng, width, rows.shape[0], (26 * stage.unit, 9 * stage.unit), 4)
    off = (rows - edge[None, :]) / (16 * stage.unit)
    foam = (
        np.exp(-((off + 0.6) ** 2)) * 1.2
        + np.exp(-(((off + 5) / 1.6) ** 2)) * smooth(lace, -0.1, 0.5)
        + np.exp(-(((off + 10) / 1.4) ** 2)) * smooth(lace, 0.1, 0.6) * 0.8
    )
    stage.fill(
        mask_of(np.clip(foam * (0.75 + 0.4 * lace), 0, 1).astype(np.float32)),
        dark(stage, (1, 1, 1)),
        box,
    )


def beach(stage: Stage) -> None:
    """Sand, a wash of foam, the sea and palms."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.42
    paint_sky(stage)
    paint_sea(stage, Sea(0.7, rgb("#0a5a7a"), rgb("#3fc0c0"), 0.5))
    edge = (
        height * 0.66
        + line_noise(stage.rng, width, width * 0.5, 3) * height * 0.02
        + ramp(width, -0.05, 0.06) * height
    )
    rows = np.arange(int(height * 0.5), height, dtype=np.float32)[:, None]
    saved = stage.image.copy()
    paint_floor(
        stage, Floor(rgb("#e6cc9a"), rgb("#d9bd8a"), rgb("#c9a878"), 0.35, 2.0), height * 0.5
    )
    sand = stage.image
    stage.image = saved
    box = (0, int(height * 0.5))
    part = sand.crop((0, box[1], width, height))
    wet = Image.blend(part, Image.new("RGB", part.size, byte(dark(stage, rgb("#8f7a5c")))), 0.55)
    stage.image.paste(wet, box, mask_of(smooth(rows - edge[None, :], -1, 3 * stage.unit)))
    stage.image.paste(
        part, box, mask_of(smooth(rows - edge[None, :], 26 * stage.unit, 90 * stage.unit))
    )
    _wash(stage, edge.astype(np.float32), rows, box)
    if "palm tree" not in [thing.name for thing in stage.brief.things]:
        palm = cutout(Thing("palm tree"), int(height * 0.62), int(stage.rng.integers(9)))
        _plant(stage, palm, width * float(stage.rng.choice([0.1, 0.9])), height * 0.86)
    scatter(stage, [rgb("#f4e6c8"), rgb("#b98f62")], 120, 5, height * 0.76)
    stage.ground = Ground("ground", height * 0.74, height * 0.93, 0.34)


def _plant(stage: Stage, cut: Image.Image, x: float, foot: float) -> None:
    """Put a cut-out plant into the scene, tinted by the light."""
    tone = byte(dark(stage, (1, 1, 1)))
    tinted = Image.composite(cut, cut, cut)
    lit = Image.merge(
        "RGB",
        [
            channel.point([value * tone[k] // 255 for value in range(256)])
            for k, channel in enumerate(tinted.convert("RGB").split())
        ],
    )
    lit.putalpha(cut.getchannel("A"))
    stage.put(lit, (int(x - cut.width / 2), int(foot - cut.height)))


def island(stage: Stage) -> None:
    """A small green island in a turquoise sea."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.48
    paint_sky(stage)
    across = np.linspace(-1, 1, width, dtype=np.float32)
    hill = np.exp(-((across / 0.34) ** 2)) * (
        0.8 + 0.12 * line_noise(stage.rng, width, width * 0.2, 4)
    )
    crest = paint_ridge(
        stage,
        Ridge(stage.horizon + height * 0.02, height * 0.2, 0.2, rgb("#3f7a4a"), 0.22, 0.2),
        np.clip(hill, 0, 1).astype(np.float32),
    )
    paint_sea(stage, Sea(0.6, rgb("#08607f"), rgb("#3fd0c9"), 0.4, 0.6))
    stage.draw(
        f'<ellipse cx="{width / 2}" cy="{stage.horizon + height * 0.035}" rx="{width * 0.3}" ry="{height * 0.022}" fill="{hexa(dark(stage, rgb("#ecd9a8")))}"/>',
        (width * 0.15, stage.horizon, width * 0.85, stage.horizon + height * 0.07),
        blur=stage.unit,
    )
    for k in range(9):
        x = width * (0.3 + 0.05 * k) + float(stage.rng.uniform(-9, 9)) * stage.unit
        _plant(
            stage,
            cutout(Thing("palm tree"), int(height * float(stage.rng.uniform(0.12, 0.24))), k),
            x,
            max(float(crest[int(x)]) + height * 0.03, stage.horizon + height * 0.01),
        )
    stage.ground = Ground("water", height * 0.62, height * 0.84, 0.28)


def lake(stage: Stage) -> None:
    """Mountains mirrored in still water."""
    height = stage.height
    stage.horizon = height * 0.52
    paint_sky(stage)
    for k, haze in enumerate((0.7, 0.42)):
        paint_ridge(
            stage,
            Ridge(
                stage.horizon + 2,
                height * (0.32 - 0.1 * k),
                0.34 - 0.08 * k,
                rgb("#5d7088"),
                haze,
                1.0,
                0.6 - 0.4 * k,
            ),
        )
    winter = stage.brief.weather == "snow"
    paint_pines(
        stage,
        stage.horizon + 3,
        height * 0.075,
        70,
        dark(stage, rgb("#25473a"), 0.3),
        snow=0.6 if winter else 0,
    )
    paint_sea(stage, Sea(0.16, *LAKE, foam=0.0, mirror=1.15))
    stage.ground = Ground("water", stage.horizon + 0.07 * height, height * 0.8, 0.28)


def river(stage: Stage) -> None:
    """A river between meadows and trees."""
    _stream(stage)
    stage.ground = Ground(
        "ground", stage.horizon + 0.16 * stage.height, stage.height * 0.93, 0.36, middle=0.2
    )


def _stream(stage: Stage) -> None:
    width, height = stage.width, stage.height
    stage.horizon = height * 0.5
    paint_sky(stage)
    paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.2, 0.32, rgb("#5d7088"), 0.62, 0.8, 0.3))
    foliage(
        stage,
        stage.horizon - height * 0.04,
        stage.horizon,
        dark(stage, leaves_of(stage)[0], 0.4),
        150,
        36 * stage.unit,
    )
    sky_and_far = stage.image.copy()
    paint_sea(stage, Sea(0.3, *LAKE, foam=0.1, mirror=0.9))
    water = stage.image
    stage.image = sky_and_far
    paint_floor(stage, Floor(rgb("#4c7a2c"), rgb("#86a653"), rgb("#2f5c22"), 0.9))
    down = ramp(height - int(stage.horizon), 0, 1)[:, None]
    across = ramp(width, 0, 1)[None, :]
    centre = 0.5 + 0.16 * np.sin(down * 5 + 0.6) * down
    half = (
        0.025 + 0.3 * down**1.3 + 0.01 * line_noise(stage.rng, down.shape[0], 60, 4)[:, None] * down
    )
    mask = mask_of(smooth(half - np.abs(across - centre), -0.002, 0.004).astype(np.float32))
    stage.image.paste(
        water.crop((0, int(stage.horizon), width, height)), (0, int(stage.horizon)), mask
    )
    for x, size in ((0.1, 0.44), (0.92, 0.5), (0.28, 0.2), (0.75, 0.18)):
        leafy(
            stage, width * x, stage.horizon + height * size * 0.3, height * size, leaves_of(stage)
        )


def waterfall(stage: Stage) -> None:
    """Falling water between cliffs, mist and a pool."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.66
    paint_sky(stage)
    across = np.abs(np.linspace(-1, 1, width, dtype=np.float32))
    walls = np.clip(
        0.55 + 0.5 * smooth(across, 0.1, 0.7) + 0.06 * line_noise(stage.rng, width, 90, 4), 0, 1.1
    )
    paint_ridge(
        stage,
        Ridge(stage.horizon + height * 0.03, height * 0.6, 0.3, rgb("#5a6358"), 0.12, 0.9),
        walls.astype(np.float32),
    )
    foliage(
        stage, height * 0.16, height * 0.3, dark(stage, rgb("#3f7a3a"), 0.15), 70, 60 * stage.unit
    )
    streaks = fractal(stage.rng, width // 2, height // 2, (5 * stage.unit, 130 * stage.unit), 4)
    rows = ramp(height // 2, 0, 1)[:, None]
    half = 0.11 + 0.05 * rows
    span = (
        smooth(half - np.abs(ramp(width // 2, -0.5, 0.5))[None, :] + 0.02 * streaks, 0, 0.03)
        * smooth(rows, 0.29, 0.31)
        * (1 - smooth(rows, 0.69, 0.72))
    )
    fall = mask_of(np.clip(span * (0.62 + 0.5 * streaks), 0, 1).astype(np.float32)).resize(
        stage.image.size, Image.Resampling.BICUBIC
    )
    stage.fill(fall, dark(stage, (0.93, 0.97, 1.0)))
    paint_sea(stage, Sea(0.5, rgb("#1a5a5f"), rgb("#4fb0a6"), 0.5, 0.8))
    for k in range(5):
        stage.glow(
            (width * (0.36 + 0.07 * k), stage.horizon + height * 0.01),
            height * 0.16,
            times((0.9, 0.95, 1.0), 1 - 0.6 * stage.light.dark),
            0.55,
        )
    stage.ground = Ground("water", stage.horizon + height * 0.1, height * 0.9, 0.34, middle=0.3)


def arctic(stage: Stage) -> None:
    """Icebergs in dark water before a white coast."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.5
    paint_sky(stage)
    paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.16, 0.3, rgb("#8aa0bd"), 0.6, 0.9, 1.0))
    for _ in range(4):
        at, wide = float(stage.rng.uniform(-1, 1)), float(stage.rng.uniform(0.1, 0.26))
        across = np.linspace(-1, 1, width, dtype=np.float32)
        berg = smooth(wide - np.abs(across - at), 0, 0.05) * (
            0.5 + 0.4 * line_noise(stage.rng, width, 110, 3)
        )
        paint_ridge(
            stage,
            Ridge(stage.horizon + 6, height * 0.16, 0.2, rgb("#cfe6f5"), 0.2, 0.8, 0.7),
            np.clip(berg, 0, 1).astype(np.float32),
        )
    paint_sea(stage, Sea(0.25, rgb("#0d3a52"), rgb("#4fa0b5"), 0.0, 1.0))
    down, across = ramp(height // 3, 0, 1)[:, None], ramp(width, -1, 1)[None, :]
    ice = smooth(
        down
        - 0.34
        - 0.1 * line_noise(stage.rng, width, width * 0.3, 4)[None, :]
        - 0.1 * np.abs(across),
        0,
        0.02,
    )
    shade = fractal(stage.rng, width, height // 3, (160 * stage.unit, 40 * stage.unit), 4)
    white = np.asarray(dark(stage, (0.92, 0.96, 1.0)), dtype=np.float32)
    stage.image.paste(
        picture_of((white * (0.94 + 0.07 * shade)[..., None]).astype(np.float32)),
        (0, height - height // 3),
        mask_of(ice.astype(np.float32)),
    )
    stage.ground = Ground("snow", height * 0.84, height * 0.94, 0.4)
