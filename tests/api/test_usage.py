"""What providers were paid, what may still be spent, and what is told of it."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from tests.api.calls import Api, Json, Running, problem
from tests.api.others import stranger
from tests.standins import google as google_standin
from tests.standins import openai as openai_standin
from tests.standins.google import GoogleStandIn
from tests.standins.openai import OpenAIStandIn

from safelight.ledger import Period, SpendLimit, State

MODEL: Final = "openai/gpt-image-2"
ASKED: Final = {"prompt": "a cat", "quality": "low"}
"""Some 0.006 dollars."""


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


async def usage(api: Api, headers: Mapping[str, str] | None = None, **asked: str) -> Json:
    answer = await api.client.get("/v1/usage", params=asked, headers=dict(headers or {}))
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def limit(api: Api, dollars: str, period: Period = Period.MONTH) -> None:
    await api.engine.store.ledger.limit_account("safelight", SpendLimit(Decimal(dollars), period))


async def test_a_providers_own_count_is_that_of_the_ledger(api: Api, openai: OpenAIStandIn) -> None:
    """Whatever it answers: paid, refused, flagged, or cut short."""
    prompts = ["a cat", "!moderation", "a dog", "!server", "!billing", "!no-usage", "a bird"]
    runs = [api.run(MODEL, ASKED | {"prompt": prompt}, **api.live) for prompt in prompts]
    ended = await asyncio.gather(*runs)
    ledger, states = api.engine.store.ledger, Counter[State]()
    for one in ended:
        for entry in await ledger.of_prediction(one["id"]):
            states[entry.state] += 1
    assert states[State.PAID] == openai.paid == 4
    assert states[State.PENDING] == 0
    total = (await usage(api))["total"]
    assert (total["paid"], total["pictures"], total["pending"]) == (4, 4, 0)
    assert (total["free"], total["unknown"]) == (states[State.FREE], states[State.UNKNOWN])
    known = sum(one["metrics"].get("cost_usd", 0) for one in ended)
    assert 0 < known < total["cost_usd"]


async def test_across_fallbacks_only_what_answered_is_paid(
    running: Running, openai: OpenAIStandIn
) -> None:
    """What the dearer of both may cost is held meanwhile; each attempt is a row."""
    async with GoogleStandIn() as google:
        variables = {
            "OPENAI_BASE_URL": openai.base_url,
            "OPENAI_API_KEY": openai_standin.KEY,
            "GOOGLE_GEMINI_BASE_URL": google.origin,
            "GOOGLE_API_KEY": google_standin.KEY,
            "SAFELIGHT_ROUTES": f"{MODEL}=openai:gpt-image-2|google:gemini-3.1-flash-image",
            "SAFELIGHT_SPEND_LIMIT": "0.07/day",
        }
        async with running(**variables) as api:
            shown = await api.run(MODEL, {"prompt": "!gone", "quality": "low"}, **api.live)
            assert shown["status"] == "succeeded", shown["error"]
            by_upstream = await usage(api, by="upstream")
            problem(await api.create(MODEL, ASKED, **api.live), 402)
    by_google, by_openai = by_upstream["results"]
    assert (by_google["paid"], by_google["cost_usd"]) == (1, shown["metrics"]["cost_usd"])
    assert (by_openai["free"], by_openai["paid"], by_openai["cost_usd"]) == (1, 0, 0)
    (bound,) = by_upstream["limits"]
    assert bound["held_usd"] == 0
    assert (google.paid, openai.paid) == (1, 0)


async def test_a_prediction_says_what_it_has_cost(api: Api) -> None:
    """By the tokens that the provider counted."""
    shown = await api.run(MODEL, ASKED | {"number_of_images": 2}, **api.live)
    (one,) = (await usage(api, by="upstream"))["results"]
    assert one["upstream"] == "openai:gpt-image-2"
    assert (one["paid"], one["pictures"]) == (1, 2)
    tokens = one["input_tokens"] * 5e-6 + one["output_tokens"] * 30e-6
    assert shown["metrics"]["cost_usd"] == one["cost_usd"] == pytest.approx(tokens)


async def test_test_mode_costs_nothing(api: Api, openai: OpenAIStandIn) -> None:
    """Nobody is asked, nothing is recorded, and no limit binds."""
    await limit(api, "0")
    shown = await api.run(MODEL, ASKED)
    assert shown["status"] == "succeeded"
    assert "cost_usd" not in shown["metrics"]
    assert (await usage(api))["results"] == []
    assert openai.seen == []


async def test_a_create_beyond_the_limit_is_refused(api: Api, openai: OpenAIStandIn) -> None:
    """In Replicate's form, with words that tell what to do; nothing is stored or called."""
    await limit(api, "0.005")
    refused = await api.create(MODEL, ASKED, **api.live)
    told = problem(refused, 402)
    assert told["title"] == "Insufficient credit"
    assert told["detail"].startswith("You've hit your monthly spend limit: account safelight")
    assert "`safelight accounts limit safelight AMOUNT --per month`" in told["detail"]
    assert (await api.client.get("/v1/predictions", headers=api.live)).json()["results"] == []
    free = await api.run("safelight/echo", {"prompt": "x"}, **api.live)
    assert free["status"] == "succeeded"
    assert openai.seen == []


