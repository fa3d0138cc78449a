"""The page of upstreams and health: who answers, how they are, and having them asked."""

from collections.abc import AsyncIterator, Sequence

import pytest
from tests.api.calls import Api, Running
from tests.api.conftest import running
from tests.standins import openai as openai_standin
from tests.standins.openai import OpenAIStandIn
from tests.web.managing import MARKUP, Browser, browser, browsing, narrowed

from safelight.circuit import FAILURES
from safelight.examination import Finding, State
from safelight.settings import Settings
from safelight.web.pages.upstreams import limits

__all__ = ["browser", "running"]
FOUND = (
    Finding("openai", State.BROKEN, f"The key is not taken. {MARKUP}", "Check OPENAI_API_KEY."),
    Finding("google", State.HINT, "No key is set.", "Set GOOGLE_API_KEY."),
)


def find(_settings: Settings) -> Sequence[Finding]:
    """What the doctor would say."""
    return FOUND


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    """OpenAI's API on loopback."""
    async with OpenAIStandIn() as standin:
        yield standin


@pytest.fixture
async def api(running: Running, openai: OpenAIStandIn) -> AsyncIterator[Api]:
    """An engine with one provider, limited, and a fallback."""
    variables = {
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_API_KEY": openai_standin.KEY,
        "SAFELIGHT_UPSTREAM_LIMITS": "openai=20,5/m",
        "SAFELIGHT_ROUTES": ("openai/gpt-image-2=openai:gpt-image-2|google:gemini-3.1-flash-image"),
    }
    async with running(examine=find, **variables) as started:
        yield started


async def test_each_provider_is_shown(api: Api, openai: OpenAIStandIn, browser: Browser) -> None:
    """With its host and limits, or with the variable that it wants; never with a key."""
    page = await browser.get("/upstreams")
    assert page.status == 200
    assert openai.origin.removeprefix("http://") in page.text
    assert "20 at once, 5 a minute" in page.text
    assert "Set GOOGLE_API_KEY or GEMINI_API_KEY" in page.text
    assert "Set JIGSAWSTACK_API_KEY" in page.text
    assert "Set OPENAI_API_KEY" not in page.text
    assert openai_standin.KEY not in page.source
    assert openai.seen == []
    assert api.live_token not in page.source


async def test_each_model_has_its_routes_in_order(browser: Browser) -> None:
    """With the reason for each."""
    page = await browser.get("/upstreams")
    assert "openai:gpt-image-2 the model itself" in page.text
    own, _, rest = page.text.partition("openai:gpt-image-2 the model itself")
    assert rest.lstrip().startswith("google:gemini-3.1-flash-image if those before it")
    assert "OpenAI shut the model down on 2026-10-23" in own
    assert "nobody: it runs on this machine" in page.text
    assert "/openai/gpt-image-2" in page.links


async def test_routes_that_are_chosen_say_by_what(running: Running) -> None:
    """By the setting."""
    routes = "openai/gpt-image-2=google:gemini-3.1-flash-image"
    async with running(SAFELIGHT_ROUTES=routes) as api, browsing(api, api.test_token) as browser:
        page = await browser.get("/upstreams")
    assert "chosen by SAFELIGHT_ROUTES" in page.text


async def test_a_provider_that_keeps_failing_is_shown_as_resting(
    api: Api, browser: Browser
) -> None:
    """Until when."""
    for _ in range(FAILURES):
        asked = {"prompt": "!html-502", "quality": "low"}
        await api.run("openai/gpt-image-2", asked, **api.live)
    known = (await api.client.get("/v1/upstreams")).json()
    (route,) = known["providers"][0]["routes"]
    page = await browser.get("/upstreams")
    assert route["state"] == "resting"
    assert "held back" in page.text
    assert "it keeps failing" in page.text
    assert page.all("time")


async def test_the_server_tells_of_itself(browser: Browser) -> None:
    """Its version, its health, and where programs look."""
    page = await browser.get("/upstreams")
    assert {"/healthz", "/readyz", "/metrics", "/openapi.json"} <= set(page.links)
    assert "Safelight 0." in page.text
    assert "ready it takes predictions" in page.text
    for path in ("/healthz", "/readyz", "/openapi.json"):
        assert (await browser.client.get(path)).status_code == 200


async def test_a_check_tells_what_was_found(browser: Browser) -> None:
    """With what to do; its words stay text."""
    page = await browser.post("/upstreams/check")
    assert page.status == 200
    assert f"The key is not taken. {MARKUP}" in page.text
    assert "Check OPENAI_API_KEY." in page.text
    assert all(source.startswith("/-/") for source in page.scripts)
    assert "Providers" in page.text


async def test_a_check_that_finds_nothing_says_what_asks(running: Running) -> None:
    """The command that does."""
    async with running() as api, browsing(api, api.test_token) as browser:
        page = await browser.post("/upstreams/check")
    assert "safelight doctor" in page.text


async def test_without_the_scope_one_may_look_but_not_check(api: Api) -> None:
    """The page says so, has no button, and what is posted nevertheless is refused."""
    async with browsing(api, await narrowed(api, "read")) as browser:
        page = await browser.get("/upstreams")
        refused = await browser.send("/upstreams/check", {})
    assert page.status == 200
    assert "takes a token with the scope admin" in page.text
    assert not page.all("form", action="/upstreams/check")
    assert refused.status_code == 403
    assert "The key is not taken" not in refused.text


async def test_a_check_from_elsewhere_is_refused(browser: Browser) -> None:
    """Without the token of the session, nobody is asked."""
    refused = await browser.send("/upstreams/check", {"csrf": "forged"})
    assert refused.status_code == 403
    assert "The key is not taken" not in refused.text


async def test_nobody_sees_it_who_has_not_signed_in(api: Api) -> None:
    """They are sent to where one does."""
    async with browsing(api) as nobody:
        answer = await nobody.client.get("/upstreams")
    assert (answer.status_code, answer.headers["location"]) == (303, "/enter?next=/upstreams")


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (None, "none"),
        ({"at_once": 20, "starts": None, "per_seconds": None}, "20 at once"),
        ({"at_once": None, "starts": 5, "per_seconds": 1.0}, "5 a second"),
        ({"at_once": 2, "starts": 5, "per_seconds": 3600.0}, "2 at once, 5 an hour"),
        ({"at_once": None, "starts": 5, "per_seconds": 7.5}, "5 in 7.5 s"),
    ],
)
def test_limits_are_told_in_words(limit: dict[str, float] | None, told: str) -> None:
    """With the period by its name, where it has one."""
    assert limits(limit) == told
