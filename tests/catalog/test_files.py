"""Pictures in and out of files."""

import asyncio
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.faults import FAULTS
from tests.support.making import eventually

from safelight.catalog.files import save_as_temporary, save_numbered, save_single
from safelight.outbound.spool import Spool
from safelight.spooled import Spooled, spooled_at
from safelight.upstream import Picture


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are while a test runs."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def spooled(content: bytes) -> Spooled:
    """The content as it comes from a provider."""
    spool = Spool()
    spool.write(content)
    spool.flush()
    came = spool.content()
    assert not isinstance(came, bytes)
    return came


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond ten bytes while the context lasts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_picture_waits_in_memory_while_the_disk_is_full(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It may have been paid for, so it is written as soon as there is room."""
    content = b"\x89PNG" * 100
    with full_disk():
        saving = asyncio.create_task(save_single([Picture(content, "image/png")]))
        async with asyncio.timeout(10):
            while "cannot be written" not in caplog.text:
                await asyncio.wait([saving], timeout=0.01)
        assert not saving.done()

    async with asyncio.timeout(10):
        path = await saving

    assert path.read_bytes() == content


async def test_whatever_step_is_refused_once_a_picture_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that is out of open files soon has some again."""
    monkeypatch.setattr("safelight.run.TRY_AGAIN", timedelta())
    content = b"\x89PNG" * 100
    for step in range(50):
        FAULTS.begin(step)
        path = await save_single([Picture(content, "image/png")])
        assert path.read_bytes() == content
        if not FAULTS.end():
            break
    assert 0 < step < 50


async def test_a_picture_in_a_file_is_moved_and_not_written_again(folder: Path) -> None:
    """The path brings along what is known of it; without its path, nothing is left."""
    content = b"\x89PNG" * 5000
    came = spooled(content)
    inode = came.path.stat().st_ino
    pictures = [Picture(came, "image/png")]
    (path,) = await save_as_temporary(pictures)
    assert (path.read_bytes(), path.stat().st_ino) == (content, inode)
    assert spooled_at(path) is came
    del came, pictures
    assert path.exists()
    del path
    await eventually(lambda: asyncio.to_thread(lambda: not list(folder.iterdir())))


async def test_whatever_step_is_refused_once_a_picture_in_a_file_is_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of several, even when some of them are where they belong already."""
    monkeypatch.setattr("safelight.run.TRY_AGAIN", timedelta())
    contents = [b"\x89PNG" * n for n in (2000, 3000)]
    for step in range(50):
        pictures = [Picture(spooled(content), "image/png") for content in contents]
        FAULTS.begin(step)
        paths = await save_numbered(pictures)
        assert [path.read_bytes() for path in paths] == contents
        if not FAULTS.end():
            break
    assert 0 < step < 50
