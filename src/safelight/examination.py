"""What an examination finds, such as that of `safelight doctor`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    GOOD = "ok"
    HINT = "hint"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    found: str
    advice: str = ""


Examine = Callable[[], Sequence[Finding]]
"""Looks, which may take many seconds, and is therefore called in a thread."""


def nothing_examined() -> Sequence[Finding]:
    """Look at nothing."""
    return ()
