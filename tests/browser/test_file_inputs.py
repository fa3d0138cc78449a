"""Files as inputs: chosen, dropped, pasted or named by address; in any order; or not at all."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.acting import SKETCH, become, control
from tests.browser.seeding import picture, uploaded
from tests.browser.windows import Playground, Watch

_TRANSFER = """([name, type, event, selector]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(%s)], name, { type }));
    const at = document.querySelector(selector);
    const made = event === "drop"
        ? new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data })
        : new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data });
    at.dispatchEvent(made);
}"""


@pytest.fixture
def field(page: Page) -> Locator:
    """Where the sketch takes pictures."""
    page.goto(SKETCH)
    return page.locator('[data-field="input_images"]')


def test_files_come_in_every_way_and_in_any_order(
    page: Page, field: Locator, tmp_path: Path, playground: Playground
) -> None:
    """Each is uploaded at once; what is sent is their addresses, as they stand."""
    with playground.api() as api:
        address = f"{playground.origin}/v1/files/{uploaded(api, 'named.png')}"
    for name in ("one.png", "two.png"):
        (tmp_path / name).write_bytes(picture())
    field.locator("[type=file]").set_input_files([tmp_path / "one.png", tmp_path / "two.png"])
    _there(field, 2)
    _give(page, "dropped.png", "drop", '[data-field="input_images"] [data-drop]')
    _there(field, 3)
    _give(page, "pasted.png", "paste", "#input-prompt")
    _there(field, 4)
    field.get_by_role("textbox").fill(address)
    field.get_by_role("textbox").press("Enter")
    _there(field, 5)
    names = field.locator(".drop-name")
    assert names.all_inner_texts()[:4] == ["one.png", "two.png", "dropped.png", "pasted.png"]
    field.get_by_role("button", name="Move two.png earlier").click()
    field.get_by_role("button", name="Remove dropped.png").click()
    assert names.all_inner_texts()[:3] == ["two.png", "one.png", "pasted.png"]
    control(page, "prompt").fill("A collage")
    control(page, "width").fill("320")
    with page.expect_request(re.compile("/-/api/v1/predictions$")) as asked:
        page.locator("[data-run-button]").click()
    sent: list[str] = asked.value.post_data_json["input"]["input_images"]
    assert len(sent) == 4
    assert sent[3] == address
    become(page, "succeeded")


def test_a_file_that_is_not_taken_says_so_and_is_not_sent(
    page: Page, field: Locator, watch: Watch
) -> None:
    """The others go."""
    watch.allow("413", "ERR_FAILED")
    refusal: Any = {"status": 413, "json": {"detail": "It is larger than 100 MB."}}
    page.route("**/-/api/v1/files", lambda route: route.fulfill(**refusal), times=1)
    _give(page, "huge.png", "drop", '[data-field="input_images"] [data-drop]')
    expect(page.locator(".toast")).to_contain_text("huge.png was not uploaded: It is larger")
    expect(field.locator('[data-state="bad"]')).to_have_count(1)
    _give(page, "small.png", "drop", '[data-field="input_images"] [data-drop]')
    _there(field, 1)
    page.get_by_role("tab", name="JSON").click()
    shown = page.locator("#json").input_value()
    assert shown.count("/v1/files/") == 1


def test_one_that_is_no_address_is_told_at_once(page: Page, field: Locator) -> None:
    """By the browser, before anything is sent."""
    field.get_by_role("textbox").fill("not an address")
    field.get_by_role("textbox").press("Enter")
    assert field.get_by_role("textbox").evaluate("one => one.validity.typeMismatch")
    expect(field.locator(".drop-item")).to_have_count(0)


def _there(field: Locator, count: int) -> None:
    expect(field.locator(".drop-item[data-url]")).to_have_count(count)


def _give(page: Page, name: str, event: str, selector: str) -> None:
    script = _TRANSFER % str(list(picture()))
    page.evaluate(script, [name, "image/png", event, selector])
