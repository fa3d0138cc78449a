"""Scenes where water meets what people built."""

from PIL import ImageDraw

from safelight.sketch.colours import byte, hexa, rgb, times
from safelight.sketch.landscapes import dark
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.terrain import Ridge, paint_ridge
from safelight.sketch.water import LAKE, OCEAN, Sea, paint_sea


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
                lit = stage.light.dark > 0.3 and stage.rng.random() < 0.6
                pane = rgb("#ffd98a") if lit else times(wall, 0.45)
                wx, wy = x + wide * (0.14 + 0.28 * column), top + high * (0.14 + 0.28 * row)
                pen.rectangle((wx, wy, wx + wide * 0.15, wy + high * 0.15), fill=byte(pane))
        x += wide
    paint_sea(stage, Sea(0.3, *LAKE, foam=0.0, mirror=0.95))
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
    paint_sea(stage, Sea(0.6, *OCEAN, foam=0.2, mirror=0.8))
    stage.ground = Ground("water", stage.horizon + height * 0.08, height * 0.86, 0.28)
