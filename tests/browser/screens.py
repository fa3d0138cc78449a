"""`python -m tests.browser.screens`: each page as pictures, for the eye."""

import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from tests.browser.addresses import EMPTY, full
from tests.browser.chromium import chromium
from tests.browser.seeding import seeded
from tests.browser.windows import Windows, launched, playing

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SIZES = {1440: {"width": 1440, "height": 900}, 390: {"width": 390, "height": 844}}
_TALLEST = 1200
"""Pixels of a page that a picture shows."""
_QUALITY = 64


def main(wanted: list[str]) -> int:
    """Write those named, or all; complain of what went wrong while they were made."""
    with TemporaryDirectory() as folder:
        path = chromium(Path(folder) / "chromium.log")
        if path is None:
            sys.stderr.write("There is no Chromium on PATH.\n")
            return 2
        with playing(Path(folder) / "server") as playground, sync_playwright() as playwright:
            with playground.api() as api:
                pages = EMPTY | full(seeded(api))
            chosen = {name: pages[name] for name in wanted or pages}
            _take(Windows(launched(playwright, path), playground, playground.cookies()), chosen)
    return 0


def _take(windows: Windows, pages: Mapping[str, str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    options: Any = {"reduced_motion": "reduce", "viewport": SIZES[1440]}
    page = windows.open(**options)
    visitor = windows.open(signed_in=False, **options)
    windows.watch(page).allow("404")
    for name, address in pages.items():
        _shoot(visitor if name == "enter" else page, name, address)
    windows.close()


def _shoot(page: Page, name: str, address: str) -> None:
    for width, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(address)
        page.wait_for_load_state("networkidle")
        height = min(_TALLEST, page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": max(height, size["height"])})
        page.evaluate("Promise.all([...document.images].map((one) => one.decode().catch(() => 0)))")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            with Image.open(BytesIO(page.screenshot())) as picture:
                file = FOLDER / f"{name}-{theme}-{width}.webp"
                picture.convert("RGB").save(file, quality=_QUALITY, method=6)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
