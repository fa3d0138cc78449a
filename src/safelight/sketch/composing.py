"""Putting a painting together: the place, the subjects, the lettering, the style and the finish."""

from PIL import Image

from safelight.sketch.finishing import bloomed, grained, vignetted
from safelight.sketch.places import PLACES
from safelight.sketch.seascapes import ocean
from safelight.sketch.stage import Stage
from safelight.sketch.staging import stage_subjects


def compose(stage: Stage, *, transparent: bool) -> Image.Image:
    """Paint the stage's brief; RGBA when `transparent`, else RGB, at the stage's size."""
    PLACES.get(stage.brief.place, ocean)(stage)
    stage_subjects(stage)
    image = vignetted(bloomed(stage.image))
    return grained(image, int(stage.rng.integers(8)))
