"""Everything without a mouse."""

import re

from playwright.sync_api import Page, expect
from tests.browser.acting import SKETCH, become, control
from tests.browser.seeding import Seeds


def test_the_first_key_leads_past_the_menu(page: Page) -> None:
    """To what the page is about."""
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_a_picture_is_made_with_keys_alone(page: Page) -> None:
    """Searched, found, opened, asked for and run; its focus is always seen."""
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("illustrator")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=illustrator")
    _tab_to(page, "safelight/sketch")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{SKETCH}")
    _tab_to(page, "input-prompt")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("A bridge")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("in the rain")
    expect(control(page, "prompt")).to_have_value("A bridge\nin the rain")
    page.keyboard.press("Enter")
    become(page, "succeeded")
    _tab_to(page, "Open run")
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/*")


def test_arrows_walk_through_the_views_of_the_input(page: Page) -> None:
    """Round and round; Tab leaves them."""
    page.goto(SKETCH)
    page.get_by_role("tab", name="Form").focus()
    for name in ("JSON", "Node.js", "Python", "HTTP", "Form"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="HTTP")).to_be_focused()
    expect(page.locator("#code")).to_contain_text("curl")


def test_two_keys_lead_to_each_page(page: Page) -> None:
    """And none of them is taken from somebody who types."""
    page.goto("/")
    places = {"p": "predictions", "f": "files", "d": "deployments", "u": "usage", "w": "webhooks"}
    for key, place in (places | {"t": "tokens", "h": "upstreams"}).items():
        expect(page.locator("#toasts")).to_be_attached()
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(f"/{place}$"))
        page.wait_for_load_state()
    page.goto(SKETCH)
    control(page, "prompt").fill("")
    control(page, "prompt").press_sequentially("g p ? /")
    expect(control(page, "prompt")).to_have_value("g p ? /")


def test_a_question_mark_lists_the_keys(page: Page) -> None:
    """Esc closes the list, and cancels nothing."""
    page.goto("/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Predictions")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_predictions_are_walked_and_selected_with_keys(page: Page, seeds: Seeds) -> None:
    """With j and x; Esc lets go of them, and Return opens one."""
    page.goto("/predictions")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#count")).to_have_text("2 selected")
    page.keyboard.press("Escape")
    expect(page.locator("#items [name=id]:checked")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/*")


def _tab_to(page: Page, wanted: str) -> None:
    """Press Tab until something of that id or text has the focus, which is seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => { const at = document.activeElement;
            return [at.id, at.textContent.trim(), at.matches(":focus-visible")]; }"""
        )
        if wanted in (at[0], at[1]):
            assert at[2]
            return
    raise AssertionError(f"Tab does not lead to {wanted}")
