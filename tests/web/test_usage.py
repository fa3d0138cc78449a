"""The usage page: what was spent, the limits, the charts with their tables, and CSV."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest
from tests.api.calls import Api, Running
from tests.api.conftest import running
from tests.api.others import stranger
from tests.standins import openai as openai_standin
from tests.standins.openai import OpenAIStandIn
from tests.web.managing import MARKUP, Browser, Shown, browser, browsing, narrowed

from safelight.ledger import Period, SpendLimit

__all__ = ["browser", "running"]
MODEL: Final = "openai/gpt-image-2"
ASKED: Final = {"prompt": "a cat", "quality": "low"}
"""Some 0.006 dollars."""
CHARTS: Final = ("by-day", "by-model", "by-upstream", "by-token")


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    """OpenAI's API on loopback."""
    async with OpenAIStandIn() as standin:
        yield standin


@pytest.fixture
async def api(running: Running, openai: OpenAIStandIn) -> AsyncIterator[Api]:
    """An engine that buys there."""
    variables = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai_standin.KEY}
    async with running(**variables) as started:
        yield started


async def cost(api: Api) -> float:
    """What was spent, as the API says it."""
    answer = await api.client.get("/v1/usage")
    spent: float = answer.json()["total"]["cost_usd"]
    return spent


def drawn(page: Shown) -> list[str]:
    """The names of the charts."""
    return [one["aria-labelledby"].split("-title")[0] for one in page.all("svg", role="img")]


async def test_what_was_spent_is_told_by_day_model_upstream_and_token(
    api: Api, browser: Browser
) -> None:
    """In a chart each, and the same numbers in tables."""
    await api.run(MODEL, ASKED | {"number_of_images": 2}, **api.live)
    page = await browser.get("/usage")
    assert page.status == 200
    assert drawn(page) == list(CHARTS)
    spent = f"${await cost(api):,.4f}"
    assert page.text.count(spent) >= len(CHARTS)
    assert f"/{MODEL}" in page.links
    assert "openai:gpt-image-2" in page.text
    assert "Made on first start" in page.text
    assert f"{datetime.now(UTC):%Y-%m-%d}" in page.text
    assert "style=" not in page.source
    ids = [one["id"] for _, one in page.tags if "id" in one]
    assert len(ids) == len(set(ids))


async def test_without_purchases_the_page_says_how_to_get_there(browser: Browser) -> None:
    """What is done already is not asked for again."""
    page = await browser.get("/usage")
    assert "Nothing was bought in these days" in page.text
    assert "openai has its key" in page.text
    assert "You are signed in with a live token" in page.text
    assert f"/{MODEL}" in page.links
    assert drawn(page) == []


async def test_without_a_key_and_a_live_token_both_are_asked_for(running: Running) -> None:
    """With where to get them."""
    async with running() as api, browsing(api, api.test_token) as browser:
        page = await browser.get("/usage")
    assert "Give this server a key of a provider" in page.text
    assert {"/upstreams", "/enter?next=/usage"} <= set(page.links)


async def test_test_mode_leaves_the_page_empty(api: Api, browser: Browser) -> None:
    """Nothing is bought there."""
    await api.run(MODEL, ASKED)
    page = await browser.get("/usage")
    assert "Nothing was bought in these days" in page.text


@pytest.mark.parametrize("chosen", ["7", "30", "90", "month"])
async def test_a_range_is_chosen_by_a_link(browser: Browser, chosen: str) -> None:
    """It is marked, and its days stand in the form."""
    page = await browser.get(f"/usage?range={chosen}")
    (marked,) = (
        one["href"] for one in page.all("a") if "range=" in one["href"] and "aria-current" in one
    )
    assert marked == f"/usage?range={chosen}"
    today = datetime.now(UTC).date()
    begin = today.replace(day=1)
    if chosen != "month":
        begin = today - timedelta(days=int(chosen) - 1)
    assert (page.value("from"), page.value("to")) == (begin.isoformat(), today.isoformat())


