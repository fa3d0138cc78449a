"""Content that may lie in a file of its own until somebody takes it."""

from pathlib import Path
from typing import Protocol, runtime_checkable


class Spooled(Protocol):
    """Content in a file; the file is gone as soon as nobody refers to this any more."""

    @property
    def path(self) -> Path:
        """Where the file is now."""
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

    def move(self, to: Path) -> None:
        """Put the file elsewhere on the same disk, where it belongs to this as before.

        Raises:
            OSError: It is where it was.
        """
        ...


@runtime_checkable
class SpooledPath(Protocol):
    """A path that keeps its file: it goes with the path, unless somebody has taken it."""

    spooled: Spooled


Content = bytes | Spooled
"""What came, in memory when it is little or when the disk took nothing."""


def head_of(content: Content) -> bytes:
    """The first bytes, enough to tell what it is."""
    return content if isinstance(content, bytes) else content.head


def spooled_at(path: Path) -> Spooled | None:
    """What is at a path that brings it along; see `SpooledPath`."""
    return path.spooled if isinstance(path, SpooledPath) else None
