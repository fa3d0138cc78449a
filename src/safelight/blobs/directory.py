"""Blobs as files in a directory, named by their content."""

import asyncio
import contextlib
import hashlib
import os
import shutil
from pathlib import Path

from safelight.blob import Blob
from safelight.errors import NotFound, StoreUnavailable


class DirectoryBlobs:
    """Implements `safelight.blob.BlobStore`."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root = root

    async def take(self, path: Path) -> Blob:
        """See `BlobStore.take`."""
        return await asyncio.to_thread(self._take, path)

    def path(self, key: str) -> Path:
        """See `BlobStore.path`."""
        path = self._place(key)
        if not path.is_file():
            raise NotFound("File not found")
        return path

    def _take(self, path: Path) -> Blob:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
                size = file.tell()
                os.fsync(file.fileno())
            key = digest.hexdigest()
            self._move(path, self._place(key))
        except OSError as error:
            raise StoreUnavailable(f"The file {path.name} cannot be stored: {error}.") from error
        with contextlib.suppress(OSError):  # its temporary folder, once empty, is nobody's
            path.parent.rmdir()
        return Blob(key=key, size=size)

    def _move(self, path: Path, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.stat().st_dev == place.parent.stat().st_dev:
            path.replace(place)
        else:
            beside = place.with_suffix(f".{os.getpid()}.part")
            shutil.copyfile(path, beside)
            _sync(beside)
            beside.replace(place)
            path.unlink()
        _sync(place.parent)

    def _place(self, key: str) -> Path:
        return self._root / key[:2] / key[2:]


def _sync(path: Path) -> None:
    # A rename is durable once its directory is.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
