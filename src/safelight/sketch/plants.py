"""Trees and undergrowth as shapes with depth."""

import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from safelight.sketch.colours import Colour, byte, mix, times
from safelight.sketch.fields import Random
from safelight.sketch.stage import Point, Stage, shapes

_FINE = 2


def pine(rng: Random, x: float, foot: float, tall: float) -> list[list[Point]]:
    """Return the polygons of a conifer: ragged tiers of boughs on a trunk."""
    wide = tall * float(rng.uniform(0.17, 0.24))
    left: list[Point] = []
    right: list[Point] = []
    tiers = 11
    for k in range(tiers):
        share = k / tiers
        y = foot - tall * (1 - share * 0.9)
        out = wide * (0.06 + share**0.85)
        for side, points in ((-1, left), (1, right)):
            reach = out * float(rng.uniform(0.75, 1.15))
            points.append((x + side * reach * 0.42, y))
            points.append((x + side * reach, y + tall * 0.085 * float(rng.uniform(0.8, 1.3))))
    crown = [(x, foot - tall), *left, *reversed(right)]
    stem = tall * 0.014 + 0.6
    return [
        crown,
        [
            (x - stem, foot - tall * 0.2),
            (x + stem, foot - tall * 0.2),
            (x + stem * 1.2, foot),
            (x - stem * 1.2, foot),
        ],
    ]


def paint_pines(
    stage: Stage,
    foot: float,
    tall: float,
    count: int,
    colour: Colour,
    *,
    snow: float = 0.0,
    gap: bool = False,
) -> None:
    """Paint a row of conifers about `tall` pixels high whose feet are near row `foot`; `gap` leaves the middle open."""
    rng = stage.rng
    polygons: list[list[Point]] = []
    heads: list[tuple[float, float, float]] = []
    for k in range(count):
        share = (k + float(rng.random())) / count
        if gap and abs(share - 0.5) < 0.2:
            share = 0.5 + math.copysign(0.22 + 0.28 * float(rng.random()), share - 0.5)
        high = tall * float(rng.uniform(0.65, 1.15))
        x, y = share * stage.width, foot + tall * float(rng.uniform(-0.03, 0.04))
        polygons += pine(rng, x, y, high)
        heads.append((x, y, high))
    top = max(0, int(foot - tall * 1.25))
    bottom = min(stage.height, int(foot + tall * 0.08) + 2)
    if bottom <= top:
        return
    moved = [[(x, y - top) for x, y in polygon] for polygon in polygons]
    mask = shapes((stage.width, bottom - top), moved, _FINE)
    stage.fill(mask, colour, (0, top))
    if snow > 0:
        _snow_boughs(stage, heads, (top, bottom), mask, snow)


def _snow_boughs(
    stage: Stage,
    heads: list[tuple[float, float, float]],
    span: tuple[int, int],
    mask: Image.Image,
    amount: float,
) -> None:
    rng = stage.rng
    top, bottom = span
    caps: list[list[Point]] = []
    for x, foot, tall in heads:
        for k in range(10):
            share = (k + 0.7) / 11
            y = foot - tall * (1 - share * 0.9) - top
            out = tall * 0.19 * (0.06 + share**0.85)
            for _ in range(2):
                middle = x + out * float(rng.uniform(-0.7, 0.7))
                reach, drop = out * float(rng.uniform(0.25, 0.5)), tall * 0.03
                caps.append(
                    [
                        (middle - reach, y + drop),
                        (middle, y - drop * 0.5),
                        (middle + reach, y + drop * 1.2),
                        (middle, y + drop * 0.7),
                    ]
                )
    white = shapes((stage.width, bottom - top), caps, _FINE)
    white = Image.composite(white, Image.new("L", white.size), mask).point(
        [int(value * amount) for value in range(256)]
    )
    stage.fill(
        white,
        times(mix((0.93, 0.96, 1.0), stage.light.haze, 0.2), 1 - 0.55 * stage.light.dark),
        (0, top),
    )


Place = Callable[[float, float], Point]


def _crown(
    stage: Stage,
    pen: ImageDraw.ImageDraw,
    at: Place,
    foot: Point,
    tall: float,
    leaves: list[Colour],
) -> None:
    """Draw the clumps of a crown, shaded ones first; `at` takes picture pixels to the layer's."""
    rng, dim, wide, (x, y0) = stage.rng, 1 - 0.7 * stage.light.dark, tall * 0.8, foot
    side = 1 if stage.light.sun_at[0] > 0.5 else -1
    clumps: list[tuple[float, float, float]] = []
    sizes = (0.05, 0.1) if tall > 110 else (0.08, 0.17)
    for _ in range(max(26, min(150, int(tall * 1.1)))):
        angle, reach = float(rng.uniform(0, 2 * math.pi)), float(rng.random()) ** 0.5
        dx, dy = math.cos(angle) * reach, math.sin(angle) * reach
        clumps.append((dx, dy, float(rng.uniform(*sizes))))
    clumps.sort(key=lambda item: side * item[0] * 0.5 - item[1])
    for dx, dy, radius in clumps:
        bright = 0.62 + 0.34 * (side * dx * 0.45 - dy * 0.75) + float(rng.uniform(-0.08, 0.08))
        tone = byte(
            times(
                times(leaves[int(rng.integers(len(leaves)))], stage.light.tint),
                max(0.25, bright + 0.3) * dim,
            )
        )
        px, py, size = x + dx * wide * 0.46, y0 - tall * 0.66 + dy * tall * 0.34, tall * radius
        pen.ellipse(
            [*at(px - size, py - size * 0.8), *at(px + size, py + size * 0.8)], fill=(*tone, 255)
        )


