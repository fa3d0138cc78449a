"""Limits on what is spent, where somebody tries to get around them."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Final

import pytest
from tests.api.calls import Api, Running, problem
from tests.api.others import made, stranger, with_version
from tests.standins import openai as openai_standin
from tests.standins.openai import OpenAIStandIn

from safelight.ledger import Period, SpendLimit

MODEL: Final = "openai/gpt-image-2"
ASKED: Final = {"prompt": "a cat", "quality": "low"}


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


async def limit(api: Api, dollars: str) -> None:
    await api.engine.store.ledger.limit_account(
        "safelight", SpendLimit(Decimal(dollars), Period.EVER)
    )


async def test_a_model_of_ones_own_costs_what_its_base_does(
    api: Api, openai: OpenAIStandIn
) -> None:
    """It is estimated, held and refused before it is accepted, like the base itself."""
    await made(api)
    await with_version(api, "safelight/mine", runs_on=MODEL)
    paths = [f"/v1/models/{name}/estimate" for name in (MODEL, "safelight/mine")]
    base, mine = [(await api.post(path, {"input": ASKED}, **api.live)).json() for path in paths]
    assert mine == base
    await limit(api, "0.001")
    problem(await api.create("safelight/mine", ASKED, **api.live), 402)
    assert openai.seen == []


async def test_a_deployment_is_under_the_limits(api: Api, openai: OpenAIStandIn) -> None:
    """As its model is."""
    latest = api.engine.registry.model(*MODEL.split("/")).latest
    assert latest is not None
    body = {"name": "d", "model": MODEL, "version": latest.id, "hardware": "cpu"}
    body |= {"min_instances": 0, "max_instances": 1}
    assert (await api.post("/v1/deployments", body, **api.live)).status_code == 200
    await limit(api, "0.001")
    path = "/v1/deployments/safelight/d/predictions"
    problem(await api.post(path, {"input": ASKED}, **api.live), 402)
    assert openai.seen == []


async def test_a_create_that_was_refused_can_be_made_under_the_same_key(api: Api) -> None:
    """Once the limit allows it; and it is then made once, whatever the limit says later."""
    key = {"idempotency-key": "k-1"}
    await limit(api, "0")
    problem(await api.create(MODEL, ASKED, **api.live, **key), 402)
    await limit(api, "1")
    first = await api.create(MODEL, ASKED, **api.live, **key)
    assert first.status_code == 201
    await limit(api, "0")
    again = await api.create(MODEL, ASKED, **api.live, **key)
    assert again.status_code == 201
    assert again.json()["id"] == first.json()["id"]


async def test_a_limit_that_goes_binds_no_more(api: Api) -> None:
    """And one that is lowered below what is spent says so."""
    shown = await api.run(MODEL, ASKED, **api.live)
    assert shown["status"] == "succeeded", shown["error"]
    await limit(api, "0.0001")
    told = problem(await api.create(MODEL, ASKED, **api.live), 402)["detail"]
    assert "may spend $0.0001 in all, of which $0.00" in told
    assert "`safelight accounts limit safelight AMOUNT --per ever`" in told
    await api.engine.store.ledger.limit_account("safelight", None)
    assert (await api.run(MODEL, ASKED, **api.live))["status"] == "succeeded"


async def test_usage_may_be_asked_of_all_time(api: Api) -> None:
    """From the first day that there is to the last."""
    await api.run(MODEL, ASKED, **api.live)
    asked = {"from": "0001-01-01", "to": "9999-12-31"}
    answer = await api.client.get("/v1/usage", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"]["paid"] == 1


async def test_what_others_spend_on_ones_public_model_is_theirs(api: Api) -> None:
    """Their limit binds them, and it is in their usage."""
    await made(api, visibility="public")
    await with_version(api, "safelight/mine", runs_on=MODEL)
    theirs = await stranger(api)
    await limit(api, "0")
    shown = await api.run("safelight/mine", ASKED, **theirs)
    assert shown["status"] == "succeeded", shown["error"]
    assert (await api.client.get("/v1/usage")).json()["results"] == []


async def test_what_has_no_price_is_refused_once_a_limit_is_used_up(api: Api) -> None:
    """Before it is accepted; until then it counts for nothing."""
    asked = {"prompt": "a cat", "api_key": "<key>"}  # no key: the server's is used
    await limit(api, "0")
    told = problem(await api.create("jigsawstack/image-generation", asked, **api.live), 402)
    assert "this has no price that is known. Raise it" in told["detail"]
    await limit(api, "0.01")
    created = await api.create("jigsawstack/image-generation", asked, **api.live)
    assert created.status_code == 201