async def test_creates_at_once_never_exceed_a_limit(api: Api, openai: OpenAIStandIn) -> None:
    """What they may cost is held from the moment they are accepted."""
    await limit(api, "0.05")
    creates = [api.create(MODEL, ASKED, prefer="wait=20", **api.live) for _ in range(30)]
    statuses = Counter(answer.status_code for answer in await asyncio.gather(*creates))
    assert statuses.keys() == {201, 402}
    assert statuses[201] == openai.paid
    shown = await usage(api)
    (bound,) = shown["limits"]
    assert bound["account"] == "safelight"
    assert (bound["limit_usd"], bound["per"], bound["held_usd"]) == (0.05, "month", 0)
    assert 0 < bound["spent_usd"] <= 0.05


async def test_the_callers_own_key_is_not_held_against_a_limit(
    api: Api, openai: OpenAIStandIn
) -> None:
    """It is told in the usage."""
    await limit(api, "0")
    own = {"openai_api_key": openai_standin.KEY}
    shown = await api.run(MODEL, ASKED | own, **api.live)
    assert shown["status"] == "succeeded", shown["error"]
    total = (await usage(api))["total"]
    assert total["cost_usd"] == 0
    assert total["by_caller_usd"] == shown["metrics"]["cost_usd"] > 0
    assert openai.paid == 1


async def test_the_setting_limits_every_account(running: Running, openai: OpenAIStandIn) -> None:
    """And goes when it goes."""
    variables = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai_standin.KEY}
    async with running(**variables, SAFELIGHT_SPEND_LIMIT="0.001/day") as api:
        told = problem(await api.create(MODEL, ASKED, **api.live), 402)
        assert "daily spend limit" in told["detail"]
    async with running(**variables) as api:
        assert (await api.run(MODEL, ASKED, **api.live))["status"] == "succeeded"


async def test_written_prices_are_what_is_booked(running: Running, openai: OpenAIStandIn) -> None:
    """As for a local engine that costs nothing."""
    variables = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai_standin.KEY}
    prices = {"SAFELIGHT_PRICES": "openai:gpt-image-2=0", "SAFELIGHT_SPEND_LIMIT": "0"}
    async with running(**variables, **prices) as api:
        shown = await api.run(MODEL, ASKED, **api.live)
        assert shown["status"] == "succeeded", shown["error"]
        assert shown["metrics"]["cost_usd"] == 0


@pytest.mark.parametrize(
    "how", [{"params": {"format": "csv"}}, {"headers": {"accept": "text/csv"}}]
)
async def test_usage_is_given_as_a_table(api: Api, how: dict[str, Any]) -> None:
    """With exact amounts."""
    await api.run(MODEL, ASKED, **api.live)
    answer = await api.client.get("/v1/usage", **how)
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["day"] == f"{datetime.now(UTC):%Y-%m-%d}"
    assert (row["paid"], row["pictures"]) == ("1", "1")
    (entry,) = (await usage(api))["results"]
    assert float(row["cost_usd"]) == entry["cost_usd"] > 0


