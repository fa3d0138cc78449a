"""A caller of the API, in test mode unless it says otherwise."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx

from safelight.engine import Engine
from safelight.settings import Settings

PATIENCE = 20.0
"""Seconds after which what should have happened has not."""
ORIGIN = "https://safelight.test"
TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
ECHO = "safelight/echo"
SKETCH = "safelight/sketch"

Json = dict[str, Any]


@dataclass(frozen=True)
class Api:
    """One running engine, and a caller of it in test mode."""

    engine: Engine
    settings: Settings
    client: httpx.AsyncClient
    live_token: str
    test_token: str

    @property
    def live(self) -> dict[str, str]:
        """The header of a caller in live mode."""
        return {"authorization": f"Bearer {self.live_token}"}

    async def post(self, path: str, value: object, **headers: str) -> httpx.Response:
        """POST JSON; header names are written with underscores."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.client.post(path, json=value, headers=named)

    async def create(self, model: str, value: object, **headers: str) -> httpx.Response:
        """Create a prediction by its model's name."""
        return await self.post(f"/v1/models/{model}/predictions", {"input": value}, **headers)

    async def run(self, model: str, value: object, **headers: str) -> Json:
        """Create a prediction and wait for its end within the create."""
        answer = await self.create(model, value, prefer="wait=20", **headers)
        assert answer.status_code == 201, answer.text
        shown: Json = answer.json()
        assert shown["status"] in TERMINAL, shown
        return shown

    async def echo(self, prompt: str = "hello", **headers: str) -> Json:
        """Create a prediction of the model that does no work, and leave it to run."""
        answer = await self.create(ECHO, {"prompt": prompt}, **headers)
        assert answer.status_code == 201, answer.text
        shown: Json = answer.json()
        return shown

    async def get(self, name: str) -> Json:
        """Get one prediction."""
        answer = await self.client.get(f"/v1/predictions/{name}")
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    async def until(self, name: str, *statuses: str) -> Json:
        """Wait until a prediction has one of these statuses."""
        deadline = time.monotonic() + PATIENCE
        while (shown := await self.get(name))["status"] not in statuses:
            assert time.monotonic() < deadline, f"{name} stays {shown['status']}"
            await asyncio.sleep(0.01)
        return shown


Running = Callable[..., AbstractAsyncContextManager[Api]]


def problem(answer: httpx.Response, status: int) -> Json:
    """Check that an answer is a problem document, and give it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: Json = answer.json()
    assert document["status"] == status
    assert isinstance(document["detail"], str)
    assert document["detail"]
    assert document["title"]
    return document
