"""A paid picture that comes while the disk is full is not lost."""

import asyncio
import hashlib
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY
from tests.support.contents import content_of

from safelight.catalog.files import save_single
from safelight.outbound.client import Client
from safelight.upstream import ImageRequest, ImageResult
from safelight.upstreams.openai import OpenAI, OpenAIConfig


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes while the context lasts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_picture_that_comes_while_the_disk_is_full_waits_in_memory(
    client: Client,
    openai: OpenAIStandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is paid for: it is written as soon as there is room, and the call is made once."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ours = OpenAI(OpenAIConfig(base_url=openai.base_url, key=KEY), client)

    async def paint() -> ImageResult:
        return await ours.generate(ImageRequest(model="gpt-image-2", prompt="x", size=(1536, 1024)))

    expected = content_of((await paint()).pictures[0])
    with no_file_beyond(1000):
        result = await paint()
        assert isinstance(result.pictures[0].content, bytes)
        saving = asyncio.create_task(save_single(result.pictures))
        async with asyncio.timeout(10):
            while "cannot be written" not in caplog.text:
                await asyncio.wait([saving], timeout=0.01)
    path = await asyncio.wait_for(saving, 10)
    digests = [hashlib.sha256(content).digest() for content in (path.read_bytes(), expected)]
    assert digests[0] == digests[1]
    assert len(openai.seen) == 2
