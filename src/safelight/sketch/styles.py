"""The styles: each turns a finished painting into another medium."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from safelight.sketch.fields import Random, fractal, tile
from safelight.sketch.stage import blurred, mask_of, picture_of, plate_of

Style = Callable[[Image.Image, Random], Image.Image]


def _paper(size: tuple[int, int], rng: Random, depth: float) -> Image.Image:
    """Return the tooth of paper as an L picture around white."""
    square = tile(rng, 256, 0.7)
    rough = Image.fromarray(np.clip(255 - depth * (square + 1.4) * 12, 0, 255).astype(np.uint8))
    sheet = Image.new("L", size)
    for y in range(0, size[1], 256):
        for x in range(0, size[0], 256):
            sheet.paste(rough, (x, y))
    return sheet


def _toothed(image: Image.Image, rng: Random, depth: float) -> Image.Image:
    sheet = _paper(image.size, rng, depth)
    return ImageChops.multiply(image, Image.merge("RGB", (sheet, sheet, sheet)))


def _edges(image: Image.Image, radius: float, gain: float) -> Image.Image:
    """Return dark lines on white where tones change (difference of blurs)."""
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(radius * 0.5))
    wide = blurred(grey, radius * 1.6)
    return ImageChops.subtract(wide, grey).point(
        [max(0, 255 - int(value * gain)) for value in range(256)]
    )


def _unit(image: Image.Image) -> float:
    return (image.width * image.height) ** 0.5 / 1000


def watercolour(image: Image.Image, rng: Random) -> Image.Image:
    """Pale washes that bleed and pool, on rough paper with a torn white border."""
    unit = _unit(image)
    washed = image.reduce(2).filter(ImageFilter.MedianFilter(3))
    plate = plate_of(washed)
    height, width = plate.shape[:2]
    flow = fractal(rng, width, height, (60 * unit, 60 * unit), 4)
    fine = fractal(rng, width, height, (9 * unit, 9 * unit), 3)
    rows, columns = np.mgrid[0:height, 0:width]
    shift = 3.5 * unit
    plate = plate[
        np.clip(rows + flow * shift + fine * 1.2 * unit, 0, height - 1).astype(np.int32),
        np.clip(columns + fine * shift * 0.5 - flow * shift, 0, width - 1).astype(np.int32),
    ]
    plate = 1 - (1 - plate) * (0.84 + 0.15 * flow + 0.05 * fine)[..., None]
    border = (
        np.minimum(np.minimum(columns, width - 1 - columns), np.minimum(rows, height - 1 - rows))
        / (34 * unit)
        + 0.8 * flow
        + 0.12 * fine
    )
    plate = 1 - (1 - plate) * np.clip(border * 1.6 - 0.5, 0, 1)[..., None]
    wet = picture_of((plate * 0.94 + 0.06).astype(np.float32)).resize(
        image.size, Image.Resampling.BICUBIC
    )
    lines = (
        _edges(wet, 2.2 * unit, 5)
        .filter(ImageFilter.GaussianBlur(0.7 * unit))
        .point([255 - (255 - value) // 2 for value in range(256)])
    )
    wet = ImageChops.multiply(wet, Image.merge("RGB", (lines, lines, lines)))
    return _toothed(ImageEnhance.Color(wet).enhance(1.3), rng, 0.8)


def oil(image: Image.Image, rng: Random) -> Image.Image:
    """Thick strokes that follow the forms, with raised paint."""
    unit = _unit(image)
    base = blurred(image, 4 * unit)
    canvas = base.copy()
    small = base.resize((max(8, image.width // 4), max(8, image.height // 4)), Image.Resampling.BOX)
    grey = np.asarray(small.convert("L").filter(ImageFilter.GaussianBlur(2)), dtype=np.float32)
    gy, gx = np.gradient(grey)
    angle = np.arctan2(gy, gx) + np.pi / 2
    colours = np.asarray(image.filter(ImageFilter.BoxBlur(1)), dtype=np.int16)
    pen = ImageDraw.Draw(canvas)
    for length, count in ((34 * unit, 2600), (17 * unit, 6400), (9 * unit, 5000)):
        xs, ys = rng.integers(0, image.width, count), rng.integers(0, image.height, count)
        tones = colours[ys, xs] + rng.integers(-13, 14, count)[:, None]
        turns = angle[
            np.minimum(ys // 4, angle.shape[0] - 1), np.minimum(xs // 4, angle.shape[1] - 1)
        ]
        dx, dy = np.cos(turns) * length, np.sin(turns) * length
        lines = np.stack([xs - dx, ys - dy, xs + dx, ys + dy], axis=1).tolist()
        wide = max(2, int(length * 0.42))
        for line, tone in zip(lines, np.clip(tones, 0, 255).tolist(), strict=True):
            pen.line(line, tuple(tone), wide)
    relief = canvas.convert("L").filter(ImageFilter.EMBOSS).filter(ImageFilter.GaussianBlur(0.8))
    raised = ImageChops.overlay(canvas, Image.merge("RGB", (relief, relief, relief)))
    return ImageEnhance.Color(Image.blend(canvas, raised, 0.75)).enhance(1.15)


def pixel(image: Image.Image, _rng: Random) -> Image.Image:
    """Square pixels in a small palette."""
    cells = 176
    scale = cells / max(image.size)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    small = ImageEnhance.Color(
        ImageOps.autocontrast(
            image.resize(size, Image.Resampling.BOX), cutoff=0.5, preserve_tone=True
        )
    ).enhance(1.35)
    few = small.quantize(36, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(image.size, Image.Resampling.NEAREST)


def ink(image: Image.Image, rng: Random) -> Image.Image:
    """Black lines and hatching on cream paper."""
    unit = _unit(image)
    grey = ImageOps.autocontrast(
        image.convert("L").filter(ImageFilter.GaussianBlur(1.2 * unit)), cutoff=2
    )
    lines = _edges(image, 1.7 * unit, 22)
    rows, columns = np.mgrid[0 : image.height, 0 : image.width].astype(np.float32)
    tone = np.asarray(grey, dtype=np.float32) / np.float32(255)
    step = np.float32(7 * unit)
    first = np.abs(((rows + columns) / step) % 2 - 1)
    second = np.abs(((rows - columns) / step) % 2 - 1)
    hatch = np.ones_like(tone)
    hatch = np.where(tone < 0.55, np.clip((first - (0.55 - tone) * 1.0) * 6, 0, 1), hatch)
    hatch = np.minimum(
        hatch, np.where(tone < 0.3, np.clip((second - (0.3 - tone) * 1.5) * 6, 0, 1), 1)
    )
    drawn = ImageChops.multiply(mask_of(hatch.astype(np.float32)), lines)
    return _toothed(ImageOps.colorize(drawn, (28, 26, 34), (250, 245, 234)), rng, 0.7)


def pencil(image: Image.Image, rng: Random) -> Image.Image:
    """Soft graphite: dodged lines over a grain."""
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    wide = blurred(ImageOps.invert(grey), 11 * _unit(image))
    top, under = np.asarray(grey, dtype=np.float32), np.asarray(wide, dtype=np.float32)
    dodged = np.clip(top * 255 / np.maximum(255 - under, 1), 0, 255) / 255
    soft = dodged.astype(np.float32) ** 1.8 * (0.70 + 0.30 * top / 255)
    lines = np.asarray(_edges(image, 1.5 * _unit(image), 14), dtype=np.float32) / 255
    return _toothed(
        ImageOps.colorize(
            mask_of((soft * (0.4 + 0.6 * lines)).astype(np.float32)), (52, 52, 58), (249, 248, 244)
        ),
        rng,
        2.2,
    )


def neon(image: Image.Image, _rng: Random) -> Image.Image:
    """Dark violet tones, glowing cyan and magenta, scan lines."""
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    toned = ImageOps.colorize(grey, (10, 4, 34), (255, 214, 250), (190, 40, 190), midpoint=140)
    mixed = Image.blend(ImageEnhance.Color(image).enhance(1.7), toned, 0.5)
    glow = ImageOps.invert(_edges(image, 1.6 * _unit(image), 16))
    cyan = ImageOps.colorize(glow, (0, 0, 0), (40, 230, 255))
    mixed = ImageChops.screen(mixed, blurred(cyan, 2.2 * _unit(image)))
    lines = Image.new("L", image.size, 255)
    pen = ImageDraw.Draw(lines)
    for y in range(0, image.height, 4):
        pen.line((0, y, image.width, y), fill=225)
    return ImageChops.multiply(mixed, Image.merge("RGB", (lines, lines, lines)))


def flat(image: Image.Image, _rng: Random) -> Image.Image:
    """Few flat colours with clean edges."""
    unit = _unit(image)
    small = image.resize(
        (max(8, image.width // 2), max(8, image.height // 2)), Image.Resampling.BOX
    )
    even = small.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.GaussianBlur(2.0 * unit))
    few = (
        ImageEnhance.Color(even)
        .enhance(1.15)
        .quantize(13, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        .convert("RGB")
    )
    clean = few.filter(ImageFilter.ModeFilter(7)).resize(image.size, Image.Resampling.BICUBIC)
    return clean.filter(ImageFilter.UnsharpMask(2 * unit, 160, 2))


def photo(image: Image.Image, _rng: Random) -> Image.Image:
    """A photographic grade: contrast, teal shadows and warm lights."""
    graded = ImageEnhance.Contrast(image).enhance(1.10)
    curve_r = [min(255, int(k + 9 * (k / 255) - 4)) for k in range(256)]
    curve_g = list(range(256))
    curve_b = [max(0, min(255, int(k + 8 * (1 - k / 255) - 7 * (k / 255)))) for k in range(256)]
    return graded.point([max(0, value) for value in curve_r + curve_g + curve_b])


def lowpoly(image: Image.Image, rng: Random) -> Image.Image:
    """Facets: a jittered triangle grid, each triangle in one colour."""
    step = 40 * _unit(image)
    columns, rows = int(image.width / step) + 2, int(image.height / step) + 2
    jitter = rng.uniform(-0.42, 0.42, (rows + 1, columns + 1, 2)) * step
    small = blurred(image, step * 0.16)
    pixels = np.asarray(small)
    out = image.copy()
    pen = ImageDraw.Draw(out)

    def corner(row: int, column: int) -> tuple[float, float]:
        return (
            (column - 0.5) * step + float(jitter[row, column, 0]),
            (row - 0.5) * step + float(jitter[row, column, 1]),
        )

    for row in range(rows):
        for column in range(columns):
            a, b, c, d = (
                corner(row, column),
                corner(row, column + 1),
                corner(row + 1, column + 1),
                corner(row + 1, column),
            )
            for triangle, tone in (((a, b, c), 1.05), ((a, c, d), 0.95)):
                x = int(min(image.width - 1, max(0, sum(p[0] for p in triangle) / 3)))
                y = int(min(image.height - 1, max(0, sum(p[1] for p in triangle) / 3)))
                red, green, blue = (min(255, int(int(part) * tone)) for part in pixels[y, x])
                pen.polygon(triangle, fill=(red, green, blue))
    return ImageEnhance.Color(out).enhance(1.15)


def blueprint(image: Image.Image, rng: Random) -> Image.Image:
    """White lines and a grid on blue."""
    unit = _unit(image)
    lines = ImageOps.invert(_edges(image, 1.5 * unit, 26))
    shade = image.convert("L").point([value // 7 for value in range(256)])
    sheet = ImageOps.colorize(ImageChops.add(lines, shade), (22, 58, 118), (238, 246, 255))
    pen = ImageDraw.Draw(sheet, "RGBA")
    step = 40 * unit
    for k in range(int(max(image.size) / step) + 1):
        wide = 2 if k % 5 == 0 else 1
        pen.line((k * step, 0, k * step, image.height), fill=(200, 222, 255, 44), width=wide)
        pen.line((0, k * step, image.width, k * step), fill=(200, 222, 255, 44), width=wide)
    pen.rectangle(
        (step * 0.5, step * 0.5, image.width - step * 0.5, image.height - step * 0.5),
        outline=(235, 243, 255, 190),
        width=max(2, int(3 * unit)),
    )
    return _toothed(sheet, rng, 0.6)


def vintage(image: Image.Image, rng: Random) -> Image.Image:
    """Sepia, faded, with worn edges."""
    grey = image.convert("L")
    sepia = ImageOps.colorize(grey, (44, 28, 18), (246, 230, 198), (158, 118, 78))
    mixed = Image.blend(ImageEnhance.Color(image).enhance(0.5), sepia, 0.82)
    stains = mask_of(
        np.clip(0.9 + 0.12 * fractal(rng, image.width // 4, image.height // 4, (90, 90), 4), 0, 1)
    ).resize(image.size)
    return _toothed(
        ImageChops.multiply(mixed, Image.merge("RGB", (stains, stains, stains))), rng, 1.0
    )


def mono(image: Image.Image, _rng: Random) -> Image.Image:
    """Black and white with deep contrast."""
    grey = ImageEnhance.Contrast(ImageOps.autocontrast(image.convert("L"), cutoff=1)).enhance(1.2)
    return Image.merge("RGB", (grey, grey, grey))


def comic(image: Image.Image, _rng: Random) -> Image.Image:
    """Flat bright colours, halftone dots in the shadows, black outlines."""
    unit = _unit(image)
    half = (max(8, image.width // 2), max(8, image.height // 2))
    small = image.resize(half, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    even = small.resize(image.size, Image.Resampling.BICUBIC)
    few = ImageOps.posterize(
        ImageEnhance.Color(ImageEnhance.Contrast(even).enhance(1.15)).enhance(1.55), 3
    )
    few = few.point([min(255, k + 22) for k in range(256)] * 3)
    rows, columns = np.mgrid[0 : image.height, 0 : image.width].astype(np.float32)
    turn = np.float32(0.7071 * 2 * np.pi / (9 * unit))
    screen = (np.cos((rows + columns) * turn) * np.cos((rows - columns) * turn) + 1) / 2
    tone = np.asarray(even.convert("L"), dtype=np.float32) / np.float32(255)
    dots = mask_of(np.clip((screen - (0.86 - tone * 0.9)) * 5 + 0.72, 0.62, 1).astype(np.float32))
    lines = _edges(even, 2.0 * unit, 20)
    both = ImageChops.multiply(dots, lines)
    return ImageChops.multiply(few, Image.merge("RGB", (both, both, both)))


def dream(image: Image.Image, _rng: Random) -> Image.Image:
    """A soft glow and pastel lift."""
    soft = (
        image.resize((max(8, image.width // 4), max(8, image.height // 4)), Image.Resampling.BOX)
        .filter(ImageFilter.GaussianBlur(4 * _unit(image)))
        .resize(image.size, Image.Resampling.BICUBIC)
    )
    glowing = Image.blend(image, ImageChops.screen(image, soft), 0.55)
    tint = Image.new("RGB", image.size, (255, 226, 246))
    return ImageEnhance.Color(ImageChops.multiply(glowing, tint)).enhance(1.25)


def stained(image: Image.Image, rng: Random) -> Image.Image:
    """Coloured panes in lead."""
    poly = lowpoly(image, rng)
    lead = (
        poly.convert("L")
        .filter(ImageFilter.FIND_EDGES)
        .point([0 if value > 5 else 255 for value in range(256)])
        .filter(ImageFilter.MinFilter(3))
    )
    return ImageChops.multiply(
        ImageEnhance.Color(poly).enhance(1.7), Image.merge("RGB", (lead, lead, lead))
    )


STYLES: dict[str, Style] = {
    "watercolour": watercolour, "oil": oil, "pixel": pixel, "ink": ink, "pencil": pencil, "neon": neon, "flat": flat,
    "photo": photo, "lowpoly": lowpoly, "blueprint": blueprint, "vintage": vintage, "mono": mono, "comic": comic,
    "dream": dream, "stained": stained,
}  # fmt: skip
