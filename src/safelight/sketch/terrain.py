"""Land: ridges in the haze and the ground in perspective."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from safelight.sketch.colours import Colour, byte, mix, times
from safelight.sketch.fields import (
    Field,
    Floats,
    blend,
    fractal,
    line_noise,
    ramp,
    sample,
    smooth,
    tile,
)
from safelight.sketch.stage import Stage, mask_of, picture_of


@dataclass(frozen=True, slots=True)
class Ridge:
    """A chain of hills or mountains: foot row and rise in pixels, bump width as a share of the width."""

    foot: float
    rise: float
    cell: float
    rock: Colour
    haze: float  # 0 near, 1 lost in the distance
    sharp: float = 1.0  # 0 rolling, 1 jagged
    snow: float = 0.0  # share of the height that is white, from the top
    strata: bool = False  # level beds and steep walls, as in a canyon


def paint_ridge(stage: Stage, ridge: Ridge, profile: Floats | None = None) -> Field:
    """Paint a ridge; return its crest (row of every column, pixels). `profile` (0..1 per column) may be given."""
    width = stage.width
    line = _profile(stage, ridge) if profile is None else profile
    crest = (ridge.foot - ridge.rise * line).astype(np.float32)
    top = max(0, int(crest.min()) - 2)
    foot = min(stage.height, int(ridge.foot) + 2)
    if foot - top < 4:
        return crest
    rows = np.arange(top, foot, dtype=np.float32)[:, None]
    mask = mask_of(np.clip(rows - crest[None, :] + 0.5, 0, 1))
    plate = _rock(stage, ridge, crest[::2], top, foot)
    colours = picture_of(plate).resize((width, foot - top), Image.Resampling.BICUBIC)
    stage.image.paste(colours, (0, top), mask)
    return crest


def _profile(stage: Stage, ridge: Ridge) -> Field:
    width, rng = stage.width, stage.rng
    cell = ridge.cell * width
    rolling = line_noise(rng, width, cell, 3, 0.4) * 0.5 + 0.5
    if ridge.strata:
        steps = smooth(line_noise(rng, width, cell, 2, 0.4), -0.15, 0.1) * 0.75 + 0.12
        return np.clip(steps + 0.05 * line_noise(rng, width, cell / 4, 4), 0, 1).astype(np.float32)
    peaks = 1 - np.abs(line_noise(rng, width, cell * 1.5, 6, 0.42))
    jagged = np.clip((peaks - 0.15) / 0.85, 0, 1) ** 1.05 * (0.55 + 0.45 * rolling)
    return (rolling + (jagged - rolling) * ridge.sharp).astype(np.float32)


def _rock(stage: Stage, ridge: Ridge, crest: Field, top: int, foot: int) -> Field:
    light, rng = stage.light, stage.rng
    columns, rows = crest.shape[0], max(2, (foot - top) // 2)
    cell = ridge.cell * stage.width * 0.22
    relief = fractal(rng, columns, rows, (cell * 0.6, cell * 1.1), 5)
    side = 1.0 if light.sun_at[0] > 0.5 else -1.0
    below = (np.linspace(top, foot, rows, dtype=np.float32)[:, None] - crest[None, :]) / max(
        ridge.rise, 1
    )
    shifted = np.arange(columns, dtype=np.float32)[None, :] + relief * np.float32(cell * 0.9)
    bent = np.asarray(shifted, dtype=np.int32) % columns
    flank = -np.gradient(crest)[bent] * np.exp(-np.clip(below, 0, 3) * 1.3)
    slope = (
        flank * side * 0.5
        + np.gradient(relief, axis=1) * -side * 8
        + np.gradient(relief, axis=0) * 4
    )
    shine = np.clip(0.5 + 0.42 * slope * (0.4 + 0.6 * ridge.sharp), 0, 1)
    below = (np.linspace(top, foot, rows, dtype=np.float32)[:, None] - crest[None, :]) / max(
        ridge.rise, 1
    )
    rock = np.asarray(times(ridge.rock, light.tint), dtype=np.float32)
    plate = rock * (0.45 + 0.75 * shine * (0.45 + 0.55 * light.direct) + 0.10 * relief)[..., None]
    if ridge.strata:
        beds = np.sin(below * 46 + relief * 1.3) * 0.10 + np.sin(below * 17 + 2 * relief) * 0.12
        plate = plate * (1 + beds)[..., None]
    if ridge.snow > 0:
        white = np.asarray(
            times((0.95, 0.97, 1.0), mix(light.tint, (1, 1, 1), 0.3)), dtype=np.float32
        )
        cover = smooth(ridge.snow - below + 0.34 * relief + 0.1 * (shine - 0.5), -0.08, 0.1)
        lit = (
            white
            * (0.60 + 0.42 * shine)[..., None]
            * np.asarray((0.96, 0.99, 1.06), dtype=np.float32)
        )
        plate = plate + (lit - plate) * cover[..., None]
    plate = plate * (1 - 0.72 * light.dark)
    haze = np.clip(ridge.haze + 0.30 * np.clip(below, 0, 1) * (0.4 + ridge.haze), 0, 0.97)
    return blend(plate.astype(np.float32), light.haze, haze.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Floor:
    """Ground in perspective: its colours, how strongly they vary, and how wide the patches are."""

    near: Colour
    far: Colour
    patch: Colour
    grain: float = 0.5
    streaks: float = 1.0  # above 1 stretches the patches across
    furrows: float = 0.0  # strength of rows running to the vanishing point
    ripples: float = 0.0


def _graded(floor: Floor, down: Field, columns: int) -> Field:
    """Return the ground's plain colour, from the far one at the top to the near one."""
    far, near = (np.asarray(tone, dtype=np.float32) for tone in (floor.far, floor.near))
    base = (far + (near - far) * smooth(down, 0, 0.7)[..., None]).astype(np.float32)
    return np.broadcast_to(base, (down.shape[0], columns, 3))


