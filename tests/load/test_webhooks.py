"""Two hundred webhooks a second, beside a receiver that never answers, over real HTTP.

SAFELIGHT_LOAD_SECONDS sets for how long; a minute is a soak.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any, Final

from tests.load.conftest import Loaded
from tests.standins.receiver import Receiver, waits

SECONDS: Final = float(os.environ.get("SAFELIGHT_LOAD_SECONDS", "10"))
RATE: Final = 200
STUCK: Final = 40
"""Webhooks to the receiver that never answers: more than may be on their way to one host."""
PATIENCE: Final = 60.0


async def test_two_hundred_a_second_arrive_once_each(
    loaded: Loaded, tell: Callable[[str], None]
) -> None:
    """With a valid end each, though another receiver holds on to all that it is sent."""
    count = int(RATE * SECONDS)
    async with Receiver([waits]) as stuck, Receiver() as receiver:
        await asyncio.gather(*(_create(loaded, stuck.url) for _ in range(STUCK)))
        arrivals = asyncio.create_task(_arrivals(receiver, count))
        began = time.perf_counter()
        creates = [
            asyncio.create_task(_paced(loaded, receiver.url, began, n)) for n in range(count)
        ]
        made = await asyncio.gather(*creates)
        accepted = time.perf_counter() - began
        arrived = await arrivals
        took = time.perf_counter() - began
        assert len(stuck.received) <= STUCK
    late = sorted(arrived[name] - at for name, at in made)
    tell(
        f"{count} webhooks at {count / accepted:.0f} a second, all arrived after {took:.1f} s;"
        f" from the answer of the create {late[len(late) // 2] * 1000:.0f} ms"
        f" (slowest of 99 % {late[len(late) * 99 // 100] * 1000:.0f});"
        f" peak memory {loaded.peak_memory()} MB"
    )
    assert arrived.keys() == {name for name, _ in made}
    assert receiver.statuses == ["succeeded"] * count
    assert len({received.id for received in receiver.received}) == count


async def _paced(loaded: Loaded, url: str, began: float, number: int) -> tuple[str, float]:
    await asyncio.sleep(began + number / RATE - time.perf_counter())
    return await _create(loaded, url)


async def _create(loaded: Loaded, url: str) -> tuple[str, float]:
    """The id, and when it was answered."""
    body: dict[str, Any] = {"input": {"prompt": "x"}, "webhook": url}
    status, shown = await loaded.ask("POST", "/v1/models/safelight/echo/predictions", body)
    assert status == 201, shown
    return str(shown["id"]), time.perf_counter()


async def _arrivals(receiver: Receiver, count: int) -> dict[str, float]:
    """When each prediction's webhook came."""
    seen: dict[str, float] = {}
    async with asyncio.timeout(SECONDS + PATIENCE):
        for number in range(count):
            await receiver.until(number + 1)
            seen[receiver.received[number].shown["id"]] = time.perf_counter()
    return seen
