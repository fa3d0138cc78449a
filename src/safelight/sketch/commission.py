"""What is asked of the illustrator."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Commission:
    """One picture to paint; the same commission always gives the same bytes.

    `width` and `height` are pixels (256 to 3840 each), `quality` is 0 to 100 and counts for jpeg and webp only.
    `transparent` keeps the subjects alone on an alpha background (png and webp). `inputs` are encoded pictures
    that are worked into the painting.
    """

    prompt: str
    width: int
    height: int
    format: Literal["png", "jpeg", "webp", "svg"] = "webp"
    quality: int = 90
    seed: int = 0
    transparent: bool = False
    inputs: tuple[bytes, ...] = ()
