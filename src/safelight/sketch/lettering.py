"""Setting words: fonts, wrapping and fitting, and the ways letters are painted."""

import io
from functools import cache, lru_cache
from importlib.resources import files

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from safelight.sketch.colours import Colour, byte, mix
from safelight.sketch.stage import Box, Stage

FACES = ("sans", "strong", "display", "serif", "hand", "script", "mono")
_LEADING = {"hand": 0.98, "script": 1.25, "display": 1.12}


@cache
def _font_data(face: str) -> bytes:
    return (files("safelight.sketch") / "data" / "fonts" / f"{face}.ttf").read_bytes()


@lru_cache(maxsize=128)
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Return one of FACES at `size` pixels."""
    return ImageFont.truetype(
        io.BytesIO(_font_data(face)), max(4, size), layout_engine=ImageFont.Layout.BASIC
    )


def _drawn(face: str, character: str) -> bytes:
    sheet = Image.new("L", (48, 48))
    ImageDraw.Draw(sheet).text((8, 8), character, fill=255, font=font(face, 24))
    return sheet.tobytes()


@lru_cache(maxsize=2048)
def _has(face: str, character: str) -> bool:
    """Whether a face can draw a character; what it cannot would come out as an empty box."""
    return character.isspace() or _drawn(face, character) != _drawn(face, "\uffff")


def spelled(text: str, face: str) -> tuple[str, str]:
    """Return the text and the face to set it in: the plain one where `face` lacks letters, and none it lacks too."""
    if all(_has(face, character) for character in text):
        return text, face
    plain = "".join(character for character in text if _has("sans", character))
    return " ".join(plain.split()), "sans"


def fitted(
    text: str, face: str, width: float, height: float, most: float = 1e9
) -> tuple[list[str], int]:
    """Wrap `text` so that it fills `width` by `height` pixels at the largest size; return its lines and that size."""
    words = text.split() or [""]
    best: tuple[list[str], int] = ([text], 4)
    probe = font(face, 100)
    leading = _LEADING.get(face, 1.2)
    for count in range(1, min(len(words), 9) + 1):
        lines = _wrapped(words, count, probe)
        widest = max(probe.getlength(line) for line in lines) or 1
        size = int(min(100 * width / widest, height / (leading * len(lines)), most))
        if size > best[1]:
            best = (lines, size)
    return best


def _wrapped(words: list[str], count: int, probe: ImageFont.FreeTypeFont) -> list[str]:
    """Break words into `count` lines of about equal width."""
    target = probe.getlength(" ".join(words)) / count
    lines, line = [""], 0.0
    for index, word in enumerate(words):
        length = probe.getlength(word + " ")
        rest = len(words) - index
        full = line > 0 and line + length * 0.5 > target
        if len(lines) < count and line > 0 and (full or rest <= count - len(lines)):
            lines.append("")
            line = 0.0
        lines[-1] = f"{lines[-1]} {word}".strip()
        line += length
    return lines


def text_mask(
    text: str, face: str, box: tuple[float, float], *, align: str = "center", most: float = 1e9
) -> Image.Image:
    """Return an L mask of `box` size (pixels) with `text` wrapped, fitted and centred in it."""
    width, height = max(1, int(box[0])), max(1, int(box[1]))
    text, face = spelled(text, face)
    lines, size = fitted(text, face, width * 0.98, height, most)
    kind = font(face, size)
    step = size * _LEADING.get(face, 1.2)
    mask = Image.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    top = (height - step * len(lines)) / 2
    for index, line in enumerate(lines):
        x, anchor = {"left": (0.0, "lm"), "right": (float(width), "rm")}.get(
            align, (width / 2, "mm")
        )
        pen.text((x, top + step * (index + 0.5)), line, fill=255, font=kind, anchor=anchor)
    return mask


def letter(
    stage: Stage,
    text: str,
    box: Box,
    face: str,
    colour: Colour,
    *,
    align: str = "center",
    shade: float = 0.0,
    most: float = 1e9,
) -> None:
    """Set `text` within `box` of the painting; `shade` (0..1) puts a soft dark shadow behind it."""
    mask = text_mask(text, face, (box[2] - box[0], box[3] - box[1]), align=align, most=most)
    at = (int(box[0]), int(box[1]))
    if shade:
        drop = max(1, int(mask.height * 0.03))
        pad = drop * 3
        wide = Image.new("L", (mask.width + 2 * pad, mask.height + 2 * pad))
        wide.paste(mask, (pad, pad))
        soft = wide.filter(ImageFilter.GaussianBlur(drop)).point(
            [min(255, int(value * shade * 1.4)) for value in range(256)]
        )
        stage.fill(soft, (0.03, 0.03, 0.06), (at[0] - pad + drop // 2, at[1] - pad + drop))
    stage.fill(mask, colour, at)


def neon_letters(stage: Stage, text: str, box: Box, colour: Colour, face: str = "script") -> None:
    """Set `text` as glowing tubes: a wide glow, a halo, a coloured tube and a white core."""
    wide, high = box[2] - box[0], box[3] - box[1]
    mask = text_mask(text, face, (wide, high))
    pad = int(high * 0.6)
    sheet = Image.new("L", (mask.width + 2 * pad, mask.height + 2 * pad))
    sheet.paste(mask, (pad, pad))
    at = (int(box[0]) - pad, int(box[1]) - pad)
    small = sheet.resize(
        (max(1, sheet.width // 4), max(1, sheet.height // 4)), Image.Resampling.BOX
    )
    for radius, gain in ((high * 0.22, 1.5), (high * 0.07, 1.25)):
        glow = small.filter(ImageFilter.GaussianBlur(radius / 4)).point(
            [min(255, int(value * gain)) for value in range(256)]
        )
        _shine(stage, glow.resize(sheet.size, Image.Resampling.BICUBIC), colour, at)
    stage.fill(
        sheet.filter(ImageFilter.GaussianBlur(max(0.6, high * 0.006))),
        mix(colour, (1, 1, 1), 0.25),
        at,
    )
    thin = sheet.filter(ImageFilter.MinFilter(_odd(high * 0.035))).filter(
        ImageFilter.GaussianBlur(max(0.6, high * 0.008))
    )
    stage.fill(thin, mix(colour, (1, 1, 1), 0.88), at)


def _odd(value: float) -> int:
    return max(3, int(value) // 2 * 2 + 1)


def _shine(stage: Stage, mask: Image.Image, colour: Colour, at: tuple[int, int]) -> None:
    tone = Image.new("RGB", mask.size, byte(colour))
    stage.shine(ImageChops.multiply(tone, Image.merge("RGB", (mask, mask, mask))), at)


def skewed(mask: Image.Image, lean: float) -> Image.Image:
    """Lean a mask to the right by `lean` of its height, keeping its size."""
    matrix = (1.0, lean, -lean * mask.height / 2, 0.0, 1.0, 0.0)
    return mask.transform(mask.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def texts(stage: Stage, *roles: str) -> list[str]:
    """Return the texts of the brief that have one of `roles` (all when none is given)."""
    return [item.text for item in stage.brief.lettering if not roles or item.role in roles]