async def test_usage_is_of_the_days_that_are_asked_for(api: Api) -> None:
    """Both ends included."""
    await api.run(MODEL, ASKED, **api.live)
    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    here = {"from": today.isoformat(), "to": today.isoformat()}
    assert (await usage(api, **here))["total"]["paid"] == 1
    gone = {"from": "2020-01-01", "to": yesterday.isoformat()}
    shown = await usage(api, **gone)
    assert (shown["from"], shown["to"], shown["results"]) == (*gone.values(), [])


@pytest.mark.parametrize("by", ["day", "model", "token", "upstream"])
async def test_usage_adds_up_by_what_is_asked(api: Api, by: str) -> None:
    """Each key stands under its own name."""
    await api.run(MODEL, ASKED, **api.live)
    shown = await usage(api, by=by)
    (one,) = shown["results"]
    assert shown["by"] == by
    assert one[by]
    assert {**one, by: None} == {**shown["total"], by: None}


async def test_others_do_not_see_what_one_has_spent(api: Api) -> None:
    """Nor the limits that bind one."""
    await limit(api, "5")
    await api.run(MODEL, ASKED, **api.live)
    shown = await usage(api, await stranger(api))
    assert (shown["results"], shown["limits"]) == ([], [])
    assert shown["total"]["cost_usd"] == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "week"},
        {"from": "soon"},
        {"to": "2026-13-01"},
        {"format": "xml"},
        {"from": "2026-02-02", "to": "2026-02-01"},
    ],
)
async def test_what_cannot_be_asked_is_refused(api: Api, asked: dict[str, str]) -> None:
    """With what can be."""
    problem(await api.client.get("/v1/usage", params=asked), 400)


async def test_what_a_create_may_cost_is_told_before(api: Api, openai: OpenAIStandIn) -> None:
    """More than it costs then; nobody is asked, and nothing is made."""
    path = f"/v1/models/{MODEL}/estimate"
    told = await api.post(path, {"input": ASKED | {"number_of_images": 2}}, **api.live)
    assert told.status_code == 200, told.text
    estimate = told.json()
    (one,) = estimate["upstreams"]
    assert one["upstream"] == "openai:gpt-image-2"
    assert one["paid_by"] == "server"
    assert one["estimate_usd"] == estimate["estimate_usd"]
    assert openai.seen == []
    assert (await api.client.get("/v1/predictions")).json()["results"] == []
    shown = await api.run(MODEL, ASKED | {"number_of_images": 2}, **api.live)
    assert 0 < shown["metrics"]["cost_usd"] <= estimate["estimate_usd"]


async def test_an_estimate_with_the_callers_key_is_the_callers_to_pay(api: Api) -> None:
    """And nothing for the server's; the key is not told back."""
    body = {"input": ASKED | {"openai_api_key": openai_standin.KEY}}
    told = await api.post(f"/v1/models/{MODEL}/estimate", body)
    (one,) = told.json()["upstreams"]
    assert one["paid_by"] == "caller"
    assert told.json()["estimate_usd"] == 0 < one["estimate_usd"]
    assert openai_standin.KEY not in told.text


async def test_an_estimate_takes_what_a_create_takes(api: Api) -> None:
    """What has no price is null; what calls nobody has no upstreams; what is wrong is refused."""
    body = {"input": {"prompt": "a", "api_key": "<key>"}}
    told = await api.post("/v1/models/jigsawstack/image-generation/estimate", body)
    assert [one["estimate_usd"] for one in told.json()["upstreams"]] == [None]
    free = await api.post("/v1/models/safelight/echo/estimate", {"input": {"prompt": "a"}})
    assert free.json() == {"estimate_usd": 0, "upstreams": []}
    problem(await api.post(f"/v1/models/{MODEL}/estimate", {"input": {}}), 422)
