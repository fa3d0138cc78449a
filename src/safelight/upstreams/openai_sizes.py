"""Which pixel sizes OpenAI's models paint, and which of them comes closest to what is asked."""

import math
import re

Size = tuple[int, int]

OF_ALL: tuple[Size, ...] = ((1024, 1024), (1536, 1024), (1024, 1536))
"""What every model paints; the older ones paint nothing else."""
AUTO = "auto"

_ANY = re.compile(r"gpt-image-2")
_THREE = re.compile(r"gpt-image-1|chatgpt-image")
_RATIO = re.compile(r"(\d{1,4}):(\d{1,4})")
_PIXELS = re.compile(r"(\d{1,5})x(\d{1,5})")
_STEP = 16
_LONGEST = 3840
_FEWEST, _MOST = 655_360, 8_294_400
_STEEPEST = 3.0
_USUAL = 1024 * 1024


def size_for(model: str, size: Size | None, aspect_ratio: str) -> str:
    """What to send as `size`; `auto` leaves the choice to the provider.

    Models that are not known here get an explicit size as it is.
    """
    written = _PIXELS.fullmatch(aspect_ratio)
    if size is None and written is not None:
        size = int(written[1]), int(written[2])
    wanted = size or _of_ratio(aspect_ratio)
    if wanted is None:
        return AUTO
    if _THREE.match(model):
        steepness = _steepness(wanted)
        wanted = min(OF_ALL, key=lambda one: abs(_steepness(one) - steepness))
    elif _ANY.match(model):
        wanted = legal(wanted)
    return f"{wanted[0]}x{wanted[1]}"


def legal(size: Size) -> Size:
    """The nearest size that gpt-image-2 paints: one that it does paint stays as it is."""
    if _is_legal(size):
        return size
    steepness = max(-math.log(_STEEPEST), min(math.log(_STEEPEST), _steepness(size)))
    pixels = max(_FEWEST, min(_MOST, size[0] * size[1]))
    tall = math.sqrt(pixels / math.exp(steepness))
    wide = tall * math.exp(steepness)
    shrink = min(1.0, _LONGEST / max(wide, tall))
    return _rounded(wide * shrink, tall * shrink)


def _rounded(wide: float, tall: float) -> Size:
    """To steps, in the direction that keeps it legal."""
    nearest = _steps(wide), _steps(tall)
    for more in range(0, 8 * _STEP, _STEP):
        for change in (more, -more):
            size = nearest[0] + change, nearest[1] + change
            if _is_legal(size):
                return size
    return OF_ALL[0]


def _is_legal(size: Size) -> bool:
    return (
        all(side > 0 and side % _STEP == 0 for side in size)
        and max(size) <= min(_LONGEST, _STEEPEST * min(size))
        and _FEWEST <= size[0] * size[1] <= _MOST
    )


def _of_ratio(aspect_ratio: str) -> Size | None:
    """About a megapixel in that shape, unless one of the usual sizes has it."""
    found = _RATIO.fullmatch(aspect_ratio)
    across, down = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (across and down):
        return None
    exact = next((one for one in OF_ALL if one[0] * down == one[1] * across), None)
    tall = math.sqrt(_USUAL * down / across)
    return exact or (_steps(tall * across / down), _steps(tall))


def _steps(side: float) -> int:
    return max(_STEP, round(side / _STEP) * _STEP)


def _steepness(size: Size) -> float:
    return math.log(size[0] / size[1])
