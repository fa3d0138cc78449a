"""Printed things as the whole picture: calendars, cards, logos."""

import math

from PIL import Image

from safelight.sketch.brief import Brief, Thing
from safelight.sketch.colours import Colour, hexa, mix, rgb, shifted, times
from safelight.sketch.forests import pineforest
from safelight.sketch.interiors import table_top
from safelight.sketch.landscapes import flowers, mountains
from safelight.sketch.lettering import letter, texts
from safelight.sketch.light import light_of
from safelight.sketch.rooms import cropped, defocus, paint_wall, paint_window, pot_plant, sunbeam
from safelight.sketch.seascapes import lake, ocean
from safelight.sketch.stage import Box, Ground, Stage
from safelight.sketch.subjects import cutout

_INKS = ("#c8402f", "#2f6a5f", "#2f4f8a", "#b5702a", "#7a3f6a")
_SCENES = (lake, mountains, flowers, ocean, pineforest)
_HOURS = ("day", "golden", "dawn", "sunset")


def calendar(stage: Stage) -> None:
    """A page-a-day calendar on a sunny wall or desk, lettered with what the prompt says the date is."""
    if not stage.brief.hour:
        stage.light = light_of(("golden", "day", "dawn")[int(stage.rng.integers(3))], "")
    width, height = stage.width, stage.height
    stage.horizon = height * 0.8
    wall = (
        stage.brief.palette[0]
        if stage.brief.palette
        else rgb(
            ("#dfc9ae", "#b9cbc6", "#d9b8a8", "#c3c9dc", "#d8d2b4")[int(stage.rng.integers(5))]
        )
    )
    paint_wall(stage, wall, stage.horizon)
    left = stage.light.sun_at[0] < 0.5
    if width > height:
        x = width * (-0.06 if left else 0.82)
        paint_window(stage, (x, height * 0.05, x + width * 0.24, height * 0.6))
    sunbeam(stage, (width * (0.1 if left else 0.55), height * 0.12), (width * 0.26, height * 0.5))
    pot_plant(
        stage,
        width * (0.9 if left else 0.09),
        height * 0.9,
        height * 0.56,
        int(stage.rng.integers(3)),
    )
    defocus(stage, 3)
    table_top(
        stage, stage.horizon, rgb(("#a8713f", "#c79a6a", "#8a5a3a")[int(stage.rng.integers(3))])
    )
    high = min(height * 0.8, width * 0.92)
    wide = high * 0.82
    x, y = width / 2 - wide / 2, height * 0.9 - high
    _sheet(stage, (x, y, x + wide, y + high), rgb(_INKS[int(stage.rng.integers(5))]))
    stage.lettered = stage.used_inputs = True
    stage.ground = Ground("table", height * 0.93, height * 0.97, 0.5, middle=0.85)


def _sheet(stage: Stage, box: Box, ink: Colour) -> None:
    left, top, right, bottom = box
    wide, high, unit = right - left, bottom - top, stage.unit
    shadow = f'<path d="M{left + 10 * unit} {top + 20 * unit}H{right + 26 * unit}V{bottom + 14 * unit}H{left + 10 * unit}Z" fill="#1d120a" fill-opacity=".5"/>'
    stage.draw(shadow, (left - 60, top - 60, right + 90, bottom + 60), blur=16 * unit, fine=0.3)
    leaves = "".join(
        f'<rect x="{left + 3 * k * unit}" y="{top + 3 * k * unit}" width="{wide}" height="{high}" rx="{10 * unit}" fill="{hexa(times((0.93, 0.9, 0.84), 0.84 + 0.04 * (4 - k)))}"/>'
        for k in range(4, 0, -1)
    )
    page = f'<defs><linearGradient id="pp" x2=".3" y2="1"><stop stop-color="#fffdf7"/><stop offset="1" stop-color="#efe7d8"/></linearGradient></defs>{leaves}<rect x="{left}" y="{top}" width="{wide}" height="{high}" rx="{10 * unit}" fill="url(#pp)"/>'
    band = f'<path d="M{left} {top + 10 * unit}a{10 * unit} {10 * unit} 0 0 1 {10 * unit} {-10 * unit}H{right - 10 * unit}a{10 * unit} {10 * unit} 0 0 1 {10 * unit} {10 * unit}V{top + high * 0.14}H{left}Z" fill="{hexa(ink)}"/>'
    rings = "".join(
        f'<circle cx="{left + wide * s}" cy="{top + high * 0.035}" r="{11 * unit}" fill="#2a211a"/><rect x="{left + wide * s - 5 * unit}" y="{top - high * 0.035}" width="{10 * unit}" height="{high * 0.075}" rx="{5 * unit}" fill="#d9dde2"/><rect x="{left + wide * s - 2 * unit}" y="{top - high * 0.03}" width="{3 * unit}" height="{high * 0.06}" fill="#fff"/>'
        for s in (0.14, 0.32, 0.5, 0.68, 0.86)
    )
    curl = f'<path d="M{right} {bottom - 90 * unit}Q{right - 30 * unit} {bottom - 66 * unit} {right - 92 * unit} {bottom}L{right - 96 * unit} {bottom}Q{right - 60 * unit} {bottom - 90 * unit} {right} {bottom - 90 * unit}Z" fill="#cfc5b2"/><path d="M{right + 1} {bottom + 1}V{bottom - 90 * unit}Q{right - 30 * unit} {bottom - 66 * unit} {right - 92 * unit} {bottom + 1}Z" fill="{hexa(times(stage.light.shade, 0.8))}" fill-opacity=".35"/>'
    stage.draw(
        page + band + rings + curl,
        (left - 20, top - 40 * unit, right + 24 * unit, bottom + 24 * unit),
    )
    _picture(stage, (left + wide * 0.06, top + high * 0.17, right - wide * 0.06, top + high * 0.56))
    _date(stage, box, ink)


