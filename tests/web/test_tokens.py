"""Tokens in the browser: listed, made, shown once, revoked."""

import html
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.api.calls import Api
from tests.api.others import stranger
from tests.web.managing import MARKUP, Browser, Json, browsing, narrowed

from safelight.ledger import Period, SpendLimit

NEW = "/tokens/new"


async def listed(api: Api) -> list[Json]:
    answer = await api.client.get("/v1/tokens")
    found: list[Json] = answer.json()["results"]
    return found


async def named(api: Api, name: str) -> Json:
    return next(one for one in await listed(api) if one["name"] == name)


def fields(**changes: object) -> Json:
    return {"name": "ci", "runs_on": "test", "scopes": ["read", "run"], "mode": "test"} | changes


async def test_tokens_are_listed_without_their_secrets(api: Api, browser: Browser) -> None:
    """With what they may do, and which of them this session is."""
    page = await browser.get("/tokens")
    assert page.status == 200
    assert page.text.count("signed in") == 2
    for secret in (api.live_token, api.test_token):
        assert secret not in page.source
        assert f"…{secret[-4:]}" in page.text


async def test_a_new_token_is_shown_once(api: Api, browser: Browser) -> None:
    """In the answer to the form: in no address, in no cache, and on no other page."""
    await browser.get(NEW)
    answer = await browser.send(NEW, fields())
    assert answer.status_code == 201
    assert "location" not in answer.headers
    assert "no-store" in answer.headers["cache-control"]
    secret = answer.text.split('id="token"')[1].split(">", 1)[1].split("<")[0]
    assert secret.startswith("r8_test_")
    made = await named(api, "ci")
    assert (made["mode"], made["scopes"]) == ("test", ["read", "run"])
    used = await api.client.get("/v1/account", headers={"authorization": f"Bearer {secret}"})
    assert used.status_code == 200
    assert secret not in (await browser.get("/tokens")).source


async def test_a_live_token_is_made_in_live_mode(api: Api, browser: Browser) -> None:
    """In test mode it is refused, in the API's words; the form is kept."""
    page = await browser.get(NEW)
    assert "disabled" in page.all("input", name="runs_on", value="live")[0]
    page = await browser.post(NEW, fields(runs_on="live"))
    assert page.status == 403
    assert "A test token makes test tokens only." in page.text
    assert page.value("name") == "ci"
    page = await browser.post(NEW, fields(runs_on="live", mode="live"))
    assert page.status == 201
    made = await named(api, "ci")
    assert made["mode"] == "live"
    assert f"safelight tokens limit {made['id']} 10.00 --per day" in page.text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scopes": []}, "Choose one at least."),
        ({"scopes": ["root"]}, "must be one of the following"),
        ({"name": "x" * 201}, "name"),
        ({"runs_on": "both"}, "mode must be one of the following"),
    ],
)
async def test_what_is_wrong_is_told(browser: Browser, changes: Json, told: str) -> None:
    """And no token is made."""
    page = await browser.post(NEW, fields(**changes))
    assert page.status == 422
    assert told in page.text


async def test_a_token_gives_no_scope_that_it_lacks(api: Api) -> None:
    """The box is not to be ticked, and a post that does is refused."""
    async with browsing(api, await narrowed(api, "read", "admin")) as narrow:
        page = await narrow.get(NEW)
        (run,) = page.all("input", name="scopes", value="run")
        assert "disabled" in run
        page = await narrow.post(NEW, fields(scopes=["run"]))
    assert page.status == 403
    assert "lacks `run`" in page.text


async def test_revoking_asks_first(api: Api, browser: Browser) -> None:
    """And is for good: the token stays listed, as revoked."""
    await browser.post(NEW, fields())
    made = await named(api, "ci")
    path = f"/tokens/{made['id']}/revoke"
    page = await browser.post(path)
    assert "Revoke ci?" in page.text
    assert "signed out" not in page.text
    assert (await named(api, "ci"))["revoked_at"] is None
    page = await browser.post(path, sure="1")
    assert "ci is revoked." in page.text
    assert "1 revoked" in page.text
    assert (await named(api, "ci"))["revoked_at"] is not None


