"""The picture while it is being painted: its image, light and ground, and the ways to put paint on it."""

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from safelight.sketch.brief import Brief
from safelight.sketch.colours import Colour, byte, line_table
from safelight.sketch.fields import Field, Floats, Random
from safelight.sketch.light import Light
from safelight.sketch.vectors import drawn, drawn_parts

Surface = Literal["ground", "water", "table", "floor", "air", "space", "under", "snow", "road"]
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom; pixels


@dataclass(slots=True)
class Ground:
    """Where subjects go: the kind of surface and the rows (pixels) between which they may stand.

    `far` and `near` are the rows of the feet of the farthest and nearest subject; `hold` the share of the picture's
    height a subject of one metre takes when it stands at `near`; `middle` the best column (share of the width).
    """

    kind: Surface = "ground"
    far: float = 0.0
    near: float = 0.0
    hold: float = 0.4
    middle: float = 0.5
    letters: Box | None = (
        None  # where lettering may be set, when the scene has a natural place for it
    )


@dataclass(slots=True)
class Stage:
    """One painting in the making; `image` is RGB at the size worked in, rows grow downward."""

    brief: Brief
    light: Light
    rng: Random
    image: Image.Image
    inputs: list[Image.Image] = field(default_factory=list[Image.Image])
    horizon: float = 0.0  # row, pixels
    ground: Ground = field(default_factory=Ground)
    lettered: bool = False  # the scene has set the lettering itself
    staged: bool = False  # the scene has placed the subjects itself
    used_inputs: bool = False  # the scene has shown the inputs itself

    @property
    def width(self) -> int:
        """Pixels."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self.image.height

    @property
    def unit(self) -> float:
        """A thousandth of the mean side, pixels: line widths and leaf sizes are given in it."""
        return (self.width * self.height) ** 0.5 / 1000

    def lay(self, plate: Floats, top: int = 0, bottom: int | None = None) -> None:
        """Stretch a plate (rows, columns, 3; 0..1) over the whole width from row `top` to row `bottom`."""
        end = self.height if bottom is None else bottom
        if end > top:
            self.image.paste(
                picture_of(plate).resize((self.width, end - top), Image.Resampling.BICUBIC),
                (0, top),
            )

    def fill(self, mask: Image.Image, colour: Colour, at: tuple[int, int] = (0, 0)) -> None:
        """Paint one colour through an L mask whose upper left corner is `at`."""
        seen = mask.getbbox()
        if seen is not None:
            part = mask if seen[2:] == mask.size and seen[:2] == (0, 0) else mask.crop(seen)
            left, top = at[0] + seen[0], at[1] + seen[1]
            self.image.paste(byte(colour), (left, top, left + part.width, top + part.height), part)

    def put(self, layer: Image.Image, at: tuple[int, int] = (0, 0)) -> None:
        """Paint an RGBA layer with its upper left corner at `at`."""
        self.image.paste(layer, at, layer)

    def draw(
        self, body: str, box: Box | None = None, *, blur: float = 0, fine: float = 1.0
    ) -> None:
        """Paint SVG elements given in picture pixels, within `box`; `fine` below 1 draws coarser and faster."""
        left, top, right, bottom = box or (0, 0, self.width, self.height)
        x0, y0 = max(0, int(left)), max(0, int(top))
        x1, y1 = min(self.width, int(right + 1)), min(self.height, int(bottom + 1))
        if x1 <= x0 or y1 <= y0:
            return
        window = (x0, y0, x1, y1)
        if blur > 0.4:
            self.put(_softened(body, window, min(fine, max(0.08, 0.9 / blur)), blur), (x0, y0))
        elif fine != 1:
            whole = drawn(body, window, fine).resize((x1 - x0, y1 - y0), Image.Resampling.BICUBIC)
            self.put(whole, (x0, y0))
        else:
            for part, (left_in, top_in) in drawn_parts(body, window, (x1 - x0, y1 - y0)):
                self.put(part, (x0 + left_in, y0 + top_in))

    def shine(self, glow: Image.Image, at: tuple[int, int]) -> None:
        """Add light: an RGB picture is screened over the painting at `at` (clipped to it)."""
        x0, y0 = max(0, at[0]), max(0, at[1])
        x1, y1 = min(self.width, at[0] + glow.width), min(self.height, at[1] + glow.height)
        if x1 <= x0 or y1 <= y0:
            return
        part = glow.crop((x0 - at[0], y0 - at[1], x1 - at[0], y1 - at[1]))
        self.image.paste(ImageChops.screen(self.image.crop((x0, y0, x1, y1)), part), (x0, y0))

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Screen a soft round light of `radius` pixels."""
        x0, y0 = int(centre[0] - radius), int(centre[1] - radius)
        side = max(2, int(radius * 2))
        left, top = max(0, x0), max(0, y0)
        right, bottom = min(self.width, x0 + side), min(self.height, y0 + side)
        if right <= left or bottom <= top:
            return
        disc = _disc(64 if side > 40 else 16)
        scale = disc.width / side
        seen = (
            (left - x0) * scale,
            (top - y0) * scale,
            (right - x0) * scale,
            (bottom - y0) * scale,
        )
        fall = disc.resize((right - left, bottom - top), Image.Resampling.BICUBIC, seen)
        light = [fall.point(line_table(round(part * strength, 2))) for part in colour]
        self.shine(Image.merge("RGB", light), (left, top))


@cache
def _disc(size: int) -> Image.Image:
    """Return the fall of a soft round light from its middle."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    distance = np.sqrt(axis[:, None] ** 2 + axis[None, :] ** 2)
    return mask_of(np.clip(1 - distance, 0, 1) ** 2.2)


def _softened(
    body: str, window: tuple[int, int, int, int], fine: float, blur: float
) -> Image.Image:
    """Draw coarsely and blur by `blur` pixels of the picture, without a dark fringe."""
    layer = drawn(body, window, fine).convert("RGBa")
    soft = layer.filter(ImageFilter.GaussianBlur(blur * fine))
    size = (window[2] - window[0], window[3] - window[1])
    return soft.resize(size, Image.Resampling.BICUBIC).convert("RGBA")


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """Blur by `radius` pixels; a wide blur is made at a fraction of the size."""
    step = int(radius)
    if step < 2:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.reduce(step).filter(ImageFilter.GaussianBlur(radius / step))
    return small.resize(image.size, Image.Resampling.BICUBIC)


def picture_of(plate: Floats) -> Image.Image:
    """Turn a plate (rows, columns, 3; 0..1) into an RGB picture."""
    return Image.fromarray((np.clip(plate, 0, 1) * 255 + 0.5).astype(np.uint8))


def plate_of(picture: Image.Image) -> Field:
    """Turn an RGB picture into a plate (rows, columns, 3; 0..1)."""
    return np.asarray(picture.convert("RGB"), dtype=np.float32) / np.float32(255)


def mask_of(field: Floats) -> Image.Image:
    """Turn a field (rows, columns; 0..1) into an L mask."""
    return Image.fromarray((np.clip(field, 0, 1) * 255 + 0.5).astype(np.uint8))


def shapes(size: tuple[int, int], polygons: list[list[Point]], fine: int = 2) -> Image.Image:
    """Return an L mask of filled polygons with smooth edges."""
    mask = Image.new("L", (size[0] * fine, size[1] * fine))
    pen = ImageDraw.Draw(mask)
    for polygon in polygons:
        pen.polygon([(x * fine, y * fine) for x, y in polygon], fill=255)
    return mask.reduce(fine)
