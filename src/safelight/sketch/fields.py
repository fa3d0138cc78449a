"""Arrays of numbers over the picture: noise, ramps and sampling."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

Field = npt.NDArray[np.float32]  # (rows, columns) or (rows, columns, 3)
Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]  # what the functions here take
Random = np.random.Generator


def resized(field: Floats, width: int, height: int) -> Field:
    """Stretch a (rows, columns) field smoothly to `width` by `height` pixels."""
    picture = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)


def noise(rng: Random, width: int, height: int, cell: tuple[float, float]) -> Field:
    """Return smooth noise around 0 (about -1..1) whose bumps are `cell` pixels wide and high."""
    columns, rows = (
        max(2, int(width / max(cell[0], 1)) + 2),
        max(2, int(height / max(cell[1], 1)) + 2),
    )
    grid = rng.random((rows, columns), dtype=np.float32) * 2 - 1
    return resized(grid, width, height)


def fractal(
    rng: Random, width: int, height: int, cell: tuple[float, float], octaves: int = 4
) -> Field:
    """Return fractal noise, about -1..1: octaves of halving cell and amplitude."""
    total = np.zeros((height, width), dtype=np.float32)
    amplitude, norm = 1.0, 0.0
    for octave in range(octaves):
        size = (cell[0] / 2**octave, cell[1] / 2**octave)
        total += amplitude * noise(rng, width, height, size)
        norm += amplitude
        amplitude *= 0.52
    return total * np.float32(1.6 / norm)


def line_noise(
    rng: Random, length: int, cell: float, octaves: int = 5, roughness: float = 0.5
) -> Field:
    """Return one-dimensional fractal noise, about -1..1, `length` samples long."""
    total = np.zeros(length, dtype=np.float32)
    at = np.arange(length, dtype=np.float32)
    amplitude, norm = 1.0, 0.0
    for octave in range(octaves):
        step = max(1.0, cell / 2**octave)
        knots = rng.random(int(length / step) + 3).astype(np.float32) * 2 - 1
        where = at / step
        low = where.astype(np.int32)
        share = where - low
        share = share * share * (3 - 2 * share)
        total += amplitude * (knots[low] * (1 - share) + knots[low + 1] * share)
        norm += amplitude
        amplitude *= roughness
    return total * np.float32(1.5 / norm)


def tile(rng: Random, size: int, slope: float) -> Field:
    """Return a seamless square of noise (zero mean, unit spread) whose spectrum falls with `slope`.

    There are 16 of each kind, to be looked up at a random place.
    """
    return _tile(int(rng.integers(16)), size, slope)


@lru_cache(maxsize=48)
def _tile(seed: int, size: int, slope: float) -> Field:
    rng = np.random.default_rng(seed)
    frequency = np.fft.fftfreq(size).astype(np.float32)
    distance = np.sqrt(frequency[:, None] ** 2 + np.fft.rfftfreq(size)[None, :] ** 2)
    distance[0, 0] = 1.0
    shape = distance.shape
    spectrum = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) * distance**-slope
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum, (size, size)).astype(np.float32)
    return field / np.float32(field.std())


def sample(square: Field, x: Floats, y: Floats) -> Field:
    """Look up a seamless square, whose side is a power of two, at fractional positions, bilinearly."""
    size, last = square.shape[0], square.shape[0] - 1
    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    left, upper = x0.astype(np.int32) & last, (y0.astype(np.int32) & last) * size
    right, lower = (left + 1) & last, (upper + size) & (size * size - 1)
    flat = square.reshape(-1)
    start, under = _taken(flat, upper + left), _taken(flat, lower + left)
    top = start + (_taken(flat, upper + right) - start) * fx
    bottom = under + (_taken(flat, lower + right) - under) * fx
    return np.asarray(top + (bottom - top) * fy, dtype=np.float32)


def _taken(flat: Field, places: npt.NDArray[np.int32]) -> Field:
    """Pick values by their places; quicker than indexing."""
    return flat.take(places)


def smooth(field: Floats, low: float, high: float) -> Field:
    """Return a soft step: 0 below `low`, 1 above `high`."""
    share = np.clip((field - np.float32(low)) / np.float32(high - low), 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def ramp(length: int, start: float, end: float) -> Field:
    """Return a straight line of numbers."""
    return np.linspace(start, end, length, dtype=np.float32)


def blend(ground: Floats, colour: tuple[float, float, float] | Floats, share: Floats) -> Field:
    """Mix a colour (or a field of colours) into `ground` (rows, columns, 3) by `share` (rows, columns)."""
    target = np.asarray(colour, dtype=np.float32)
    return (ground + (target - ground) * share[..., None]).astype(np.float32)
