"""One line of the table, and what makes it good."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

COGLET: Final = "coglet 0.23.1"


@dataclass(frozen=True)
class Figure:
    """What was measured, of ours and of a peer's, in one run."""

    name: str
    unit: str
    ours: float
    peers: float | None = None
    goal: str = ""
    good: Callable[["Figure"], bool] | None = None
    beside: str = COGLET
    """Who the peer is; or why there is no figure of its."""

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's."""
        return None if self.peers is None else self.ours / self.peers


def at_least(times: float) -> Callable[[Figure], bool]:
    """Whether ours is so many times the peer's, or more."""
    return lambda figure: figure.ratio is not None and figure.ratio >= times


def at_most(times: float) -> Callable[[Figure], bool]:
    """Whether ours is so many times the peer's, or less."""
    return lambda figure: figure.ratio is not None and figure.ratio <= times


def under(limit: float) -> Callable[[Figure], bool]:
    """Whether ours is no more, in the unit of the figure."""
    return lambda figure: figure.ours <= limit
