"""Runs as they go: in one window, in two, over a restart of the server, and when canceled."""

import json
import re
import signal
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.browser.acting import SKETCH, become, begin, control, run
from tests.browser.windows import Windows, playing


def test_a_run_is_followed_from_its_start_to_its_end(page: Page) -> None:
    """Its status, its time, its logs; what is over is quiet."""
    page.goto(SKETCH)
    begin(page, "[[delay: 800ms]] A mill by a river")
    become(page, "processing")
    place = page.locator("#run")
    expect(place).to_have_attribute("aria-busy", "true")
    expect(page.locator("[data-elapsed]")).to_contain_text("s")
    become(page, "succeeded")
    expect(place).to_have_attribute("aria-busy", "false")
    expect(place.locator(".logs")).to_contain_text("Using seed")
    expect(place).to_contain_text(re.compile("Generated in"))


def test_escape_cancels_what_runs(page: Page) -> None:
    """And nothing else: once it is over, the key does nothing."""
    page.goto(SKETCH)
    begin(page, "[[delay: 30s]] never")
    become(page, "processing")
    page.keyboard.press("Escape")
    become(page, "canceled")
    page.keyboard.press("Escape")
    expect(page.locator("#run")).to_contain_text("Canceled")


def test_a_refresh_in_the_middle_of_a_run_loses_nothing(page: Page) -> None:
    """Neither the run nor the input, for the address tells them."""
    page.goto(SKETCH)
    begin(page, "[[delay: 1500ms]] An owl")
    become(page, "processing")
    page.reload()
    expect(control(page, "prompt")).to_have_value("[[delay: 1500ms]] An owl")
    become(page, "succeeded")


def test_back_leads_to_the_run_before(page: Page) -> None:
    """With its input; forward leads to the later one."""
    page.goto(SKETCH)
    first = run(page, "A first boat")
    second = run(page, "A second boat")
    page.go_back()
    expect(page.locator(f'[data-run="{first}"]')).to_be_visible()
    expect(control(page, "prompt")).to_have_value("A first boat")
    page.go_forward()
    expect(page.locator(f'[data-run="{second}"]')).to_be_visible()


def test_two_windows_follow_one_run(windows: Windows) -> None:
    """And both see it canceled by one."""
    one, other = windows.open(), windows.open()
    one.goto(SKETCH)
    made = begin(one, "[[delay: 30s]] never")
    other.goto(f"/p/{made}")
    for page in (one, other):
        become(page, "processing")
    other.get_by_role("button", name="Cancel").click()
    for page in (one, other):
        become(page, "canceled")


def test_a_window_runs_in_the_mode_that_it_shows(page: Page) -> None:
    """Whatever another window has switched to since: live is never run by a test button."""
    page.goto(SKETCH)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Live", exact=True).click()
    expect(other.locator("html")).to_have_attribute("data-mode", "live")
    expect(page.locator("[data-run-button]")).not_to_contain_text("live")
    run(page, "Still a test")
    expect(page.locator("#run .run-status")).to_contain_text("test mode")
    other.goto(SKETCH)
    expect(other.locator("[data-run-button]")).to_contain_text("live")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-mode", "live")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-mode", "test")


def test_a_page_outlives_its_server(browser: Browser, tmp_path: Path) -> None:
    """It says that nobody answers, and shows what became of the run when somebody does again."""
    with playing(tmp_path) as playground:
        port = playground.port
        windows = Windows(browser, playground, playground.cookies())
        page = windows.open()
        windows.watch(page).allow("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY")
        page.goto(SKETCH)
        made = begin(page, "[[delay: 2s]] A tower")
        become(page, "processing")
        playground.server.stop(signal.SIGKILL)
    expect(page.locator("[data-lost]")).to_be_visible()
    with playing(tmp_path, port=port):
        expect(page.locator("#run [data-over]")).to_be_visible(timeout=40_000)
        expect(page.locator("[data-lost]")).to_have_count(0)
        shown = page.evaluate(
            "async (id) => (await fetch(`/-/api/v1/predictions/${id}`)).text()", made
        )
        become(page, json.loads(shown)["status"])
        windows.close()
