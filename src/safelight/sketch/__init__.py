"""The offline illustrator: reads a prompt and paints a picture that answers it (no neural model)."""

from importlib import import_module
from typing import TYPE_CHECKING

from safelight.sketch.commission import Commission

if TYPE_CHECKING:
    from safelight.sketch.painting import paint
    from safelight.sketch.pool import close_pool, paint_apart

__all__ = ["Commission", "close_pool", "paint", "paint_apart"]

_HOMES = {
    "paint": "safelight.sketch.painting",
    "paint_apart": "safelight.sketch.pool",
    "close_pool": "safelight.sketch.pool",
}


def __getattr__(name: str) -> object:
    """Load the heavy part of the package only when it is asked for."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)  # pyright: ignore[reportAny]
