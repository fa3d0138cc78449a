"""House fronts with shops and signs, drawn flat and set in perspective."""

import numpy as np
from PIL import Image, ImageDraw

from safelight.sketch.colours import Colour, byte, mix, rgb, shifted, times
from safelight.sketch.fields import Random
from safelight.sketch.landscapes import dark
from safelight.sketch.skylines import WARM
from safelight.sketch.stage import Point, Stage

NEON = [rgb(code) for code in ("#ff2f8e", "#28d7ff", "#ffd23a", "#8a5cff", "#2fffb0", "#ff6a2a")]


def front_row(rng: Random, size: tuple[int, int], stage: Stage, *, neon: bool) -> Image.Image:
    """Draw a row of house fronts as seen straight on."""
    night = stage.light.dark > 0.3
    image = Image.new("RGB", size)
    pen = ImageDraw.Draw(image)
    x = 0
    walls = (
        ("#c9a184", "#d8c3a0", "#a9655a", "#8f9aa6", "#c7b299", "#b8846a")
        if not neon
        else ("#2a2740", "#1f2a45", "#332438", "#1c2233")
    )
    while x < size[0]:
        wide = int(size[1] * float(rng.uniform(0.5, 0.85)))
        wall = (
            dark(stage, rgb(walls[int(rng.integers(len(walls)))]))
            if not neon
            else rgb(walls[int(rng.integers(len(walls)))])
        )
        pen.rectangle((x, 0, x + wide, size[1]), fill=byte(wall))
        cell = size[1] / (13 if neon else 9)
        _windows(stage, pen, (x, wide), (cell, size[1] * 0.78), wall, night=night)
        _shop(pen, rng, (x, int(size[1] * 0.79), x + wide, size[1]), night=night)
        if neon or night:
            _signs(pen, rng, (x, wide), size[1])
        x += wide
    return image


def _windows(
    stage: Stage,
    pen: ImageDraw.ImageDraw,
    span: tuple[int, int],
    grid: tuple[float, float],
    wall: Colour,
    *,
    night: bool,
) -> None:
    """Draw the windows of one front: `span` is its left edge and width, `grid` their pitch and their lowest row."""
    rng, (cell, low) = stage.rng, grid
    frame, glass = byte(times(wall, 1.18)), times(mix(wall, stage.light.middle, 0.4), 0.55)
    for row in range(int(low / cell)):
        for column in range(max(1, int(span[1] / cell))):
            wx, wy = span[0] + cell * (column + 0.25), cell * (row + 0.2)
            lit = rng.random() < (0.34 if night else 0.04)
            tone = times(WARM[int(rng.integers(4))], float(rng.uniform(0.5, 1))) if lit else glass
            pen.rectangle((wx - 2, wy - 2, wx + cell * 0.5 + 2, wy + cell * 0.62 + 2), fill=frame)
            pen.rectangle((wx, wy, wx + cell * 0.5, wy + cell * 0.62), fill=byte(tone))


def _shop(
    pen: ImageDraw.ImageDraw, rng: Random, box: tuple[int, int, int, int], *, night: bool
) -> None:
    left, top, right, bottom = box
    glow = rgb("#49586a")
    if night:
        glow = times(mix(WARM[int(rng.integers(4))], NEON[int(rng.integers(6))], 0.4), 0.42)
    awning = shifted(NEON[int(rng.integers(len(NEON)))], rich=0.6, light=0.8)
    pen.rectangle((left + 6, top + 10, right - 6, bottom - 8), fill=byte(glow))
    if night:
        _goods(pen, rng, box, glow)
    for k in range(6):
        x = left + 6 + (right - left - 12) * k / 6
        tone = awning if k % 2 else mix(awning, (1, 1, 1), 0.7)
        pen.polygon(
            [
                (x, top),
                (x + (right - left - 12) / 6, top),
                (x + (right - left - 12) / 6, top + (bottom - top) * 0.24),
                (x, top + (bottom - top) * 0.24),
            ],
            fill=byte(times(tone, 0.5 if night else 0.95)),
        )
    for share in (0.33, 0.66):
        pen.line(
            (left + (right - left) * share, top + 10, left + (right - left) * share, bottom - 8),
            fill=byte(times(glow, 0.35)),
            width=5,
        )


