"""From the printed link to two runs compared, and what becomes of them."""

import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browser.acting import SKETCH, control, run
from tests.browser.seeding import ended, made
from tests.browser.windows import Playground, Watch, Windows


def test_the_printed_link_leads_to_a_picture(windows: Windows, playground: Playground) -> None:
    """Without a token, a key or a click more than Run."""
    page = windows.open(signed_in=False)
    page.goto(playground.link)
    assert page.url == f"{playground.origin}/"
    expect(page.get_by_role("heading", name="Explore")).to_be_visible()
    page.get_by_role("searchbox").fill("illustrator")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="safelight/sketch").click()
    control(page, "prompt").fill("A kite over a beach")
    control(page, "width").fill("320")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#run .badge.succeeded")).to_be_visible()
    expect(page.locator("#run img")).to_have_js_property("complete", value=True)
    assert page.locator("#run img").evaluate("image => image.naturalWidth") == 320
    expect(page.locator("#run .logs")).to_contain_text("Using seed")


def test_a_run_is_tweaked_and_compared(page: Page) -> None:
    """The input comes back; what was changed is what differs."""
    page.goto(SKETCH)
    first = run(page, "A harbour at noon")
    page.get_by_role("link", name="Tweak it").click()
    expect(control(page, "prompt")).to_have_value("A harbour at noon")
    second = run(page, "A harbour at midnight")
    assert first != second
    page.get_by_role("link", name="Open run").click()
    expect(page.get_by_role("heading", name=second)).to_be_visible()
    page.get_by_label("Another run of safelight/sketch").select_option(first)
    page.get_by_role("button", name="Compare").click()
    row = page.get_by_role("row", name=re.compile("prompt"))
    expect(row).to_contain_text("A harbour at midnight")
    expect(row).to_contain_text("A harbour at noon")
    expect(page.locator(".compare-stage img")).to_have_count(2)
    page.get_by_role("slider").fill("20")


def test_predictions_are_selected_kept_and_deleted(
    page: Page, watch: Watch, playground: Playground, tmp_path: Path
) -> None:
    """A zip has their pictures; what is deleted is gone for good, once it is sure."""
    with playground.api() as api:
        runs = [made(api, "safelight/sketch", {"prompt": p, "width": 320})["id"] for p in "ab"]
        for one in runs:
            ended(api, one)
    page.goto("/predictions")
    for one in runs:
        page.locator(f'[name="id"][value="{one}"]').check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download zip").click()
    download.value.save_as(tmp_path / "both.zip")
    with zipfile.ZipFile(tmp_path / "both.zip") as kept:
        assert {name.partition("/")[0] for name in kept.namelist()} == {
            f"sketch-{one}" for one in runs
        }
        assert sum(name.endswith(".webp") for name in kept.namelist()) == 2
    page.locator("[data-delete]").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    expect(page.locator("#count")).to_have_text("2 selected")
    page.locator("[data-delete]").click()
    page.get_by_role("button", name="Delete for good").click()
    for one in runs:
        expect(page.locator(f'[data-id="{one}"]')).to_have_count(0)
    watch.allow("404")
    answer = page.goto(f"/p/{runs[0]}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading")).to_have_text("There is nothing here")


def test_a_run_is_deleted_on_its_own_page(page: Page, watch: Watch) -> None:
    """After a question."""
    page.goto(SKETCH)
    made_here = run(page, "A short life")
    page.goto(f"/p/{made_here}")
    watch.agrees = True
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/predictions")
    assert len(watch.answers) == 1
    expect(page.locator(f'[data-id="{made_here}"]')).to_have_count(0)
