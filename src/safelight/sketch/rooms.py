"""The shell of a room: wall, floor, window with its view, and the light that falls in."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from safelight.sketch.brief import Brief
from safelight.sketch.colours import Colour, hexa, mix, rgb, times
from safelight.sketch.landscapes import GRASS, mountains, paint_rolling
from safelight.sketch.seascapes import ocean
from safelight.sketch.skylines import skyline
from safelight.sketch.stage import Box, Stage


def warm(stage: Stage, colour: Colour, shade: float = 1.0) -> Colour:
    """Return a colour as seen in the room's light."""
    inner = mix(stage.light.tint, (1.0, 0.88, 0.72), 0.5 * stage.light.dark)
    return times(times(colour, inner), shade * (1 - 0.42 * stage.light.dark))


def paint_wall(stage: Stage, colour: Colour, foot: float) -> None:
    """Paint a plain wall down to row `foot`, lighter toward the window's side, and a skirting board."""
    lit, dim = hexa(warm(stage, colour, 1.04)), hexa(warm(stage, colour, 0.66))
    x1, x2 = ("0", "1") if stage.light.sun_at[0] < 0.5 else ("1", "0")
    unit = stage.unit
    body = (
        f'<defs><linearGradient id="w" x1="{x1}" x2="{x2}" y2=".25"><stop stop-color="{lit}"/><stop offset="1" stop-color="{dim}"/></linearGradient></defs>'
        f'<rect width="{stage.width}" height="{foot}" fill="url(#w)"/>'
    )
    stage.draw(body, None, fine=0.25)
    skirt = f'<rect y="{foot - 26 * unit}" width="{stage.width}" height="{26 * unit}" fill="{hexa(warm(stage, mix(colour, (1, 1, 1), 0.5)))}"/><rect y="{foot - 29 * unit}" width="{stage.width}" height="{3 * unit}" fill="#000" fill-opacity=".18"/>'
    stage.draw(skirt, (0, foot - 30 * unit, stage.width, foot))


def paint_boards(stage: Stage, colour: Colour, top: float) -> None:
    """Paint a boarded floor in perspective from row `top` to the bottom."""
    width, height, rng = stage.width, stage.height, stage.rng
    low = height - top
    body = (
        f'<rect y="{top}" width="{width}" height="{low}" fill="{hexa(warm(stage, colour, 0.8))}"/>'
    )
    for k in range(-16, 17):
        tone = warm(stage, colour, float(rng.uniform(0.72, 1.04)))
        x0, x1 = width * (0.5 + k * 0.055), width * (0.5 + (k + 1) * 0.055)
        f0, f1 = width * (0.5 + k * 0.13), width * (0.5 + (k + 1) * 0.13)
        body += f'<path d="M{x0} {top}H{x1}L{f1} {height}H{f0}Z" fill="{hexa(tone)}"/><path d="M{x0} {top}L{f0} {height}" stroke="#000" stroke-opacity=".28" stroke-width="{1.6 * stage.unit}"/>'
    body += f'<defs><linearGradient id="s" y2="1" x2="0"><stop stop-color="#000" stop-opacity=".38"/><stop offset=".35" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".25"/></linearGradient></defs><rect y="{top}" width="{width}" height="{low}" fill="url(#s)"/>'
    stage.draw(body, (0, top, width, height))


def _hills(stage: Stage) -> None:
    paint_rolling(stage, GRASS)


_VIEWS = {
    "city": skyline,
    "sea": ocean,
    "hills": _hills,
    "mountains": mountains,
}


