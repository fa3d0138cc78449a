"""`kill -9` around a paid call: the ledger never says less than what may have been billed."""

import asyncio
import signal
from typing import Any, Final

import pytest
from tests.crash.fuse import Stop
from tests.crash.home import Failed, Home

from safelight.carrier import UNKNOWN

VICTIM: Final = {"x-victim": "1", "prefer": "wait"}
LEFT: Final[dict[Stop, tuple[int, list[str]]]] = {
    Stop.RUNNING: (0, []),
    Stop.OPENING: (0, []),
    Stop.OPENED: (0, ["unknown"]),
    Stop.PAID: (1, ["unknown"]),
    Stop.SETTLING: (1, ["unknown"]),
    Stop.SETTLED: (1, ["paid"]),
    Stop.ENDING: (1, ["paid"]),
}
"""For each place to die: how often the provider was called, and what the ledger says of it."""


@pytest.mark.parametrize("stop", LEFT)
async def test_a_call_that_may_have_been_billed_is_on_record(home: Home, stop: Stop) -> None:
    """Settled, or as unknown; it is not made again, and nothing stays held."""
    victim = await _dies(home, stop)
    async with home.server() as server:
        ended = await server.ended(victim)
        await server.stop()
    assert (ended["status"], ended["error"]) == ("failed", UNKNOWN)
    calls, states = LEFT[stop]
    assert home.calls()["victim"] == calls
    assert home.attempts(victim) == states
    _check_sums(home)


async def test_what_was_held_and_never_started_is_bought_once(home: Home) -> None:
    """It dies with its hold on disk; the next server runs it, and lets go."""
    victim = await _dies(home, Stop.INSERTED)
    booked, _, held = home.sums()
    assert booked == 0
    assert held > 0
    async with home.server() as server:
        assert (await server.ended(victim))["status"] == "succeeded"
        await server.stop()
    assert home.calls() == {"victim": 1}
    assert home.attempts(victim) == ["paid"]
    _check_sums(home)


async def test_a_create_that_was_not_accepted_holds_nothing(home: Home) -> None:
    """The hold is a part of the transaction that accepts."""
    async with home.server(Stop.INSERTING) as server:
        with pytest.raises(Failed):
            await server.create("bought", "victim", VICTIM)
        assert await server.has_died() == -signal.SIGKILL
    assert home.sums() == (0, 0, 0)


async def test_whatever_is_running_when_the_server_dies_is_accounted_for(home: Home) -> None:
    """Many at once, at the moment at which one of them kills it."""
    async with home.server(Stop.PAID) as server:
        creates = [server.create("bought", f"other {n}", {}) for n in range(20)]
        outcomes: list[Any] = await asyncio.gather(
            *creates, server.create("bought", "victim", VICTIM), return_exceptions=True
        )
        assert await server.has_died() == -signal.SIGKILL
    assert any(isinstance(outcome, Failed) for outcome in outcomes)
    async with home.server() as server:
        for prediction in home.rows():
            await server.ended(prediction)
        await server.stop()
    calls = home.calls()
    for name, row in home.rows().items():
        billed = [state for state in home.attempts(name) if state != "free"]
        assert calls[row.ticket] <= len(billed) <= 1, row.ticket
    _check_sums(home)


def _check_sums(home: Home) -> None:
    booked, spent, held = home.sums()
    assert booked == spent
    assert held == 0


async def _dies(home: Home, stop: Stop) -> str:
    """Have a server die with one purchase in its hands; gives the prediction's id."""
    async with home.server(stop) as server:
        with pytest.raises(Failed):
            await server.create("bought", "victim", VICTIM)
        assert await server.has_died() == -signal.SIGKILL
    (victim,) = home.rows()
    return victim
