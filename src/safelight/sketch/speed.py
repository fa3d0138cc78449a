"""The night city torn into streaks of light."""

from dataclasses import replace

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from safelight.sketch.colours import Colour, byte, hexa, mix, rgb, times
from safelight.sketch.facades import NEON
from safelight.sketch.light import light_of
from safelight.sketch.skies import paint_sky
from safelight.sketch.skylines import WARM, skyline_row
from safelight.sketch.stage import Ground, Stage


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
            stage.image.size, Image.Resampling.BILINEAR
        ),
        (0, 0),
    )


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
        .filter(ImageFilter.BoxBlur((5, 0)))
        .filter(ImageFilter.GaussianBlur(0.9))
    )
    stage.image.paste(
        ImageEnhance.Brightness(small)
        .enhance(1.25)
        .resize(stage.image.size, Image.Resampling.BICUBIC)
    )
    floor = f'<defs><linearGradient id="f" y2="1" x2="0"><stop stop-color="#101a3c"/><stop offset="1" stop-color="#05070f"/></linearGradient></defs><rect y="{stage.horizon}" width="{width}" height="{height}" fill="url(#f)"/>'
    stage.draw(floor, None, blur=14 * stage.unit, fine=0.2)
    _streaks(stage)
    bokeh(stage, 26, [*NEON, *WARM], (height * 0.12, height * 0.75), 46)
    stage.ground = Ground("road", height * 0.8, height, 0.4)


def _streaks(stage: Stage) -> None:
    """Draw trails of light rushing out of a vanishing point."""
    rng, width, _height = stage.rng, stage.width, stage.height
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
        side = 1 if rng.random() < 0.66 else -1
        x0, y0, x1, y1 = vx + side * start, vy + start * angle, vx + side * end, vy + end * angle
        tone = hexa(tones[int(rng.integers(len(tones)))])
        thick = float(rng.uniform(2, 9)) * stage.unit
        wide += f'<path d="M{x0} {y0}L{x1} {y1 - thick}V{y1 + thick}Z" fill="{tone}" fill-opacity=".75"/>'
        thin += f'<path d="M{x0 + (x1 - x0) * 0.15} {y0 + (y1 - y0) * 0.15}L{x1} {y1 - thick * 0.22}V{y1 + thick * 0.22}Z" fill="#fffbe8" fill-opacity=".8"/>'
    stage.draw(wide, None, blur=9 * stage.unit, fine=0.25)
    stage.draw(wide + thin, None, blur=1.5 * stage.unit, fine=0.5)
