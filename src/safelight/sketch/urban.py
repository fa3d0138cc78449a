"""Scenes of streets and towns."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from safelight.sketch.colours import Colour, byte, hexa, mix, rgb, shifted, times
from safelight.sketch.fields import Random, ramp
from safelight.sketch.landscapes import GRASS, dark, leaves_of, paint_rolling
from safelight.sketch.light import Light, light_of, toward
from safelight.sketch.plants import leafy
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Point, Stage, mask_of
from safelight.sketch.terrain import Floor, paint_floor
from safelight.sketch.water import Sea, paint_sea

NEON = [rgb(code) for code in ("#ff2f8e", "#28d7ff", "#ffd23a", "#8a5cff", "#2fffb0", "#ff6a2a")]
_WARM = [rgb(code) for code in ("#ffd98a", "#ffeebf", "#ffc56a", "#fff6dd")]


def block(
    stage: Stage, box: tuple[int, int, int, int], wall: Colour, lights: float, cell: float
) -> None:
    """Paint one building front with a window grid; `lights` is the share of lit windows, `cell` their pitch in pixels."""
    rng, pen = stage.rng, ImageDraw.Draw(stage.image)
    left, top, right, bottom = box
    pen.rectangle(box, fill=byte(wall))
    side = stage.light.sun_at[0] > 0.5  # noqa: PLR2004
    edge = left + int((right - left) * 0.72)
    shade = (edge, top, right, bottom) if not side else (left, top, left + right - edge, bottom)
    pen.rectangle(shade, fill=byte(times(wall, 0.8)))
    glass = times(mix(wall, stage.light.middle, 0.5), 0.82)
    step = max(4.0, cell)
    y = top + step * 0.8
    while y < bottom - step * 0.5:
        x = left + step * 0.6
        while x < right - step * 0.7:
            lit = rng.random() < lights
            tone = (
                _WARM[int(rng.integers(4))] if lit else times(glass, float(rng.uniform(0.75, 1.1)))
            )
            pen.rectangle((x, y, x + step * 0.42, y + step * 0.52), fill=byte(tone))
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
        if rng.random() < 0.4:  # noqa: PLR2004
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
    lights = 0.55 if light.dark > 0.3 else (0.25 if light.sun_at[1] < 0.3 else 0.03)  # noqa: PLR2004
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
    if light.dark > 0.3:  # noqa: PLR2004
        stage.glow((stage.width * 0.5, stage.horizon), stage.width * 0.5, (0.5, 0.34, 0.2), 0.5)
    paint_sea(stage, Sea(0.35, rgb("#12344d"), rgb("#3a7f92"), 0.0, 0.75))
    stage.ground = Ground("water", stage.horizon + 0.06 * height, height * 0.84, 0.24)


def _front(rng: Random, size: tuple[int, int], stage: Stage, *, neon: bool) -> Image.Image:
    """Draw a row of house fronts as seen straight on."""
    night = stage.light.dark > 0.3  # noqa: PLR2004
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
        cell = size[1] / 9
        for row in range(7):
            for column in range(max(1, int(wide / cell))):
                wx, wy = x + cell * (column + 0.25), cell * (row + 0.2)
                lit = rng.random() < (0.42 if night else 0.04)
                glass = (
                    _WARM[int(rng.integers(4))]
                    if lit
                    else times(mix(wall, stage.light.middle, 0.4), 0.55)
                )
                pen.rectangle(
                    (wx - 2, wy - 2, wx + cell * 0.5 + 2, wy + cell * 0.62 + 2),
                    fill=byte(times(wall, 1.18)),
                )
                pen.rectangle((wx, wy, wx + cell * 0.5, wy + cell * 0.62), fill=byte(glass))
        _shop(pen, rng, (x, int(size[1] * 0.79), x + wide, size[1]), night=night)
        if neon or night:
            _signs(pen, rng, (x, wide), size[1])
        x += wide
    return image


def _shop(
    pen: ImageDraw.ImageDraw, rng: Random, box: tuple[int, int, int, int], *, night: bool
) -> None:
    left, top, right, bottom = box
    glow = _WARM[int(rng.integers(4))] if night else rgb("#49586a")
    awning = shifted(NEON[int(rng.integers(len(NEON)))], rich=0.6, light=0.8)
    pen.rectangle((left + 6, top + 10, right - 6, bottom - 8), fill=byte(glow))
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


def _signs(pen: ImageDraw.ImageDraw, rng: Random, span: tuple[int, int], high: int) -> None:
    for _ in range(3):
        tone = NEON[int(rng.integers(len(NEON)))]
        x, y = (
            span[0] + int(span[1] * float(rng.uniform(0.05, 0.7))),
            int(high * float(rng.uniform(0.2, 0.7))),
        )
        wide, tall = (
            (int(high * 0.05), int(high * 0.2))
            if rng.random() < 0.5
            else (int(high * 0.2), int(high * 0.055))
        )  # noqa: PLR2004
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


def _corridor(stage: Stage, *, neon: bool) -> None:
    """Paint the two rows of fronts meeting at the vanishing point."""
    width, height = stage.width, stage.height
    vx, vy = width * (0.5 + float(stage.rng.uniform(-0.06, 0.06))), stage.horizon
    far = width * 0.055
    for side in (-1, 1):
        front = _front(stage.rng, (1500, 620), stage, neon=neon)
        edge = -width * 0.02 if side < 0 else width * 1.02
        top, foot = vy - height * 0.95, vy + height * 0.36
        near_x, far_x = edge, vx + side * far
        scale = far / max(abs(edge - vx), 1)
        corners = [
            (near_x, top),
            (far_x, vy - height * 0.95 * scale * 1.15),
            (far_x, vy + height * 0.36 * scale * 1.2),
            (near_x, foot),
        ]
        if side > 0:
            front = ImageOps.mirror(front)
            corners = [corners[1], corners[0], corners[3], corners[2]]
        warp(stage, front, corners)


def _pavement(stage: Stage, *, wet: float) -> None:
    """Paint road and pavements, and on a wet road the lights above mirrored downward."""
    width, height, top = stage.width, stage.height, int(stage.horizon)
    light = stage.light
    tone = dark(stage, rgb("#5c6068")) if light.dark < 0.6 else rgb("#171a24")  # noqa: PLR2004
    above = stage.image.crop((0, max(0, 2 * top - height), width, top))
    low = height - top
    mirrored = (
        ImageOps.flip(above)
        .resize((width // 3, low // 3))
        .filter(ImageFilter.GaussianBlur(2.2))
        .filter(ImageFilter.BoxBlur((0, low // 60)))
    )
    noise = (stage.rng.random((low // 5, width // 9)) * 255).astype(np.uint8)
    puddle = (
        Image.fromarray(noise)
        .filter(ImageFilter.GaussianBlur(1.6))
        .resize((width, low), Image.Resampling.BICUBIC)
    )
    puddle = puddle.point(lambda value: max(0, min(255, int((value - 88) * 4 * wet))))
    road = f'<path d="M{width * 0.485} {top}H{width * 0.515}L{width * 1.25} {height}H{width * -0.25}Z" fill="{hexa(tone)}"/>'
    walk = hexa(mix(tone, (0.75, 0.72, 0.68), 0.3 if light.dark < 0.6 else 0.08))  # noqa: PLR2004
    side = "".join(
        f'<path d="M{width * (0.5 + s * 0.015)} {top}L{width * (0.5 + s * 0.42)} {height}H{width * (0.5 + s * 0.56)}V{top + height * 0.37}Z" fill="{walk}"/><path d="M{width * (0.5 + s * 0.015)} {top}L{width * (0.5 + s * 0.42)} {height}" stroke="{hexa(times(tone, 1.5))}" stroke-width="{4 * stage.unit}"/>'
        for s in (-1, 1)
    )
    dashes = "".join(
        f'<path d="M{width * 0.5 - w} {y}h{2 * w}l{w * 0.5} {h}h{-3 * w}Z" fill="#f3efe2" fill-opacity="{0.8 - 0.4 * light.dark}"/>'
        for y, w, h in (
            (top + low * s, 9 * stage.unit * s, low * 0.17 * s)
            for s in (0.06, 0.12, 0.22, 0.38, 0.62)
        )
    )
    stage.draw(road + side + dashes, (0, top, width, height))
    stage.image.paste(
        mirrored.resize((width, low), Image.Resampling.BICUBIC),
        (0, top),
        puddle.point(lambda value: int(value * 0.62)),
    )


def bokeh(
    stage: Stage, count: int, colours: list[Colour], rows: tuple[float, float], size: float
) -> None:
    """Screen out-of-focus lights between two rows; `size` is the largest radius in thousandths."""
    rng = stage.rng
    layer = Image.new("RGB", (stage.width // 2, stage.height // 2))
    for _ in range(count):
        x, y = float(rng.random()) * layer.width, float(rng.uniform(*rows)) / 2
        radius = size * stage.unit * float(rng.uniform(0.25, 1.0)) / 2
        tone = times(colours[int(rng.integers(len(colours)))], float(rng.uniform(0.12, 0.5)))
        pen = ImageDraw.Draw(layer)
        pen.ellipse(
            (x - radius, y - radius, x + radius, y + radius),
            fill=byte(tone),
            outline=byte(times(tone, 1.18)),
            width=max(1, int(radius * 0.12)),
        )
    stage.shine(
        layer.filter(ImageFilter.GaussianBlur(1.2)).resize(
            stage.image.size, Image.Resampling.BICUBIC
        ),
        (0, 0),
    )


def neonstreet(stage: Stage) -> None:
    """A wet street at night between glowing fronts."""
    from_night(stage)
    stage.horizon = stage.height * 0.5
    paint_sky(stage)
    skyline_row(
        stage,
        stage.horizon + 4,
        stage.height * 0.34,
        stage.width * 0.06,
        mix(rgb("#1a2240"), stage.light.haze, 0.35),
        0.5,
    )
    stage.glow((stage.width * 0.5, stage.horizon), stage.width * 0.4, (0.75, 0.25, 0.6), 0.55)
    _corridor(stage, neon=True)
    soft = stage.image.filter(ImageFilter.GaussianBlur(2.2 * stage.unit))
    stage.image.paste(ImageEnhance.Brightness(soft).enhance(1.05))
    stage.shine(
        ImageEnhance.Brightness(stage.image.reduce(6).filter(ImageFilter.GaussianBlur(7)))
        .enhance(0.55)
        .resize(stage.image.size),
        (0, 0),
    )
    _pavement(stage, wet=1.0)
    bokeh(stage, 34, [*NEON, *_WARM], (stage.height * 0.25, stage.height * 0.62), 26)
    for side in (-1, 1):
        for k in (1, 2, 3):
            x = stage.width * (0.5 + side * 0.03 * k)
            stage.glow(
                (x, stage.horizon + stage.height * 0.012 * k),
                46 * k * stage.unit,
                (1.0, 0.93, 0.8) if side > 0 else (1.0, 0.2, 0.15),
                0.8,
            )
    stage.ground = Ground(
        "road",
        stage.horizon + 0.14 * stage.height,
        stage.height * 0.92,
        0.38,
        letters=(stage.width * 0.2, stage.height * 0.1, stage.width * 0.8, stage.height * 0.42),
    )


def from_night(stage: Stage) -> None:
    """Neon needs the dark: an unspoken hour becomes night."""
    if not stage.brief.hour:
        stage.light = night_light(stage)


def street(stage: Stage) -> None:
    """A street of houses in perspective, with trees; lit windows when it is dark."""
    stage.horizon = stage.height * 0.52
    paint_sky(stage)
    skyline_row(
        stage,
        stage.horizon + 4,
        stage.height * 0.16,
        stage.width * 0.05,
        mix(dark(stage, rgb("#8a8f98")), stage.light.haze, 0.6),
        0.2 * stage.light.dark,
    )
    _corridor(stage, neon=stage.light.dark > 0.8)  # noqa: PLR2004
    _pavement(
        stage, wet=1.0 if stage.brief.weather in {"rain", "storm"} else 0.25 * stage.light.dark
    )
    height = stage.height
    for x, size in ((0.405, 0.14), (0.6, 0.15), (0.3, 0.27), (0.71, 0.28)):
        leafy(
            stage,
            stage.width * x,
            stage.horizon + size * height * 0.34,
            height * size,
            leaves_of(stage),
        )
    if stage.light.dark > 0.3:  # noqa: PLR2004
        bokeh(stage, 20, _WARM, (height * 0.35, height * 0.6), 18)
    stage.ground = Ground("road", stage.horizon + 0.12 * height, height * 0.92, 0.38)


def rushing(stage: Stage) -> None:
    """A night city torn into streaks of light: the backdrop of speed."""
    stage.light = replace(light_of("night", ""), moon=False, stars=0.0)
    stage.horizon = stage.height * 0.58
    paint_sky(stage)
    width, height = stage.width, stage.height
    for tall, wide, haze in ((0.5, 0.07, 0.5), (0.42, 0.11, 0.2)):
        skyline_row(
            stage,
            stage.horizon + 4,
            tall * height,
            wide * width,
            mix(rgb("#16204a"), rgb("#2c3f86"), haze),
            0.55,
        )
    small = (
        stage.image.resize((width // 4, height // 4), Image.Resampling.BOX)
        .filter(ImageFilter.BoxBlur((9, 1)))
        .filter(ImageFilter.GaussianBlur(1.4))
    )
    stage.image.paste(
        ImageEnhance.Brightness(small)
        .enhance(1.25)
        .resize(stage.image.size, Image.Resampling.BICUBIC)
    )
    floor = f'<defs><linearGradient id="f" y2="1" x2="0"><stop stop-color="#101a3c"/><stop offset="1" stop-color="#05070f"/></linearGradient></defs><rect y="{stage.horizon}" width="{width}" height="{height}" fill="url(#f)"/>'
    stage.draw(floor, None, blur=14 * stage.unit, fine=0.2)
    _streaks(stage)
    bokeh(stage, 26, [*NEON, *_WARM], (height * 0.12, height * 0.75), 46)
    stage.ground = Ground("road", height * 0.8, height, 0.4)


def _streaks(stage: Stage) -> None:
    """Draw trails of light rushing out of a vanishing point."""
    rng, width, height = stage.rng, stage.width, stage.height
    vx, vy = width * 0.3, stage.horizon
    wide, thin = "", ""
    tones = [
        rgb("#ffd23a"),
        rgb("#fff1c2"),
        rgb("#ff2f8e"),
        rgb("#28a7ff"),
        rgb("#ff4a2a"),
        rgb("#2f6bff"),
        rgb("#ffe45a"),
    ]
    for _ in range(46):
        angle = float(rng.normal(0.05, 0.2))
        start, end = width * float(rng.uniform(0.05, 0.5)), width * float(rng.uniform(0.6, 1.3))
        side = 1 if rng.random() < 0.66 else -1  # noqa: PLR2004
        x0, y0, x1, y1 = vx + side * start, vy + start * angle, vx + side * end, vy + end * angle
        tone = hexa(tones[int(rng.integers(len(tones)))])
        thick = float(rng.uniform(2, 9)) * stage.unit
        wide += f'<path d="M{x0} {y0}L{x1} {y1 - thick}V{y1 + thick}Z" fill="{tone}" fill-opacity=".75"/>'
        thin += f'<path d="M{x0 + (x1 - x0) * 0.15} {y0 + (y1 - y0) * 0.15}L{x1} {y1 - thick * 0.22}V{y1 + thick * 0.22}Z" fill="#fffbe8" fill-opacity=".8"/>'
    stage.draw(wide, None, blur=9 * stage.unit, fine=0.25)
    stage.draw(wide + thin, None, blur=1.5 * stage.unit, fine=0.5)


def night_light(stage: Stage) -> Light:
    """Return the light of night in the stage's weather and palette."""
    return toward(light_of("night", stage.brief.weather), stage.brief.palette)


