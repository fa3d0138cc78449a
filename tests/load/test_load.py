"""Two thousand predictions in flight at once, over real HTTP."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.load.conftest import Loaded

IN_FLIGHT: Final = 2000
CANCELED: Final = range(50, IN_FLIGHT, IN_FLIGHT // 20)
"""Twenty, spread over the lot."""
SHOWN: Final = range(0, IN_FLIGHT, IN_FLIGHT // 100)
SOON: Final = 1.0
"""Seconds in which a cancel must have reached the run."""
PATIENCE: Final = 25.0


async def test_two_thousand_in_flight_end_as_they_should(
    loaded: Loaded, tell: Callable[[str], None]
) -> None:
    """All run at once; any can be shown and canceled meanwhile; each has its own logs."""
    began = time.perf_counter()
    names = await asyncio.gather(*[loaded.create(_ticket(n)) for n in range(IN_FLIGHT)])
    accepted = time.perf_counter() - began
    await _until(lambda: _all_asleep(loaded))
    started = time.perf_counter() - began
    for n in CANCELED:
        await _until(lambda n=n: _has_logs(loaded, names[n]))
    shown = [await _timed(loaded.get(names[n])) for n in SHOWN]
    canceled = [await _timed(_cancel(loaded, names[n], _ticket(n))) for n in CANCELED]
    assert len(await loaded.asleep()) == IN_FLIGHT - len(CANCELED)
    began = time.perf_counter()
    await loaded.ask("POST", "/release")
    ended = await asyncio.gather(*[_ended(loaded, name) for name in names])
    tell(
        f"{IN_FLIGHT} accepted in {accepted:.1f} s, all in flight after {started:.1f} s,"
        f" all ended {time.perf_counter() - began:.1f} s after their release;"
        f" get {_median(shown):.1f} ms (slowest {max(shown) * 1000:.0f}),"
        f" cancel {_median(canceled):.1f} ms (slowest {max(canceled) * 1000:.0f});"
        f" peak memory {loaded.peak_memory()} MB"
    )
    assert max(canceled) < SOON
    for n, prediction in enumerate(ended):
        _check(prediction, _ticket(n), is_canceled=n in CANCELED)


def _check(prediction: dict[str, Any], ticket: str, *, is_canceled: bool) -> None:
    assert prediction["input"] == {"ticket": ticket}
    if is_canceled:
        assert prediction["status"] == "canceled"
        assert prediction["output"] is None
        assert prediction["logs"] == f"{ticket} falls asleep"
    else:
        assert prediction["status"] == "succeeded"
        assert prediction["output"] == ticket
        assert prediction["logs"] == f"{ticket} falls asleep\n{ticket} wakes up"


def _ticket(number: int) -> str:
    return f"number {number:04}"


async def _all_asleep(loaded: Loaded) -> bool:
    return len(await loaded.asleep()) == IN_FLIGHT


async def _has_logs(loaded: Loaded, prediction_id: str) -> bool:
    return bool((await loaded.get(prediction_id))["logs"])


async def _cancel(loaded: Loaded, prediction_id: str, ticket: str) -> None:
    """Return once it is shown as canceled and its run has stopped."""
    status, shown = await loaded.ask("POST", f"/v1/predictions/{prediction_id}/cancel")
    assert status == 200
    assert shown["status"] == "canceled"
    assert (await loaded.get(prediction_id))["status"] == "canceled"

    async def has_stopped() -> bool:
        return ticket not in await loaded.asleep()

    await _until(has_stopped)


async def _ended(loaded: Loaded, prediction_id: str) -> dict[str, Any]:
    prediction: dict[str, Any] = {}

    async def has_ended() -> bool:
        prediction.update(await loaded.get(prediction_id))
        return prediction["status"] not in {"starting", "processing"}

    await _until(has_ended)
    return prediction


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    give_up = time.perf_counter() + PATIENCE
    while not await condition():
        assert time.perf_counter() < give_up
        await asyncio.sleep(0.02)


async def _timed(act: Awaitable[object]) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    await act
    return time.perf_counter() - began


def _median(seconds: list[float]) -> float:
    """In milliseconds."""
    return sorted(seconds)[len(seconds) // 2] * 1000
