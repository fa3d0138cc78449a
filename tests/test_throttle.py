"""Limits per upstream: how they are written, and that calls wait in line."""

import asyncio

import pytest
from tests.support.ticking import Clock

from safelight.throttle import UNLIMITED, Gate, Limit, Paused, parse_limits


def test_limits_are_read_by_upstream() -> None:
    """Calls at once, calls in a time, or both; for a provider or one of its models."""
    assert parse_limits(" openai=20,5/m; google = 150/m ;openai:gpt-image-2=3; sketch=2/s,1;") == {
        "openai": Limit(20, 5, 60.0),
        "google": Limit(None, 150, 60.0),
        "openai:gpt-image-2": Limit(3),
        "sketch": Limit(1, 2, 1.0),
    }
    assert parse_limits("") == {}


@pytest.mark.parametrize(
    "text",
    ["openai", "openai=", "openai=0", "openai=5/d", "openai=5,6", "openai=5/m,6/m", "openai=5/",
     "bing=5", "=5", "openai=5;openai=6", "openai=-1"],
)  # fmt: skip
def test_nonsense_is_answered_with_the_form(text: str) -> None:
    """The message quotes how limits are written."""
    with pytest.raises(ValueError, match="openai=20,5/m"):
        parse_limits(text)


async def enter(gate: Gate, clock: Clock, *, own_key: bool = False) -> float:
    """Go through and out again; gives when."""
    async with gate.room(own_key=own_key):
        return clock.now


async def test_without_a_limit_nobody_waits() -> None:
    """However many come."""
    clock = Clock()
    gate = Gate(UNLIMITED, clock, clock.sleep)
    assert gate.obstacle(own_key=False) is None
    await asyncio.gather(*(enter(gate, clock) for _ in range(100)))
    assert clock.slept == []


async def test_no_minute_has_more_starts_than_allowed() -> None:
    """Wherever the minute begins, and in the order in which they came."""
    clock = Clock()
    gate = Gate(Limit(starts=3), clock, clock.sleep)
    times = await asyncio.gather(*(enter(gate, clock) for _ in range(9)))
    assert times == [1000] * 3 + [1060] * 3 + [1120] * 3
    assert gate.obstacle(own_key=False) == "3 calls a minute are allowed."


async def test_so_many_at_once_and_no_more() -> None:
    """The next begins when one ends."""
    clock = Clock()
    gate = Gate(Limit(at_once=2), clock, clock.sleep)
    inside: list[int] = []
    most: list[int] = []

    async def call(number: int) -> None:
        async with gate.room(own_key=number % 2 == 0):
            inside.append(number)
            most.append(len(inside))
            await asyncio.sleep(0)
            inside.remove(number)

    await asyncio.gather(*(call(number) for number in range(9)))
    assert max(most) == 2
    assert len(most) == 9


async def test_whoever_gives_up_waiting_takes_nothing() -> None:
    """A canceled prediction leaves its place to the next."""
    clock = Clock()
    gate = Gate(Limit(at_once=1, starts=2), clock, clock.sleep)
    async with gate.room(own_key=False):
        assert gate.obstacle(own_key=True) is not None
        waiting = asyncio.create_task(enter(gate, clock))
        behind = asyncio.create_task(enter(gate, clock))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert await behind == 1000


async def test_a_pause_holds_back_the_servers_key_alone() -> None:
    """A caller's own key has an allowance of its own."""
    clock = Clock()
    gate = Gate(UNLIMITED, clock, clock.sleep)
    gate.pause(12)
    gate.pause(5)
    assert gate.obstacle(own_key=False) == "it asked for a pause of 12 s."
    assert await enter(gate, clock, own_key=True) == 1000
    assert await enter(gate, clock) == 1012


async def test_a_pause_asked_for_meanwhile_holds_back_who_stands_in_line() -> None:
    """The call that was told to wait had the only place."""
    clock = Clock()
    gate = Gate(Limit(at_once=1), clock, clock.sleep)
    async with gate.room(own_key=False):
        waiting = asyncio.create_task(enter(gate, clock))
        await asyncio.sleep(0)
        gate.pause(12)
    assert await waiting == 1012


async def test_nobody_waits_for_a_long_pause() -> None:
    """Neither who comes, nor who stands in line when it is asked for, nor who has come so far."""
    clock = Clock()
    gate = Gate(Limit(at_once=1, starts=1), clock, clock.sleep)
    async with gate.room(own_key=False):
        waiting = asyncio.create_task(enter(gate, clock))
        await asyncio.sleep(0)
        gate.pause(3600)
    with pytest.raises(Paused):
        await waiting
    with pytest.raises(Paused):
        gate.obstacle(own_key=False)
    assert await enter(gate, clock, own_key=True) == clock.now
    gate = Gate(Limit(at_once=1), clock, clock.sleep)
    async with gate.room(own_key=False):
        waiting = asyncio.create_task(enter(gate, clock))
        await asyncio.sleep(0)
        gate.pause(21)
    with pytest.raises(Paused):
        await waiting
    clock.now += 21
    assert await enter(gate, clock) == clock.now
