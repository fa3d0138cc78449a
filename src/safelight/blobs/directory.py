"""Blobs as files in a directory, named by their content."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import AsyncIterator, Collection, Generator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from safelight.blob import OUTPUT_FOLDER, Blob
from safelight.errors import NotFound, StoreUnavailable

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_HALF: Final = ".part"
"""How a copy that is not complete ends its name."""


class DirectoryBlobs:
    """Implements `safelight.blob.BlobStore`."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync(root.parent)
        self._root = root
        self._synced: set[str] = set()
        """Shelves that are known to be on disk."""

    async def take(self, path: Path, known: Blob | None = None) -> Blob:
        """See `BlobStore.take`."""
        return await asyncio.to_thread(self._take, path, known)

    def path(self, key: str) -> Path:
        """See `BlobStore.path`."""
        path = self._place(key)
        if _KEY.fullmatch(key) is None or not path.is_file():
            raise NotFound("File not found")
        return path

    async def untouched_since(self, moment: datetime) -> AsyncIterator[Sequence[str]]:
        """See `BlobStore.untouched_since`."""
        for shelf in await asyncio.to_thread(self._shelves):
            if keys := await asyncio.to_thread(_old, shelf, moment.timestamp()):
                yield keys

    async def remove(self, keys: Collection[str], untouched_since: datetime) -> int:
        """See `BlobStore.remove`."""
        before = untouched_since.timestamp()
        return await asyncio.to_thread(lambda: sum(self._remove(key, before) for key in keys))

    def _shelves(self) -> list[Path]:
        return sorted(path for path in self._root.iterdir() if path.is_dir())

    def _remove(self, key: str, before: float) -> int:
        place = self._place(key)
        with self._locked(fcntl.LOCK_EX), contextlib.suppress(FileNotFoundError):
            found = place.stat()
            if found.st_mtime < before:
                place.unlink()
                return found.st_size
        return 0

    @contextlib.contextmanager
    def _locked(self, how: int) -> Generator[None]:
        """Among all processes on this place: many take at once, or one removes."""
        descriptor = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    def _take(self, path: Path, known: Blob | None) -> Blob:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _not_stored(path, error) from error
        try:
            with file:
                size = os.fstat(file.fileno()).st_size
                if known is None or known.size != size:
                    key = hashlib.file_digest(file, "sha256").hexdigest()
                    known = Blob(key=key, size=file.tell())
                os.fsync(file.fileno())
            self._move(path, self._place(known.key))
        except OSError as error:
            raise _not_stored(path, error) from error
        if path.parent.name.startswith(OUTPUT_FOLDER):
            with contextlib.suppress(OSError):  # there are more files in it
                path.parent.rmdir()
        return known

    def _move(self, path: Path, place: Path) -> None:
        """Have it there under another name before the old one goes: any step may fail."""
        self._make_shelf(place.parent)
        beside = place.with_suffix(f".{secrets.token_hex(6)}{_HALF}")
        try:
            _link_or_copy(path, beside)
            with self._locked(fcntl.LOCK_SH):
                os.utime(beside)  # its age is counted from this take
                beside.replace(place)
            _sync(place.parent)
        finally:
            beside.unlink(missing_ok=True)  # a rename leaves both names of one file, too
        path.unlink()

    def _make_shelf(self, shelf: Path) -> None:
        shelf.mkdir(exist_ok=True)
        if shelf.name not in self._synced:  # it may be another process's, just made
            _sync(self._root)
            self._synced.add(shelf.name)

    def _place(self, key: str) -> Path:
        return self._root / key[:2] / key[2:]


def _not_stored(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"The file {path.name} cannot be stored: {error}.")


def _link_or_copy(path: Path, to: Path) -> None:
    found = path.lstat()
    # What has another name could be changed under that one.
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        os.utime(path)  # an old half would be cleared away
        with contextlib.suppress(OSError):  # it is on another disk, or on one without links
            os.link(path, to)
            return
    shutil.copyfile(path, to)
    _sync(to)


def _old(shelf: Path, before: float) -> list[str]:
    """The keys of what lies there untouched; halves of copies are cleared away."""
    keys: list[str] = []
    with os.scandir(shelf) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # somebody else was quicker
                if entry.stat().st_mtime >= before:
                    continue
                if entry.name.endswith(_HALF):
                    Path(entry.path).unlink()
                elif _KEY.fullmatch(shelf.name + entry.name):
                    keys.append(shelf.name + entry.name)
    return keys


def _sync(path: Path) -> None:
    # A rename is durable once its directory is.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
