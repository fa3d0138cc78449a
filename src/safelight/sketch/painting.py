"""From a commission to a finished picture: read, compose, paint, finish, encode."""

import hashlib

import numpy as np
from PIL import Image

from safelight.sketch.brief import Brief
from safelight.sketch.commission import Commission
from safelight.sketch.composing import compose
from safelight.sketch.encoding import encode
from safelight.sketch.inputs import read_inputs
from safelight.sketch.light import light_of, toward
from safelight.sketch.reading import read
from safelight.sketch.stage import Stage

_MOST_PIXELS = 2_400_000  # a larger picture is painted at this area and enlarged


def paint(commission: Commission) -> bytes:
    """Paint what the prompt asks for and return the encoded picture, exactly of the asked size.

    Raises ValueError, naming the index, when one of `inputs` cannot be read or is too large.
    """
    inputs = read_inputs(commission.inputs)
    brief = read(commission.prompt, transparent=commission.transparent)
    picture = compose(_stage(commission, brief, inputs), transparent=commission.transparent)
    size = (commission.width, commission.height)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return encode(picture, commission)


def _stage(commission: Commission, brief: Brief, inputs: list[Image.Image]) -> Stage:
    area = commission.width * commission.height
    scale = min(1.0, (_MOST_PIXELS / area) ** 0.5)
    width, height = round(commission.width * scale), round(commission.height * scale)
    key = f"{commission.prompt[:32000]}\0{commission.seed}\0{width}x{height}".encode(
        "utf-8", "replace"
    )
    rng = np.random.default_rng(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big"))
    light = toward(light_of(brief.hour, brief.weather), brief.palette)
    return Stage(brief, light, rng, Image.new("RGB", (width, height)), inputs)
