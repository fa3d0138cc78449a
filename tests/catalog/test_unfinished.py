"""Unfinished pictures: what they are shown as, and that no run waits for them."""

import asyncio
import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from tests.catalog.conftest import Run

from safelight.audience import AUDIENCE
from safelight.catalog.coarse import coarse
from safelight.catalog.openai.gpt_image_2 import GptImage2
from safelight.errors import StoreUnavailable
from safelight.upstream import ImageRequest, ImageResult, OnPartial, Picture


class Insistent:
    """An upstream that shows more unfinished pictures than it was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,  # noqa: ARG002 - the contract's
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        self.asked.append(request.partials)
        for number in range(9):
            if on_partial is not None:
                await on_partial(Picture(b"unfinished %d" % number, "image/webp"))
        return ImageResult(pictures=(Picture(b"finished", "image/webp"),), upstream="openai:x")


async def test_no_more_are_taken_than_were_asked_for(run: Run) -> None:
    """Each in a file of its own, with the bytes as they came."""
    seen: list[bytes] = []

    async def show(path: Path) -> None:
        seen.append(await asyncio.to_thread(path.read_bytes))
        assert path.suffix == ".webp"

    token = AUDIENCE.set(show)
    try:
        await run(GptImage2, Insistent(), prompt="a")
    finally:
        AUDIENCE.reset(token)
    assert seen == [b"unfinished 0", b"unfinished 1"]


async def test_where_nobody_looks_on_none_is_asked_for(run: Run) -> None:
    """They cost money."""
    upstream = Insistent()
    await run(GptImage2, upstream, prompt="a")
    assert upstream.asked == [0]


@pytest.mark.parametrize("hangs", [True, False])
async def test_what_cannot_be_shown_is_passed_over(
    run: Run, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    """Also when it takes too long; the file is gone, and the run ends as ever."""
    monkeypatch.setattr("safelight.catalog.asking.PATIENCE", timedelta(milliseconds=50))
    paths: list[Path] = []

    async def show(path: Path) -> None:
        paths.append(path)
        if hangs:
            await asyncio.Event().wait()
        raise StoreUnavailable("The disk is full.")

    token = AUDIENCE.set(show)
    try:
        outcome = await run(GptImage2, Insistent(), prompt="a")
    finally:
        AUDIENCE.reset(token)
    assert outcome.output[0].read_bytes() == b"finished"
    assert len(paths) == 2
    assert not any(path.parent.exists() for path in paths)


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("WEBP", "RGB"), ("JPEG", "RGB")])
async def test_a_coarser_picture_has_the_size_and_the_format(form: str, mode: str) -> None:
    """Whatever its size is divisible by; and fewer details."""
    out = io.BytesIO()
    Image.effect_noise((205, 131), 90).convert(mode).save(out, form)
    whole = Picture(out.getvalue(), f"image/{form.lower()}")
    found = await coarse(whole, (8, 3))
    assert len(found) == 2
    for picture in found:
        assert isinstance(picture.content, bytes)
        with Image.open(io.BytesIO(picture.content)) as image:
            assert (image.size, image.format, image.mode) == ((205, 131), form, mode)
        assert len(picture.content) < len(out.getvalue())


async def test_a_drawing_of_lines_has_no_coarser_form() -> None:
    """Nothing is shown instead."""
    assert await coarse(Picture(b"<svg/>", "image/svg+xml"), (8,)) == ()