def _goods(
    pen: ImageDraw.ImageDraw, rng: Random, box: tuple[int, int, int, int], glow: Colour
) -> None:
    """Draw lamps and filled shelves behind a lit shop window."""
    left, top, right, bottom = box
    high = bottom - top
    for share in (0.5, 0.68, 0.86):
        y, x = top + high * share, left + 14.0
        while x < right - 20:
            wide, tall = float(rng.uniform(6, 15)), high * float(rng.uniform(0.06, 0.13))
            tone = mix(glow, NEON[int(rng.integers(6))], 0.4)
            pen.rectangle(
                (x, y - tall, x + wide, y), byte(times(tone, float(rng.uniform(0.4, 1.1))))
            )
            x += wide + float(rng.uniform(2, 9))
        pen.line((left + 8, y + 1, right - 8, y + 1), byte(times(glow, 0.45)), 3)
    for k in range(4):
        x = left + (right - left) * (k + 0.5) / 4
        pen.ellipse(
            (x - 7, top + high * 0.27, x + 7, top + high * 0.27 + 12), byte(times(glow, 2.6))
        )


def _signs(pen: ImageDraw.ImageDraw, rng: Random, span: tuple[int, int], high: int) -> None:
    for _ in range(7):
        tone = NEON[int(rng.integers(len(NEON)))]
        x, y = (
            span[0] + int(span[1] * float(rng.uniform(0.05, 0.7))),
            int(high * float(rng.uniform(0.08, 0.62))),
        )
        wide, tall = (
            (int(high * float(rng.uniform(0.06, 0.1))), int(high * float(rng.uniform(0.2, 0.42))))
            if rng.random() < 0.5
            else (
                int(high * float(rng.uniform(0.18, 0.34))),
                int(high * float(rng.uniform(0.06, 0.1))),
            )
        )
        pen.rectangle(
            (x, y, x + wide, y + tall), fill=byte(times(tone, 0.35)), outline=byte(tone), width=4
        )
        for k in range(4):
            if tall > wide:
                pen.rectangle(
                    (
                        x + wide * 0.25,
                        y + tall * (0.1 + 0.22 * k),
                        x + wide * 0.75,
                        y + tall * (0.22 + 0.22 * k),
                    ),
                    fill=byte(mix(tone, (1, 1, 1), 0.6)),
                )
            else:
                pen.rectangle(
                    (
                        x + wide * (0.08 + 0.23 * k),
                        y + tall * 0.25,
                        x + wide * (0.22 + 0.23 * k),
                        y + tall * 0.75,
                    ),
                    fill=byte(mix(tone, (1, 1, 1), 0.6)),
                )


def _coefficients(target: list[Point], source: list[Point]) -> tuple[float, ...]:
    """Solve the perspective that takes `target` corners back to `source` corners."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    values = np.asarray([part for point in source for part in point])
    return tuple(float(value) for value in np.linalg.solve(np.asarray(rows), values))


def warp(stage: Stage, image: Image.Image, corners: list[Point]) -> None:
    """Paint a picture onto a quadrilateral of the scene (corners clockwise from the upper left, pixels)."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    x0, y0 = max(0, int(min(xs))), max(0, int(min(ys)))
    x1, y1 = min(stage.width, int(max(xs)) + 1), min(stage.height, int(max(ys)) + 1)
    if x1 <= x0 or y1 <= y0:
        return
    wide, high = image.size
    source: list[Point] = [(0, 0), (wide, 0), (wide, high), (0, high)]
    data = _coefficients([(x - x0, y - y0) for x, y in corners], source)
    full = image.convert("RGBA")
    part = full.transform(
        (x1 - x0, y1 - y0), Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR
    )
    stage.put(part, (x0, y0))
