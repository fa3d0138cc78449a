"""Limits per upstream: how many calls at once, how many in a time, and pauses it asked for."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

import msgspec

from safelight.route import PROVIDERS

Clock = Callable[[], float]
"""Seconds that never go back."""
Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds of that clock."""

_FORM: Final = "write limits as in `openai=20,5/m;google=150/m`: calls at once, calls a minute"
_RATE: Final = re.compile(r"([1-9]\d{0,8})/([smh])")
_AT_ONCE: Final = re.compile(r"[1-9]\d{0,8}")
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}
_UNITS: Final = {1.0: "second", 60.0: "minute", 3600.0: "hour"}


class Limit(msgspec.Struct, frozen=True):
    """What an upstream may be asked; None is as much as you like."""

    at_once: int | None = None
    starts: int | None = None
    """Calls begun in any `period`."""
    period: float = 60.0
    """Seconds."""


class Paused(Exception):
    """An upstream asked for a pause that is too long to wait for."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"another {seconds:.0f} s")
        self.seconds = seconds


LONGEST_PAUSE: Final = 20.0
"""Seconds; for longer ones nobody waits."""
UNLIMITED: Final = Limit()
Limits = Mapping[str, Limit]
"""By provider, or by `provider:model`."""


def parse_limits(text: str) -> Limits:
    """Read `openai=20,5/m;google=150/m`; names are those of providers, or `provider:model`.

    Raises:
        ValueError: A limit cannot be read, or an upstream is named twice.
    """
    limits: dict[str, Limit] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, _, values = (part.strip() for part in entry.partition("="))
        if name.partition(":")[0] not in PROVIDERS:
            raise ValueError(f"{name!r} is no provider of {', '.join(PROVIDERS)}; {_FORM}")
        if name in limits:
            raise ValueError(f"{name} has two limits; {_FORM}")
        limits[name] = _limit(values)
    return MappingProxyType(limits)


def _limit(text: str) -> Limit:
    at_once, starts, period = None, None, 60.0
    for value in (part.strip() for part in text.split(",")):
        if (rate := _RATE.fullmatch(value)) and starts is None:
            starts, period = int(rate[1]), _SECONDS[rate[2]]
        elif _AT_ONCE.fullmatch(value) and at_once is None:
            at_once = int(value)
        else:
            raise ValueError(f"{value!r} is no limit; {_FORM}")
    return Limit(at_once, starts, period)


class Gate:
    """Lets calls through to one upstream, first come, first served."""

    def __init__(self, limit: Limit, clock: Clock, sleep: Sleep) -> None:
        self._limit = limit
        self._clock, self._sleep = clock, sleep
        self._turn = asyncio.Lock()
        self._slots = None if limit.at_once is None else asyncio.Semaphore(limit.at_once)
        self._starts: deque[float] = deque(maxlen=limit.starts or 0)
        self._paused_until = 0.0

    def pause(self, seconds: float) -> None:
        """Let no call of the server's own key through before."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def obstacle(self, *, own_key: bool) -> str | None:
        """Why a call would have to wait now; None if it would not.

        Raises:
            Paused: It would have to wait too long.
        """
        limit = self._limit
        if self._slots is not None and self._slots.locked():
            return f"{limit.at_once} calls at once are allowed, and all are on their way."
        if own_key:
            return None
        if pause := self._pause_left():
            return f"it asked for a pause of {pause:.0f} s."
        if self._due_in() or self._turn.locked():
            return f"{limit.starts} calls a {_UNITS[limit.period]} are allowed."
        return None

    @asynccontextmanager
    async def room(self, *, own_key: bool) -> AsyncGenerator[None]:
        """Wait until a call may begin, and count it until it ends.

        A caller's own key has an allowance of its own at the provider, so that with *own_key* only
        the calls at once are counted.

        Raises:
            Paused: A long pause was asked for; with *own_key* never.
        """
        if own_key:
            await self._enter()
        else:
            async with self._turn:
                await self._enter_when_due()
        try:
            yield
        finally:
            self._leave()

    async def _enter_when_due(self) -> None:
        while True:
            while (wait := self._due_in()) > 0:
                await self._sleep(wait)
            await self._enter()
            if self._has_come():  # else a pause was asked for while this call stood in line
                break
        self._starts.append(self._clock())

    def _has_come(self) -> bool:
        has_come = False
        try:
            has_come = self._due_in() <= 0
        finally:
            if not has_come:
                self._leave()
        return has_come

    def _due_in(self) -> float:
        pause = self._pause_left()
        if self._limit.starts is None or len(self._starts) < self._limit.starts:
            return pause
        return max(pause, self._starts[0] + self._limit.period - self._clock())

    def _pause_left(self) -> float:
        left = max(self._paused_until - self._clock(), 0.0)
        if left > LONGEST_PAUSE:
            raise Paused(left)
        return left

    async def _enter(self) -> None:
        if self._slots is not None:
            await self._slots.acquire()

    def _leave(self) -> None:
        if self._slots is not None:
            self._slots.release()
