"""One call to an upstream: is it at rest, has it room, who pays, and what its end teaches."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from safelight.circuit import Circuit, Trial
from safelight.paying import PAYER, Purchase
from safelight.route import SKETCH, Route
from safelight.throttle import (
    EXPECTED,
    UNLIMITED,
    Clock,
    Expected,
    Gate,
    Limit,
    Limits,
    Paused,
    Sleep,
)
from safelight.upstream import (
    Fault,
    ImageRequest,
    ImageResult,
    OnPartial,
    Upstream,
    UpstreamError,
)

_log: Final = logging.getLogger("safelight.upstreams")
_DAY: Final = 86400.0
_AT_FAULT: Final = frozenset({Fault.DOWN, Fault.UNKNOWN})
_TELLS_NOTHING: Final = frozenset({Fault.KEY, Fault.REFUSED})
"""May have been raised before anything was sent."""

Tell = Callable[[str], None]
"""Takes a line for the logs of the prediction."""


class Asked(NamedTuple):
    """What is asked, and how: the same for each upstream that is tried."""

    request: ImageRequest
    """Its `model` is the upstream's own."""
    key: str | None
    """The caller's own; None for the server's."""
    on_partial: OnPartial | None
    tell: Tell


class Health(StrEnum):
    """Whether a route is called."""

    OK = "ok"
    RESTING = "resting"
    """It, or its provider, has kept failing."""
    PAUSED = "paused"
    """It asked not to be called for a while."""
    RETIRED = "retired"
    """The provider says that it does not have the model."""


class RouteState(NamedTuple):
    """What this process knows of a route."""

    health: Health
    left: float
    """Seconds until it may be called again; 0 if it may now."""
    in_flight: int
    """Calls on their way."""


