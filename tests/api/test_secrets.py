"""A caller's key leaves no trace: not on the disk, not in an answer, not in what is printed."""

import asyncio
import base64
import signal
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cog
import httpx
import pytest
from tests.api.calls import Running
from tests.serving import PATIENCE, Server, serving
from tests.standins.openai import KEY, OpenAIStandIn

from safelight.catalog.listing import Entry
from safelight.errors import RunFailed

MODEL = "/v1/models/openai/gpt-image-1/predictions"


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    """OpenAI's API on loopback."""
    async with OpenAIStandIn() as standin:
        yield standin


@pytest.fixture
def server(tmp_path: Path, openai: OpenAIStandIn) -> Iterator[Server]:
    """A talkative server that runs one prediction at a time."""
    variables = {
        "OPENAI_BASE_URL": openai.base_url,
        "SAFELIGHT_MAX_RUNNING": "1",
        "SAFELIGHT_LOG_LEVEL": "debug",
    }
    with serving(tmp_path, **variables) as started:
        yield started


class Caller:
    """Keeps all that is answered."""

    def __init__(self, server: Server) -> None:
        self.answers: list[bytes] = []
        self._http = httpx.AsyncClient(base_url=server.http, timeout=PATIENCE)

    async def call(self, method: str, url: str, token: str, **more: Any) -> httpx.Response:
        """Any request."""
        headers = {"authorization": f"Bearer {token}", **more.pop("headers", {})}
        answer = await self._http.request(method, url, headers=headers, **more)
        self.answers.append(repr(answer.headers.raw).encode() + answer.content)
        return answer

    async def create(self, token: str, prompt: str, **headers: str) -> dict[str, Any]:
        """A prediction with the key."""
        value = {"prompt": prompt, "openai_api_key": KEY}
        answer = await self.call("POST", MODEL, token, json={"input": value}, headers=headers)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def until(self, shown: dict[str, Any], token: str, status: str) -> None:
        """Wait for a status."""
        deadline = time.monotonic() + PATIENCE
        while (await self.call("GET", shown["urls"]["get"], token)).json()["status"] != status:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()


async def test_a_key_leaves_no_trace_in_any_ending(server: Server, openai: OpenAIStandIn) -> None:
    """Succeeded, failed, crashed, refused, canceled while running and while waiting."""
    caller, live, test = Caller(server), server.live_token, server.test_token
    try:
        for token in (live, test):
            done = await caller.create(token, "a", prefer="wait")
            assert done["status"] == "succeeded", done["error"]
        for prompt in ("a !leak", "a !quota", "a !html-502", "a !nonsense"):
            failed = await caller.create(live, prompt, prefer="wait")
            assert failed["status"] == "failed"
        for prompt in ("[[fail]]", "[[crash]]"):
            failed = await caller.create(test, prompt, prefer="wait")
            assert failed["status"] == "failed"

        running = await caller.create(live, "a !slow")
        await caller.until(running, live, "processing")
        waiting = await caller.create(live, "waiting")
        left = await caller.create(test, "left waiting", cancel_after="1h")
        for shown in (waiting, running):
            await caller.call("POST", shown["urls"]["cancel"], live)
            await caller.until(shown, live, "canceled")
            await caller.call("GET", shown["urls"]["stream"], live)
        await caller.until(left, test, "succeeded")

        for value in (
            {"openai_api_key": KEY},
            {"openai_api_key": [KEY], "prompt": "a"},
            {"openai_api_key": {KEY: KEY}, "prompt": "a"},
            {"openai_api_key": KEY, "prompt": "a", "quality": "none"},
        ):
            refused = await caller.call("POST", MODEL, live, json={"input": value})
            assert refused.status_code == 422
        broken = b'{"input": {"openai_api_key": "%s",' % KEY.encode()
        assert (await caller.call("POST", MODEL, live, content=broken)).status_code == 400
        listed = (await caller.call("GET", "/v1/predictions", live)).json()["results"]
        assert {item["input"]["openai_api_key"] for item in listed} == {"[REDACTED]"}
    finally:
        await caller.close()
    assert any(KEY in seen.headers["authorization"] for seen in openai.seen), "it was used"
    _check(b"".join(caller.answers), "an answer")
    _check_home(server.home)
    server.stop()
    _check_home(server.home)
    _check(server.printed, "what was printed")


async def test_a_key_that_waits_is_sealed(server: Server) -> None:
    """A server that is killed leaves no key behind in clear."""
    caller, live = Caller(server), server.live_token
    try:
        running = await caller.create(live, "a !slow")
        await caller.until(running, live, "processing")
        await caller.create(live, "waiting")
        _check_home(server.home)
        server.stop(signal.SIGKILL)
    finally:
        await caller.close()
    _check_home(server.home)
    _check(server.printed, "what was printed")


def _check_home(home: Path) -> None:
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"safelight.db", "key"} <= {path.name for path in files}
    for path in files:
        _check(path.read_bytes(), str(path))


def _check(content: bytes, place: str) -> None:
    plain = KEY.encode()
    aligned = (base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3))
    for form in (plain, plain[8:], plain.hex().encode(), KEY.encode("utf-16-le"), *aligned):
        assert form not in content, f"the key is in {place}"


class Indiscreet(cog.BaseRunner):
    """A model that tells its key to everyone."""

    async def run(self, key: cog.Secret, prompt: str) -> str:
        """Print it, then crash with it."""
        secret = key.get_secret_value()
        print(f"The key is {secret}!")  # noqa: T201 - models print
        if prompt == "crash":
            raise ValueError(f"{secret} does not open this")
        raise RunFailed(f"{secret} does not open this")


@pytest.mark.parametrize("prompt", ["crash", "fail"])
async def test_a_models_own_words_are_cleaned_of_its_key(running: Running, prompt: str) -> None:
    """Logs, error and traceback."""
    entry = Entry(
        owner="test",
        name="indiscreet",
        description="",
        runner=Indiscreet,
        test_runner=Indiscreet,
        version="1" * 64,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        official=False,
        cover_prompt="",
    )
    async with running([entry]) as api:
        shown = await api.run("test/indiscreet", {"key": KEY, "prompt": prompt})
        assert shown["error"] == "[REDACTED] does not open this"
        assert "The key is [REDACTED]!" in shown["logs"]
        assert KEY not in repr(shown)
        _check_home(api.settings.home)
