"""SVG elements as pixels, rendered only where there is something to see."""

import io
import re
from collections.abc import Iterator

import numpy as np
import resvg_py
from PIL import Image, ImageFilter

Window = tuple[int, int, int, int]  # left, top, right, bottom in the drawing's units
Part = tuple[Image.Image, tuple[int, int]]  # pixels (RGBA) and where their upper left corner goes

_COARSE = 8  # pixels a side of a cell of the survey
_BAND = 8  # cells: the height of what is rendered at a time
_GAP = 5  # cells: an emptiness this wide parts a band
_WORTH = 30_000  # pixels: a smaller drawing is not surveyed
_PART_COST = (
    3_000  # pixels' worth of time that one more part takes, besides two for each letter of it
)
_LEAF_OPACITY = re.compile(
    r"(<(?:path|circle|ellipse|rect)\b[^<>]*?)\sopacity=(\"[^\"]*\"|'[^']*')"
)


def drawn(body: str, box: Window, fine: float = 1.0) -> Image.Image:
    """Render SVG elements within `box` to RGBA, at `fine` pixels a unit."""
    size = (max(1, round((box[2] - box[0]) * fine)), max(1, round((box[3] - box[1]) * fine)))
    parts = list(drawn_parts(body, box, size))
    if len(parts) == 1 and parts[0][0].size == size:
        return parts[0][0]
    whole = Image.new("RGBA", size)
    for part, at in parts:
        whole.paste(part, at)
    return whole


def drawn_parts(body: str, box: Window, size: tuple[int, int]) -> Iterator[Part]:
    """Render SVG elements within `box`, `size` pixels in all, as parts that leave out most of what is empty.

    The renderer hands pixels over as PNG, which takes longer than the rendering: empty ones are worth avoiding.
    """
    plain = _LEAF_OPACITY.sub(r"\1 fill-opacity=\2 stroke-opacity=\2", body)  # no layer for each
    scale = (size[0] / (box[2] - box[0]), size[1] / (box[3] - box[1]))
    for x0, y0, x1, y1 in _busy(plain, box, size):
        seen = (
            box[0] + x0 / scale[0],
            box[1] + y0 / scale[1],
            (x1 - x0) / scale[0],
            (y1 - y0) / scale[1],
        )
        yield _render(plain, seen, (x1 - x0, y1 - y0)), (x0, y0)


def _render(
    body: str, seen: tuple[float, float, float, float], size: tuple[int, int]
) -> Image.Image:
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" preserveAspectRatio="none" '
        f'viewBox="{seen[0]} {seen[1]} {seen[2]} {seen[3]}">{body}</svg>'
    )
    data = resvg_py.svg_to_bytes(svg_string=document, skip_system_fonts=True)
    picture = Image.open(io.BytesIO(data))
    return picture if picture.mode == "RGBA" else picture.convert("RGBA")


def _busy(body: str, box: Window, size: tuple[int, int]) -> list[Window]:
    """Return the parts (pixels) worth rendering, after a survey of the whole at an eighth of its size."""
    everything = [(0, 0, *size)]
    if size[0] * size[1] < _WORTH:
        return everything
    cells = (-(-size[0] // _COARSE), -(-size[1] // _COARSE))
    scale = (_COARSE * (box[2] - box[0]) / size[0], _COARSE * (box[3] - box[1]) / size[1])
    seen = (box[0], box[1], cells[0] * scale[0], cells[1] * scale[1])
    alpha = _render(body, seen, cells).getchannel("A").filter(ImageFilter.MaxFilter(3))
    parts = _runs(np.asarray(alpha) > 0, size)
    cost = sum((p[2] - p[0]) * (p[3] - p[1]) + _PART_COST + 2 * len(body) for p in parts)
    return parts if cost < size[0] * size[1] else everything


def _runs(
    full: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]", size: tuple[int, int]
) -> list[Window]:
    """Cut the surveyed cells into bands, and each band at its wide gaps."""
    found: list[Window] = []
    rows = np.flatnonzero(full.any(axis=1))
    if rows.size == 0:
        return found
    for top in range(int(rows[0]), int(rows[-1]) + 1, _BAND):
        bottom = min(top + _BAND, int(rows[-1]) + 1)
        columns = np.flatnonzero(full[top:bottom].any(axis=0))
        if columns.size == 0:
            continue
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > _GAP) + 1):
            left, right = int(run[0]) * _COARSE, (int(run[-1]) + 1) * _COARSE
            found.append((left, top * _COARSE, min(right, size[0]), min(bottom * _COARSE, size[1])))
    return found