class Switchboard:
    """All upstreams, and what this process has learnt about each."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        limits: Limits,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        keyless: Collection[str] = (),
    ) -> None:
        """*keyless* are the providers for which the server has no key of its own."""
        self._keyless = frozenset(keyless)
        self._listeners: list[Callable[[], None]] = []
        self._paused_until = 0.0
        self._upstreams = upstreams
        self._limits = limits
        self._clock = clock
        self.sleep = sleep
        self._circuits: dict[str, Circuit] = {}
        self._gates: dict[str, Gate] = {}
        self._retired: dict[Route, float] = {}
        self._in_flight: Counter[Route] = Counter()

    async def call(self, route: Route, asked: Asked) -> ImageResult:
        """Ask one upstream once.

        Raises:
            UpstreamError: Nothing usable came back; or it is at rest, and nothing was sent.
            RunFailed: Nobody pays for it; nothing was sent.
        """
        if kept := EXPECTED.get():
            kept.drop()  # it is this call, or this one comes in its place
        if route.provider == SKETCH:
            return await self._generate(route, asked)
        self._check_rest(route)
        async with self._room(route, asked):
            trials = self._begin(route)
            self._in_flight[route] += 1
            try:
                return await self._pay(route, asked, trials)
            finally:
                self._in_flight[route] -= 1
                for trial in trials:
                    trial.dropped()  # which says nothing any more if it has been told

    def state(self, route: Route) -> RouteState:
        """How a route is; what holds of its provider holds of it."""
        now, names = self._clock(), _names(route)
        waits = {
            Health.RETIRED: self._retired.get(route, 0.0) - now,
            Health.RESTING: max(self._circuit(name).wait(now) for name in names),
            Health.PAUSED: max(self._gate(name).pause_left for name in names),
        }
        health = next((health for health, left in waits.items() if left > 0), Health.OK)
        return RouteState(health, waits.get(health, 0.0), self._in_flight[route])

    def is_retired(self, route: Route) -> bool:
        """Whether the provider has said within a day that it does not have the model."""
        return self._retired.get(route, 0.0) > self._clock()

    @property
    def binds(self) -> bool:
        """Whether anybody may have to wait: a limit is set, or a pause was asked for."""
        return bool(self._limits) or self._paused_until > self._clock()

    def is_usable(self, route: Route, *, own_key: bool) -> bool:
        """Whether a call would be sent: it is not at rest, and there is a key to call it with."""
        now = self._clock()
        is_awake = all(self._circuit(name).wait(now) <= 0 for name in _names(route))
        return is_awake and (own_key or route.provider not in self._keyless)

    def gates(self, route: Route) -> Sequence[Gate]:
        """What a call has to pass, in this order."""
        return [self._gate(name) for name in _names(route)]

    def watch(self, listener: Callable[[], None]) -> None:
        """Have *listener* called when there may be room that there was not."""
        self._listeners.append(listener)

    async def _pay(self, route: Route, asked: Asked, trials: Sequence[Trial]) -> ImageResult:
        purchase = await _attempt(route, asked)
        try:
            result = await self._generate(route, asked)
        except UpstreamError as error:
            self._learn(route, asked, error, trials)
            if purchase:
                await asyncio.shield(purchase.failed(error))
            raise
        except BaseException as error:
            # Canceled, or a fault of ours: it may have been sent.
            if purchase:
                await asyncio.shield(purchase.failed(_unknown(route, error)))
            raise
        for trial in trials:
            trial.answered()
        if result.next_call_in is not None and asked.key is None:
            self._pause(route, result.next_call_in)
        if purchase:
            await asyncio.shield(purchase.came(result))
        return result

    async def _generate(self, route: Route, asked: Asked) -> ImageResult:
        upstream = self._upstreams[route.provider]
        return await upstream.generate(asked.request, asked.key, asked.on_partial)

    def _learn(
        self, route: Route, asked: Asked, error: UpstreamError, trials: Sequence[Trial]
    ) -> None:
        if error.fault in _AT_FAULT:
            for trial in trials:
                trial.failed(self._clock())
            self._log_rest(route)
        elif error.fault not in _TELLS_NOTHING:
            for trial in trials:
                trial.answered()
        if asked.key is not None:
            return  # another account's: what it may do says nothing about the server's
        if error.fault is Fault.RETIRED and not self.is_retired(route):
            self._retired[route] = self._clock() + _DAY
            _log.warning("%s is not there (any more): %s", route, error.detail)
        if error.fault is Fault.BUSY and error.retry_after is not None:
            self._pause(route, error.retry_after)

    def _pause(self, route: Route, pause: timedelta) -> None:
        seconds = pause.total_seconds()
        self._paused_until = max(self._paused_until, self._clock() + seconds)
        self._gate(str(route)).pause(seconds)

    @asynccontextmanager
    async def _room(self, route: Route, asked: Asked) -> AsyncGenerator[None]:
        own_key = asked.key is not None
        gates = self.gates(route)
        async with AsyncExitStack() as stack:
            expected = Expected(gates, own_key=own_key)
            stack.callback(expected.drop)
            try:
                for gate in gates:
                    if reason := gate.obstacle(own_key=own_key):
                        asked.tell(f"Waiting for {route}: {reason}")
                    await stack.enter_async_context(gate.room(own_key=own_key))
                    expected.has_come(gate)
            except Paused as paused:
                raise _busy(route, paused.seconds) from paused
            yield

    def _check_rest(self, route: Route) -> None:
        for name in _names(route):
            if wait := self._circuit(name).wait(self._clock()):
                raise _at_rest(name, wait)

    def _begin(self, route: Route) -> list[Trial]:
        trials: list[Trial] = []
        for name in _names(route):
            trial = self._circuit(name).begin(self._clock())
            if trial is None:
                for begun in trials:
                    begun.dropped()
                raise _at_rest(name, self._circuit(name).wait(self._clock()))
            trials.append(trial)
        return trials

    def _log_rest(self, route: Route) -> None:
        for name in _names(route):
            if wait := self._circuit(name).wait(self._clock()):
                _log.warning("%s keeps failing, and is not called for %.0f s.", name, wait)

    def _circuit(self, name: str) -> Circuit:
        return self._circuits.setdefault(name, Circuit())

    def _gate(self, name: str) -> Gate:
        gate = self._gates.get(name)
        if gate is None:
            gate = Gate(self._limit(name), self._clock, self.sleep, name, self._look)
            self._gates[name] = gate
        return gate

    def _look(self) -> None:
        for listener in self._listeners:
            listener()

    def _limit(self, name: str) -> Limit:
        return self._limits.get(name, UNLIMITED)


def _names(route: Route) -> tuple[str, str]:
    return route.provider, str(route)


async def _attempt(route: Route, asked: Asked) -> Purchase | None:
    payer = PAYER.get()
    if payer is None:
        return None
    writing = asyncio.ensure_future(
        payer.attempt(str(route), asked.request, by_caller=asked.key is not None)
    )
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.shield(_take_back(writing))  # which goes on should a second cancel come
        raise


async def _take_back(writing: "asyncio.Future[Purchase]") -> None:
    """It may be on record already, and would keep what it may cost from others."""
    with suppress(Exception):
        await (await writing).failed(UpstreamError("It was canceled before it was made."))


def _unknown(route: Route, error: BaseException) -> UpstreamError:
    why = "it was canceled" if isinstance(error, asyncio.CancelledError) else "it broke off"
    return UpstreamError(
        f"The outcome of the call to {route} is unknown ({why}); it was not retried.",
        Fault.UNKNOWN,
        did_no_work=False,
    )


def _at_rest(name: str, seconds: float) -> UpstreamError:
    return UpstreamError(
        f"{name} has kept failing, and is not called for another {seconds:.0f} s. Nothing was"
        " sent. Please try again later. (E004)",
        Fault.DOWN,
        retry_after=timedelta(seconds=seconds),
    )


def _busy(route: Route, seconds: float) -> UpstreamError:
    return UpstreamError(
        f"Service is currently unavailable due to high demand. {route} asked not to be called for"
        f" another {seconds:.0f} s. Please try again later. (E003)",
        Fault.BUSY,
        retry_after=timedelta(seconds=seconds),
    )
