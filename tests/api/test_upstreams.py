"""Upstreams over HTTP: who can be asked, how they are, who answers for which model."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from tests.api.calls import Api, Json, Running
from tests.standins import openai as openai_standin
from tests.standins.openai import OpenAIStandIn

from safelight.cli.doctor import examine_providers
from safelight.examination import Finding, State
from safelight.settings import Settings

ALL: Final = "/v1/upstreams"
CHECK: Final = "/v1/upstreams/check"
MODEL: Final = "openai/gpt-image-2"


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    """OpenAI's API on loopback."""
    async with OpenAIStandIn() as standin:
        yield standin


def at(openai: OpenAIStandIn) -> dict[str, str]:
    return {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai_standin.KEY}


async def seen(api: Api) -> Json:
    answer = await api.client.get(ALL)
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


def provider(shown: Json, name: str = "openai") -> Json:
    (one,) = [one for one in shown["providers"] if one["name"] == name]
    return one


def routes(shown: Json, model: str) -> list[Json]:
    (one,) = [one for one in shown["models"] if one["model"] == model]
    found: list[Json] = one["routes"]
    return found


async def test_nobody_is_configured_without_keys(api: Api) -> None:
    """Their hosts are known all the same; the sketch needs no key."""
    shown = await seen(api)
    told = {one["name"]: (one["configured"], one["host"]) for one in shown["providers"]}
    assert told == {
        "openai": (False, "api.openai.com"),
        "google": (False, "generativelanguage.googleapis.com"),
        "jigsawstack": (False, "api.jigsawstack.com"),
        "sketch": (True, None),
    }
    assert provider(shown)["routes"] == [
        {
            "route": "openai:gpt-image-2",
            "model": "gpt-image-2",
            "state": "ok",
            "until": None,
            "in_flight": 0,
            "limit": None,
            "retires_on": None,
        }
    ]


async def test_each_model_says_who_answers_for_it_and_why(running: Running) -> None:
    """Itself, its successor with the day, what was chosen, and what is asked after that."""
    chosen = "jigsawstack/image-generation=google:gemini-3.1-flash-image"
    several = "google/imagen-4-fast=google:imagen-4.0-fast-generate-001|openai:gpt-image-1.5|sketch"
    async with running(SAFELIGHT_ROUTES=f"{chosen},{several}") as api:
        shown = await seen(api)
    assert routes(shown, MODEL) == [{"route": "openai:gpt-image-2", "reason": "own"}]
    assert routes(shown, "openai/gpt-image-1") == [
        {
            "route": "openai:gpt-image-2",
            "reason": "successor",
            "retired_by": "OpenAI",
            "retired_on": "2026-10-23",
        }
    ]
    assert routes(shown, "jigsawstack/image-generation") == [
        {"route": "google:gemini-3.1-flash-image", "reason": "chosen"}
    ]
    assert [one["reason"] for one in routes(shown, "google/imagen-4-fast")] == [
        "own",
        "fallback",
        "fallback",
    ]
    assert routes(shown, "safelight/echo") == []
    days = {one["route"]: one["retires_on"] for one in provider(shown)["routes"]}
    assert days == {"openai:gpt-image-2": None, "openai:gpt-image-1.5": "2026-12-01"}


async def test_limits_are_shown(running: Running) -> None:
    """Of a provider, and of one of its routes."""
    limits = "openai=20,5/m;openai:gpt-image-2=3"
    async with running(SAFELIGHT_UPSTREAM_LIMITS=limits) as api:
        found = provider(await seen(api))
    assert found["limit"] == {"at_once": 20, "starts": 5, "per_seconds": 60.0}
    (route,) = found["routes"]
    assert route["limit"] == {"at_once": 3, "starts": None, "per_seconds": None}


async def test_no_answer_holds_a_key_or_a_password(running: Running, openai: OpenAIStandIn) -> None:
    """Of a base URL, the host and the port are shown."""
    host = openai.base_url.removeprefix("http://").partition("/")[0]
    secret = {**at(openai), "OPENAI_BASE_URL": f"http://me:hunter2@{host}/v1?key=hunter3"}
    async with running(**secret) as api:
        text = (await api.client.get(ALL)).text
        assert provider(await seen(api))["configured"] is True
        assert provider(await seen(api))["host"] == host
    for word in (openai_standin.KEY, "hunter", "me:"):
        assert word not in text


async def test_a_retired_route_says_until_when_it_is_not_called(
    running: Running, openai: OpenAIStandIn
) -> None:
    """A provider that does not have the model is not asked for a day."""
    odd = {"SAFELIGHT_ROUTES": f"{MODEL}=openai:dall-e-3"}
    async with running(**at(openai), **odd) as api:
        shown = await api.run(MODEL, {"prompt": "a"}, **api.live)
        assert shown["status"] == "failed", shown
        found = {one["route"]: one for one in provider(await seen(api))["routes"]}
    assert found["openai:gpt-image-2"]["state"] == "ok"
    route = found["openai:dall-e-3"]
    assert route["state"] == "retired"
    left = datetime.fromisoformat(route["until"]) - datetime.now(UTC)
    assert 86_000 < left.total_seconds() <= 86_400


async def test_what_is_found_is_told(running: Any, openai: OpenAIStandIn) -> None:
    """As `safelight doctor` says it; no key is in it."""
    async with running(examine=examine_providers, **at(openai)) as api:
        answer = await api.client.post(CHECK)
    assert answer.status_code == 200, answer.text
    found = {one["subject"]: one for one in answer.json()["results"]}
    assert found.keys() == {"routes", "openai", "google", "jigsawstack"}
    assert found["routes"] == {
        "subject": "routes",
        "state": "ok",
        "found": "4 models know who answers for them.",
        "advice": "",
    }
    assert found["google"]["state"] == "hint"
    assert "GEMINI_API_KEY" in found["google"]["advice"]
    assert openai_standin.KEY not in answer.text


async def test_those_who_ask_at_once_share_the_answer(running: Any) -> None:
    """The providers are asked once, in a thread of its own; the next time anew."""
    may_end = threading.Event()
    asked: list[Settings] = []

    def examine(settings: Settings) -> Sequence[Finding]:
        asked.append(settings)
        may_end.wait(20)
        return [Finding("openai", State.GOOD, f"Asked {len(asked)} times.")]

    async with running(examine=examine) as api:
        first = asyncio.create_task(api.client.post(CHECK))
        second = asyncio.create_task(api.client.post(CHECK))
        assert (await api.client.get(ALL)).status_code == 200  # nothing waits for it
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        may_end.set()
        assert (await first).json()["results"][0]["found"] == "Asked 1 times."
        again = await api.client.post(CHECK)
        assert again.json()["results"][0]["found"] == "Asked 2 times."


async def test_an_engine_that_cannot_ask_finds_nothing(api: Api) -> None:
    """Only `safelight serve` lends it the doctor's questions."""
    assert (await api.client.post(CHECK)).json() == {"results": []}
