"""Blobs: bytes by key, and the contract of the stores that keep them."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec

OUTPUT_FOLDER: Final = "outputs-"
"""A folder whose name begins so was made for files to be taken from: it goes with the last."""


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """One stored piece of content."""

    key: str
    """SHA-256 of the content, 64 hex digits: equal content is stored once."""
    size: int
    """Bytes."""


class OutputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a model produced, as a prediction refers to it."""

    name: str
    """The model's own file name, e.g. `output.png`; no two alike within a prediction."""
    media_type: str
    blob: Blob


class BlobStore(Protocol):
    """Keeps content by its hash, until nobody refers to it any more and it is removed."""

    async def take(self, path: Path, known: Blob | None = None) -> Blob:
        """Move a file in; on return the content is on disk and the file is gone.

        What is *known* of it by whoever wrote it is not found out again.

        Raises:
            FileNotFoundError: There is no such file.
            StoreUnavailable: It could not be stored; the file is still there.
        """
        ...

    def path(self, key: str) -> Path:
        """Where the content of *key* can be read.

        Raises:
            NotFound: No such blob.
        """
        ...

    def untouched_since(self, moment: datetime) -> AsyncIterator[Sequence[str]]:
        """The keys of all blobs that were last taken before then, some at a time.

        What broken-off takes left behind before then is cleared away on the way.
        """
        ...

    async def remove(self, keys: Collection[str], untouched_since: datetime) -> int:
        """Remove those that have not been taken again since; gives how many bytes that freed.

        A take of the same content at the same moment, in whichever process, loses nothing.
        """
        ...
