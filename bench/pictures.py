"""Callers who want pictures: from Safelight with their download, from a gateway in its answer."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import uvloop

from bench.calls import Connection, get, post
from bench.load import Target
from bench.peers import PATIENCE, without_ours

CREATES: Final = "/v1/models/openai/gpt-image-1/predictions"
_PROMPT: Final = "a lighthouse in a storm, seen from a small boat"
_ASKED: Final = {
    "model": "gpt-image-1",
    "prompt": _PROMPT,
    "output_format": "png",
    "quality": "low",
    "size": "1024x1024",
}
Ask = Callable[[Connection], Awaitable[None]]
"""Gets one picture, all of its bytes."""


class NotAnswered(Exception):
    """Something else came than the picture; the message is what."""


@dataclass(frozen=True)
class StandIn:
    """The provider of all."""

    port: int
    size: int
    """Bytes of a picture."""

    @property
    def base_url(self) -> str:
        """What the SDK calls by this name."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def told(self, method: str, path: str) -> dict[str, Any]:
        """Tell it something; gives its state."""
        connection = await Connection.open(self.port)
        asked = post(path, self.port, None, b"") if method == "POST" else get(path, self.port)
        answered = await connection.ask(asked, keep=True)
        connection.close()
        return json.loads(answered.body)

    async def one(self, connection: Connection) -> None:
        """A picture from itself: what it can do when nobody is between."""
        body = json.dumps(_ASKED).encode()
        answered = await connection.ask(post("/v1/images/generations", self.port, None, body))
        _expect(answered.status == 200 and answered.size > self.size, answered)


@contextmanager
def stand_in(size: int) -> Generator[StandIn]:
    """The provider, in a process of its own."""
    command = (sys.executable, "-m", "bench.stand_in", str(size))
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=without_ours()) as process:
        try:
            assert process.stdout is not None
            yield StandIn(int(process.stdout.readline()), size)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def settings(provider: StandIn) -> dict[str, str]:
    """Safelight's, with this provider's own model behind the name, and no limits."""
    return {
        "OPENAI_BASE_URL": provider.base_url,
        "OPENAI_API_KEY": "sk-made-up",
        "SAFELIGHT_ROUTES": "openai/gpt-image-1=openai:gpt-image-1",
    }


def creating(target: Target, prompt: str, *headers: str, **more: object) -> bytes:
    """A create of one picture, paid with the server's key."""
    asked = {"prompt": prompt, "output_format": "png", "quality": "low", "openai_api_key": "<key>"}
    body = json.dumps({"input": asked, **more}).encode()
    return post(CREATES, target.port, target.token, body, *headers)


def through_safelight(target: Target, size: int) -> Ask:
    """Create, wait for the end, and download the output, as `replicate.run` does."""
    create = creating(target, _PROMPT, "Prefer: wait")

    async def ask(connection: Connection) -> None:
        created = await connection.ask(create, keep=True)
        shown = json.loads(created.body)
        _expect(shown.get("status") == "succeeded", created)
        fetched = await connection.ask(get(urlsplit(str(shown["output"][0])).path, target.port))
        _expect(fetched.status == 200 and fetched.size == size, fetched)

    return ask


def through_gateway(target: Target, size: int) -> Ask:
    """Ask, and read the answer with the picture in it."""
    request = post(target.path, target.port, target.token, json.dumps(_ASKED).encode())

    async def ask(connection: Connection) -> None:
        answered = await connection.ask(request)
        _expect(answered.status == 200 and answered.size > size, answered)

    return ask


def rate(port: int, ask: Ask, *, pictures: int, connections: int) -> float:
    """Pictures a second."""

    async def some(connection: Connection) -> None:
        for _ in range(pictures // connections):
            await ask(connection)

    async def run() -> float:
        opened = [await Connection.open(port) for _ in range(connections)]
        started = time.perf_counter()
        await asyncio.gather(*(some(connection) for connection in opened))
        seconds = time.perf_counter() - started
        for connection in opened:
            connection.close()
        return pictures // connections * connections / seconds

    return uvloop.run(run())


def sdk_seconds(provider: StandIn, *, pictures: int, connections: int) -> tuple[float, str]:
    """CPU of the official SDK's process for each picture, and its version."""
    command = (sys.executable, "-m", "bench.sdk_caller", provider.base_url)
    command += (str(pictures), str(connections))
    done = subprocess.run(command, stdout=subprocess.PIPE, env=without_ours(), check=True)
    told = json.loads(done.stdout)
    return told["seconds"], told["version"]


def _expect(holds: bool, answered: object) -> None:
    if not holds:
        raise NotAnswered(str(answered)[:1000])
