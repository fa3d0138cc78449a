"""What falls from the sky or hangs in the air, painted over the finished scene."""

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from safelight.sketch.colours import line_table, rgb
from safelight.sketch.stage import Stage

_INDOORS = {"table", "floor", "under", "space"}


def paint_weather(stage: Stage) -> None:
    """Paint rain, snow, fog, lightning, a rainbow, fireworks, confetti or sparks where the prompt asks for them."""
    brief = stage.brief
    if stage.ground.kind not in _INDOORS:
        if brief.has("lightning") or brief.weather == "storm":
            _lightning(stage)
        if brief.weather in {"rain", "storm"}:
            _rain(stage)
        if brief.weather == "snow":
            _snow(stage)
        if brief.has("rainbow"):
            _rainbow(stage)
        if brief.has("fireworks"):
            _fireworks(stage)
    if brief.has("embers"):
        _sparks(stage)
    if brief.has("confetti") and not stage.lettered:
        _confetti(stage)


def _rain(stage: Stage) -> None:
    rng, unit = stage.rng, stage.unit
    size = (stage.width // 2, stage.height // 2)
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for _ in range(420):
        x, y = float(rng.random()) * size[0], float(rng.random()) * size[1]
        long = float(rng.uniform(8, 28)) * unit
        pen.line((x, y, x - long * 0.16, y + long), fill=int(rng.integers(40, 110)))
    stage.fill(mask.resize(stage.image.size, Image.Resampling.BILINEAR), (0.86, 0.91, 0.95))


def _snow(stage: Stage) -> None:
    """Small flakes far away, and a few large soft ones near the eye."""
    far, near = _flakes(stage, 300, (1.2, 3.6), 0.0, 225), _flakes(stage, 34, (5.0, 10.0), 2.2, 150)
    both = ImageChops.lighter(far, near)
    stage.fill(both.resize(stage.image.size, Image.Resampling.BILINEAR), (1, 1, 1))


def _flakes(
    stage: Stage, count: int, sizes: tuple[float, float], blur: float, white: int
) -> Image.Image:
    rng, half = stage.rng, stage.unit / 2
    mask = Image.new("L", (stage.width // 2, stage.height // 2))
    pen = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y = float(rng.random()) * mask.width, float(rng.random()) * mask.height
        r = float(rng.uniform(*sizes)) * half
        pen.ellipse((x - r, y - r, x + r, y + r), fill=white)
    return mask.filter(ImageFilter.GaussianBlur(max(0.5, blur * half)))


def _lightning(stage: Stage) -> None:
    for _ in range(2):
        bolt, x = _bolt(stage)
        stage.glow((x, stage.horizon * 0.3), 460 * stage.unit, (0.6, 0.66, 0.95), 0.55)
        wide = ImageOps.expand(bolt.reduce(8), 4).filter(ImageFilter.GaussianBlur(stage.unit * 0.9))
        halo = wide.resize((wide.width * 4, wide.height * 4), Image.Resampling.BICUBIC)
        stage.fill(halo.point(line_table(2.6)), (0.73, 0.78, 1.0), (-16, -16))
        stage.fill(bolt.reduce(2), (1, 1, 1))


def _bolt(stage: Stage) -> tuple[Image.Image, float]:
    """Return a bolt with its branches as a mask of twice the sky's size, and the column of its foot."""
    rng, unit, low = stage.rng, 2 * stage.unit, 2 * stage.horizon
    mask = Image.new("L", (2 * stage.width, max(2, int(low))))
    pen = ImageDraw.Draw(mask)
    x, y = float(rng.uniform(0.12, 0.88)) * mask.width, 0.0
    path = [(x, y)]
    while y < low:
        x, y = x + float(rng.normal(0, 24)) * unit, y + float(rng.uniform(12, 44)) * unit
        path.append((x, y))
        if rng.random() < 0.14:
            first, second = float(rng.normal(0, 60)) * unit, float(rng.normal(0, 30)) * unit
            branch = [(x, y), (x + first, y + 70 * unit), (x + first + second, y + 120 * unit)]
            pen.line(branch, 230, max(1, round(1.6 * unit)), joint="curve")
    pen.line(path, 255, max(2, round(2.6 * unit)), joint="curve")
    return mask, x / 2


def _rainbow(stage: Stage) -> None:
    x, y, body = stage.width * 0.45, stage.horizon * 1.15, ""
    for k, tone in enumerate(("#e8403a", "#f2902f", "#f6e04a", "#5ac05a", "#3f8ae0", "#6a4fd0")):
        body += f'<circle cx="{x}" cy="{y}" r="{stage.horizon * (1.0 - 0.022 * k)}" fill="none" stroke="{tone}" stroke-opacity=".5" stroke-width="{stage.horizon * 0.024}"/>'
    stage.draw(body, (0, 0, stage.width, stage.horizon), blur=5 * stage.unit, fine=0.4)


def _fireworks(stage: Stage) -> None:
    rng, unit = stage.rng, stage.unit
    for _ in range(6):
        x, y, reach = (
            float(rng.uniform(0.1, 0.9)) * stage.width,
            float(rng.uniform(0.12, 0.5)) * stage.height,
            float(rng.uniform(70, 170)) * unit,
        )
        tone = ("#ff5a7a", "#ffd25a", "#5ad0ff", "#b07aff", "#6affa0")[int(rng.integers(5))]
        rays = "".join(
            f'<path d="M{x + reach * 0.3 * math.cos(a):.0f} {y + reach * 0.3 * math.sin(a):.0f}L{x + reach * math.cos(a):.0f} {y + reach * (math.sin(a) + 0.12):.0f}" stroke="{tone}" stroke-width="{2.4 * unit:.1f}" stroke-linecap="round"/><circle cx="{x + reach * math.cos(a):.0f}" cy="{y + reach * (math.sin(a) + 0.12):.0f}" r="{3 * unit:.1f}" fill="#fff"/>'
            for a in (k * math.pi / 14 for k in range(28))
        )
        box = (x - reach * 1.3, y - reach * 1.3, x + reach * 1.3, y + reach * 1.4)
        stage.draw(rays, box)
        stage.glow((x, y), reach * 1.3, rgb(tone), 0.5)


def _sparks(stage: Stage) -> None:
    rng, unit, body = stage.rng, stage.unit, ""
    for _ in range(90):
        x, y, size = (
            float(rng.random()) * stage.width,
            float(rng.random()) * stage.height,
            float(rng.uniform(1, 3.4)) * unit,
        )
        body += f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{size:.1f}" ry="{size * 1.8:.1f}" fill="#ffb04a" fill-opacity=".8"/>'
    stage.draw(body, None, blur=0.8 * unit, fine=0.7)


def _confetti(stage: Stage) -> None:
    rng, unit, body = stage.rng, stage.unit, ""
    for _ in range(120):
        x, y = float(rng.random()) * stage.width, float(rng.random()) * stage.height * 0.8
        tone = ("#e8486e", "#f6cf3b", "#3f9ad0", "#5ac08a", "#8f6fd0")[int(rng.integers(5))]
        body += f'<rect transform="translate({x:.0f} {y:.0f}) rotate({float(rng.uniform(0, 180)):.0f})" width="{12 * unit:.1f}" height="{6 * unit:.1f}" fill="{tone}"/>'
    stage.draw(body)
