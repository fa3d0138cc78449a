"""Pictures in and out of files, off the event loop."""

import asyncio
import errno
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import cog

from safelight.blob import OUTPUT_FOLDER
from safelight.errors import RunFailed, StoreUnavailable
from safelight.run import insist
from safelight.spooled import Spooled
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


async def save_unfinished(picture: Picture) -> Path:
    """Write one in a fresh folder; where there is no room for it, nothing is left.

    Raises:
        OSError: It could not be written.
    """
    return await asyncio.to_thread(_save_whole, picture)


async def discard(path: Path) -> None:
    """Remove what was saved in a fresh folder, if it is still there."""
    await asyncio.to_thread(shutil.rmtree, path.parent, ignore_errors=True)


def _save_whole(picture: Picture) -> Path:
    folder = _fresh_folder()
    try:
        return _put(picture, folder / f"partial{_suffix(picture)}")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


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


class _Saved(cog.Path):
    """Implements `safelight.spooled.SpooledPath`."""

    spooled: Spooled


def _save(pictures: Sequence[Picture], stems: Sequence[str]) -> list[cog.Path]:
    folder = _fresh_folder()
    paths = [folder / f"{s}{_suffix(p)}" for s, p in zip(stems, pictures, strict=True)]
    return [_put(*one) for one in zip(pictures, paths, strict=True)]


def _put(picture: Picture, path: Path) -> cog.Path:
    content = picture.content
    if isinstance(content, bytes):
        path.write_bytes(content)
        return cog.Path(path)
    content.move(path)
    saved = _Saved(path)
    saved.spooled = content
    return saved


def _save_as_temporary(pictures: Sequence[Picture]) -> list[cog.Path]:
    folder = _fresh_folder()
    paths: list[cog.Path] = []
    for picture in pictures:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=_suffix(picture), delete=False) as file:
            pass
        paths.append(_put(picture, Path(file.name)))
    return paths


def _fresh_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix=OUTPUT_FOLDER))


def _suffix(picture: Picture) -> str:
    return _SUFFIXES.get(picture.media_type, ".bin")
