"""Chromium on a server as people start it, in test mode."""

from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.browser.chromium import NAMES, chromium
from tests.browser.seeding import Seeds, seeded
from tests.browser.windows import Playground, Watch, Windows, launched, playing

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    """One for a module: Playwright holds an event loop, which tests elsewhere need for theirs."""
    log = tmp_path_factory.getbasetemp() / "chromium.log"
    path = chromium(log)
    if path is None:
        tried = f"; apt-get could not: {log}" if log.exists() else ""
        pytest.skip(f"no browser: install Chromium ({' or '.join(NAMES[:3])} on PATH){tried}")
    with sync_playwright() as playwright:
        started = launched(playwright, path)
        yield started
        started.close()


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Generator[Playground]:
    """One server for all tests of the browser."""
    with playing(tmp_path_factory.mktemp("playground")) as started:
        yield started


@pytest.fixture(scope="session")
def cookies(playground: Playground) -> Any:
    """Of somebody who is signed in with both tokens."""
    return playground.cookies()


@pytest.fixture(scope="session")
def seeds(playground: Playground) -> Seeds:
    """Something on each page."""
    with playground.api() as api:
        return seeded(api)


@pytest.fixture
def windows(browser: Browser, playground: Playground, cookies: Any) -> Generator[Windows]:
    """Opens windows; what goes wrong in one fails the test."""
    opened = Windows(browser, playground, cookies)
    yield opened
    opened.close()


@pytest.fixture
def page(windows: Windows) -> Page:
    """A window, signed in."""
    return windows.open()


@pytest.fixture
def watch(windows: Windows, page: Page) -> Watch:
    """Over that window: what it may do that others must not."""
    return windows.watch(page)
