"""Without JavaScript: each page shows what is on it, and a picture can be made."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.acting import SKETCH, control
from tests.browser.addresses import EMPTY, full
from tests.browser.seeding import Seeds, picture
from tests.browser.windows import Windows


@pytest.fixture
def plain(windows: Windows) -> Page:
    """A window in which no script runs."""
    return windows.open(java_script_enabled=False)


def test_each_page_shows_what_is_on_it(plain: Page, windows: Windows, seeds: Seeds) -> None:
    """Its heading, its text, and nothing that says that it needs a script."""
    windows.watch(plain).allow("404")
    for name, address in {**EMPTY, **full(seeds)}.items():
        plain.goto(address)
        main = plain.locator("main")
        assert main.locator("h1").count() == 1, name
        assert len(main.inner_text()) > 60, name


def test_a_picture_is_made_by_a_plain_form(plain: Page) -> None:
    """With a file; the page that waits refreshes itself."""
    plain.goto(SKETCH)
    control(plain, "prompt").fill("[[delay: 500ms]] A bell tower")
    control(plain, "width").fill("320")
    file = {"name": "bell.png", "mimeType": "image/png", "buffer": picture()}
    control(plain, "input_images").set_input_files([file])
    plain.locator("[data-run-button]").click()
    plain.wait_for_url("**?prediction=*")
    made = plain.url.partition("prediction=")[2]
    expect(control(plain, "prompt")).to_have_value("[[delay: 500ms]] A bell tower")
    plain.goto(f"/p/{made}")
    expect(plain.locator("#run .badge.succeeded")).to_be_visible()
    expect(plain.locator("#run img")).to_be_visible()


def test_a_running_page_refreshes_itself(plain: Page) -> None:
    """The form's too."""
    plain.goto(SKETCH)
    control(plain, "prompt").fill("[[delay: 1s]] A bell tower")
    control(plain, "width").fill("320")
    plain.locator("[data-run-button]").click()
    plain.wait_for_url("**?prediction=*")
    expect(plain.locator("#run .badge.succeeded")).to_be_visible()


def test_what_is_wrong_stands_at_its_input(plain: Page, windows: Windows) -> None:
    """And what was typed is still there."""
    windows.watch(plain).allow("422")
    plain.goto("/safelight/echo")
    control(plain, "prompt").evaluate("one => one.removeAttribute('required')")
    control(plain, "prompt").fill(" ")
    plain.locator("[data-run-button]").click()
    expect(plain.locator('[data-field="prompt"] [data-wrong]')).to_be_visible()


def test_predictions_are_selected_by_a_plain_form(plain: Page, seeds: Seeds) -> None:
    """Compared, and downloaded."""
    plain.goto("/predictions")
    for run in seeds.runs[-2:]:
        plain.locator(f'input[name="id"][value="{run}"]').check()
    with plain.expect_download() as download:
        plain.get_by_role("button", name="Download zip").click()
    assert download.value.suggested_filename.endswith(".zip")
    plain.get_by_role("button", name="Compare").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Compare")
