"""Rows of towers, near and far, and the skyline as a scene."""

import numpy as np
from PIL import ImageDraw

from safelight.sketch.colours import Colour, byte, mix, rgb, times
from safelight.sketch.landscapes import dark
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.water import Sea, paint_sea

WARM = [rgb(code) for code in ("#ffd98a", "#ffeebf", "#ffc56a", "#fff6dd")]


def block(
    stage: Stage, box: tuple[int, int, int, int], wall: Colour, lights: float, cell: float
) -> None:
    """Paint one building front with a window grid; `lights` is the share of lit windows, `cell` their pitch in pixels."""
    rng, pen = stage.rng, ImageDraw.Draw(stage.image)
    left, top, right, bottom = box
    pen.rectangle(box, fill=byte(wall))
    side = stage.light.sun_at[0] > 0.5
    edge = left + int((right - left) * 0.72)
    shade = (edge, top, right, bottom) if not side else (left, top, left + right - edge, bottom)
    pen.rectangle(shade, fill=byte(times(wall, 0.8)))
    glass = times(mix(wall, stage.light.middle, 0.5), 0.82)
    step = max(4.0, cell)
    warm = [byte(tone) for tone in WARM]
    panes = [byte(times(glass, 0.75 + 0.07 * k)) for k in range(6)]
    y = top + step * 0.8
    while y < bottom - step * 0.5:
        x = left + step * 0.6
        while x < right - step * 0.7:
            lit, lot = rng.random() < lights, float(rng.random())
            tone = warm[int(lot * 4)] if lit else panes[int(lot * 6)]
            pen.rectangle((x, y, x + step * 0.42, y + step * 0.52), fill=tone)
            x += step
        y += step * 1.15


def skyline_row(
    stage: Stage, foot: float, tall: float, wide: float, wall: Colour, lights: float
) -> None:
    """Paint a row of towers standing on row `foot`, up to `tall` pixels high and about `wide` broad."""
    rng, x = stage.rng, -wide * 0.5
    pen = ImageDraw.Draw(stage.image)
    while x < stage.width:
        broad = wide * float(rng.uniform(0.55, 1.25))
        bump = 0.55 + 0.45 * np.exp(-(((x / stage.width - 0.5) / 0.3) ** 2))
        high = tall * float(rng.uniform(0.35, 1.0)) * float(bump)
        tone = times(wall, float(rng.uniform(0.85, 1.12)))
        box = (int(x), int(foot - high), int(x + broad), int(foot))
        block(stage, box, tone, lights, wide * 0.12)
        if rng.random() < 0.4:
            middle, step = (box[0] + box[2]) / 2, broad * 0.22
            pen.rectangle(
                (middle - step, box[1] - high * 0.09, middle + step, box[1]),
                fill=byte(times(tone, 0.92)),
            )
            pen.line(
                (middle, box[1] - high * 0.28, middle, box[1]),
                fill=byte(times(tone, 0.8)),
                width=max(1, int(wide * 0.025)),
            )
        x += broad * float(rng.uniform(0.86, 1.06))


def skyline(stage: Stage) -> None:
    """Towers behind one another across a water."""
    stage.horizon = stage.height * 0.66
    paint_sky(stage)
    height, light = stage.height, stage.light
    lights = 0.55 if light.dark > 0.3 else (0.25 if light.sun_at[1] < 0.3 else 0.03)
    for k, (tall, wide, haze) in enumerate(
        ((0.46, 0.055, 0.66), (0.4, 0.075, 0.4), (0.27, 0.1, 0.14))
    ):
        wall = mix(dark(stage, rgb(("#7d8797", "#6c7484", "#565d6e")[k])), light.haze, haze)
        skyline_row(
            stage,
            stage.horizon + 3,
            tall * height,
            wide * stage.width,
            wall,
            lights * (0.5 + 0.25 * k),
        )
    if light.dark > 0.3:
        stage.glow((stage.width * 0.5, stage.horizon), stage.width * 0.5, (0.5, 0.34, 0.2), 0.5)
    paint_sea(stage, Sea(0.35, rgb("#12344d"), rgb("#3a7f92"), 0.0, 0.75))
    stage.ground = Ground("water", stage.horizon + 0.06 * height, height * 0.84, 0.24)
