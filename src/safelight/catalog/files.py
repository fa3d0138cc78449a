"""Pictures in and out of files, off the event loop."""

import asyncio
import errno
import random
import shutil
import string
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import cog

from safelight.blob import OUTPUT_FOLDER
from safelight.errors import RunFailed, StoreUnavailable
from safelight.run import insist
from safelight.spooled import Content, Spooled, spooled_at
from safelight.upstream import Picture

_PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
"""Reasons that go away: a full disk, or a machine that is out of open files."""
_LETTERS: Final = string.ascii_lowercase + string.digits + "_"
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
    return await _save(pictures, [_temporary_stem() for _ in pictures])


async def save_numbered(pictures: Sequence[Picture]) -> list[cog.Path]:
    """Write `out-0.webp`, `out-1.webp` and so on, together in a fresh folder."""
    stems = [f"out-{number}" for number in range(len(pictures))]
    return await _save(pictures, stems)


async def save_single(pictures: Sequence[Picture]) -> cog.Path:
    """Write the first as `output` with the suffix of its format, in a fresh folder.

    Raises:
        RunFailed: There is none.
    """
    if not pictures:
        raise RunFailed("The provider answered without a picture.")
    return (await _save(pictures[:1], ["output"]))[0]


async def save_unfinished(picture: Picture) -> Path:
    """Write one in a fresh folder; where there is no room for it, nothing is left.

    Raises:
        OSError: It could not be written.
    """
    if not isinstance(picture.content, bytes):
        return _Saved.of(picture.content, f"partial{_suffix(picture)}")
    return await asyncio.to_thread(_save_whole, picture.content, f"partial{_suffix(picture)}")


async def discard(path: Path) -> None:
    """Remove what was saved, if it is still there; what keeps its file goes by itself."""
    if spooled_at(path) is None:
        await asyncio.to_thread(shutil.rmtree, path.parent, ignore_errors=True)


class _Saved(cog.Path):
    """Implements `safelight.spooled.SpooledPath`: the file stays where it is until it is taken."""

    spooled: Spooled
    called: str

    @classmethod
    def of(cls, content: Spooled, name: str) -> Self:
        """The file as it is to be called."""
        path = cls(content.path)
        path.spooled, path.called = content, name
        return path


async def _save(pictures: Sequence[Picture], stems: Sequence[str]) -> list[cog.Path]:
    names = [f"{stem}{_suffix(p)}" for stem, p in zip(stems, pictures, strict=True)]
    contents = [picture.content for picture in pictures]
    if all(not isinstance(content, bytes) for content in contents):
        return [_put(*one, Path()) for one in zip(contents, names, strict=True)]
    # A picture may be paid for: until there is room for it, it waits in memory.
    return await insist(lambda: asyncio.to_thread(_try, contents, names))


def _try(contents: Sequence[Content], names: Sequence[str]) -> list[cog.Path]:
    try:
        folder = _fresh_folder()
        return [_put(*one, folder) for one in zip(contents, names, strict=True)]
    except OSError as error:
        if error.errno in _PASSING:
            raise StoreUnavailable(f"A picture cannot be written: {error.strerror}.") from error
        raise


def _put(content: Content, name: str, folder: Path) -> cog.Path:
    if not isinstance(content, bytes):
        return _Saved.of(content, name)
    path = cog.Path(folder / name)
    path.write_bytes(content)
    return path


def _save_whole(content: bytes, name: str) -> Path:
    folder = _fresh_folder()
    try:
        return _put(content, name, folder)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fresh_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix=OUTPUT_FOLDER))


def _temporary_stem() -> str:
    return "tmp" + "".join(random.choices(_LETTERS, k=8))  # noqa: S311 - it hides nothing


def _suffix(picture: Picture) -> str:
    return _SUFFIXES.get(picture.media_type, ".bin")
