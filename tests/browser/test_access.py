"""Pages for everybody: axe finds nothing, and nothing has to be scrolled sideways."""

from collections.abc import Generator, Mapping
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page
from tests.browser.addresses import EMPTY, full
from tests.browser.seeding import Seeds
from tests.browser.windows import Playground, Windows, playing

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_QUICKLY = {"resultTypes": ["violations"], "preload": False}
_ALL: Any = _QUICKLY | {"rules": {"target-size": {"enabled": True}}}
_COLOURS: Any = _QUICKLY | {"runOnly": ["color-contrast"]}
"""All that is different in the dark."""
_SEEN = {"empty": EMPTY, "full": full(Seeds(["r"] * 10, [1] * 9 + [4], "h", "d/d", "w", "f"))}


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Generator[Playground]:
    """A server on which nobody has done anything."""
    with playing(tmp_path_factory.mktemp("bare")) as started:
        yield started


@pytest.fixture(scope="session")
def bare_cookies(bare: Playground) -> Any:
    """Of somebody who has come there first."""
    return bare.cookies()


@pytest.fixture
def wide(windows: Windows) -> Page:
    """A window into which axe can be brought, which the pages forbid to others."""
    return windows.open(bypass_csp=True, viewport=WIDE, reduced_motion="reduce")


@pytest.mark.parametrize("name", _SEEN["full"])
def test_a_page_with_something_on_it_is_for_everybody(wide: Page, seeds: Seeds, name: str) -> None:
    """In light and dark, wide and narrow."""
    _assert_for_everybody(wide, full(seeds)[name])


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_page_is_for_everybody(
    browser: Any, bare: Playground, bare_cookies: Any, name: str
) -> None:
    """Also the one that says that there is nothing."""
    windows = Windows(browser, bare, bare_cookies)
    page = windows.open(
        signed_in=name != "enter", bypass_csp=True, viewport=WIDE, reduced_motion="reduce"
    )
    if name == "not-found":
        windows.watch(page).allow("404")
    _assert_for_everybody(page, EMPTY[name])
    windows.close()


def test_dialogs_and_menus_are_for_everybody(wide: Page) -> None:
    """The list of keys, and the menu where there is no room for it."""
    wide.goto("/")
    wide.keyboard.press("?")
    wide.evaluate(AXE_SCRIPT)
    assert _found(wide, _ALL) == {}
    wide.keyboard.press("Escape")
    wide.set_viewport_size(NARROW)
    wide.get_by_role("button", name="Menu").click()
    assert _found(wide, _ALL) == {}


def _assert_for_everybody(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == (404 if address == EMPTY["not-found"] else 200)
    page.evaluate(AXE_SCRIPT)
    found = {"light, wide": _found(page, _ALL) | _sideways(page)}
    page.emulate_media(color_scheme="dark")
    found["dark, wide"] = _found(page, _COLOURS)
    page.set_viewport_size(NARROW)
    found["dark, narrow"] = _found(page, _COLOURS)
    page.emulate_media(color_scheme="light")
    found["light, narrow"] = _found(page, _ALL) | _sideways(page)
    assert {where: what for where, what in found.items() if what} == {}


def _found(page: Page, options: Mapping[str, Any]) -> dict[str, list[str]]:
    """The elements that break a rule, by the rule."""
    answer = page.evaluate("options => axe.run(document, options)", options)
    return {
        rule["id"]: [f"{node['target'][0]}: {node['html'][:120]}" for node in rule["nodes"][:3]]
        for rule in answer["violations"]
    }


def _sideways(page: Page) -> dict[str, list[str]]:
    """What sticks out of the page."""
    wider = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("main *")].filter((one) =>
            one.getBoundingClientRect().right > innerWidth + 1 &&
            !one.closest(".table-wrap, .tabs"))
        .slice(0, 3).map((one) => one.outerHTML.slice(0, 120))"""
    )
    return {"sideways": wider} if wider else {}
