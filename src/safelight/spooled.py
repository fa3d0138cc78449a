"""Content that may lie in a file of its own until somebody takes it."""

from pathlib import Path
from typing import Protocol


class Spooled(Protocol):
    """Content in a file; the file is gone as soon as nobody refers to this any more."""

    @property
    def path(self) -> Path:
        """Where the file is."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def sha256(self) -> str:
        """Of the content, 64 hex digits."""
        ...

    @property
    def head(self) -> bytes:
        """The first bytes, enough to tell what it is."""
        ...


class SpooledPath(Protocol):
    """A path that keeps its file: it goes with the path, unless somebody has taken it."""

    spooled: Spooled
    called: str
    """The name that it is to have for others, e.g. `output.png`."""


Content = bytes | Spooled
"""What came, in memory when it is little or when the disk took nothing."""


def head_of(content: Content) -> bytes:
    """The first bytes, enough to tell what it is."""
    return content if isinstance(content, bytes) else content.head


def spooled_at(path: Path) -> Spooled | None:
    """What is at a path that brings it along; see `SpooledPath`."""
    return getattr(path, "spooled", None)  # to ask a protocol takes ten times as long


def name_of(path: Path) -> str:
    """The name of a file for others; see `SpooledPath`."""
    return getattr(path, "called", path.name)
