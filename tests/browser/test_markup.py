"""What others have written stays text, on each page that shows it."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect
from tests.browser.seeding import ended, made, uploaded
from tests.browser.windows import Playground

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)><b id=evil>{{7*7}}'
EVIL_MARKDOWN = f"{EVIL}\n\n[link](javascript:alert(3)) ![picture](https://elsewhere.example/x.png)"
MODEL = "safelight/evil"


@pytest.fixture(scope="module")
def evil(playground: Playground) -> Mapping[str, str]:
    """Pages on which somebody has tried, by name."""
    text = EVIL.replace("{{7*7}}", "")
    with playground.api() as api:
        echoed = made(api, "safelight/echo", {"prompt": EVIL})["id"]
        failed = made(api, "safelight/echo", {"prompt": f"[[fail: {text}]]"})
        crashed = made(api, "safelight/echo", {"prompt": f"[[crash: {text}]]"})["id"]
        painted = made(api, "safelight/sketch", {"prompt": EVIL, "width": 320})["id"]
        for one in (echoed, failed["id"], crashed, painted):
            ended(api, one)
        body = {"owner": "safelight", "name": "evil", "hardware": "cpu", "visibility": "private"}
        about = {
            "description": EVIL,
            "readme": EVIL_MARKDOWN,
            "cover_image_url": f"https://elsewhere.example/covers/{EVIL}",
            "github_url": "https://elsewhere.example/?" + EVIL,
        }
        answer = api.post("models", json=body | {"description": EVIL})
        assert answer.status_code in (200, 201), answer.text
        told = api.patch(f"models/{MODEL}", json=about)
        if told.status_code >= 400:
            told = api.patch(f"models/{MODEL}", json={"readme": EVIL_MARKDOWN})
        assert told.status_code == 200, told.text
        uploaded(api, EVIL.replace("/", "").replace('"', "'"))
        api.post("tokens", json={"name": EVIL, "mode": "test", "scopes": ["read"]})
    return {
        "explore": "/",
        "model": f"/{MODEL}",
        "readme": f"/{MODEL}/readme",
        "versions": f"/{MODEL}/versions",
        "echoed": f"/p/{echoed}",
        "failed": f"/p/{failed['id']}",
        "crashed": f"/p/{crashed}",
        "painted": f"/p/{painted}",
        "form": f"/safelight/sketch?prediction={painted}",
        "compare": f"/compare?a={painted}&b={echoed}",
        "predictions": "/predictions",
        "table": "/predictions?view=table",
        "filtered": "/predictions?prompt=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "search": "/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cb%20id=evil%3E",
        "files": "/files",
        "tokens": "/tokens",
        "deploying": f"/deployments/new?model={MODEL}",
    }


def test_markup_stays_text(page: Page, evil: Mapping[str, str]) -> None:
    """No element of it is there, no script of it runs, nothing is loaded from elsewhere."""
    for name, address in evil.items():
        page.goto(address)
        assert page.locator("#evil").count() == 0, name
        assert page.locator("[onerror], script:not([src]), a[href^=javascript]").count() == 0, name


def test_markup_stays_text_while_it_runs(page: Page) -> None:
    """In what a script puts into the page: the form's JSON and code, the run, its logs."""
    page.goto("/safelight/echo")
    page.locator("#input-prompt").fill(EVIL)
    for view in ("JSON", "Node.js", "Python", "HTTP"):
        page.get_by_role("tab", name=view).click()
        shown = page.locator("#json, #code").locator("visible=true")
        expect(shown).to_have_count(1)
    page.get_by_role("tab", name="Form").click()
    page.locator("[data-run-button]").click()
    expect(page.locator("#run .told")).to_contain_text(EVIL)
    assert page.locator("#evil").count() == 0