def _picture(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    wide, high = int(right - left), int(bottom - top)
    if stage.inputs:
        shown = cropped(stage.inputs[0], wide, high)
    else:
        pick = int(stage.rng.integers(len(_SCENES)))
        small = Stage(
            Brief(),
            light_of(_HOURS[int(stage.rng.integers(4))], ""),
            stage.rng,
            Image.new("RGB", (wide, high)),
        )
        _SCENES[pick](small)
        shown = small.image
    stage.image.paste(shown, (int(left), int(top)))


def _weekdays(stage: Stage, box: Box, ink: Colour) -> None:
    """Set the row of weekdays, one of them circled."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    days = ["M", "T", "W", "T", "F", "S", "S"]
    chosen = int(stage.rng.integers(7))
    for k, day in enumerate(days):
        x = left + wide * (0.2 + 0.1 * k)
        if k == chosen:
            stage.draw(
                f'<circle cx="{x}" cy="{top + high * 0.905}" r="{high * 0.034}" fill="{hexa(ink)}"/>',
                (x - high * 0.04, top + high * 0.86, x + high * 0.04, top + high * 0.95),
            )
        letter(
            stage,
            day,
            (x - wide * 0.05, top + high * 0.875, x + wide * 0.05, top + high * 0.935),
            "strong",
            (1, 1, 1) if k == chosen else rgb("#5a5048"),
            most=high * 0.04,
        )


def _date(stage: Stage, box: Box, ink: Colour) -> None:
    """Set the words of the date; the first line in the band when there are several."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    lines = texts(stage) or ["today"]
    if len(lines) > 1:
        band = (left + wide * 0.1, top + high * 0.06, right - wide * 0.1, top + high * 0.135)
        letter(stage, lines[0], band, "strong", (1, 1, 1), most=high * 0.06)
        lines = lines[1:]
    else:
        _sun(stage, ((left + right) / 2, top + high * 0.098), high * 0.03)
    text = " \u00b7 ".join(lines)
    letter(
        stage,
        text,
        (left + wide * 0.07, top + high * 0.58, right - wide * 0.07, top + high * 0.82),
        "serif",
        times(ink, 0.85),
    )
    stage.draw(
        f'<path d="M{left + wide * 0.3} {top + high * 0.845}H{right - wide * 0.3}" stroke="{hexa(mix(ink, (1, 1, 1), 0.3))}" stroke-width="{3 * stage.unit}"/>',
        (left, top + high * 0.83, right, top + high * 0.86),
    )
    _weekdays(stage, box, ink)


def _sun(stage: Stage, at: tuple[float, float], radius: float) -> None:
    x, y = at
    rays = "".join(
        f'<path d="M{x + radius * 0.72 * math.cos(a):.1f} {y + radius * 0.72 * math.sin(a):.1f}L{x + radius * math.cos(a):.1f} {y + radius * math.sin(a):.1f}" stroke="#fff3d6" stroke-width="{radius * 0.13:.1f}" stroke-linecap="round"/>'
        for a in (k * math.pi / 6 for k in range(12))
    )
    stage.draw(
        f'<circle cx="{x}" cy="{y}" r="{radius * 0.5}" fill="#fff3d6"/>{rays}',
        (x - radius * 1.2, y - radius * 1.2, x + radius * 1.2, y + radius * 1.2),
    )


def card(stage: Stage) -> None:
    """A greeting card standing among confetti, with a picture and the words."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    base = (
        stage.brief.palette[0]
        if stage.brief.palette
        else rgb(("#f4c9c0", "#bfdcd6", "#f2dca8", "#cfc6ea")[int(rng.integers(4))])
    )
    stage.light = light_of("day", "")
    stage.draw(
        f'<defs><radialGradient id="cb" cx=".5" cy=".4" r=".8"><stop stop-color="{hexa(mix(base, (1, 1, 1), 0.3))}"/><stop offset="1" stop-color="{hexa(times(base, 0.72))}"/></radialGradient></defs><rect width="{width}" height="{height}" fill="url(#cb)"/>',
        fine=0.3,
    )
    stage.horizon = height * 0.7
    _confetti(stage, 130)
    high = min(height * 0.86, width * 1.1)
    wide = min(width * 0.8, high * 0.8)
    left, top = (width - wide) / 2, (height - high) / 2
    right, bottom = left + wide, top + high
    ink = shifted(base, light=0.42, rich=1.3)
    stage.draw(
        f'<rect x="{left + 8 * unit}" y="{top + 16 * unit}" width="{wide + 10 * unit}" height="{high + 10 * unit}" fill="#2a1a18" fill-opacity=".45"/>',
        (left - 60, top - 60, right + 80, bottom + 90),
        blur=18 * unit,
        fine=0.3,
    )
    frame = f'<rect x="{left}" y="{top}" width="{wide}" height="{high}" rx="{8 * unit}" fill="#fffaf2"/><rect x="{left + 18 * unit}" y="{top + 18 * unit}" width="{wide - 36 * unit}" height="{high - 36 * unit}" rx="{6 * unit}" fill="none" stroke="{hexa(ink)}" stroke-width="{2.5 * unit}"/><rect x="{left + 27 * unit}" y="{top + 27 * unit}" width="{wide - 54 * unit}" height="{high - 54 * unit}" rx="{4 * unit}" fill="none" stroke="{hexa(base)}" stroke-width="{5 * unit}"/>'
    stage.draw(frame, (left, top, right, bottom))
    _bunting(stage, (left + 30 * unit, top + 34 * unit, right - 30 * unit, top + high * 0.15))
    _motif(stage, (left + wide * 0.15, top + high * 0.17, right - wide * 0.15, top + high * 0.58))
    lines = texts(stage) or ["With love"]
    step = high * 0.33 / len(lines)
    for index, text in enumerate(lines):
        y = top + high * 0.6 + index * step
        span = (left + wide * 0.09, y, right - wide * 0.09, y + step)
        letter(stage, text, span, "script" if index == 0 else "hand", ink)
    stage.lettered = stage.staged = stage.used_inputs = True


def _motif(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    high = int(bottom - top)
    if stage.inputs:
        stage.image.paste(cropped(stage.inputs[0], int(right - left), high), (int(left), int(top)))
        return
    words = stage.brief.words
    names = [thing.name for thing in stage.brief.things if thing.name != "picture frame"]
    fallback = (
        ["party balloon", "cake", "gift"]
        if words & {"birthday", "party"}
        else ["heart", "bouquet", "heart"]
        if words & {"love", "valentine", "wedding"}
        else ["bouquet"]
    )
    chosen = [Thing(name) for name in (names or fallback)][:3]
    span = (right - left) / len(chosen)
    for k, thing in enumerate(chosen):
        cut = cutout(thing, int(high * (0.95 if len(chosen) == 1 or k == 1 else 0.72)), k)
        if cut.width > span:
            cut = cut.resize(
                (int(span), max(1, int(cut.height * span / cut.width))), Image.Resampling.LANCZOS
            )
        stage.put(cut, (int(left + span * (k + 0.5) - cut.width / 2), int(bottom - cut.height)))


def _confetti(stage: Stage, count: int) -> None:
    rng, unit = stage.rng, stage.unit
    body = ""
    for _ in range(count):
        x, y, turn = (
            float(rng.random()) * stage.width,
            float(rng.random()) * stage.height,
            float(rng.uniform(0, 180)),
        )
        tone = ("#e8486e", "#f6cf3b", "#3f9ad0", "#5ac08a", "#8f6fd0", "#ffffff")[
            int(rng.integers(6))
        ]
        body += f'<rect transform="translate({x:.0f} {y:.0f}) rotate({turn:.0f})" width="{float(rng.uniform(6, 18)) * unit:.1f}" height="{float(rng.uniform(4, 9)) * unit:.1f}" rx="2" fill="{tone}"/>'
    stage.draw(body)


def _bunting(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    wide, flags, body = right - left, 9, ""
    for k in range(flags):
        x, sag = (
            left + wide * k / flags,
            (bottom - top) * 0.45 * (1 - (2 * (k + 0.5) / flags - 1) ** 2),
        )
        tone = ("#e8486e", "#f6cf3b", "#3f9ad0", "#5ac08a", "#8f6fd0")[k % 5]
        body += f'<path d="M{x} {top + sag}H{x + wide / flags * 0.92}L{x + wide / flags * 0.46} {top + sag + (bottom - top) * 0.5}Z" fill="{tone}"/>'
    stage.draw(
        f'{body}<path d="M{left} {top}Q{left + wide / 2} {top + (bottom - top) * 0.95} {right} {top}" stroke="#6a5a50" stroke-width="{2.5 * stage.unit}" fill="none"/>',
        (left, top - 5, right, bottom + 20),
    )


def _wordmark(stage: Stage, lines: list[str], ink: Colour, ground: Colour) -> None:
    """Set the name large, and a line below it."""
    width, height = stage.width, stage.height
    side = min(width, height)
    face = ("serif", "strong", "script")[int(stage.rng.integers(3))]
    name = (width * 0.1, height * 0.6, width * 0.9, height * 0.8)
    letter(stage, lines[0], name, face, ink, most=side * 0.16)
    below = (width * 0.2, height * 0.81, width * 0.8, height * 0.87)
    rest = " \u00b7 ".join(lines[1:]) or _trade(stage)
    letter(stage, rest, below, "strong", mix(ink, ground, 0.25), most=side * 0.034)


def logo(stage: Stage) -> None:
    """A mark and a wordmark on a quiet ground."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    ground, ink, spot = (rgb(code) for code in _PAIRS[int(rng.integers(len(_PAIRS)))])
    if stage.brief.palette:
        spot = stage.brief.palette[0]
    stage.horizon = height * 0.6
    stage.draw(
        f'<defs><radialGradient id="lb" cx=".5" cy=".45" r=".75"><stop stop-color="{hexa(shifted(ground, light=1.05))}"/><stop offset="1" stop-color="{hexa(times(ground, 0.9))}"/></radialGradient></defs><rect width="{width}" height="{height}" fill="url(#lb)"/>',
        fine=0.4,
    )
    side = min(width, height)
    x, y, radius = width / 2, height * 0.38, side * 0.2
    ring = f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{hexa(spot)}"/><circle cx="{x}" cy="{y}" r="{radius * 1.08}" fill="none" stroke="{hexa(ink)}" stroke-width="{4 * unit}"/>'
    stage.draw(ring, (x - radius * 1.2, y - radius * 1.2, x + radius * 1.2, y + radius * 1.2))
    name = _mark_of(stage)
    lines = texts(stage)
    if name:
        cut = cutout(Thing(name), int(radius * 1.3), 0)
        stage.put(cut, (int(x - cut.width / 2), int(y - cut.height / 2)))
    elif lines:
        letter(
            stage,
            lines[0][:1].upper(),
            (x - radius * 0.8, y - radius * 0.75, x + radius * 0.8, y + radius * 0.75),
            "serif",
            ground,
        )
    if lines:
        _wordmark(stage, lines, ink, ground)
    stage.lettered = stage.staged = True


_PAIRS = (
    ("#f6efe2", "#3a2a20", "#d98a4a"),
    ("#f2f4f1", "#1f3a34", "#4fa07f"),
    ("#1d2430", "#f4efe2", "#e0a84a"),
    ("#f7ece9", "#5a2438", "#e07a8a"),
    ("#eef2f7", "#1d2f52", "#4a86d0"),
)
_TRADES = {
    "bakery": "bread",
    "coffee": "coffee",
    "cafe": "coffee",
    "pizza": "pizza",
    "music": "guitar",
    "flower": "tulip",
    "florist": "bouquet",
    "restaurant": "pot",
    "tech": "gear",
    "startup": "rocket",
    "school": "books",
    "gym": "boxing glove",
    "travel": "airplane",
    "photography": "camera",
    "photo": "camera",
    "book": "open book",
    "pet": "dog",
    "garden": "seedling",
    "bike": "bicycle",
    "law": "shield",
    "bank": "coin",
}


def _mark_of(stage: Stage) -> str:
    found = next((thing.name for thing in stage.brief.things), "")
    named = next((name for word, name in _TRADES.items() if word in stage.brief.words), "")
    return found or named.replace("open book", "book")


def _trade(stage: Stage) -> str:
    return next(
        (word for word in _TRADES if word in stage.brief.words), "established today"
    ).upper()