def road(stage: Stage) -> None:
    """A highway running to the hills."""
    paint_rolling(stage, GRASS)
    width, height, top = stage.width, stage.height, stage.horizon + stage.height * 0.07
    tone = hexa(dark(stage, rgb("#5a5c62")))
    lines = "".join(
        f'<path d="M{width * 0.5 - w} {y}h{2 * w}l{w * 0.6} {h}h{-3.2 * w}Z" fill="#f6e7b0" fill-opacity="{0.95 - 0.5 * stage.light.dark}"/>'
        for y, w, h in (
            (top + (height - top) * s, 8 * stage.unit * s, (height - top) * 0.16 * s)
            for s in (0.05, 0.1, 0.19, 0.33, 0.55)
        )
    )
    edges = "".join(
        f'<path d="M{width * (0.5 + s * 0.012)} {top}L{width * (0.5 + s * 0.44)} {height}" stroke="#f3efe2" stroke-width="{5 * stage.unit}" stroke-opacity=".8"/>'
        for s in (-1, 1)
    )
    stage.draw(
        f'<path d="M{width * 0.487} {top}H{width * 0.513}L{width * 0.97} {height}H{width * 0.03}Z" fill="{tone}"/>{edges}{lines}',
        (0, top, width, height),
    )
    stage.ground = Ground("road", top + 0.1 * height, height * 0.9, 0.4)


