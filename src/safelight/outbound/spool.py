"""A file that content goes to as it comes, hashed on the way."""

import contextlib
import hashlib
import logging
import os
import secrets
import tempfile
import weakref
from pathlib import Path
from typing import Final

from safelight.blob import OUTPUT_FOLDER
from safelight.spooled import Content

SMALL: Final = 4096
"""Bytes that are not worth a file."""
_HEAD_BYTES: Final = 4096
_MOST_PIECES: Final = 512  # of one writev
_log: Final = logging.getLogger("safelight.outbound")


class _Place:
    """Where a file is; without this it is nowhere."""

    def __init__(self, path: Path) -> None:
        self.path = path


class _Owner:
    """Has a file for as long as it lives itself."""

    def __init__(self, path: Path) -> None:
        self.place = _Place(path)
        weakref.finalize(self, _remove, self.place)


def _remove(place: _Place) -> None:
    with contextlib.suppress(OSError):  # it has been taken away
        place.path.unlink()
        if place.path.parent.name.startswith(OUTPUT_FOLDER):
            place.path.parent.rmdir()


class SpooledFile:
    """Implements `safelight.spooled.Spooled`."""

    def __init__(self, owner: _Owner, size: int, sha256: str, head: bytes) -> None:
        self._owner = owner
        self.size = size
        self.sha256 = sha256
        self.head = head

    @property
    def path(self) -> Path:
        """See `Spooled.path`."""
        return self._owner.place.path

    def move(self, to: Path) -> None:
        """See `Spooled.move`."""
        self._owner.place.path.rename(to)
        self._owner.place.path = to


class Spool:
    """Content on its way: what the disk does not take stays in memory, since it may be paid for."""

    def __init__(self) -> None:
        self.pending = 0
        """Bytes that wait for `flush`."""
        self._pieces: list[bytes] = []
        self._digest = hashlib.sha256()
        self._head = b""
        self._size = 0
        self._written = 0
        self._owner: _Owner | None = None
        self._kept: list[bytes] | None = None

    def write(self, piece: bytes) -> None:
        """Take more; nothing touches the disk before `flush`."""
        if len(self._head) < _HEAD_BYTES:
            self._head += piece[: _HEAD_BYTES - len(self._head)]
        self._digest.update(piece)
        self._pieces.append(piece)
        self._size += len(piece)
        self.pending += len(piece)

    def flush(self) -> None:
        """Write what waits; this may block."""
        if self._kept is None and self._size > SMALL:
            try:
                self._append()
            except OSError as error:
                _log.error("A picture stays in memory for now: %s.", error)
                self._kept = self._read_back()
        if self._kept is not None:
            self._kept += self._pieces
        if self._kept is not None or self._written:
            self._pieces.clear()
        self.pending = 0

    def content(self) -> Content:
        """All of it, once it is flushed."""
        if self._owner is None:
            return b"".join(self._pieces if self._kept is None else self._kept)
        return SpooledFile(self._owner, self._size, self._digest.hexdigest(), self._head)

    def _append(self) -> None:
        # Opened each time: thousands that come together would use up the process's open files.
        if self._owner is None:
            path = Path(tempfile.gettempdir(), f"spool-{secrets.token_hex(8)}")
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._owner = _Owner(path)
        else:
            file = os.open(self._owner.place.path, os.O_WRONLY | os.O_APPEND)
        try:
            _write(file, self._pieces)
        finally:
            os.close(file)
        self._written = self._size

    def _read_back(self) -> list[bytes]:
        """What is in the file, whose room is free then."""
        owner, self._owner = self._owner, None
        if owner is None or not self._written:
            return []
        with owner.place.path.open("rb") as file:
            return [file.read(self._written)]


def _write(file: int, pieces: list[bytes]) -> None:
    """Write all, however little is taken at a time."""
    left = [memoryview(piece) for piece in pieces]
    while left:
        taken = os.writev(file, left[:_MOST_PIECES])
        while left and taken >= len(left[0]):
            taken -= len(left.pop(0))
        if left:
            left[0] = left[0][taken:]
