"""Thousands of predictions in flight: the memory they take, and how late their ends are told."""

import asyncio
import json
import re
import resource
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final, cast

import uvloop

from bench.calls import Connection
from bench.figure import Figure, under
from bench.load import Target
from bench.peers import Peer, safelight
from bench.pictures import NotAnswered, StandIn, creating, settings, stand_in

IN_FLIGHT: Final = 5000
_LARGE: Final = 1_500_000
_SMALL: Final = 100_000
_LONGEST: Final = 60.0
"""Seconds over which the answers come."""
_SHORT: Final = 30.0
_LOAD: Final = 0.6
"""The share of what the server can do that comes: an answer is late, not queued."""
_PATIENCE: Final = 60.0
_CALLERS: Final = 32
_DISK: Final = 2.0
"""How many times the bytes of all pictures must be free."""
_NUMBER: Final = re.compile(rb"number (\d+)")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TAKEN: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class NotHeld(Exception):
    """Not all came, or not all were in flight; the message says how many."""


@dataclass(frozen=True)
class _Held:
    """What came of one run."""

    before_mb: float
    """With all in flight, and no answer yet."""
    peak_mb: float
    ended: list[float]
    """Seconds from the last byte of an answer to the end of its prediction, as it is stored."""
    told: list[float]
    """The same, to its webhook."""


@dataclass(frozen=True)
class _Heard:
    """A webhook: when it came, and the end that it tells of."""

    came: float
    ended: float


def measure_holding(count: int, size: int | None, per_second: float) -> list[Figure]:
    """Have *count* calls on their way at once, then let their answers come.

    The pictures are large if there is disk for them, and if a server that gives so many *per
    second* gets through them in time.

    Raises:
        NotHeld: Not all were in flight at once, or not all came.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * count:
        raise NotHeld(f"{count:,} calls need {2 * count:,} open files: see `ulimit -Hn` ({hard}).")
    with tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder:
        if size is None:
            size = _fitting(count, per_second, shutil.disk_usage(folder).free)
        seconds = max(count / (_LOAD * per_second), 1.0) if size == _LARGE else _SHORT
        seconds = min(seconds, _LONGEST)
        with (
            stand_in(size) as provider,
            safelight(Path(folder), settings(provider)) as server,
        ):
            held = uvloop.run(_hold(server, provider, count, count / seconds))
    return _figures(held, count, f"{size / 1e6:g} MB each, within {seconds:.0f} s")


def _fitting(count: int, per_second: float, free: int) -> int:
    seconds, needed = count / (_LOAD * per_second), _DISK * count * _LARGE
    if seconds <= _LONGEST and free > needed:
        return _LARGE
    print(
        f"{count:,} answers of {_LARGE / 1e6:g} MB would come in {seconds:.0f} s and want"
        f" {needed / 1e9:.0f} GB of disk: they are of {_SMALL / 1e6:g} MB instead."
    )
    return _SMALL


def _figures(held: _Held, count: int, pace: str) -> list[Figure]:
    name, late = f"{count:,} in flight, {pace}", "an answer's last byte to"
    return [
        Figure(f"{count:,} in flight: memory before any answer", "MB", held.before_mb),
        Figure(f"{name}: memory at most", "MB", held.peak_mb, goal="<= 600 MB", good=under(600)),
        Figure(f"{late} `completed_at`, median", "ms", median(held.ended) * 1000),
        Figure(f"{late} its webhook, median", "ms", median(held.told) * 1000),
        Figure(
            "the same, the latest", "ms", max(held.told) * 1000, goal="<= 1 s", good=under(1000)
        ),
    ]


async def _hold(server: Peer, provider: StandIn, count: int, rate: float) -> _Held:
    heard: dict[int, _Heard] = {}
    loop = asyncio.get_running_loop()
    receiver = await loop.create_server(lambda: _Receiver(heard), "127.0.0.1", 0)
    hook = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/"
    await provider.told("POST", "/hold")
    await _create(server.target, hook, count)
    await _until_held(provider, count)
    before_mb = server.resident_mb
    await provider.told("POST", f"/release/{rate}")
    await _until_heard(heard, count, count / rate + _PATIENCE)
    state = await provider.told("GET", "/state")
    receiver.close()
    if state["calls"] != count:
        raise NotHeld(f"{state['calls']:,} calls were made for {count:,} predictions.")
    left: dict[str, float] = state["left"]
    pairs = [(heard[int(number)], moment) for number, moment in left.items()]
    ended = [hook.ended - moment for hook, moment in pairs]
    return _Held(before_mb, server.peak_mb, ended, [hook.came - moment for hook, moment in pairs])


async def _create(target: Target, hook: str, count: int) -> None:
    numbers = iter(range(count))

    async def some() -> None:
        connection = await Connection.open(target.port)
        for number in numbers:
            request = creating(
                target,
                f"a lighthouse, number {number}",
                webhook=hook,
                webhook_events_filter=["completed"],
            )
            created = await connection.ask(request, keep=True)
            if created.status != 201:
                raise NotAnswered(str(created)[:1000])
        connection.close()

    await asyncio.gather(*(some() for _ in range(_CALLERS)))


async def _until_held(provider: StandIn, count: int) -> None:
    give_up, held = time.monotonic() + _PATIENCE, 0
    while held < count:
        held = (await provider.told("GET", "/state"))["held"]
        if time.monotonic() > give_up:
            raise NotHeld(f"Only {held:,} of {count:,} were in flight after {_PATIENCE:g} s.")
        await asyncio.sleep(0.2)


async def _until_heard(heard: dict[int, _Heard], count: int, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while len(heard) < count:
        if time.monotonic() > give_up:
            raise NotHeld(f"Only {len(heard):,} of {count:,} webhooks came in {seconds:g} s.")
        await asyncio.sleep(0.05)


class _Receiver(asyncio.Protocol):
    """Takes webhooks, and notes when each came."""

    def __init__(self, heard: dict[int, _Heard]) -> None:
        self._heard = heard
        self._request = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        self._request += data
        head, found, body = self._request.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or length is None or len(body) < int(length[1]):
            return
        self._request = b""
        self._transport.write(_TAKEN)
        number, shown = _NUMBER.search(body), json.loads(body)
        if number and shown["status"] == "succeeded":
            now, ended = time.monotonic(), datetime.fromisoformat(shown["completed_at"])
            ended_at = now - (datetime.now(UTC) - ended).total_seconds()
            self._heard.setdefault(int(number[1]), _Heard(now, ended_at))