def leafy(
    stage: Stage,
    x: float,
    foot: float,
    tall: float,
    leaves: list[Colour],
    *,
    trunk: Colour = (0.26, 0.19, 0.14),
) -> None:
    """Paint one broad-leaved tree with a lit crown of many clumps."""
    dim, wide = 1 - 0.7 * stage.light.dark, tall * 0.8
    box = (int(x - wide * 0.62), int(foot - tall * 1.06), int(x + wide * 0.62) + 1, int(foot) + 2)
    layer = Image.new("RGBA", ((box[2] - box[0]) * _FINE, (box[3] - box[1]) * _FINE))
    pen = ImageDraw.Draw(layer)

    def at(px: float, py: float) -> Point:
        return ((px - box[0]) * _FINE, (py - box[1]) * _FINE)

    bark = byte(times(times(trunk, stage.light.tint), dim))
    stem = tall * 0.035
    pen.polygon(
        [
            at(x - stem * 1.5, foot),
            at(x - stem * 0.7, foot - tall * 0.5),
            at(x + stem * 0.7, foot - tall * 0.5),
            at(x + stem * 1.6, foot),
        ],
        fill=(*bark, 255),
    )
    for lean in (-0.28, -0.12, 0.14, 0.3):
        pen.line(
            [at(x, foot - tall * 0.34), at(x + lean * tall, foot - tall * 0.66)],
            fill=(*bark, 255),
            width=max(1, int(stem * _FINE * 0.8)),
        )
    _crown(stage, pen, at, (x, foot), tall, leaves)
    stage.put(layer.reduce(_FINE), (box[0], box[1]))


def trunks(
    stage: Stage, foot: float, count: int, width: float, colour: Colour, *, gap: float = 0.0
) -> None:
    """Paint trunks rising from row `foot` out of the picture; `width` pixels; `gap` keeps the middle free (share)."""
    rng = stage.rng
    polygons: list[list[Point]] = []
    for k in range(count):
        share = (k + float(rng.uniform(0.1, 0.9))) / count
        if abs(share - 0.5) < gap:
            share = 0.5 + math.copysign(
                gap + 0.02 + float(rng.random()) * (0.45 - gap), share - 0.5
            )
        x, thick = share * stage.width, width * float(rng.uniform(0.55, 1.25))
        lean = float(rng.uniform(-0.5, 0.5)) * thick
        y = foot + thick * float(rng.uniform(-0.3, 0.9))
        polygons.append(
            [
                (x - thick * 0.9, y),
                (x - thick * 0.52, y - thick * 1.8),
                (x - thick * 0.4 + lean, 0),
                (x + thick * 0.4 + lean, 0),
                (x + thick * 0.5, y - thick * 1.6),
                (x + thick * 0.95, y),
            ]
        )
    low = min(stage.height, int(foot + width * 1.3) + 2)
    mask = shapes((stage.width, low), polygons, 2)
    stage.fill(mask, colour)
    shift = max(1, int(width * 0.16)) * (1 if stage.light.sun_at[0] > 0.5 else -1)
    edge = Image.new("L", mask.size)
    edge.paste(mask, (-shift, 0))
    rim = ImageChops.subtract(mask, edge)
    if width > 16:
        rim = rim.filter(ImageFilter.GaussianBlur(width * 0.05))
    rim = rim.point([int(value * 0.55) for value in range(256)])
    stage.fill(rim, mix(colour, times(stage.light.sun, 1 - 0.6 * stage.light.dark), 0.55))


def foliage(
    stage: Stage, top: float, bottom: float, colour: Colour, count: int, size: float
) -> None:
    """Strew leaf clumps of `size` pixels between two rows over the whole width."""
    rng = stage.rng
    start = max(0, int(top - size))
    end = min(stage.height, int(bottom + size))
    if end <= start:
        return
    layer = Image.new("RGBA", (stage.width, end - start), (*byte(colour), 0))
    pen = ImageDraw.Draw(layer)
    for _ in range(count):
        x, y = float(rng.random()) * stage.width, top + (bottom - top) * float(rng.random()) - start
        tone = byte(times(colour, float(rng.uniform(0.6, 1.35))))
        for _ in range(5):
            dx, dy, radius = (
                float(rng.normal()) * size * 0.5,
                float(rng.normal()) * size * 0.35,
                size * float(rng.uniform(0.12, 0.3)),
            )
            pen.ellipse(
                [x + dx - radius, y + dy - radius * 0.7, x + dx + radius, y + dy + radius * 0.7],
                fill=(*tone, 255),
            )
    layer.putalpha(layer.getchannel("A").filter(ImageFilter.SMOOTH))  # the edge against the scene
    stage.put(layer, (0, start))
