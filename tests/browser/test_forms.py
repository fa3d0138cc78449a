"""The form of each model in the box: its controls, its JSON, its faults, its secrets."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.acting import SKETCH, become, begin, control
from tests.browser.windows import Playground, Watch

KEY = "sk-a-secret-of-mine"
MODELS = (
    "openai/gpt-image-1",
    "openai/gpt-image-2",
    "google/imagen-4-fast",
    "jigsawstack/image-generation",
    "safelight/sketch",
    "safelight/echo",
)
_CONTROLS = """() => [...document.querySelectorAll("[data-field]")].map((field) => {
    const all = [...field.querySelectorAll("input, select, textarea")];
    return [field.dataset.field, all.filter((one) => one.type !== "range").map(
        (one) => one.tagName === "INPUT" ? one.type : one.tagName.toLowerCase())];
})"""


@pytest.mark.parametrize("model", MODELS)
def test_each_input_has_its_control_in_order(
    page: Page, playground: Playground, model: str
) -> None:
    """As the model's schema has it."""
    with playground.api() as api:
        document = api.get(f"models/{model}").json()["latest_version"]["openapi_schema"]
    schemas = document["components"]["schemas"]
    inputs = sorted(schemas["Input"]["properties"].items(), key=lambda one: one[1]["x-order"])
    page.goto(f"/{model}")
    expect(page.get_by_role("tab", name="JSON")).to_be_visible()
    found = page.evaluate(_CONTROLS)
    assert [name for name, _ in found] == [name for name, _ in inputs]
    assert [kinds for _, kinds in found] == [_expected(one, schemas) for _, one in inputs]
    shown = []
    for view in ("JSON", "Form", "JSON"):
        page.get_by_role("tab", name=view).click()
        shown.append(page.locator("#json").input_value())
    assert json.loads(shown[0])["prompt"]
    assert shown[0] == shown[2]


def _expected(one: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    parts = [schemas[part["$ref"].rpartition("/")[2]] for part in one.get("allOf", [])]
    whole = {name: value for part in (*parts, one) for name, value in part.items()}
    if "enum" in whole:
        return ["select"]
    if whole.get("format") == "password":
        return ["password"]
    is_files = whole["type"] == "array" and whole["items"].get("format") == "uri"
    if is_files or whole.get("format") == "uri":
        return ["file", "url"]
    simple = {"integer": "number", "number": "number", "boolean": "checkbox"}
    return [simple.get(whole["type"], "textarea")]


def test_the_form_and_its_json_are_one(page: Page) -> None:
    """What is typed in one stands in the other; reset brings the defaults back."""
    page.goto(SKETCH)
    control(page, "prompt").fill('a "quoted" \\ line\nand </script> 🌊')
    control(page, "aspect_ratio").select_option("16:9")
    control(page, "transparent").check()
    page.get_by_role("tab", name="JSON").click()
    shown = page.locator("#json")
    given = json.loads(shown.input_value())
    assert given["prompt"] == 'a "quoted" \\ line\nand </script> 🌊'
    assert given["transparent"] is True
    assert given["aspect_ratio"] == "16:9"
    shown.fill(json.dumps({"prompt": "from JSON", "output_quality": 31, "num_outputs": 2}))
    page.get_by_role("tab", name="Form").click()
    expect(control(page, "prompt")).to_have_value("from JSON")
    expect(control(page, "output_quality")).to_have_value("31")
    expect(page.get_by_label("num_outputs, as a slider")).to_have_value("2")
    expect(control(page, "transparent")).not_to_be_checked()
    expect(control(page, "aspect_ratio")).to_have_value("1:1")
    page.locator("[data-reset]").click()
    expect(control(page, "prompt")).to_have_value("")
    expect(control(page, "output_quality")).to_have_value("80")


def test_json_that_is_none_is_told_where_it_is_typed(page: Page) -> None:
    """And is not lost: the form stays behind until it is mended."""
    page.goto(SKETCH)
    page.get_by_role("tab", name="JSON").click()
    page.locator("#json").fill('{"prompt": ')
    page.get_by_role("tab", name="Form").click()
    expect(page.locator("[data-wrong-json]")).to_be_visible()
    expect(page.locator("#json")).to_have_value('{"prompt": ')
    expect(page.locator("#json")).to_have_attribute("aria-invalid", "true")
    page.locator("#json").fill('{"prompt": "mended", "colour": "red"}')
    page.get_by_role("tab", name="Form").click()
    expect(control(page, "prompt")).to_have_value("mended")


def test_what_the_server_finds_wrong_stands_at_its_input(page: Page, watch: Watch) -> None:
    """All of it at once; the first gets the focus, and what is mended is forgotten."""
    watch.allow("422")
    page.goto(SKETCH)
    page.get_by_role("tab", name="JSON").click()
    page.locator("#json").fill('{"prompt": "p", "num_outputs": 9, "aspect_ratio": "7:5"}')
    page.locator("[data-run-button]").click()
    for name in ("num_outputs", "aspect_ratio"):
        wrong = page.locator(f'[data-field="{name}"] [data-wrong]')
        expect(wrong).to_be_visible()
        expect(wrong).not_to_be_empty()
        expect(control(page, name)).to_have_attribute("aria-invalid", "true")
    expect(control(page, "aspect_ratio")).to_be_focused()
    control(page, "num_outputs").fill("1")
    control(page, "aspect_ratio").select_option("1:1")
    begin(page, "p")
    become(page, "succeeded")
    expect(page.locator("[data-wrong]:visible")).to_have_count(0)


@pytest.mark.parametrize(
    ("model", "secret"),
    [("openai/gpt-image-1", "openai_api_key"), ("jigsawstack/image-generation", "api_key")],
)
def test_a_secret_is_sent_and_shown_nowhere(page: Page, model: str, secret: str) -> None:
    """Not in the page, its JSON, its code, its address, its history or the run."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url}\n{request.post_data or ''}"))
    page.goto(f"/{model}")
    control(page, "prompt").fill("[[fail: no picture]]")
    control(page, secret).fill(KEY)
    for view in ("JSON", "Node.js", "Python", "HTTP"):
        page.get_by_role("tab", name=view).click()
        if view != "JSON":
            expect(page.locator("#code")).to_contain_text("api_key", ignore_case=True)
        _assert_hidden(page)
    page.get_by_role("tab", name="Form").click()
    page.locator("[data-run-button]").click()
    become(page, "failed")
    _assert_hidden(page)
    assert [one for one in asked if KEY in one and "/-/api/v1/" not in one] == []
    assert sum(KEY in one for one in asked) == 1
    page.get_by_role("link", name="Open run").click()
    expect(page.locator(".inputs")).to_contain_text("[REDACTED]")
    _assert_hidden(page)


def _assert_hidden(page: Page) -> None:
    assert KEY not in page.content()
    assert KEY not in page.url
    assert KEY not in page.locator("#json").input_value() if page.locator("#json").count() else True
    kept = page.evaluate(
        "() => JSON.stringify([history.state, {...localStorage}, {...sessionStorage}])"
    )
    assert KEY not in kept
