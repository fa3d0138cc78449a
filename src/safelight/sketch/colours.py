"""Colours: names, mixing, and the words people use for them."""

import colorsys
from functools import lru_cache
from typing import NamedTuple

Colour = tuple[float, float, float]  # red, green, blue; each 0..1, display-encoded

NAMED: dict[str, str] = {
    "red": "#d8322f", "crimson": "#a81733", "scarlet": "#e0331f", "maroon": "#6d1a24", "burgundy": "#6f1730",
    "orange": "#f08327", "amber": "#f2a922", "peach": "#f8b48b", "coral": "#f27a63", "salmon": "#f39180",
    "yellow": "#f6cf3b", "gold": "#d9a53a", "golden": "#e0aa3c", "mustard": "#cfa02f", "lemon": "#f7e25a",
    "green": "#3f9d4e", "lime": "#93cf3a", "olive": "#7c8240", "mint": "#9fdcc0", "emerald": "#1f9a6a",
    "turquoise": "#35bfb8", "teal": "#1e8a8c", "cyan": "#37c3e0", "aqua": "#4fcfd8",
    "blue": "#2f6fd0", "navy": "#1d2f5f", "azure": "#4a9be8", "indigo": "#43399b", "cobalt": "#2350b0",
    "purple": "#7d3fb5", "violet": "#8b55d6", "lavender": "#b9a2e6", "lilac": "#c3a5e0", "magenta": "#d32f9b",
    "pink": "#f27fb2", "rose": "#e56b8c", "fuchsia": "#e03ab0", "brown": "#80553a", "chocolate": "#5b3723",
    "tan": "#cfa97c", "beige": "#dccbab", "cream": "#f3e8cf", "ivory": "#f4efe0", "black": "#26262c",
    "white": "#f2f2ee", "grey": "#8d9197", "gray": "#8d9197", "silver": "#b9bfc6", "bronze": "#a1713d",
    "copper": "#b8703f", "charcoal": "#3a3d43", "ginger": "#d97b34", "blonde": "#e0bd72", "blond": "#e0bd72",
}  # fmt: skip


class Hue(NamedTuple):
    """Hue, lightness and saturation, each 0..1."""

    hue: float
    lightness: float
    saturation: float


def rgb(text: str) -> Colour:
    """Read `#rrggbb`."""
    return (int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255)


def hexa(colour: Colour) -> str:
    """Write `#rrggbb`, clipped."""
    r, g, b = byte(colour)
    return f"#{r:02x}{g:02x}{b:02x}"


def byte(colour: Colour) -> tuple[int, int, int]:
    """Scale to 0..255, clipped."""
    r, g, b = (max(0, min(255, round(part * 255))) for part in colour)
    return (r, g, b)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend: 0 is `first`, 1 is `second`."""
    a, b = first, second
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


def times(colour: Colour, other: Colour | float) -> Colour:
    """Multiply by a light colour or a factor."""
    by = (other, other, other) if isinstance(other, float | int) else other
    return (colour[0] * by[0], colour[1] * by[1], colour[2] * by[2])


def luminance(colour: Colour) -> float:
    """How bright a colour looks, 0..1."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def hls(colour: Colour) -> Hue:
    """Take a colour apart."""
    return Hue(*colorsys.rgb_to_hls(*(max(0.0, min(1.0, part)) for part in colour)))


def shifted(colour: Colour, *, hue: float = 0.0, light: float = 1.0, rich: float = 1.0) -> Colour:
    """Turn the hue (fraction of the circle) and scale lightness and saturation."""
    h, li, s = hls(colour)
    return colorsys.hls_to_rgb(
        (h + hue) % 1.0, max(0.0, min(1.0, li * light)), max(0.0, min(1.0, s * rich))
    )


@lru_cache(maxsize=2048)
def line_table(slope: float, start: float = 0.0) -> list[int]:
    """Return a straight table for 8-bit values: `start` (0..1) plus `slope` times the value, clipped."""
    return [max(0, min(255, int(start * 255 + slope * value + 0.5))) for value in range(256)]
