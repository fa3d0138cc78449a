"""Charts as SVG, drawn here: columns by day, shares of a whole, how much of a limit is gone."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Final

import msgspec
from markupsafe import Markup

WIDTH: Final = 1000
HEIGHT: Final = 200
"""Of columns, in units that the page stretches to the room that there is."""
SERIES: Final = 6
"""Colours that tell shares apart; what is smaller than the largest of them is one more."""
_THIN: Final = 10
_GAP: Final = 0.24
"""Of the room of a column."""
_WIDEST: Final = 48.0
"""Units of a column, where there are few."""
_LEAST: Final = 2.0
"""Units that anything above nothing has, so that it is seen."""
_SVG: Final = Markup(
    '<svg class="{kind}" role="img" aria-labelledby="{id}-title {id}-desc" '
    'viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
    '<title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>{drawn}</svg>'
)
_RECT: Final = Markup('<rect class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>')
_LINE: Final = Markup('<line class="grid" x1="0" x2="{}" y1="{:.2f}" y2="{:.2f}"/>')
_COLUMN: Final = Markup('<g class="column" data-says="{says}"><title>{says}</title>{drawn}</g>')


class Words(msgspec.Struct, frozen=True):
    """What a chart is called, for those who do not see it."""

    id: str
    """Unlike that of any other on the page."""
    title: str
    description: str


class Column(msgspec.Struct, frozen=True):
    """One column, of pieces that stand on each other."""

    says: str
    pieces: Sequence[float]


class Share(msgspec.Struct, frozen=True):
    """One piece of a whole."""

    says: str
    amount: float


def top_of(values: Sequence[float]) -> float:
    """The end of a scale that all of them fit on: 1, 2 or 5 times a power of ten."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return 1.0
    power = 10.0 ** floor(log10(largest))
    return next(step * power for step in (1, 2, 5, 10) if largest <= step * power * (1 + 1e-9))


def columns(words: Words, shown: Sequence[Column], kinds: Sequence[str]) -> Markup:
    """Columns side by side on a scale of `top_of`; *kinds* are the classes of their pieces."""
    top = top_of([sum(column.pieces) for column in shown])
    room = WIDTH / max(1, len(shown))
    drawn = [_LINE.format(WIDTH, y, y) for y in (0.5, HEIGHT / 2, HEIGHT - 0.5)]
    drawn += [_column(one, kinds, at * room, room, top) for at, one in enumerate(shown)]
    return _drawing("columns", words, HEIGHT, drawn)


def shares(words: Words, parts: Sequence[Share]) -> Markup:
    """One bar, each part in its colour: `s1` for the first, and so on, as `series` says."""
    whole = sum(part.amount for part in parts)
    drawn: list[Markup] = []
    at = 0.0
    for place, part in enumerate(parts):
        wide = WIDTH * part.amount / whole if whole > 0 else 0.0
        rect = _RECT.format(series(place), at, 0, wide, _THIN)
        drawn.append(_COLUMN.format(says=part.says, drawn=rect) if wide else Markup())
        at += wide
    return _drawing("shares", words, _THIN, drawn)


def meter(words: Words, spent: float, held: float, limit: float) -> Markup:
    """How much of a limit is spent, and how much is held beside it; what is more is cut."""
    used = _part(spent, limit)
    both = max(used, _part(spent + held, limit))
    full = " full" if spent + held >= limit else ""
    drawn = [
        _RECT.format(f"spent{full}", 0, 0, used, _THIN),
        _RECT.format("held", used, 0, both - used, _THIN),
    ]
    return _drawing("meter", words, _THIN, drawn)


def series(place: int) -> str:
    """The class of the colour of a part."""
    return f"s{place + 1}" if place < SERIES else "rest"


def grouped(count: int, most: int) -> int:
    """How many of *count* neighbours are one column, for at most *most* columns."""
    return max(1, ceil(count / most))


def _column(column: Column, kinds: Sequence[str], left: float, room: float, top: float) -> Markup:
    drawn = [_RECT.format("room", left, 0, room, HEIGHT)]
    floor_at = float(HEIGHT)
    for kind, amount in zip(kinds, column.pieces, strict=True):
        if amount > 0:
            tall = max(_LEAST, HEIGHT * amount / top)
            floor_at -= tall
            wide = min(_WIDEST, room * (1 - _GAP))
            at = left + (room - wide) / 2
            drawn.append(_RECT.format(kind, at, floor_at, wide, tall))
    return _COLUMN.format(says=column.says, drawn=Markup().join(drawn))


def _part(amount: float, limit: float) -> float:
    if limit <= 0:
        return float(WIDTH)
    return min(float(WIDTH), WIDTH * amount / limit)


def _drawing(kind: str, words: Words, height: int, drawn: Sequence[Markup]) -> Markup:
    return _SVG.format(
        kind=kind,
        id=words.id,
        title=words.title,
        desc=words.description,
        width=WIDTH,
        height=height,
        drawn=Markup().join(drawn),
    )
