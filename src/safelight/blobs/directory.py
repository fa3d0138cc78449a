"""Blobs as files in a directory, named by their content."""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Final

from safelight.blob import OUTPUT_FOLDER, Blob
from safelight.errors import NotFound, StoreUnavailable

_KEY: Final = re.compile(r"[0-9a-f]{64}")


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
        if _KEY.fullmatch(key) is None or not path.is_file():
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
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreUnavailable(f"The file {path.name} cannot be stored: {error}.") from error
        if path.parent.name.startswith(OUTPUT_FOLDER):
            with contextlib.suppress(OSError):  # there are more files in it
                path.parent.rmdir()
        return Blob(key=key, size=size)

    def _move(self, path: Path, place: Path) -> None:
        if not place.parent.exists():
            place.parent.mkdir(exist_ok=True)
            _sync(self._root)
        if path.stat().st_dev == place.parent.stat().st_dev:
            path.replace(place)
        else:
            beside = place.with_suffix(f".{secrets.token_hex(6)}.part")
            try:
                shutil.copyfile(path, beside)
                _sync(beside)
                beside.replace(place)
            finally:
                beside.unlink(missing_ok=True)
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