async def test_days_are_chosen_by_a_form(api: Api, browser: Browser) -> None:
    """A range is then no longer marked; other days than those of the purchases lead to them."""
    await api.run(MODEL, ASKED, **api.live)
    page = await browser.get("/usage?from=2024-01-01&to=2024-01-31")
    assert (page.value("from"), page.value("to")) == ("2024-01-01", "2024-01-31")
    assert page.all("nav", **{"aria-label": "Days"})
    assert not [one for one in page.all("a") if "range=" in one["href"] and "aria-current" in one]
    (there,) = (link for link in page.links if link.startswith("/usage?from="))
    found = await browser.get(there)
    assert drawn(found) == list(CHARTS)


async def test_days_without_an_end_last_until_today(browser: Browser) -> None:
    """And without a beginning, they begin with the month."""
    page = await browser.get("/usage?from=2026-01-01&to=")
    assert page.value("to") == f"{datetime.now(UTC):%Y-%m-%d}"
    page = await browser.get("/usage?from=&to=2026-02-20")
    assert page.value("from") == "2026-02-01"


@pytest.mark.parametrize("asked", ["from=soon", "from=2026-02-02&to=2026-02-01", "to=2026-13-01"])
async def test_days_that_are_none_are_refused_with_the_form(browser: Browser, asked: str) -> None:
    """What was written stands there to be corrected."""
    page = await browser.get(f"/usage?{asked}")
    assert page.status == 400
    assert "These days cannot be shown" in page.text
    assert page.all("p", role="alert")
    assert page.value("from") in asked


async def test_a_strange_range_is_the_usual_one(browser: Browser) -> None:
    """Thirty days."""
    page = await browser.get("/usage?range=<b>")
    assert page.status == 200
    assert "<b>" not in page.source


async def test_a_century_is_drawn_in_few_columns(api: Api, browser: Browser) -> None:
    """From the first to the last day with anything."""
    await api.run(MODEL, ASKED, **api.live)
    page = await browser.get("/usage?from=1950-01-01&to=2100-01-01")
    assert page.status == 200
    assert len(page.all("g", **{"class": "column"})) < 100
    assert len(page.source) < 60_000


async def test_what_may_have_been_billed_stands_apart(api: Api, browser: Browser) -> None:
    """With what that means."""
    await api.run(MODEL, ASKED, **api.live)
    await api.run(MODEL, ASKED | {"prompt": "!server"}, **api.live)
    total = (await api.client.get("/v1/usage")).json()["total"]
    assert total["unknown"] == 1
    page = await browser.get("/usage")
    assert "1 call, part of the cost" in page.text
    assert f"${total['uncertain_usd']:,.4f}" in page.text
    assert page.all("rect", **{"class": "unsure"})
    assert "own bill tells the truth" in page.text


async def test_what_callers_paid_is_no_cost(api: Api, browser: Browser) -> None:
    """It has a figure of its own; there are no shares of nothing."""
    await api.run(MODEL, ASKED | {"openai_api_key": openai_standin.KEY}, **api.live)
    page = await browser.get("/usage")
    total = (await api.client.get("/v1/usage")).json()["total"]
    assert total["cost_usd"] == 0 < total["by_caller_usd"]
    assert f"${total['by_caller_usd']:,.4f}" in page.text
    assert drawn(page) == ["by-day"]
    assert openai_standin.KEY not in page.source


async def test_limits_are_shown_with_what_is_left(api: Api, browser: Browser) -> None:
    """A bar each; one that is used up is told of at the top."""
    await api.run(MODEL, ASKED, **api.live)
    ledger = api.engine.store.ledger
    await ledger.limit_account("safelight", SpendLimit(Decimal(5), Period.MONTH))
    page = await browser.get("/usage")
    assert drawn(page) == ["limit-0", *CHARTS]
    assert "of $5.00 a month" in page.text
    assert "has used up its spend limit" not in page.text
    await ledger.limit_account("safelight", SpendLimit(Decimal("0.001"), Period.DAY))
    page = await browser.get("/usage?from=2024-01-01&to=2024-01-02")
    assert "Account safelight has used up its spend limit" in page.text
    assert "until tomorrow (UTC)" in page.text


