"""Pictures in and out of files, off the event loop."""

import asyncio
import errno
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import cog

from safelight.blob import OUTPUT_FOLDER
from safelight.errors import RunFailed, StoreUnavailable
from safelight.run import insist
from safelight.upstream import Picture

_PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
"""Reasons that go away: a full disk, or a machine that is out of open files."""
_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "image/gif": ".gif",
}


async def read_pictures(paths: Sequence[cog.Path] | None) -> tuple[bytes, ...]:
    """The input images as they are on disk."""
    if not paths:
        return ()
    return await asyncio.to_thread(lambda: tuple(path.read_bytes() for path in paths))


async def save_as_temporary(pictures: Sequence[Picture]) -> list[cog.Path]:
    """Write each under a name like `tmprgna8b0p.webp`, together in a fresh folder."""
    return await _on_disk(lambda: _save_as_temporary(pictures))


async def save_numbered(pictures: Sequence[Picture]) -> list[cog.Path]:
    """Write `out-0.webp`, `out-1.webp` and so on, together in a fresh folder."""
    stems = [f"out-{number}" for number in range(len(pictures))]
    return await _on_disk(lambda: _save(pictures, stems))


async def save_single(pictures: Sequence[Picture]) -> cog.Path:
    """Write the first as `output` with the suffix of its format, in a fresh folder.

    Raises:
        RunFailed: There is none.
    """
    if not pictures:
        raise RunFailed("The provider answered without a picture.")
    return (await _on_disk(lambda: _save(pictures[:1], ["output"])))[0]


async def _on_disk(write: Callable[[], list[cog.Path]]) -> list[cog.Path]:
    # A picture may be paid for: until there is room for it, it waits in memory.
    return await insist(lambda: asyncio.to_thread(_try, write))


def _try(write: Callable[[], list[cog.Path]]) -> list[cog.Path]:
    try:
        return write()
    except OSError as error:
        if error.errno in _PASSING:
            raise StoreUnavailable(f"A picture cannot be written: {error.strerror}.") from error
        raise


def _save(pictures: Sequence[Picture], stems: Sequence[str]) -> list[cog.Path]:
    folder = _fresh_folder()
    paths = [folder / f"{s}{_suffix(p)}" for s, p in zip(stems, pictures, strict=True)]
    for path, picture in zip(paths, pictures, strict=True):
        path.write_bytes(picture.content)
    return [cog.Path(path) for path in paths]


def _save_as_temporary(pictures: Sequence[Picture]) -> list[cog.Path]:
    folder = _fresh_folder()
    paths: list[cog.Path] = []
    for picture in pictures:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=_suffix(picture), delete=False) as file:
            file.write(picture.content)
        paths.append(cog.Path(file.name))
    return paths


def _fresh_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix=OUTPUT_FOLDER))


def _suffix(picture: Picture) -> str:
    return _SUFFIXES.get(picture.media_type, ".bin")
