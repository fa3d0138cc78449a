"""The shell of a room: wall, floor, window with its view, and the light that falls in."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from safelight.sketch.brief import Brief
from safelight.sketch.colours import Colour, byte, hexa, mix, rgb, times
from safelight.sketch.fields import ramp
from safelight.sketch.landscapes import GRASS, mountains, paint_rolling
from safelight.sketch.seascapes import ocean
from safelight.sketch.skies import paint_sky
from safelight.sketch.skylines import skyline
from safelight.sketch.stage import Box, Stage, mask_of
from safelight.sketch.terrain import Ridge, paint_ridge


def warm(stage: Stage, colour: Colour, shade: float = 1.0) -> Colour:
    """Return a colour as seen in the room's light."""
    inner = mix(stage.light.tint, (1.0, 0.88, 0.72), 0.5 * stage.light.dark)
    return times(times(colour, inner), shade * (1 - 0.42 * stage.light.dark))


def paint_wall(stage: Stage, colour: Colour, foot: float) -> None:
    """Paint a plain wall down to row `foot`, lighter toward the window's side, and a skirting board."""
    lit, dim = warm(stage, colour, 1.04), warm(stage, colour, 0.66)
    unit, x, y = stage.unit, ramp(48, 0, 1)[None, :], ramp(48, 0, 0.25)[:, None]
    away = ((x if stage.light.sun_at[0] < 0.5 else 1 - x) + y)[..., None] / 1.25
    start, end = np.asarray(lit, dtype=np.float32), np.asarray(dim, dtype=np.float32)
    plate = start + (end - start) * np.clip(away, 0, 1)
    stage.lay(plate, 0, int(foot) + 1)
    skirt = f'<rect y="{foot - 26 * unit}" width="{stage.width}" height="{26 * unit}" fill="{hexa(warm(stage, mix(colour, (1, 1, 1), 0.5)))}"/><rect y="{foot - 29 * unit}" width="{stage.width}" height="{3 * unit}" fill="#000" fill-opacity=".18"/>'
    stage.draw(skirt, (0, foot - 30 * unit, stage.width, foot))


