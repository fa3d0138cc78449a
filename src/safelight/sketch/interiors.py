"""Scenes indoors."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from safelight.sketch.brief import Thing
from safelight.sketch.colours import Colour, byte, hexa, mix, rgb, times
from safelight.sketch.hearths import fireplace
from safelight.sketch.rooms import (
    defocus,
    light_room,
    paint_boards,
    paint_wall,
    paint_window,
    picture_on_wall,
    pot_plant,
    sunbeam,
    warm,
)  # fmt: skip
from safelight.sketch.speed import bokeh
from safelight.sketch.stage import Box, Ground, Stage, picture_of
from safelight.sketch.subjects import cutout, lit

_WALLS = ("#e6dccb", "#c9d2c4", "#d9c3b0", "#b9c6cf", "#d8cfc0", "#c7b6a4")
_WOODS = ("#a8713f", "#8a5a34", "#c08d57", "#6f4a2e")


def _pick(stage: Stage, tones: tuple[str, ...]) -> Colour:
    return rgb(tones[int(stage.rng.integers(len(tones)))])


def _room(
    stage: Stage, wall: Colour | None = None, *, window: bool = True, foot: float = 0.7
) -> None:
    """Paint wall, floor, window and hanging picture."""
    width, height = stage.width, stage.height
    stage.horizon = height * foot
    paint_wall(
        stage,
        wall or (stage.brief.palette[0] if stage.brief.palette else _pick(stage, _WALLS)),
        stage.horizon,
    )
    left = stage.light.sun_at[0] < 0.5
    x = width * (0.07 if left else 0.6)
    if window:
        paint_window(stage, (x, height * 0.08, x + width * 0.33, height * 0.5))
    paint_boards(stage, _pick(stage, _WOODS), stage.horizon)
    px = width * (0.6 if left else 0.12)
    shown = stage.inputs[0] if stage.inputs else None
    picture_on_wall(
        stage,
        (px, height * 0.12, px + width * 0.24, height * 0.12 + min(width * 0.2, height * 0.3)),
        shown,
    )
    stage.used_inputs = stage.used_inputs or shown is not None
    sunbeam(
        stage,
        (width * (0.36 if left else 0.2), stage.horizon + height * 0.06),
        (width * 0.3, height * 0.2),
    )


def _floor_ground(stage: Stage, hold: float = 0.42) -> None:
    light_room(stage)
    stage.ground = Ground(
        "floor", stage.horizon + 0.08 * (stage.height - stage.horizon), stage.height * 0.95, hold
    )


def livingroom(stage: Stage) -> None:
    """A sofa, a rug, a lamp, shelves and many plants."""
    if "fireplace" in stage.brief.words:
        _by_the_fire(stage)
        return
    _room(stage)
    width, height = stage.width, stage.height
    sofa(
        stage,
        width * 0.5,
        stage.horizon + height * 0.1,
        width * 0.5,
        list(stage.brief.palette)[-1:]
        or [_pick(stage, ("#5f7a86", "#b5654a", "#7a8a5f", "#8a6f9a"))],
    )
    plants = (
        ((0.06, 0.42, 0), (0.94, 0.36, 1), (0.17, 0.24, 2))
        if not stage.brief.has("plants")
        else ((0.05, 0.5, 0), (0.95, 0.46, 1), (0.16, 0.3, 2), (0.86, 0.3, 0), (0.26, 0.22, 1))
    )
    for x, tall, kind in plants:
        pot_plant(stage, width * x, stage.horizon + height * 0.12, height * tall, kind)
    lamp_stand(stage, width * 0.8, stage.horizon + height * 0.06, height * 0.5)
    _floor_ground(stage)


def _by_the_fire(stage: Stage) -> None:
    """A fireplace, a window, an armchair drawn up and a rug."""
    _room(stage, _pick(stage, ("#c7a98c", "#a9b09a", "#b59a86")))
    width, height, unit = stage.width, stage.height, stage.unit
    side = 1 if stage.light.sun_at[0] < 0.5 else -1  # the window is on the other side
    x = width * (0.5 + 0.19 * side)
    span = min(width * 0.42, height * 0.62)
    rug = hexa(warm(stage, rgb("#8a3a34")))
    row = stage.horizon + height * 0.15
    stage.draw(
        f'<ellipse cx="{x}" cy="{row}" rx="{width * 0.27}" ry="{height * 0.055}" fill="{rug}"/><ellipse cx="{x}" cy="{row}" rx="{width * 0.24}" ry="{height * 0.044}" fill="none" stroke="#e6cf9a" stroke-opacity=".7" stroke-width="{5 * unit}"/>',
        (x - width * 0.28, row - height * 0.06, x + width * 0.28, row + height * 0.06),
    )
    fireplace(stage, x, stage.horizon + height * 0.02, span)
    pot_plant(stage, width * (0.5 + 0.45 * side), stage.horizon + height * 0.12, height * 0.34, 0)
    chair = cutout(Thing("chair"), int(height * 0.34), int(stage.rng.integers(24)))
    if side > 0:
        chair = ImageOps.mirror(chair)
    foot = stage.horizon + height * 0.2
    at = (int(width * (0.5 - 0.25 * side) - chair.width / 2), int(foot - chair.height))
    stage.put(lit(chair, replace(stage.light, sun=(1.0, 0.66, 0.35))), at)
    lamp_stand(stage, width * (0.5 - 0.43 * side), stage.horizon + height * 0.06, height * 0.46)
    _floor_ground(stage)


def sofa(stage: Stage, x: float, foot: float, wide: float, tone: list[Colour]) -> None:
    """Paint a sofa with cushions, its feet at row `foot`."""
    base = warm(stage, tone[0])
    lit, dim, deep = hexa(times(base, 1.08)), hexa(times(base, 0.8)), hexa(times(base, 0.55))
    body = (
        f'<g transform="translate({x - wide / 2} {foot - wide * 0.42}) scale({wide / 400})"><ellipse cx="200" cy="170" rx="212" ry="12" fill="#000" fill-opacity=".35"/>'
        f'<defs><linearGradient id="so" y2="1" x2="0"><stop stop-color="{lit}"/><stop offset="1" stop-color="{dim}"/></linearGradient></defs>'
        f'<path d="M30 164v10h14v-10zM356 164v10h14v-10z" fill="#3a2a1e"/><rect x="26" y="8" width="348" height="120" rx="26" fill="{dim}"/>'
        f'<rect x="36" y="18" width="162" height="86" rx="18" fill="url(#so)"/><rect x="202" y="18" width="162" height="86" rx="18" fill="url(#so)"/>'
        f'<rect x="34" y="94" width="166" height="44" rx="14" fill="{lit}"/><rect x="200" y="94" width="166" height="44" rx="14" fill="{lit}"/>'
        f'<rect x="24" y="130" width="352" height="36" rx="8" fill="{deep}"/><rect x="0" y="62" width="44" height="104" rx="20" fill="url(#so)"/><rect x="356" y="62" width="44" height="104" rx="20" fill="url(#so)"/>'
        f'<rect x="52" y="44" width="60" height="58" rx="12" fill="{hexa(warm(stage, rgb("#e0b25a")))}" transform="rotate(-10 80 70)"/><rect x="292" y="46" width="58" height="56" rx="12" fill="{hexa(warm(stage, rgb("#f0e6d6")))}" transform="rotate(12 320 70)"/></g>'
    )
    stage.draw(body, (x - wide * 0.56, foot - wide * 0.45, x + wide * 0.56, foot + wide * 0.05))


def lamp_stand(stage: Stage, x: float, foot: float, tall: float) -> None:
    """Paint a floor lamp; it glows when it is not broad day."""
    wide = tall * 0.16
    body = (
        f'<path d="M{x} {foot}V{foot - tall * 0.8}" stroke="#3a3027" stroke-width="{tall * 0.014}"/><ellipse cx="{x}" cy="{foot}" rx="{wide * 0.6}" ry="{wide * 0.12}" fill="#2c241d"/>'
        f'<path d="M{x - wide * 0.6} {foot - tall}H{x + wide * 0.6}L{x + wide} {foot - tall * 0.76}H{x - wide}Z" fill="#f6dfae"/>'
    )
    stage.draw(body, (x - wide * 1.1, foot - tall * 1.02, x + wide * 1.1, foot + wide * 0.2))
    strength = 0.25 + 0.6 * stage.light.dark + (0.2 if stage.light.sun_at[1] < 0.3 else 0)
    stage.glow((x, foot - tall * 0.86), tall * 0.75, (1.0, 0.74, 0.4), min(0.85, strength))


def bedroom(stage: Stage) -> None:
    """A made bed beneath a picture."""
    _room(stage)
    width, height = stage.width, stage.height
    x, y, wide = width * 0.2, stage.horizon - height * 0.12, width * 0.62
    cloth = hexa(warm(stage, stage.brief.palette[-1] if stage.brief.palette else rgb("#7d93ad")))
    body = (
        f'<g transform="translate({x} {y}) scale({wide / 400} {height * 0.36 / 220})"><rect x="0" y="-40" width="400" height="150" rx="10" fill="{hexa(warm(stage, rgb("#7a5236")))}"/>'
        f'<rect x="10" y="60" width="380" height="150" rx="18" fill="{hexa(warm(stage, rgb("#efe9de")))}"/><rect x="34" y="20" width="150" height="66" rx="24" fill="{hexa(warm(stage, rgb("#fbf8f2")))}"/><rect x="214" y="20" width="150" height="66" rx="24" fill="{hexa(warm(stage, rgb("#f2ede3")))}"/>'
        f'<path d="M4 104C100 84 300 84 396 104L404 200C300 214 100 214 -4 200Z" fill="{cloth}"/><path d="M4 104C100 84 300 84 396 104L397 124C300 106 100 106 3 124Z" fill="#fff" fill-opacity=".35"/></g>'
    )
    stage.draw(body, (x - 10, y - height * 0.1, x + wide + 12, y + height * 0.4))
    pot_plant(stage, width * 0.08, stage.horizon + height * 0.1, height * 0.34, 1)
    lamp_stand(stage, width * 0.92, stage.horizon + height * 0.04, height * 0.4)
    _floor_ground(stage, 0.38)


def kitchen(stage: Stage) -> None:
    """A tiled wall with shelves over a wooden counter."""
    width, height, unit = stage.width, stage.height, stage.unit
    stage.horizon = height * 0.62
    paint_wall(stage, _pick(stage, ("#e9e4d8", "#cfdad6", "#e2d2c0")), stage.horizon)
    step = 58 * unit
    tiles = "".join(
        f'<path d="M0 {y}H{width}" stroke="#fff" stroke-opacity=".5" stroke-width="{2 * unit}"/>'
        for y in _steps(height * 0.3, stage.horizon, step * 0.6)
    ) + "".join(
        f'<path d="M{x} {height * 0.3}V{stage.horizon}" stroke="#fff" stroke-opacity=".5" stroke-width="{2 * unit}"/>'
        for x in _steps(0, width, step)
    )
    stage.draw(tiles, (0, height * 0.3, width, stage.horizon), fine=0.6)
    paint_window(stage, (width * 0.58, height * 0.08, width * 0.92, height * 0.46))
    _shelf(stage, (width * 0.06, height * 0.27, width * 0.48, height * 0.29))
    pot_plant(stage, width * 0.53, stage.horizon + 8 * unit, height * 0.22, 1)
    defocus(stage, 3)
    table_top(stage, stage.horizon, _pick(stage, _WOODS))


def _steps(start: float, end: float, step: float) -> list[float]:
    return [start + k * step for k in range(int((end - start) / step) + 1)]


def _shelf(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    rng, wide = stage.rng, right - left
    body = f'<rect x="{left}" y="{top}" width="{wide}" height="{bottom - top}" fill="{hexa(warm(stage, rgb("#8a5f3a")))}"/>'
    for k in range(8):
        x, high, broad = (
            left + wide * (k + 0.3) / 8,
            wide * float(rng.uniform(0.1, 0.2)),
            wide * 0.085,
        )
        tone = hexa(
            warm(stage, _pick(stage, ("#d9d2c3", "#7f9a8a", "#c98a5a", "#e6c05a", "#a6b8c2")))
        )
        body += f'<rect x="{x}" y="{top - high}" width="{broad}" height="{high}" rx="{broad * 0.2}" fill="{tone}"/><rect x="{x + broad * 0.15}" y="{top - high * 0.95}" width="{broad * 0.18}" height="{high * 0.9}" fill="#fff" fill-opacity=".35"/>'
    stage.draw(body, (left, top - wide * 0.22, right, bottom))


def table_top(stage: Stage, top: float, wood: Colour) -> None:
    """Paint a wooden table from row `top` to the bottom, with grain, a lit edge and a soft sheen."""
    width, height, rng = stage.width, stage.height, stage.rng
    tone = warm(stage, wood)
    low = height - top
    start, deep = int(top), stage.height - int(top)
    shade = np.interp(np.linspace(0, 1, 64), (0, 0.5, 1), (1.12, 1.0, 0.6))[:, None, None]
    rows = picture_of((shade * np.asarray(tone)).clip(0, 1).repeat(2, axis=1))
    wood_grain = rows.resize((2 * width, 2 * deep), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(wood_grain, "RGBA")
    for share in sorted((rng.random(110) ** 1.3).tolist()):
        y, x = 2 * deep * share, float(rng.uniform(-0.1, 1)) * 2 * width
        long, bend = 2 * width * float(rng.uniform(0.1, 0.5)), float(rng.uniform(-6, 6)) * share
        grain = byte(times(tone, float(rng.uniform(0.55, 1.25))))
        line = [(x + long * k / 4, y + bend * (k % 4 > 0) * (1 + (k == 2))) for k in range(5)]
        pen.line(line, (*grain, 100), max(1, round((1.6 + 5.2 * share) * stage.unit)))
    for k in range(5):
        y = 2 * deep * (k / 5) ** 1.5
        pen.line((0, y, 2 * width, y), (29, 16, 9, 115), max(1, round(2.4 + 1.6 * k * stage.unit)))
    stage.image.paste(wood_grain.reduce(2), (0, start))
    stage.glow(
        (stage.light.sun_at[0] * width, top + low * 0.12),
        width * 0.42,
        mix(stage.light.sun, (1, 0.9, 0.7), 0.4),
        0.26,
    )
    stage.draw(
        f'<rect y="{top}" width="{width}" height="{3 * stage.unit}" fill="#fff" fill-opacity=".3"/>',
        (0, top, width, top + 5 * stage.unit),
    )
    stage.ground = Ground("table", top + low * 0.16, top + low * 0.62, 0.98)


def tabletop(stage: Stage) -> None:
    """A wooden table before a window, the room behind out of focus."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.64
    paint_wall(stage, _pick(stage, ("#c7b8a2", "#9aa7a2", "#b79f8a", "#8d98a6")), stage.horizon)
    view = "city" if stage.brief.weather in {"rain", "storm"} else ""
    span = (
        (width * 0.1, height * -0.02, width * 0.9, height * 0.56)
        if stage.brief.has("window", "rainwindow")
        else (width * 0.52, height * 0.04, width * 0.95, height * 0.5)
    )
    paint_window(stage, span, view=view, blur=5)
    pot_plant(stage, width * 0.1, stage.horizon + 10 * stage.unit, height * 0.5, 0)
    if stage.light.dark > 0.3 or stage.brief.weather in {"rain", "storm"}:
        bokeh(
            stage,
            18,
            [rgb("#ffcf86"), rgb("#ffe6b8"), rgb("#ff9a6a")],
            (height * 0.05, height * 0.5),
            34,
        )
    defocus(stage, 4 if stage.brief.has("window", "rainwindow") else 9)
    table_top(stage, stage.horizon, _pick(stage, _WOODS))