def brickwall(stage: Stage) -> None:
    """A brick wall in raking light over a pavement."""
    width, height, unit = stage.width, stage.height, stage.unit
    stage.horizon = height * 0.8
    pen = ImageDraw.Draw(stage.image)
    mortar, base = dark(stage, rgb("#b7a594")), list(stage.brief.palette)[:1] or [rgb("#a04f3a")]
    pen.rectangle((0, 0, width, height), fill=byte(mortar))
    high, wide = 34 * unit, 86 * unit
    for row in range(int(stage.horizon / high) + 1):
        for column in range(-1, int(width / wide) + 1):
            x, y = (column + 0.5 * (row % 2)) * wide, row * high
            tone = shifted(
                dark(stage, base[0]),
                hue=float(stage.rng.uniform(-0.012, 0.012)),
                light=float(stage.rng.uniform(0.72, 1.18)),
            )
            pen.rounded_rectangle(
                (x, y, x + wide - 5 * unit, y + high - 5 * unit), 3 * unit, fill=byte(tone)
            )
    noise = (
        mask_of(
            np.clip(stage.rng.normal(0.5, 0.22, (height // 4, width // 4)).astype(np.float32), 0, 1)
        )
        .filter(ImageFilter.GaussianBlur(1))
        .resize(stage.image.size, Image.Resampling.BICUBIC)
    )
    stage.image.paste(
        Image.new("RGB", stage.image.size, (40, 22, 18)),
        (0, 0),
        noise.point(lambda value: max(0, value - 120)),
    )
    shade = (
        (ramp(256, 0.0, 0.55)[None, :] + 0 * ramp(8, 0, 1)[:, None])
        if stage.light.sun_at[0] < 0.5
        else (ramp(256, 0.55, 0.0)[None, :] + 0 * ramp(8, 0, 1)[:, None])
    )  # noqa: PLR2004
    stage.fill(
        mask_of(shade).resize(stage.image.size, Image.Resampling.BICUBIC),
        times(stage.light.shade, 0.35),
    )
    stage.glow(
        (stage.light.sun_at[0] * width, height * 0.1),
        800 * unit,
        stage.light.sun,
        0.3 * stage.light.direct,
    )
    paint_floor(stage, Floor(rgb("#8d8a86"), rgb("#a5a19b"), rgb("#6f6d6a"), 0.6, 1.5))
    stage.draw(
        f'<rect y="{stage.horizon - 6 * unit}" width="{width}" height="{40 * unit}" fill="#1a1412" fill-opacity=".5"/>',
        (0, stage.horizon - 40 * unit, width, stage.horizon + 60 * unit),
        blur=14 * unit,
        fine=0.3,
    )
    stage.ground = Ground(
        "ground",
        stage.horizon + 0.03 * height,
        height * 0.9,
        0.5,
        letters=(width * 0.15, height * 0.1, width * 0.85, height * 0.5),
    )
