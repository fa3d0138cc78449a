"""Two thousand listeners to a few streams of one server, over real HTTP."""

import json
import resource
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import aiohttp
from tests.load.conftest import TOKEN
from tests.load.programs import line, memory, program
from tests.serving import serving

LISTENERS: Final = 2000
PREDICTIONS: Final = 4
TICKS: Final = 10
FEW: Final = 256
"""Open files that a careless shell allows."""
STEADY: Final = 40
"""Megabytes that the server may grow by while it tells all listeners everything."""


async def _create(session: aiohttp.ClientSession, name: str) -> str:
    """Accept a prediction; gives the address of its stream."""
    path = "/v1/models/load/ticker/predictions"
    async with session.post(path, json={"input": {"name": name}}) as answer:
        assert answer.status == 201
        return str((await answer.json())["urls"]["stream"])


async def test_two_thousand_listeners_hear_each_event_once(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """And `done`; meanwhile the server answers others, and its memory stays where it was."""
    settings = {
        "SAFELIGHT_HOME": str(tmp_path / "home"),
        "SAFELIGHT_PORT": "0",
        "SAFELIGHT_TLS_PORT": "0",
        "SAFELIGHT_API_TOKEN": TOKEN,
    }
    async with program("ticking_server", **settings) as server:
        origin = await line(server)
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(origin, headers=headers) as session:
            urls = [await _create(session, f"clock {n}") for n in range(PREDICTIONS)]
            alone = memory(server)
            async with program("listening_client", str(LISTENERS), *urls) as client:
                began = time.perf_counter()
                assert await line(client) == "heard 0"
                connected = time.perf_counter() - began
                before = memory(server)
                slowest = await _tick_through(session, client)
                after = memory(server)
                stories = json.loads(await line(client))
    tell(
        f"{LISTENERS} listeners connected in {connected:.1f} s; an event was with all of them"
        f" after {slowest:.2f} s at most (half a second of it is the pace of saves);"
        f" memory {alone} MB alone, {before} MB with them, {after} MB after {TICKS} events each"
    )
    _check(stories)
    assert after - before < STEADY


def test_a_server_takes_all_the_open_files_that_it_may(tmp_path: Path) -> None:
    """Whatever less its shell has asked for."""
    was, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, most))
    try:
        with serving(tmp_path) as server:
            limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (was, most))
    (found,) = (row for row in limits.splitlines() if row.startswith("Max open files"))
    soft, hard = found.split()[3:5]
    assert soft == hard
    assert int(soft) > FEW


async def _tick_through(session: aiohttp.ClientSession, client: Process) -> float:
    """Event by event, each to everyone; gives the seconds that the slowest took."""
    slowest = 0.0
    for number in range(1, TICKS + 2):
        began = time.perf_counter()
        path = "/last" if number > TICKS else "/tick"
        async with session.post(path) as answer:
            assert answer.status == 200
        assert await line(client) == f"heard {number}"
        slowest = max(slowest, time.perf_counter() - began)
    return slowest


def _check(stories: list[tuple[int, list[list[str]]]]) -> None:
    """Each prediction told one story, the same to all of its listeners."""
    assert sum(count for count, _ in stories) == LISTENERS
    for _, events in stories:
        assert len({_value(event, "id") for event in events}) == len(events)
        told = [(_value(event, "event"), _value(event, "data")) for event in events]
        assert told == [*(("output", f"tick {n}") for n in range(TICKS)), ("done", "{}")]


def _value(event: list[str], field: str) -> Any:
    (value,) = (row.partition(": ")[2] for row in event if row.startswith(f"{field}: "))
    return value