async def test_revoking_the_only_token_signs_out(api: Api) -> None:
    """Which the question says."""
    async with browsing(api, await narrowed(api, "read", "admin")) as alone:
        path = f"/tokens/{(await named(api, 'narrow'))['id']}/revoke"
        assert "you will be signed out" in (await alone.post(path)).text
        answer = await alone.send(path, {"sure": "1"})
        assert answer.headers["location"] == "/enter"
        assert (await alone.client.get("/tokens")).headers["location"] == "/enter?next=/tokens"


async def test_revoking_one_of_two_goes_on_with_the_other(api: Api, browser: Browser) -> None:
    """In its mode."""
    own = next(one for one in await listed(api) if one["current"])
    path = f"/tokens/{own['id']}/revoke"
    assert "you stay signed in with your live token" in (await browser.post(path)).text
    page = await browser.post(path, sure="1")
    assert page.status == 200
    assert page.all("meta", name="mode")[0]["content"] == "live"
    assert page.text.count("signed in") == 1


async def test_spend_limits_are_shown(api: Api, browser: Browser) -> None:
    """With what is spent of them, and the command that sets them."""
    live = next(one for one in await listed(api) if one["mode"] == "live")
    limit = SpendLimit(amount=Decimal(5), period=Period.DAY)
    await api.engine.store.ledger.limit_token(live["id"], limit)
    page = await browser.get("/tokens")
    assert "$0 of $5" in page.text
    assert "a day" in page.text
    assert "safelight tokens limit" in page.text
    page = await browser.post(NEW, fields(runs_on="live", mode="live"))
    assert page.status == 403
    assert "has a spend limit" in page.text


async def test_names_stay_text(browser: Browser) -> None:
    """On the page that shows the token, in the list, and in the question."""
    page = await browser.post(NEW, fields(name=f'{MARKUP}" onload="x'))
    for shown in (page, await browser.get("/tokens")):
        assert html.escape(MARKUP) in shown.source
        assert all(one.startswith("/-/") for one in shown.scripts)
        assert not [a for _, a in shown.tags if "onload" in a]


async def test_tokens_of_another_account_are_not_found(api: Api, browser: Browser) -> None:
    """Nor are they listed."""
    theirs = await stranger(api)
    answer = await api.client.get("/v1/tokens", headers=theirs)
    (other,) = answer.json()["results"]
    assert other["id"] not in (await browser.get("/tokens")).source
    for more in ({}, {"sure": "1"}):
        assert (await browser.post(f"/tokens/{other['id']}/revoke", more)).status == 404
    assert (await api.client.get("/v1/account", headers=theirs)).status_code == 200


async def test_a_token_without_the_scope_is_told_what_to_do(api: Api) -> None:
    """On every page of the section."""
    async with browsing(api, await narrowed(api, "read", "run", "write")) as narrow:
        for page in (
            await narrow.get("/tokens"),
            await narrow.get(NEW),
            await narrow.post(NEW, fields()),
            await narrow.post("/tokens/x/revoke", sure="1"),
        ):
            assert page.status == 403
            assert "Your token lacks the scope admin" in page.text
    assert [one for one in await listed(api) if one["name"] == "ci"] == []


async def test_a_forged_post_is_refused(api: Api, browser: Browser) -> None:
    """No token is made, and none revoked."""
    before = await listed(api)
    for path in (NEW, f"/tokens/{before[0]['id']}/revoke"):
        answer = await browser.send(path, fields(csrf="x", sure="1"))
        assert answer.status_code == 403
    assert await listed(api) == before


async def test_the_page_of_a_revoked_token_leads_to_the_entrance(api: Api) -> None:
    """The session is over as soon as its token is."""
    async with browsing(api, await narrowed(api, "read", "admin")) as alone:
        made = await named(api, "narrow")
        now = datetime.now(UTC)
        await api.engine.store.accounts.revoke_token(made["id"], "safelight", now)
        answer = await alone.client.get("/tokens")
    assert answer.headers["location"] == "/enter?next=/tokens"