def cafe(stage: Stage) -> None:
    """A café table, hanging lamps and the street outside."""
    width, height, unit = stage.width, stage.height, stage.unit
    stage.horizon = height * 0.66
    paint_wall(stage, rgb("#7a5c48"), stage.horizon)
    paint_window(
        stage, (width * 0.34, height * 0.1, width * 0.96, height * 0.55), view="city", blur=4
    )
    _shelf(stage, (width * 0.03, height * 0.3, width * 0.29, height * 0.315))
    _shelf(stage, (width * 0.03, height * 0.47, width * 0.29, height * 0.485))
    for x in (0.2, 0.5, 0.8):
        stage.draw(
            f'<path d="M{width * x} 0V{height * 0.13}" stroke="#1d1713" stroke-width="{3 * unit}"/><path d="M{width * x - 46 * unit} {height * 0.18}q{46 * unit} {-90 * unit} {92 * unit} 0Z" fill="#2a221c"/><circle cx="{width * x}" cy="{height * 0.185}" r="{14 * unit}" fill="#fff3cf"/>',
            (width * x - 60 * unit, 0, width * x + 60 * unit, height * 0.23),
        )
        stage.glow((width * x, height * 0.19), 240 * unit, (1.0, 0.76, 0.42), 0.75)
    defocus(stage, 5)
    table_top(stage, stage.horizon, rgb("#7a4d2c"))


