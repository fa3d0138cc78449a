"""Content that goes to a file as it comes, and stays in memory where the disk takes nothing."""

import hashlib
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from safelight.blob import OUTPUT_FOLDER
from safelight.outbound.spool import SMALL, Spool
from safelight.spooled import Content

CONTENT = bytes(range(256)) * 400


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are while a test runs."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes while the context lasts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def spooled(content: bytes, step: int = 10_000) -> Content:
    """The content, flushed after each step."""
    spool = Spool()
    for start in range(0, len(content), step):
        spool.write(content[start : start + step])
        spool.flush()
    return spool.content()


def test_content_is_hashed_on_its_way_to_a_file(folder: Path) -> None:
    """Nobody has to read it again for that."""
    content = spooled(CONTENT)
    assert not isinstance(content, bytes)
    assert content.path.read_bytes() == CONTENT
    assert (content.size, content.head) == (len(CONTENT), CONTENT[:4096])
    assert content.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert list(folder.iterdir()) == [content.path]


def test_a_little_is_not_worth_a_file(folder: Path) -> None:
    """It stays in memory, however often it is flushed."""
    assert spooled(CONTENT[:SMALL], 100) == CONTENT[:SMALL]
    assert not list(folder.iterdir())


def test_a_file_goes_with_the_last_reference(folder: Path) -> None:
    """Whatever became of the call that it belonged to."""
    content = spooled(CONTENT)
    assert len(list(folder.iterdir())) == 1
    del content
    assert not list(folder.iterdir())


def test_a_file_goes_when_its_content_never_came_whole(folder: Path) -> None:
    """As on a cancel, or on a connection that is cut."""
    spool = Spool()
    spool.write(CONTENT)
    spool.flush()
    assert len(list(folder.iterdir())) == 1
    del spool
    assert not list(folder.iterdir())


def test_a_file_that_was_moved_still_goes(folder: Path) -> None:
    """With the folder that was made for it; one that has been taken away is left alone."""
    content = spooled(CONTENT)
    assert not isinstance(content, bytes)
    (folder / f"{OUTPUT_FOLDER}x").mkdir()
    content.move(folder / f"{OUTPUT_FOLDER}x" / "out.png")
    assert content.path.read_bytes() == CONTENT
    del content
    assert not list(folder.iterdir())

    other = spooled(CONTENT)
    assert not isinstance(other, bytes)
    other.path.rename(folder / "taken")
    del other
    assert [path.name for path in folder.iterdir()] == ["taken"]


@pytest.mark.parametrize("size", [0, 10, 10_000, 45_000, len(CONTENT) - 1])
def test_what_a_full_disk_does_not_take_stays_in_memory(
    folder: Path, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    """All of it, and the file that was begun makes room for others."""
    with no_file_beyond(size):
        assert spooled(CONTENT) == CONTENT
        assert not list(folder.iterdir())
    assert caplog.text.count("stays in memory") == 1
