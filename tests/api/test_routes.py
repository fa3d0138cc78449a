"""Routes with fallbacks, over real HTTP: who answered is in the logs and the metrics."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from tests.api.calls import PATIENCE, Running
from tests.standins import google as google_standin
from tests.standins import openai as openai_standin
from tests.standins.google import GoogleStandIn
from tests.standins.openai import OpenAIStandIn

from safelight.errors import SafelightError
from safelight.settings import InvalidSetting

MODEL = "openai/gpt-image-2"
BOTH = {"SAFELIGHT_ROUTES": f"{MODEL}=openai:gpt-image-2|google:gemini-3.1-flash-image"}


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    """OpenAI's API on loopback."""
    async with OpenAIStandIn() as standin:
        yield standin


@pytest.fixture
async def google() -> AsyncIterator[GoogleStandIn]:
    """Google's API on loopback."""
    async with GoogleStandIn() as standin:
        yield standin


def at(openai: OpenAIStandIn, google: GoogleStandIn) -> dict[str, str]:
    """The variables of both providers, with their keys."""
    return {
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_API_KEY": openai_standin.KEY,
        "GOOGLE_GEMINI_BASE_URL": google.origin,
        "GOOGLE_API_KEY": google_standin.KEY,
    }


def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


async def test_who_answers_is_a_metric(
    running: Running, openai: OpenAIStandIn, google: GoogleStandIn
) -> None:
    """Also when it is the model itself, of which the logs say nothing."""
    async with running(**at(openai, google)) as api:
        shown = await api.run(MODEL, {"prompt": "a"}, **api.live)
    assert shown["metrics"]["upstream"] == "openai:gpt-image-2"
    assert "answered" not in shown["logs"]


async def test_test_mode_has_no_upstream(running: Running) -> None:
    """A rehearsal stands in for all of them."""
    async with running() as api:
        shown = await api.run(MODEL, {"prompt": "a"})
    assert "upstream" not in shown["metrics"]


async def test_the_next_route_answers_when_the_first_cannot_be_reached(
    running: Running, openai: OpenAIStandIn, google: GoogleStandIn
) -> None:
    """With its own key; the caller's goes nowhere else."""
    variables = at(openai, google) | BOTH | {"OPENAI_BASE_URL": nobody()}
    value = {"prompt": "a", "openai_api_key": "sk-proj-of-a-caller"}
    async with running(**variables) as api:
        shown = await api.run(MODEL, value, **api.live)
    assert shown["status"] == "succeeded", shown["error"]
    assert shown["metrics"]["upstream"] == "google:gemini-3.1-flash-image"
    assert "OpenAI could not be reached" in shown["logs"]
    assert "Trying google:gemini-3.1-flash-image." in shown["logs"]
    assert "google:gemini-3.1-flash-image answered" in shown["logs"]
    assert all("sk-proj-of-a-caller" not in str(seen) for seen in google.seen)


async def test_the_next_route_answers_for_a_retired_model(
    running: Running, openai: OpenAIStandIn, google: GoogleStandIn
) -> None:
    """The second time it is asked at once."""
    async with running(**at(openai, google), **BOTH) as api:
        for prompt in ("!gone", "a"):
            shown = await api.run(MODEL, {"prompt": prompt}, **api.live)
            assert shown["metrics"]["upstream"] == "google:gemini-3.1-flash-image"
    assert len(openai.seen) == 1


@pytest.mark.parametrize("directive", ["!moderation", "!cut", "!truncated"])
async def test_what_was_refused_or_may_be_billed_goes_nowhere_else(
    running: Running, openai: OpenAIStandIn, google: GoogleStandIn, directive: str
) -> None:
    """Nor to the same again."""
    async with running(**at(openai, google), **BOTH) as api:
        shown = await api.run(MODEL, {"prompt": directive}, **api.live)
    assert shown["status"] == "failed"
    assert len(openai.seen) == 1
    assert google.seen == []


async def test_the_sketch_is_the_last_resort_where_a_route_names_it(running: Running) -> None:
    """And is not used in silence."""
    routes = f"{MODEL}=openai:gpt-image-2|sketch"
    async with running(SAFELIGHT_ROUTES=routes) as api:
        shown = await api.run(MODEL, {"prompt": "a", "number_of_images": 2}, **api.live)
    assert shown["status"] == "succeeded", shown["error"]
    assert "No OpenAI key" in shown["logs"]
    assert "sketch:sketch answered" in shown["logs"]
    assert len(shown["output"]) == 2


async def test_predictions_without_room_at_their_upstream_stay_in_line(
    running: Running, openai: OpenAIStandIn, google: GoogleStandIn
) -> None:
    """They have not started, and run when there is room."""
    variables = at(openai, google) | {"SAFELIGHT_UPSTREAM_LIMITS": "openai=1"}
    async with running(**variables) as api:
        first = (await api.create(MODEL, {"prompt": "!slow"}, **api.live)).json()
        await asyncio.wait_for(openai.arrived.wait(), PATIENCE)
        second = (await api.create(MODEL, {"prompt": "a"}, **api.live)).json()
        await api.create("safelight/echo", {"prompt": "a"}, prefer="wait=20", **api.live)
        assert (await api.get(second["id"]))["status"] == "starting"
        openai.release.set()
        assert (await api.until(first["id"], "succeeded"))["error"] is None
        assert (await api.until(second["id"], "succeeded"))["error"] is None
    assert openai.paid == 2


async def test_limits_that_cannot_be_read_are_told_at_the_start(running: Running) -> None:
    """With how they are written."""
    with pytest.raises((InvalidSetting, SafelightError), match="SAFELIGHT_UPSTREAM_LIMITS"):
        async with running(SAFELIGHT_UPSTREAM_LIMITS="openai"):
            pass