def paint_floor(
    stage: Stage, floor: Floor, top: float | None = None, until: float | None = None
) -> None:
    """Paint the ground from row `top` (the horizon when None) to the bottom; leave out what is below `until`."""
    start = int(stage.horizon if top is None else top)
    rows, columns = max(2, (stage.height - start) // 2), stage.width // 2
    light, rng = stage.light, stage.rng
    seen = rows if until is None else max(2, min(rows, (int(until) - start) // 2))
    down = np.asarray((np.arange(seen) + 0.6) / rows, dtype=np.float32)[:, None]
    depth = 0.2 / (down + 0.03)
    x = (ramp(columns, -0.5, 0.5)[None, :] * depth * 3 * stage.width / stage.height).astype(
        np.float32
    )
    z = np.broadcast_to(depth * 3, x.shape).astype(np.float32)
    square = tile(rng, 256, 1.45)
    shift = float(rng.random() * 200)
    rough = sample(square, x * 34 / floor.streaks + shift, z * 34) * 0.6 + sample(
        square, x * 150 / floor.streaks, z * 150 + shift
    ) * 0.5 * smooth(down, 0.02, 0.4)
    base = _graded(floor, down, columns)
    plate = blend(base, floor.patch, smooth(rough, 0.0, 1.6) * 0.55)
    shade = 1 + 0.13 * floor.grain * rough
    if floor.furrows:
        shade = shade + floor.furrows * np.sin(x * 60) * smooth(down, 0.0, 0.25)
    if floor.ripples:
        shade = shade + floor.ripples * np.sin(
            z * 90 + 3 * sample(square, x * 12, z * 12)
        ) * smooth(down, 0.03, 0.4)
    off = (ramp(columns, 0, 1)[None, :] - light.sun_at[0]) / 0.45
    sun = np.exp(-(off**2)) * np.exp(-down * 2.2) * 0.22 * light.direct
    tint = np.asarray(light.tint, dtype=np.float32) * (1 - 0.72 * light.dark)
    plate = plate * (shade * (1.0 - 0.16 * down))[..., None] * tint
    plate = plate + sun[..., None] * np.asarray(light.sun, dtype=np.float32)
    plate = blend(plate, light.haze, np.exp(-down * 9) * 0.72 + 0 * x)
    end = stage.height if seen == rows else start + 2 * seen
    stage.lay(plate.astype(np.float32), start, end)


def scatter(
    stage: Stage, colours: list[Colour], count: int, size: float, top: float, *, stems: bool = False
) -> None:
    """Strew dots (flowers, stones, leaves) of `size` thousandths over the ground below row `top`, larger when near."""
    rng, fine = stage.rng, 2
    start = int(top)
    layer = Image.new("RGBA", (stage.width * fine, max(1, stage.height - start) * fine))
    pen = ImageDraw.Draw(layer)
    down = np.sort(rng.random(count) ** 1.15)
    across, pick, bright = (
        rng.random(count),
        rng.integers(0, len(colours), count),
        rng.uniform(0.75, 1.15, count),
    )
    dim = 1 - 0.7 * stage.light.dark
    for k in range(count):
        share = float(down[k])
        radius = max(0.8, size * stage.unit * fine * (0.08 + share**1.3))
        x, y = float(across[k]) * layer.width, share * layer.height
        tone = times(times(colours[int(pick[k])], stage.light.tint), float(bright[k]) * dim)
        tone = byte(mix(tone, stage.light.haze, 0.45 * (1 - share) ** 3))
        if stems and radius > 4:
            pen.line(
                [(x, y), (x + radius * 0.3, y + radius * 3.2)],
                fill=(*byte(times((0.16, 0.36, 0.14), dim)), 255),
                width=max(1, int(radius * 0.28)),
            )
        pen.ellipse(
            [x - radius, y - radius * 0.72, x + radius, y + radius * 0.72], fill=(*tone, 255)
        )
        if radius > 5:
            core = byte(times(mix(colours[int(pick[k])], (0.3, 0.15, 0.05), 0.55), dim))
            pen.ellipse(
                [x - radius * 0.32, y - radius * 0.26, x + radius * 0.32, y + radius * 0.2],
                fill=(*core, 255),
            )
    stage.put(layer.reduce(fine), (0, start))


def paint_grass(
    stage: Stage, colour: Colour, top: float, count: int = 700, tall: float = 60
) -> None:
    """Paint blades of grass over the near ground, from row `top` down; `tall` is thousandths."""
    rng, fine = stage.rng, 2
    start = int(top)
    layer = Image.new("RGBA", (stage.width * fine, max(1, stage.height - start) * fine))
    pen = ImageDraw.Draw(layer)
    down = np.sort(rng.random(count) ** 0.8)
    base = times(times(colour, stage.light.tint), 1 - 0.75 * stage.light.dark)
    tones = [(*byte(times(base, 0.6 + 0.65 * k / 15)), 255) for k in range(16)]
    for share in down:
        x = float(rng.random()) * layer.width
        y = float(share) * layer.height * 1.08
        high = (
            tall * stage.unit * fine * (0.15 + float(share) ** 1.4) * float(rng.uniform(0.5, 1.1))
        )
        lean = high * float(rng.uniform(-0.4, 0.4))
        wide = high * 0.045 + 0.8
        pen.polygon(
            [
                (x - wide, y),
                (x + lean * 0.4, y - high * 0.6),
                (x + lean, y - high),
                (x + lean * 0.4 + wide, y - high * 0.55),
                (x + wide, y),
            ],
            fill=tones[int(rng.integers(16))],
        )
    stage.put(layer.reduce(fine), (0, start))
