"""Which upstream is asked after which, for one model: a fallback never buys the same work twice."""

from collections.abc import Sequence
from typing import Final

import msgspec

from safelight.route import SKETCH, Route
from safelight.switchboard import Asked, Switchboard, Tell
from safelight.throttle import LONGEST_PAUSE, LONGEST_WAIT, Gate
from safelight.upstream import Fault, ImageRequest, ImageResult, OnPartial, UpstreamError

_TRIES: Final = 3
"""Of one upstream that is busy."""
_MOMENT: Final = 1.0
"""Seconds to wait for one that does not say when to come back; the second time twice that."""
_ANOTHER_MAY_DO: Final = frozenset({Fault.BUSY, Fault.DOWN, Fault.RETIRED})
_ANOTHER_PROVIDER_MAY_DO: Final = frozenset({Fault.KEY, Fault.CREDIT})


class Routed:
    """Implements `Upstream` for one model: its routes in their order."""

    def __init__(
        self, routes: Sequence[Route], switchboard: Switchboard, keys_of: str | None, tell: Tell
    ) -> None:
        """*keys_of* is the provider that a caller's own key belongs to; nobody else gets it.

        *tell* takes lines for the logs of the prediction that is run.
        """
        self._routes = tuple(routes)
        self._switchboard = switchboard
        self._keys_of = keys_of
        self._tell = tell

    def gates(self, *, own_key: bool) -> Sequence[Gate]:
        """What a call has to pass at the upstream that would be asked first, as far as is known.

        None where there is nobody to wait for: the sketch answers, or nobody can. *own_key* is for
        a caller who brings one.
        """
        paused: list[tuple[float, Sequence[Gate]]] = []
        for route in self._there():
            if route.provider == SKETCH:
                return ()
            is_own = own_key and route.provider == self._keys_of
            if not self._switchboard.is_usable(route, own_key=is_own):
                continue
            gates = self._switchboard.gates(route)
            pause = 0.0 if is_own else max(gate.pause_left for gate in gates)
            if pause <= LONGEST_PAUSE:
                return gates
            if pause <= LONGEST_WAIT:
                paused.append((pause, gates))
        return min(paused, key=lambda one: one[0])[1] if paused else ()

    def is_own(self, gate: Gate) -> bool:
        """Whether a caller's own key is for this upstream."""
        return gate.name.partition(":")[0] == self._keys_of

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        """Ask one upstream after the other; `request.model` is replaced by each one's own.

        Raises:
            UpstreamError: One refused, or may have done the work; or none of them could.
            RunFailed: Nobody pays for it, or an input cannot be used.
        """
        errors: list[UpstreamError] = []
        routes = list(self._there())
        while routes:
            route = routes.pop(0)
            own = key if route.provider == self._keys_of else None
            fitting = msgspec.structs.replace(request, model=route.model)
            try:
                return await self._ask(route, Asked(fitting, own, on_partial, _Once(self._tell)))
            except UpstreamError as error:
                errors.append(error)
                routes = _rest(routes, route, error, has_own_key=own is not None)
                self._tell_of(route, error, routes)
        raise _telling(errors)

    def _there(self) -> Sequence[Route]:
        """Without those that are known to be retired, unless there are no others."""
        there = [one for one in self._routes if not self._switchboard.is_retired(one)]
        return there or self._routes

    async def _ask(self, route: Route, asked: Asked) -> ImageResult:
        for tried in range(1, _TRIES):
            try:
                return await self._switchboard.call(route, asked)
            except UpstreamError as error:
                wait = _pause(error, tried)
                if wait is None:
                    raise
                asked.tell(f"Waiting for {route}: it is busy, and asked again in {wait:.0f} s.")
            await self._switchboard.sleep(wait)
        return await self._switchboard.call(route, asked)

    def _tell_of(self, route: Route, error: UpstreamError, others: Sequence[Route]) -> None:
        if len(self._routes) == 1:
            return  # the error is all there is to say
        call = f" (request {error.request_id})" if error.request_id else ""
        then = f"Trying {others[0]}." if others else "No other upstream is tried."
        self._tell(f"{route}{call}: {error.detail} {then}")


class _Once:
    """Tells the first line only: why a call waits is no news the second time."""

    def __init__(self, tell: Tell) -> None:
        self._tell: Tell | None = tell

    def __call__(self, line: str) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            tell(line)


def _pause(error: UpstreamError, tried: int) -> float | None:
    """Seconds after which the same upstream is asked again; None when it is not."""
    if error.fault is not Fault.BUSY or not error.did_no_work:
        return None
    if error.retry_after is None:
        return _MOMENT * tried
    wait = max(error.retry_after.total_seconds(), 0.0)
    return wait if wait <= LONGEST_PAUSE else None


def _rest(
    routes: Sequence[Route], failed: Route, error: UpstreamError, *, has_own_key: bool
) -> list[Route]:
    """Who of the remaining may be asked after this: nobody, when it may have been bought."""
    if not error.did_no_work:
        return []
    if error.fault in _ANOTHER_MAY_DO:
        return list(routes)
    if error.fault in _ANOTHER_PROVIDER_MAY_DO and not has_own_key:
        return [route for route in routes if route.provider != failed.provider]
    return []


def _telling(errors: Sequence[UpstreamError]) -> UpstreamError:
    """What the caller is told: what was bought or flagged, else the first that is no news."""
    last = errors[-1]
    if not last.did_no_work or last.fault is Fault.FLAGGED:
        return last
    return next((error for error in errors if error.fault is not Fault.RETIRED), errors[0])