def paint_window(stage: Stage, box: Box, *, view: str = "", blur: float = 1.5) -> None:
    """Paint a window with a view; on a rainy day drops run down its panes."""
    left, top, right, bottom = box
    wide, high = int(right - left), int(bottom - top)
    choice = view or ("city", "hills", "sea", "mountains")[int(stage.rng.integers(4))]
    small = Stage(
        replace(
            Brief(),
            weather=stage.brief.weather,
            hour=stage.brief.hour,
            features=stage.brief.features & {"aurora", "autumn"},
        ),
        stage.light,
        stage.rng,
        Image.new("RGB", (max(96, wide * 2 // 3), max(96, high * 2 // 3))),
    )
    _VIEWS[choice](small)
    picture = small.image.filter(ImageFilter.GaussianBlur(blur * stage.unit)).resize(
        (wide, high), Image.Resampling.BICUBIC
    )
    stage.image.paste(picture, (int(left), int(top)))
    if stage.brief.weather in {"rain", "storm"}:
        drops_on_glass(stage, box)
    _frame(stage, box)


def _frame(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    unit, thick = stage.unit, 15 * stage.unit
    tone, dim = hexa(warm(stage, (0.95, 0.93, 0.88))), hexa(warm(stage, (0.95, 0.93, 0.88), 0.7))
    middle, bar = (left + right) / 2, top + (bottom - top) * 0.36
    body = (
        f'<g fill="none" stroke="{tone}"><rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" stroke-width="{thick}"/>'
        f'<path d="M{middle} {top}V{bottom}M{left} {bar}H{right}" stroke-width="{thick * 0.5}"/></g>'
        f'<g fill="none" stroke="{dim}" stroke-width="{2 * unit}"><path d="M{middle + thick * 0.26} {top}V{bottom}M{left} {bar + thick * 0.26}H{right}"/><rect x="{left - thick / 2}" y="{top - thick / 2}" width="{right - left + thick}" height="{bottom - top + thick}"/></g>'
        f'<rect x="{left - 30 * unit}" y="{bottom + thick * 0.4}" width="{right - left + 60 * unit}" height="{20 * unit}" fill="{tone}"/><rect x="{left - 24 * unit}" y="{bottom + thick * 0.4 + 20 * unit}" width="{right - left + 48 * unit}" height="{12 * unit}" fill="#000" fill-opacity=".22"/>'
    )
    stage.draw(body, (left - 34 * unit, top - thick, right + 34 * unit, bottom + thick + 40 * unit))


def drops_on_glass(stage: Stage, box: Box) -> None:
    """Paint beads and runnels of rain on a pane."""
    rng, unit = stage.rng, stage.unit
    left, top, right, bottom = box
    body = ""
    for _ in range(170):
        x, y, size = (
            float(rng.uniform(left, right)),
            float(rng.uniform(top, bottom)),
            float(rng.uniform(1.5, 6.5)) * unit,
        )
        body += f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{size:.1f}" ry="{size * 1.25:.1f}" fill="#dfe9f2" fill-opacity=".28"/><circle cx="{x - size * 0.3:.1f}" cy="{y - size * 0.4:.1f}" r="{size * 0.28:.1f}" fill="#fff" fill-opacity=".8"/>'
    for _ in range(16):
        x, y, length = (
            float(rng.uniform(left, right)),
            float(rng.uniform(top, bottom)),
            float(rng.uniform(60, 220)) * unit,
        )
        body += f'<path d="M{x:.1f} {y:.1f}q{4 * unit:.1f} {length * 0.5:.1f} {-2 * unit:.1f} {length:.1f}" stroke="#e6eef5" stroke-opacity=".3" stroke-width="{3.4 * unit:.1f}" fill="none" stroke-linecap="round"/>'
    stage.draw(body, box)


def sunbeam(stage: Stage, at: tuple[float, float], size: tuple[float, float]) -> None:
    """Throw the slanted light of a paned window on the wall or floor."""
    if stage.light.direct < 0.3 or stage.light.dark > 0.4:
        return
    x, y = at
    wide, high = size
    panes = ""
    for column in (0, 1):
        for row in (0, 1, 2):
            px, py = x + column * wide * 0.52 + row * wide * 0.1, y + row * high * 0.345
            panes += f'<path d="M{px} {py}h{wide * 0.45}l{wide * 0.1} {high * 0.31}h{-wide * 0.45}Z" fill="{hexa(stage.light.sun)}" fill-opacity=".55"/>'
    stage.draw(
        panes, (x - 20, y - 20, x + wide * 1.5, y + high * 1.1), blur=7 * stage.unit, fine=0.35
    )


def light_room(stage: Stage) -> None:
    """Add the haze of sunlight, and shade the far corners."""
    x = stage.light.sun_at[0] * stage.width
    if stage.light.dark < 0.6:
        stage.glow(
            (x, stage.height * 0.2),
            stage.width * 0.55,
            times(stage.light.sun, (1.0, 0.86, 0.62)),
            0.30 * stage.light.direct,
        )


def defocus(stage: Stage, radius: float) -> None:
    """Blur all that has been painted so far; `radius` is thousandths."""
    small = stage.image.reduce(3).filter(
        ImageFilter.GaussianBlur(max(0.6, radius * stage.unit / 3))
    )
    stage.image.paste(small.resize(stage.image.size, Image.Resampling.BICUBIC))


def pot_plant(stage: Stage, x: float, foot: float, tall: float, kind: int = 0) -> None:
    """Paint a potted plant `tall` pixels high: 0 monstera, 1 fern of long leaves, 2 rubber tree."""
    rng = stage.rng
    body = _pot(stage, x, foot, tall) + "".join(
        _leaf(stage, x, foot - tall * 0.26, tall * 0.74, kind % 3, k, rng)
        for k in range((11, 19, 13)[kind % 3])
    )
    stage.draw(body, (x - tall * 0.62, foot - tall * 1.15, x + tall * 0.62, foot + 4))


def _pot(stage: Stage, x: float, foot: float, tall: float) -> str:
    tones = ("#c9744a", "#e8e2d6", "#4b5a63", "#b9a58a")
    base = warm(stage, rgb(tones[int(stage.rng.integers(4))]))
    lit, dim = hexa(base), hexa(times(base, 0.55))
    wide = tall * 0.17
    name = f"p{int(x)}{int(foot)}"
    return (
        f'<defs><linearGradient id="{name}"><stop stop-color="{lit}"/><stop offset="1" stop-color="{dim}"/></linearGradient></defs>'
        f'<ellipse cx="{x}" cy="{foot}" rx="{wide * 1.2}" ry="{wide * 0.16}" fill="#000" fill-opacity=".3"/>'
        f'<path d="M{x - wide} {foot - tall * 0.27}H{x + wide}L{x + wide * 0.72} {foot}H{x - wide * 0.72}Z" fill="url(#{name})"/><rect x="{x - wide * 1.1}" y="{foot - tall * 0.29}" width="{wide * 2.2}" height="{tall * 0.045}" fill="url(#{name})"/>'
    )


def _leaf(
    stage: Stage, x: float, y: float, tall: float, kind: int, k: int, rng: np.random.Generator
) -> str:
    angle = float(rng.uniform(-1.15, 1.15)) if kind != 2 else float(rng.uniform(-0.9, 0.9))
    reach = tall * float(rng.uniform(0.55, 1.0)) * (1.0 - 0.25 * abs(angle))
    tip_x, tip_y = x + np.sin(angle) * reach, y - np.cos(angle) * reach
    tone = warm(
        stage, mix(rgb("#2f7a3c"), rgb("#7cb04a"), float(rng.random())), 0.55 + 0.5 * (k + 1) / 14
    )
    fill, vein = hexa(tone), hexa(times(tone, 1.35))
    stem = f'<path d="M{x:.0f} {y:.0f}Q{x + (tip_x - x) * 0.25:.0f} {y - reach * 0.6:.0f} {tip_x:.0f} {tip_y:.0f}" stroke="{fill}" stroke-width="{tall * 0.014:.1f}" fill="none"/>'
    size = tall * (0.2, 0.1, 0.15)[kind]
    if kind == 1:
        side = 1 if angle > 0 else -1
        end_x, end_y = tip_x + side * tall * 0.16, tip_y + tall * 0.2
        return f'<path d="M{x:.0f} {y:.0f}Q{tip_x:.0f} {tip_y - tall * 0.1:.0f} {end_x:.0f} {end_y:.0f}Q{tip_x + side * 4:.0f} {tip_y + size * 0.4:.0f} {x + 3:.0f} {y:.0f}Z" fill="{fill}"/>'
    turn = float(np.degrees(angle)) * 1.15
    if kind == 0:
        leaf = f'<path d="M0 0C-70 -20 -90 -90 -40 -150L-46 -104L-24 -160L-20 -112L0 -190L20 -112L24 -160L46 -104L40 -150C90 -90 70 -20 0 0Z" fill="{fill}"/><path d="M0 0V-170" stroke="{vein}" stroke-width="5"/>'
    else:
        leaf = f'<path d="M0 0C-56 -50 -50 -140 0 -190C50 -140 56 -50 0 0Z" fill="{fill}"/><path d="M0 0V-180" stroke="{vein}" stroke-width="5"/>'
    return f'{stem}<g transform="translate({tip_x:.0f} {tip_y:.0f}) rotate({turn:.0f}) translate(0 {size * 0.35:.0f}) scale({size / 110:.3f})">{leaf}</g>'


def picture_on_wall(stage: Stage, box: Box, picture: Image.Image | None) -> None:
    """Hang a framed picture; an abstract landscape when none is given."""
    left, top, right, bottom = box
    unit = stage.unit
    tone = hexa(warm(stage, rgb("#4a3a2c")))
    stage.draw(
        f'<rect x="{left}" y="{top + 6 * unit}" width="{right - left + 8 * unit}" height="{bottom - top + 6 * unit}" fill="#000" fill-opacity=".4"/>',
        (left - 20 * unit, top - 10 * unit, right + 30 * unit, bottom + 30 * unit),
        blur=7 * unit,
        fine=0.4,
    )
    stage.draw(
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="{tone}"/><rect x="{left + 9 * unit}" y="{top + 9 * unit}" width="{right - left - 18 * unit}" height="{bottom - top - 18 * unit}" fill="#f4efe4"/>',
        box,
    )
    inner = (
        int(left + 26 * unit),
        int(top + 26 * unit),
        int(right - 26 * unit),
        int(bottom - 26 * unit),
    )
    wide, high = max(8, inner[2] - inner[0]), max(8, inner[3] - inner[1])
    stage.image.paste(
        cropped(picture if picture is not None else _abstract(stage), wide, high), inner[:2]
    )


def cropped(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Return the middle of a picture, filling `width` by `height` pixels."""
    scale = max(width / picture.width, height / picture.height)
    big = picture.resize(
        (max(width, round(picture.width * scale)), max(height, round(picture.height * scale))),
        Image.Resampling.LANCZOS,
    )
    x, y = (big.width - width) // 2, (big.height - height) // 2
    return big.crop((x, y, x + width, y + height))


def _abstract(stage: Stage) -> Image.Image:
    small = Stage(Brief(), stage.light, stage.rng, Image.new("RGB", (160, 160)))
    paint_rolling(small, GRASS)
    return small.image.filter(ImageFilter.ModeFilter(5))
