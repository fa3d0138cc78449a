"""Live mode: what is missing is said at once, and with a provider a picture arrives."""

import io
import time
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from tests.api.calls import Api, Running
from tests.standins import google as google_standin
from tests.standins import jigsawstack as jigsawstack_standin
from tests.standins import openai as openai_standin
from tests.standins.google import GoogleStandIn
from tests.standins.jigsawstack import JigsawStackStandIn
from tests.standins.openai import OpenAIStandIn

PLACEHOLDERS = {"openai_api_key": "[REDACTED]", "api_key": "<your key>", "prompt": "a"}


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


@pytest.fixture
async def jigsawstack() -> AsyncIterator[JigsawStackStandIn]:
    """JigsawStack's API on loopback."""
    async with JigsawStackStandIn() as standin:
        yield standin


@pytest.mark.parametrize(
    ("model", "error"),
    [
        (
            "openai/gpt-image-1",
            (
                "No OpenAI key: pass `openai_api_key` in the input, or set OPENAI_API_KEY where"
                " Safelight runs."
            ),
        ),
        (
            "openai/gpt-image-2",
            (
                "No OpenAI key: pass `openai_api_key` in the input, or set OPENAI_API_KEY where"
                " Safelight runs."
            ),
        ),
        (
            "google/imagen-4-fast",
            "No Google key: set GOOGLE_API_KEY (or GEMINI_API_KEY) where Safelight runs.",
        ),
        (
            "jigsawstack/image-generation",
            (
                "No JigsawStack key: pass `api_key` in the input, or set JIGSAWSTACK_API_KEY where"
                " Safelight runs."
            ),
        ),
    ],
)
async def test_without_a_key_a_model_fails_at_once_and_says_what_to_set(
    api: Api, model: str, error: str
) -> None:
    """A placeholder such as the snippets have is no key."""
    began = time.monotonic()
    shown = await api.run(model, PLACEHOLDERS, **api.live)
    assert time.monotonic() - began < 1
    assert shown["status"] == "failed"
    assert shown["error"] == error
    assert "test" not in shown


@pytest.mark.parametrize("model", ["openai/gpt-image-1", "openai/gpt-image-2"])
async def test_openai_paints_with_the_servers_key(
    running: Running, openai: OpenAIStandIn, model: str
) -> None:
    """One call for all pictures."""
    variables = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai_standin.KEY}
    async with running(**variables) as api:
        shown = await api.run(model, {**PLACEHOLDERS, "number_of_images": 2}, **api.live)
        assert shown["status"] == "succeeded", shown["error"]
        assert [await _form(api, url) for url in shown["output"]] == ["WEBP", "WEBP"]
    assert len(openai.seen) == openai.paid == 1


async def test_openai_paints_with_the_callers_key(running: Running, openai: OpenAIStandIn) -> None:
    """It wins over the server's."""
    variables = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": "sk-proj-the-servers-own"}
    async with running(**variables) as api:
        value = {"prompt": "a", "openai_api_key": openai_standin.KEY}
        shown = await api.run("openai/gpt-image-1", value, **api.live)
        assert shown["status"] == "succeeded", shown["error"]
        assert shown["input"]["openai_api_key"] == "[REDACTED]"


async def test_a_successor_is_not_used_in_silence(running: Running, openai: OpenAIStandIn) -> None:
    """The logs say who answered, and why."""
    variables = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai_standin.KEY}
    async with running(**variables) as api:
        shown = await api.run("openai/gpt-image-1", PLACEHOLDERS, **api.live)
        assert "OpenAI shut this model down on 2026-10-23" in shown["logs"]
        assert "openai:gpt-image-2 answered" in shown["logs"]


async def test_google_paints(running: Running, google: GoogleStandIn) -> None:
    """In the format that was asked for."""
    variables = {"GOOGLE_GEMINI_BASE_URL": google.origin, "GOOGLE_API_KEY": google_standin.KEY}
    async with running(**variables) as api:
        shown = await api.run("google/imagen-4-fast", {"prompt": "a"}, **api.live)
        assert shown["status"] == "succeeded", shown["error"]
        assert shown["output"].endswith("/output.jpg")
        assert await _form(api, shown["output"]) == "JPEG"


async def test_jigsawstack_paints(running: Running, jigsawstack: JigsawStackStandIn) -> None:
    """With the caller's key, as its model demands one."""
    async with running(JIGSAWSTACK_API_URL=jigsawstack.origin) as api:
        value = {"prompt": "a", "api_key": jigsawstack_standin.KEY}
        shown = await api.run("jigsawstack/image-generation", value, **api.live)
        assert shown["status"] == "succeeded", shown["error"]
        assert await _form(api, shown["output"]) == "PNG"


async def test_test_mode_calls_no_provider(running: Running, openai: OpenAIStandIn) -> None:
    """Though there is one, with a key."""
    variables = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai_standin.KEY}
    async with running(**variables) as api:
        shown = await api.run("openai/gpt-image-1", PLACEHOLDERS)
        assert shown["status"] == "succeeded"
    assert openai.seen == []


async def test_live_mode_does_not_obey_test_directives(api: Api) -> None:
    """There they are a prompt like any other."""
    shown = await api.run("safelight/echo", {"prompt": "[[fail: no]]"}, **api.live)
    assert shown["status"] == "succeeded"
    assert shown["output"] == "[[fail: no]]"


async def _form(api: Api, url: str) -> str | None:
    with Image.open(io.BytesIO((await api.client.get(url)).content)) as image:
        return image.format
