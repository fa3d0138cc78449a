"""Pictures in and out of files."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from tests.support.faults import FAULTS

from safelight.catalog.files import save_single
from safelight.upstream import Picture


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