def office(stage: Stage) -> None:
    """A desk by the window with plants."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.68
    paint_wall(
        stage,
        stage.brief.palette[0]
        if stage.brief.palette
        else _pick(stage, ("#d9dcd8", "#c9d0d2", "#dcd3c6")),
        stage.horizon,
    )
    paint_window(
        stage, (width * 0.58, height * 0.06, width * 0.95, height * 0.5), view="city", blur=3
    )
    _shelf(stage, (width * 0.05, height * 0.26, width * 0.4, height * 0.275))
    pot_plant(stage, width * 0.07, stage.horizon + 6, height * 0.36, 2)
    pot_plant(stage, width * 0.93, stage.horizon + 6, height * 0.3, 0)
    defocus(stage, 3)
    table_top(stage, stage.horizon, rgb("#b98a5a"))
    stage.ground = Ground("table", stage.ground.far, stage.ground.near, 0.75)


_SPINES = ("#7d2f2a", "#2f4a6a", "#3f5f3c", "#a8843f", "#5f3a5a", "#c9b48a", "#34393f", "#8a4a2a")


def _shelves(stage: Stage, wood: Colour) -> str:
    """Return rows of books on their boards, down to the horizon."""
    width, rng, body = stage.width, stage.rng, ""
    rows = 6
    pitch = stage.horizon / rows
    for row in range(rows):
        x, y = 0.0, (row + 1) * pitch - pitch * 0.1
        while x < width:
            broad, high = (
                pitch * float(rng.uniform(0.09, 0.2)),
                pitch * float(rng.uniform(0.6, 0.84)),
            )
            tone = warm(stage, _pick(stage, _SPINES), float(rng.uniform(0.6, 1.05)))
            body += f'<rect x="{x:.0f}" y="{y - high:.0f}" width="{broad:.0f}" height="{high:.0f}" fill="{hexa(tone)}"/><rect x="{x:.0f}" y="{y - high * 0.82:.0f}" width="{broad:.0f}" height="{high * 0.06:.0f}" fill="#e6c879" fill-opacity=".6"/>'
            x += broad + 1.5
        body += f'<rect x="0" y="{y:.0f}" width="{width}" height="{pitch * 0.1:.0f}" fill="{hexa(wood)}"/><rect x="0" y="{y + pitch * 0.1:.0f}" width="{width}" height="{pitch * 0.1:.0f}" fill="#000" fill-opacity=".4"/>'
    return body


def library(stage: Stage) -> None:
    """Walls of books, a warm lamp, a carpet."""
    width, height = stage.width, stage.height
    stage.horizon = height * 0.74
    wood, body = warm(stage, rgb("#5a3a24")), ""
    body += f'<rect width="{width}" height="{stage.horizon}" fill="{hexa(times(wood, 0.5))}"/>'
    body += _shelves(stage, wood)
    for k in range(5):
        body += f'<rect x="{width * k / 4 - width * 0.011:.0f}" width="{width * 0.022:.0f}" height="{stage.horizon:.0f}" fill="{hexa(times(wood, 1.15))}"/>'
    stage.draw(body, (0, 0, width, stage.horizon))
    defocus(stage, 2)
    paint_boards(stage, rgb("#7a4c2a"), stage.horizon)
    for x in (0.2, 0.82):
        lamp_stand(stage, width * x, stage.horizon + height * 0.06, height * 0.46)
    stage.glow((width * 0.5, height * 0.1), width * 0.6, (1.0, 0.72, 0.38), 0.3)
    stage.ground = Ground("floor", stage.horizon + height * 0.05, height * 0.95, 0.46)


def classroom(stage: Stage) -> None:
    """A blackboard above wooden desks."""
    width, height, unit = stage.width, stage.height, stage.unit
    stage.horizon = height * 0.72
    paint_wall(stage, rgb("#dcd2b8"), stage.horizon)
    board = (width * 0.14, height * 0.1, width * 0.86, height * 0.52)
    stage.draw(
        f'<rect x="{board[0] - 14 * unit}" y="{board[1] - 14 * unit}" width="{board[2] - board[0] + 28 * unit}" height="{board[3] - board[1] + 28 * unit}" fill="{hexa(warm(stage, rgb("#8a5f3a")))}"/><rect x="{board[0]}" y="{board[1]}" width="{board[2] - board[0]}" height="{board[3] - board[1]}" fill="{hexa(warm(stage, rgb("#2f4a40")))}"/>',
        (0, 0, width, stage.horizon),
    )
    paint_boards(stage, rgb("#a8763f"), stage.horizon)
    stage.ground = Ground(
        "floor", stage.horizon + height * 0.04, height * 0.95, 0.42, letters=board
    )
    light_room(stage)


def wall_of_inputs(stage: Stage, picture: Image.Image) -> None:
    """Pin an input picture up in the upper corner when no scene has found a place for it."""
    size = min(stage.width, stage.height) * 0.3
    x, y = stage.width * 0.06, stage.height * 0.07
    ratio = max(0.6, min(1.6, picture.width / picture.height))
    picture_on_wall(
        stage, (x, y, x + size * ratio**0.5 * 1.1, y + size / ratio**0.5 * 1.1), picture
    )
