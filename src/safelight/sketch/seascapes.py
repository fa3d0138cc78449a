"""Scenes of water: seas, shores, lakes, rivers, ice and the world below."""

import numpy as np
from PIL import Image, ImageDraw

from safelight.sketch.brief import Thing
from safelight.sketch.colours import byte, hexa, mix, rgb, times
from safelight.sketch.fields import blend, fractal, line_noise, ramp, sample, smooth, tile
from safelight.sketch.landscapes import dark, leaves_of
from safelight.sketch.plants import foliage, leafy, paint_pines
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage, mask_of, picture_of
from safelight.sketch.subjects import cutout
from safelight.sketch.terrain import Floor, Ridge, paint_floor, paint_ridge, scatter
from safelight.sketch.water import Sea, paint_sea

_OCEAN = (rgb("#06355c"), rgb("#1f93a6"))
_LAKE = (rgb("#17404f"), rgb("#3f7f86"))


def ocean(stage: Stage) -> None:
    """Open sea to the horizon."""
    stage.horizon = stage.height * 0.44
    rough = {"storm": 1.7, "rain": 1.2, "wind": 1.3, "fog": 0.6, "clear": 0.8}.get(
        stage.brief.weather, 1.0
    )
    if stage.brief.words & {"calm", "still", "serene", "quiet"}:
        rough = 0.35
    paint_sky(stage)
    paint_sea(stage, Sea(rough, *_OCEAN, foam=0.5 + 0.3 * rough))
    stage.ground = Ground("water", stage.horizon + 0.05 * stage.height, stage.height * 0.8, 0.27)


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
            channel.point(lambda value, k=k: value * tone[k] // 255)
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
    paint_sea(stage, Sea(0.16, *_LAKE, foam=0.0, mirror=1.15))
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
    paint_sea(stage, Sea(0.3, *_LAKE, foam=0.1, mirror=0.9))
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


def harbour(stage: Stage) -> None:
    """A waterfront of coloured houses with boats."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.54
    paint_sky(stage)
    paint_ridge(stage, Ridge(stage.horizon, height * 0.18, 0.4, rgb("#5f7f6a"), 0.5, 0.2))
    pen, x, tones = (
        ImageDraw.Draw(stage.image),
        0.0,
        ("#d9705a", "#e8c26a", "#8ab0c0", "#e6ded0", "#c98aa0", "#7fa88a"),
    )
    while x < width:
        wide, high = (
            width * float(stage.rng.uniform(0.05, 0.09)),
            height * float(stage.rng.uniform(0.1, 0.18)),
        )
        wall = dark(stage, rgb(tones[int(stage.rng.integers(6))]), 0.12)
        top = stage.horizon + 4 - high
        pen.rectangle((x, top, x + wide, stage.horizon + 4), fill=byte(wall))
        pen.polygon(
            [(x - 3, top), (x + wide / 2, top - high * 0.3), (x + wide + 3, top)],
            fill=byte(times(dark(stage, rgb("#9a4a3a")), 0.9)),
        )
        for row in range(3):
            for column in range(3):
                lit = stage.light.dark > 0.3 and stage.rng.random() < 0.6  # noqa: PLR2004
                pane = rgb("#ffd98a") if lit else times(wall, 0.45)
                wx, wy = x + wide * (0.14 + 0.28 * column), top + high * (0.14 + 0.28 * row)
                pen.rectangle((wx, wy, wx + wide * 0.15, wy + high * 0.15), fill=byte(pane))
        x += wide
    paint_sea(stage, Sea(0.3, *_LAKE, foam=0.0, mirror=0.95))
    stage.ground = Ground("water", stage.horizon + height * 0.1, height * 0.84, 0.3)


def bridge(stage: Stage) -> None:
    """A suspension bridge across a bay."""
    width, height, unit = stage.width, stage.height, stage.unit
    stage.horizon = height * 0.6
    paint_sky(stage)
    paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.14, 0.4, rgb("#66785f"), 0.55, 0.3))
    tone, deck = (
        hexa(dark(stage, stage.brief.palette[0] if stage.brief.palette else rgb("#b8432f"), 0.1)),
        height * 0.52,
    )
    towers = "".join(
        f'<path d="M{x - w} {stage.horizon + height * 0.03}V{height * t}h{w * 0.5}V{stage.horizon + height * 0.03}ZM{x + w * 0.5} {stage.horizon + height * 0.03}V{height * t}h{w * 0.5}V{stage.horizon + height * 0.03}Z" fill="{tone}"/>'
        + "".join(
            f'<rect x="{x - w}" y="{height * (t + 0.02 + 0.08 * k)}" width="{2 * w}" height="{9 * unit}" fill="{tone}"/>'
            for k in range(5)
        )
        for x, w, t in ((width * 0.24, 20 * unit, 0.14), (width * 0.76, 20 * unit, 0.14))
    )
    cable = f'<path d="M{-width * 0.1} {deck}Q{width * 0.14} {height * 0.3} {width * 0.24} {height * 0.15}Q{width * 0.5} {deck * 1.66 - height * 0.2} {width * 0.76} {height * 0.15}Q{width * 0.86} {height * 0.3} {width * 1.1} {deck}" stroke="{tone}" stroke-width="{7 * unit}" fill="none"/>'
    hangers = ""
    for k in range(49):
        share = (k / 48 - 0.5) / 0.26
        top = (
            height * 0.15 + (height * 0.36) * (1 - min(1, abs(share)) ** 2)
            if abs(share) <= 1
            else height * 0.15 + (deck - height * 0.15) * min(1, (abs(share) - 1) / 1.3) ** 0.8
        )
        hangers += f'<path d="M{width * k / 48} {min(top, deck)}V{deck}" stroke="{tone}" stroke-width="{2 * unit}"/>'
    stage.draw(
        f'{hangers}{cable}{towers}<rect y="{deck}" width="{width}" height="{14 * unit}" fill="{tone}"/><rect y="{deck + 14 * unit}" width="{width}" height="{6 * unit}" fill="#000" fill-opacity=".4"/>',
        (0, height * 0.1, width, stage.horizon + height * 0.05),
    )
    paint_sea(stage, Sea(0.6, *_OCEAN, foam=0.2, mirror=0.8))
    stage.ground = Ground("water", stage.horizon + height * 0.08, height * 0.86, 0.28)


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


def underwater(stage: Stage) -> None:
    """Shafts of light in blue water over a reef."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    dim = 1 - 0.6 * stage.light.dark
    rows, columns = height // 2, width // 2
    down = ramp(rows, 0, 1)[:, None]
    plate = np.broadcast_to(np.asarray((0.42, 0.86, 0.92), dtype=np.float32), (rows, columns, 3))
    plate = blend(
        plate, (0.07, 0.42, 0.66), np.broadcast_to(smooth(down, 0.0, 0.5), (rows, columns))
    )
    plate = blend(
        plate, (0.01, 0.12, 0.27), np.broadcast_to(smooth(down, 0.35, 1.0), (rows, columns))
    )
    across = ramp(columns, -1, 1)[None, :]
    fan = sample(
        tile(rng, 128, 1.2),
        ((across - 0.2) / (down + 0.35) * 26 + 40).astype(np.float32),
        np.broadcast_to(down * 2, (rows, columns)).astype(np.float32),
    )
    plate = plate + (np.clip(fan, 0, 2) * np.exp(-down * 2.4) * 0.16)[..., None] * np.asarray(
        (0.7, 1, 0.95), dtype=np.float32
    )
    stage.lay(np.clip(plate * dim, 0, 1).astype(np.float32))
    stage.glow((width * 0.6, -height * 0.05), width * 0.5, (0.8, 1.0, 0.95), 0.6 * dim)
    for k, haze in enumerate((0.72, 0.4, 0.05)):
        tone = mix(rgb("#2a3f4a"), rgb("#0f4f78"), haze)
        profile = np.clip(
            0.35
            + 0.3 * line_noise(rng, width, width * 0.3, 4)
            + 0.4 * np.abs(np.linspace(-1, 1, width)),
            0,
            1,
        )
        crest = height * (0.98 + 0.05 * k) - height * (0.3 - 0.04 * k) * profile
        mask = mask_of(
            np.clip(
                np.arange(height, dtype=np.float32)[:, None] - crest[None, :].astype(np.float32),
                0,
                1,
            )
        )
        stage.fill(mask, times(tone, dim))
        _corals(stage, crest.astype(np.float32), haze, (34, 26, 16)[k], (60, 100, 170)[k] * unit)
    bubbles = "".join(
        f'<circle cx="{float(rng.random()) * width:.0f}" cy="{float(rng.random()) * height:.0f}" r="{float(rng.uniform(2, 9)) * unit:.1f}" fill="#dffaff" fill-opacity=".16" stroke="#e9fdff" stroke-opacity=".6" stroke-width="{1.3 * unit:.1f}"/>'
        for _ in range(46)
    )
    stage.draw(bubbles)
    stage.horizon = height * 0.2
    stage.ground = Ground("under", height * 0.3, height * 0.8, 0.36)


def _corals(
    stage: Stage,
    crest: np.ndarray[tuple[int], np.dtype[np.float32]],
    haze: float,
    count: int,
    size: float,
) -> None:
    rng, body = stage.rng, ""
    tones = ("#ff6f61", "#ffa94d", "#f06fb0", "#9a6fe0", "#ffd75a", "#3fc9a0", "#e04a7a")
    for _ in range(count):
        x = int(rng.integers(stage.width))
        y, high = float(crest[x]) + 6, size * float(rng.uniform(0.4, 1.0))
        tone = hexa(mix(rgb(tones[int(rng.integers(7))]), rgb("#0f5a80"), haze))
        kind = int(rng.integers(4))
        if kind == 0:
            body += "".join(
                f'<path d="M{x} {y}q{dx * high * 0.4:.0f} {-high * 0.4:.0f} {dx * high * 0.5:.0f} {-high * (0.9 - 0.3 * abs(dx)):.0f}" stroke="{tone}" stroke-width="{high * 0.09:.1f}" fill="none" stroke-linecap="round"/>'
                for dx in (-1, -0.5, 0, 0.5, 1)
            )
        elif kind == 1:
            body += (
                f'<path d="M{x - high * 0.5:.0f} {y:.0f}C{x - high * 0.6:.0f} {y - high * 0.7:.0f} {x + high * 0.6:.0f} {y - high * 0.7:.0f} {x + high * 0.5:.0f} {y:.0f}Z" fill="{tone}"/>'
                + "".join(
                    f'<path d="M{x + dx * high * 0.3:.0f} {y:.0f}q{dx * high * 0.2:.0f} {-high * 0.3:.0f} {-dx * high * 0.1:.0f} {-high * 0.5:.0f}" stroke="#fff" stroke-opacity=".3" stroke-width="{high * 0.03:.1f}" fill="none"/>'
                    for dx in (-1, 0, 1)
                )
            )
        elif kind == 2:  # noqa: PLR2004
            body += "".join(
                f'<path d="M{x + k * high * 0.12:.0f} {y:.0f}q{high * 0.2:.0f} {-high * 0.4:.0f} 0 {-high * 0.7:.0f}t{high * 0.1:.0f} {-high * (0.4 + 0.1 * k):.0f}" stroke="{hexa(mix(rgb("#3fa05a"), rgb("#0f5a80"), haze))}" stroke-width="{high * 0.07:.1f}" fill="none" stroke-linecap="round"/>'
                for k in range(4)
            )
        else:
            body += "".join(
                f'<rect x="{x + k * high * 0.22:.0f}" y="{y - high * (0.4 + 0.15 * (k % 3)):.0f}" width="{high * 0.18:.1f}" height="{high:.0f}" rx="{high * 0.09:.1f}" fill="{tone}"/>'
                for k in range(4)
            )
    stage.draw(body, None, blur=4 * haze * stage.unit, fine=1.0 if haze < 0.3 else 0.5)  # noqa: PLR2004
