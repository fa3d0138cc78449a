"""A soak: two thousand listeners and two hundred webhooks a second, then `kill -9`.

SAFELIGHT_LOAD_SECONDS sets for how long; `make soak` takes a minute.
"""

import asyncio
import os
import time
from asyncio.subprocess import Process
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from tests.load.conftest import CONNECTIONS, TOKEN
from tests.load.programs import line, memory, program
from tests.standins.receiver import Receiver, waits
from tests.support.making import eventually

SECONDS: Final = float(os.environ.get("SAFELIGHT_LOAD_SECONDS", "5"))
RATE: Final = 200
LISTENERS: Final = 2000
CLOCKS: Final = 4
PATIENCE: Final = 60.0
STEADY: Final = 60
"""Megabytes that the server may grow by, once it is warm."""


@dataclass
class Caller:
    """Creates predictions at a steady rate, and remembers what was accepted."""

    session: aiohttp.ClientSession
    receiver: Receiver
    accepted: set[str] = field(default_factory=set[str])

    async def create(self, model: str, **body: Any) -> dict[str, Any]:
        """Accept one prediction."""
        path = f"/v1/models/{model}/predictions"
        async with self.session.post(path, json=body) as answer:
            assert answer.status == 201
            return dict(await answer.json())

    async def send(self, seconds: float) -> None:
        """Predictions that owe a webhook each."""
        began = time.perf_counter()

        async def one(number: int) -> None:
            await asyncio.sleep(began + number / RATE - time.perf_counter())
            body = {"input": {"prompt": "x"}, "webhook": self.receiver.url}
            self.accepted.add((await self.create("safelight/echo", **body))["id"])

        await asyncio.gather(*(one(number) for number in range(int(RATE * seconds))))

    async def all_told(self) -> bool:
        """Whether the end of each has been told."""
        return self.accepted <= {received.shown["id"] for received in self.receiver.received}


async def test_a_soak_that_ends_in_a_kill_loses_nothing(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """All hear all, memory stays where it was, and each end is told under one id."""
    settings = {
        "SAFELIGHT_HOME": str(tmp_path / "home"),
        "SAFELIGHT_PORT": "0",
        "SAFELIGHT_TLS_PORT": "0",
        "SAFELIGHT_API_TOKEN": TOKEN,
    }
    async with Receiver([waits]) as receiver:
        async with program("ticking_server", **settings) as server:
            headers = {"authorization": f"Bearer {TOKEN}"}
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            async with aiohttp.ClientSession(
                await line(server), headers=headers, connector=connector
            ) as session:
                caller = Caller(session, receiver)
                warm, after = await _soak(server, caller)
                receiver.released.clear()  # now it answers nobody, and much is on its way
                await caller.send(1)
                server.kill()
                await server.wait()
        receiver.released.set()
        async with program("ticking_server", **settings) as server:
            await line(server)
            await eventually(caller.all_told, within=PATIENCE)
    ids: dict[str, set[str]] = defaultdict(set)
    for received in receiver.received:
        ids[received.shown["id"]].add(received.id)
    tell(
        f"soak of {SECONDS:.0f} s: {LISTENERS} listeners, {len(caller.accepted)} webhooks, killed"
        f" and told again with {len(receiver.received)} requests;"
        f" memory {warm} MB warm, {after} MB after"
    )
    assert caller.accepted <= ids.keys()
    assert {len(names) for names in ids.values()} == {1}
    assert after - warm < STEADY


async def _soak(server: Process, caller: Caller) -> tuple[int, int]:
    """Listen, tick and send; gives the server's memory after a fifth of it, and at its end."""
    caller.receiver.released.set()
    clocks = [await caller.create("load/ticker", input={"name": str(n)}) for n in range(CLOCKS)]
    urls = [clock["urls"]["stream"] for clock in clocks]
    async with program("listening_client", str(LISTENERS), *urls) as crowd:
        assert await line(crowd) == "heard 0"
        await caller.send(SECONDS / 5)
        warm = memory(server)
        sending = asyncio.create_task(caller.send(SECONDS * 4 / 5))
        ticks = 0
        while not sending.done():
            ticks += 1
            assert (await caller.session.post("/tick")).status == 200
            assert await line(crowd) == f"heard {ticks}"
        await sending
        await eventually(caller.all_told, within=PATIENCE)
        after = memory(server)
        assert (await caller.session.post("/last")).status == 200
        assert await line(crowd) == f"heard {ticks + 1}"
    return warm, after
