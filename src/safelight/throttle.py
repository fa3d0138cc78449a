"""Limits per upstream: how many calls at once, how many in a time, and pauses it asked for."""

import asyncio
import re
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from math import ceil
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
"""Seconds; for longer ones nobody who has started waits."""
LONGEST_WAIT: Final = 3600.0
"""Seconds of a pause for which predictions are left in line; after longer ones they are refused."""
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

    def __init__(
        self,
        limit: Limit,
        clock: Clock,
        sleep: Sleep,
        name: str = "",
        tell: Callable[[], None] | None = None,
    ) -> None:
        """*tell* is called whenever there may be more room, or it is known when there will be."""
        self.name = name
        self._limit = limit
        self._clock, self._sleep = clock, sleep
        self._tell = tell
        self._turn = asyncio.Lock()
        self._slots = None if limit.at_once is None else asyncio.Semaphore(limit.at_once)
        self._starts: deque[float] = deque(maxlen=limit.starts or 0)
        self._paused_until = 0.0
        self._inside = 0
        self._coming: Counter[bool] = Counter()

    @property
    def is_limited(self) -> bool:
        """Whether anything but a pause can close it."""
        return self._limit != UNLIMITED

    @property
    def pause_left(self) -> float:
        """Seconds until calls of the server's own key are welcome again."""
        return max(self._paused_until - self._clock(), 0.0)

    @property
    def slots(self) -> int | None:
        """How many more calls may be on their way, besides those that are to come; None for any."""
        at_once = self._limit.at_once
        return None if at_once is None else at_once - self._inside - self._coming.total()

    @property
    def starts(self) -> int | None:
        """How many more calls of the server's own key may begin by now; None for any."""
        if self.pause_left:
            return 0
        starts = self._limit.starts
        return None if starts is None else starts - len(self._recent()) - self._coming[False]

    @property
    def opens_in(self) -> float:
        """Seconds until time makes room for the server's own key; 0 if it need not, or cannot."""
        pause = self.pause_left
        if self.starts is None or self.starts > 0 or not (recent := self._recent()):
            return pause
        return max(pause, recent[0] + self._limit.period - self._clock())

    def pause(self, seconds: float) -> None:
        """Let no call of the server's own key through before."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)
        self._look()

    def expect(self, calls: int, *, own_key: bool) -> None:
        """Keep room for so many calls that are to come, or, below nothing, no longer."""
        self._coming[own_key] += calls
        if calls < 0:
            self._look()

    def closed(self, *, own_key: bool) -> str | None:
        """Why there is no room for one more call, as what follows on its name; None if there is."""
        if not own_key and (pause := self.pause_left):
            return f"asked for a pause; it ends in {ceil(pause)} s."
        if not own_key and self.starts is not None and self.starts <= 0:
            rate = f"takes {_calls(self._limit.starts)} a {_UNITS[self._limit.period]}"
            due = self.opens_in
            return f"{rate}; the next may start in {ceil(due)} s." if due else f"{rate}."
        if self.slots is not None and self.slots <= 0:
            return f"takes {_calls(self._limit.at_once)} at once; there is no room for more."
        return None

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
        if pause := self._short_pause():
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
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._leave()
            self._look()

    async def _enter_when_due(self) -> None:
        while True:
            while (wait := self._due_in()) > 0:
                await self._sleep(wait)
            await self._enter()
            if self._has_come():  # else a pause was asked for while this call stood in line
                break
        self._starts.append(self._clock())
        self._look()

    def _has_come(self) -> bool:
        has_come = False
        try:
            has_come = self._due_in() <= 0
        finally:
            if not has_come:
                self._leave()
        return has_come

    def _due_in(self) -> float:
        pause = self._short_pause()
        if self._limit.starts is None or len(self._starts) < self._limit.starts:
            return pause
        return max(pause, self._starts[0] + self._limit.period - self._clock())

    def _short_pause(self) -> float:
        left = self.pause_left
        if left > LONGEST_PAUSE:
            raise Paused(left)
        return left

    def _recent(self) -> Sequence[float]:
        begin = self._clock() - self._limit.period
        return [start for start in self._starts if start > begin]

    def _look(self) -> None:
        if self._tell is not None and (self.is_limited or self.pause_left):
            self._tell()

    async def _enter(self) -> None:
        if self._slots is not None:
            await self._slots.acquire()

    def _leave(self) -> None:
        if self._slots is not None:
            self._slots.release()


class Expected:
    """A call that is to come to some gates: each keeps room for it until it is there."""

    def __init__(self, gates: Iterable[Gate] = (), *, own_key: bool = False) -> None:
        self._gates = list(gates)
        self._own_key = own_key
        for gate in self._gates:
            gate.expect(1, own_key=own_key)

    def has_come(self, gate: Gate) -> None:
        """One of them counts it itself from now on."""
        if gate in self._gates:
            self._gates.remove(gate)
            gate.expect(-1, own_key=self._own_key)

    def drop(self) -> None:
        """It does not come any more, where it has not."""
        for gate in list(self._gates):
            self.has_come(gate)


EXPECTED: ContextVar[Expected | None] = ContextVar("expected", default=None)
"""In the task of a run: the call that room was kept for when it was claimed."""


def _calls(number: int | None) -> str:
    return "1 call" if number == 1 else f"{number} calls"
