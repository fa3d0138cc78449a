"""The list of subjects drawn by hand; each drawing is SVG in its own units."""

from collections.abc import Callable

from safelight.sketch.colours import Colour

# variant (which of several looks), colour asked for, words said of it -> width, height, SVG elements
Drawing = Callable[[int, Colour | None, frozenset[str]], tuple[int, int, str]]

DRAWINGS: dict[str, Drawing] = {}
