"""Who is shown a run's unfinished pictures."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Final

Show = Callable[[Path], Awaitable[None]]
"""Takes an unfinished picture's file away, and shows it in place of the one before.

May raise, for any reason: then it is not shown, and the run goes on without.
"""

AUDIENCE: Final[ContextVar[Show | None]] = ContextVar("safelight_audience", default=None)
"""Of the prediction that the code at hand works for; None where nobody looks on."""