def paint_boards(stage: Stage, colour: Colour, top: float) -> None:
    """Paint a boarded floor in perspective from row `top` to the bottom."""
    width, start, rng = stage.width, int(top), stage.rng
    low = stage.height - start
    floor = Image.new("RGB", (2 * width, 2 * low))
    pen = ImageDraw.Draw(floor)
    for k in range(-16, 17):
        tone = byte(warm(stage, colour, float(rng.uniform(0.72, 1.04))))
        x0, x1 = (width * (1 + 2 * (k + end) * 0.055) for end in (0, 1))
        f0, f1 = (width * (1 + 2 * (k + end) * 0.13) for end in (0, 1))
        pen.polygon([(x0, 0), (x1, 0), (f1, 2 * low), (f0, 2 * low)], fill=tone)
        seam = byte(times(warm(stage, colour), 0.62))
        pen.line((x0, 0, f0, 2 * low), seam, max(2, round(3.2 * stage.unit)))
        for share in rng.random(2).tolist():
            along = share**1.7
            ends = [x0 + (f0 - x0) * along, x1 + (f1 - x1) * along]
            pen.line((ends[0], 2 * low * along, ends[1], 2 * low * along), seam, 2)
    shade = np.interp(np.linspace(0, 1, 64), (0, 0.35, 1), (0.62, 1.0, 0.75)).astype(np.float32)
    fall = mask_of(shade[:, None].repeat(2, axis=1)).resize((width, low), Image.Resampling.BILINEAR)
    boards = ImageChops.multiply(floor.reduce(2), Image.merge("RGB", (fall, fall, fall)))
    stage.image.paste(boards, (0, start))


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
    step = 2 if blur < 3 else 1  # thirds of the size: what is out of focus has no detail
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
        Image.new("RGB", (max(96, wide * step // 3), max(96, high * step // 3))),
    )
    _VIEWS[choice](small)
    picture = small.image.filter(ImageFilter.GaussianBlur(blur * stage.unit * step / 2)).resize(
        (wide, high), Image.Resampling.BICUBIC
    )
    stage.image.paste(picture, (int(left), int(top)))
    if stage.brief.weather in {"rain", "storm"}:
        drops_on_glass(stage, box)
    _frame(stage, box)


def _frame(stage: Stage, box: Box) -> None:
    """Paint the frame, its bars and the sill; all of it stands upright, so plain rectangles do."""
    left, top, right, bottom = (round(part) for part in box)
    unit, thick = stage.unit, max(4, round(15 * stage.unit))
    tone, dim = warm(stage, (0.95, 0.93, 0.88)), warm(stage, (0.95, 0.93, 0.88), 0.7)
    pen = ImageDraw.Draw(stage.image, "RGBA")
    middle, bar = (left + right) // 2, round(top + (bottom - top) * 0.36)
    half, line = max(2, thick // 2), max(1, round(2 * unit))

    def strip(x: float, y: float, wide: float, high: float) -> None:
        pen.rectangle((x + line, y + line, x + wide + line - 1, y + high + line - 1), byte(dim))
        pen.rectangle((x, y, x + wide - 1, y + high - 1), byte(tone))

    strip(middle - half // 2, top, half, bottom - top)
    strip(left, bar - half // 2, right - left, half)
    for x in (left - half, right - half):
        strip(x, top - half, thick, bottom - top + thick)
    for y in (top - half, bottom - half):
        strip(left - half, y, right - left + thick, thick)
    sill, out = bottom + half, round(30 * unit)
    pen.rectangle((left - out, sill, right + out, sill + 20 * unit), byte(tone))
    under = sill + 20 * unit + 1
    pen.rectangle((left - out * 0.8, under, right + out * 0.8, under + 12 * unit), (0, 0, 0, 56))


def drops_on_glass(stage: Stage, box: Box) -> None:
    """Paint beads and runnels of rain on a pane."""
    rng, unit = stage.rng, 2 * stage.unit
    left, top, right, bottom = (int(part) for part in box)
    size = (2 * (right - left), 2 * (bottom - top))
    beads, sparks = Image.new("L", size), Image.new("L", size)
    bead, spark = ImageDraw.Draw(beads), ImageDraw.Draw(sparks)
    for _ in range(16):
        x, y = float(rng.random()) * size[0], float(rng.random()) * size[1]
        long = float(rng.uniform(60, 220)) * unit
        line = [(x, y), (x + 1.5 * unit, y + long * 0.4), (x - unit, y + long)]
        bead.line(line, 76, max(2, round(3.4 * unit)), joint="curve")
    for _ in range(170):
        x, y = float(rng.random()) * size[0], float(rng.random()) * size[1]
        r = float(rng.uniform(1.5, 6.5)) * unit
        bead.ellipse((x - r, y - r * 1.25, x + r, y + r * 1.25), 72)
        spark.ellipse((x - r * 0.58, y - r * 0.68, x - r * 0.02, y - r * 0.12), 200)
    stage.fill(beads.reduce(2), (0.88, 0.92, 0.95), (left, top))
    stage.fill(sparks.reduce(2), (1, 1, 1), (left, top))


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
    """Return a small flat landscape: a sky and three ridges."""
    far = byte(mix(stage.light.haze, times((0.42, 0.5, 0.36), 1 - 0.6 * stage.light.dark), 0.6))
    small = Stage(Brief(), stage.light, stage.rng, Image.new("RGB", (160, 160), far))
    small.horizon = 88
    paint_sky(small)
    tones = ("#5d7389", "#5f8a4f", "#8aa04a", "#c98a4a", "#7a6f9a")
    for k, (foot, rise) in enumerate(((96, 42), (126, 40), (162, 50))):
        rock = rgb(tones[int(stage.rng.integers(5))])
        paint_ridge(small, Ridge(foot, rise, 0.5, rock, 0.5 - 0.22 * k, 0.3))
    return small.image.filter(ImageFilter.ModeFilter(5))
