"""Rendering SVG elements: empty places are left out and nothing else."""

import numpy as np
import pytest

from safelight.sketch import vectors
from safelight.sketch.vectors import drawn, drawn_parts

FRAME = '<rect x="20" y="20" width="760" height="460" fill="none" stroke="#c33" stroke-width="9"/>'
DOTS = "".join(
    f'<circle cx="{x}" cy="{y}" r="9" fill="#37a" fill-opacity=".5"/>'
    for x, y in ((15, 15), (785, 20), (400, 250), (20, 480))
)


@pytest.mark.parametrize("body", [FRAME, DOTS, FRAME + DOTS])
@pytest.mark.parametrize("fine", [1.0, 0.8])
def test_parts_make_up_the_whole(body: str, fine: float) -> None:
    """A drawing rendered in parts is the drawing; a part's edge may differ by a shade."""
    size = (round(800 * fine), round(500 * fine))
    patched = np.asarray(drawn(body, (0, 0, 800, 500), fine), dtype=np.int16)
    whole = np.asarray(vectors._render(body, (0, 0, 800, 500), size), dtype=np.int16)
    assert np.abs(patched[..., 3] - whole[..., 3]).max() <= 16


def test_what_is_empty_is_not_rendered() -> None:
    """Four dots in the corners of a large box take a small share of its pixels."""
    parts = list(drawn_parts(DOTS, (0, 0, 800, 500), (800, 500)))
    assert 0 < sum(part.width * part.height for part, _ in parts) < 0.15 * 800 * 500


def test_an_empty_drawing_has_no_parts() -> None:
    """Nothing to see is nothing to render."""
    assert list(drawn_parts("", (0, 0, 800, 500), (800, 500))) == []
    assert drawn("", (0, 0, 800, 500)).getbbox() is None


def test_an_opacity_of_one_shape_needs_no_layer_of_its_own() -> None:
    """The quicker spelling looks the same."""
    dot = '<circle cx="50" cy="50" r="40" fill="#37a" {}="0.5"/>'
    first, second = (
        np.asarray(drawn(dot.format(name), (0, 0, 100, 100)), dtype=np.int16)
        for name in ("opacity", "fill-opacity")
    )
    assert np.abs(first - second).max() <= 1