async def test_without_a_limit_it_says_how_to_set_one(browser: Browser) -> None:
    """With the command."""
    page = await browser.get("/usage")
    assert "safelight accounts limit safelight 250 --per month" in page.text


@pytest.mark.parametrize("by", ["day", "model", "token", "upstream"])
async def test_each_table_is_a_file_to_download(api: Api, browser: Browser, by: str) -> None:
    """With a name, and the exact amounts of the API."""
    await api.run(MODEL, ASKED, **api.live)
    page = await browser.get("/usage")
    (link,) = (one for one in page.links if one.startswith(f"/usage.csv?by={by}&"))
    answer = await browser.client.get(link)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    name = re.fullmatch(r'attachment; filename="(.+)"', answer.headers["content-disposition"])
    assert name is not None
    assert re.fullmatch(rf"usage-by-{by}-\d{{4}}-\d\d-\d\d-\d{{4}}-\d\d-\d\d\.csv", name[1])
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row[by]
    assert float(row["cost_usd"]) == await cost(api)


@pytest.mark.parametrize("asked", ["by=week", 'by=day"', "from=%0d%0ax", "to=2026-13-01"])
async def test_a_table_of_what_is_not_there_is_refused(browser: Browser, asked: str) -> None:
    """By the API, in a page."""
    page = await browser.get(f"/usage.csv?{asked}")
    assert page.status == 400
    assert page.headers["content-type"].startswith("text/html")


async def test_a_token_is_named_and_its_markup_stays_text(api: Api, browser: Browser) -> None:
    """In the tables, in the charts, and with its limit."""
    made = (await api.post("/v1/tokens", {"name": MARKUP, "mode": "live"}, **api.live)).json()
    limit = SpendLimit(Decimal(1), Period.EVER)
    await api.engine.store.ledger.limit_token(made["id"], limit)
    header = {"authorization": f"Bearer {made['token']}"}
    await api.run(MODEL, ASKED, **header)
    page = await browser.get("/usage")
    assert f"Token {MARKUP}" in page.text
    assert page.text.count(MARKUP) >= 3
    assert all(source.startswith("/-/") for source in page.scripts)


async def test_whoever_may_only_read_sees_ids_for_names(api: Api) -> None:
    """Names of tokens are for tokens with the scope admin."""
    await api.run(MODEL, ASKED, **api.live)
    made = (await api.post("/v1/tokens", {"name": "theirs"})).json()
    limit = SpendLimit(Decimal(1), Period.EVER)
    await api.engine.store.ledger.limit_token(made["id"], limit)
    async with browsing(api, await narrowed(api, "read")) as browser:
        page = await browser.get("/usage")
    assert page.status == 200
    assert page.text.count(made["id"]) == 2  # in the name of the bar, and above it
    assert drawn(page) == ["limit-0", *CHARTS]
    assert "Made on first start" not in page.text
    assert "bootstrap-" in page.text


async def test_whoever_has_not_signed_in_sees_nothing(api: Api) -> None:
    """Neither the page nor the file."""
    async with browsing(api) as nobody:
        for path in ("/usage", "/usage.csv"):
            answer = await nobody.client.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/enter?next=/usage")


async def test_what_others_have_spent_is_theirs(api: Api) -> None:
    """And so are their limits."""
    await api.run(MODEL, ASKED, **api.live)
    limit = SpendLimit(Decimal(5), Period.MONTH)
    await api.engine.store.ledger.limit_account("safelight", limit)
    secret = (await stranger(api))["authorization"].removeprefix("Bearer ")
    async with browsing(api, secret) as browser:
        page = await browser.get("/usage")
        table = await browser.client.get("/usage.csv?by=model")
    assert "Nothing was bought in these days" in page.text
    assert drawn(page) == []
    assert MODEL not in table.text
