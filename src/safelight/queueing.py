"""How much room there is for what waits, and why there is not more."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from safelight.account import Mode
from safelight.prediction import Prediction, queue_of
from safelight.routing import Routed
from safelight.store import Room
from safelight.switchboard import Switchboard
from safelight.throttle import EXPECTED, Expected, Gate

_FULL: Final = "This server runs {most} at once; there is no room for more."
_BUSY: Final = "{room} runs {most} at once; there is no room for more."
_STARTS, _SLOTS = "starts", "calls"

Key = tuple[str, Mode]
"""See `Prediction.room`, and in which mode."""
Concurrency = Mapping[Key, int]
"""How many runs each room takes at once."""


class _Queue(NamedTuple):
    """Those that wait for the same, and what they wait for."""

    name: str
    key: Key
    own_key: bool
    routed: Routed | None


class Seat:
    """What one running prediction takes of the room."""

    def __init__(self, key: Key, expected: Expected) -> None:
        self.key = key
        self._expected = expected

    def take(self) -> None:
        """In the task of the run: have its call come to the place that is kept for it."""
        EXPECTED.set(self._expected)

    def leave(self) -> None:
        """Keep nothing for it any longer."""
        self._expected.drop()


class Queueing:
    """What runs in this process, what its upstreams take, and so who may go next."""

    def __init__(
        self,
        concurrency: Concurrency,
        most: int,
        upstreams: Mapping[str, Routed] | None = None,
        switchboard: Switchboard | None = None,
    ) -> None:
        """*most* run at once in all; *upstreams* are those of each model that asks any, live."""
        self._concurrency = concurrency
        self._most = most
        self._switchboard = switchboard
        self._running: Counter[Key] = Counter()
        self._total = 0
        self._queues = {one.name: one for one in _queues(concurrency, upstreams or {})}
        self._shared = {
            queue.name: (queue.key[0],)
            for queue in self._queues.values()
            if queue.key[1] is Mode.LIVE
        }
        self._asking = [queue for queue in self._queues.values() if queue.routed is not None]

    def watch(self, listener: Callable[[], None]) -> None:
        """Have *listener* called when an upstream may have room that it had not."""
        if self._switchboard is not None:
            self._switchboard.watch(listener)

    def room(self) -> Room:
        """For how many more there is room now."""
        left = {key: most - self._running[key] for key, most in self._concurrency.items()}
        total = self._most - self._total
        queues = {name: left[queue.key] for name, queue in self._queues.items()}
        pools = {room: places for (room, mode), places in left.items() if mode is Mode.LIVE}
        takes: dict[str, Sequence[str]] = dict(self._shared)
        for queue in self._asking:
            bounds = self._bounds(queue)
            pools |= bounds
            takes[queue.name] = (*self._shared[queue.name], *bounds)
        return Room(total, queues, others=total, pools=pools, takes=takes)

    def opens_in(self) -> float | None:
        """Seconds until the time makes room for a queue that has none; None if there is none."""
        waits = [
            max(gate.opens_in for gate in gates)
            for queue in self._asking
            if not queue.own_key and (gates := self._gates(queue))
        ]
        return min((wait for wait in waits if wait > 0), default=None)

    def reason(self, prediction: Prediction) -> str | None:
        """Why there is no room for what waits in the queue of this one; None if there is."""
        queue = self._queues.get(prediction.queue)
        if queue is None:
            return None
        for gate in self._gates(queue):
            if closed := gate.closed(own_key=self._is_own(queue, gate)):
                return f"{gate.name} {closed}"
        most = self._concurrency[queue.key]
        if self._running[queue.key] >= most:
            return _BUSY.format(room=queue.key[0], most=most)
        if self._total >= self._most:
            return _FULL.format(most=self._most)
        return None

    def is_full(self, prediction: Prediction) -> bool:
        """Whether one that came now would have to wait where this one does."""
        return self.reason(prediction) is not None

    def seat(self, prediction: Prediction) -> Seat:
        """Count one that was claimed, until it leaves."""
        key = (prediction.room, prediction.mode)
        self._running[key] += 1
        self._total += 1
        queue = self._queues.get(prediction.queue)
        if queue is None or queue.routed is None:
            return Seat(key, Expected())
        gates = [gate for gate in self._gates(queue) if gate.is_limited]
        return Seat(key, Expected(gates, own_key=queue.own_key))

    def leave(self, seat: Seat) -> bool:
        """Count it no longer; whether that makes room where there was none."""
        was_full = self._running[seat.key] >= self._concurrency.get(seat.key, 0)
        was_full = was_full or self._total >= self._most
        self._running[seat.key] -= 1
        self._total -= 1
        seat.leave()
        return was_full

    def _gates(self, queue: _Queue) -> Sequence[Gate]:
        if queue.routed is None or self._switchboard is None or not self._switchboard.binds:
            return ()
        return queue.routed.gates(own_key=queue.own_key)

    def _bounds(self, queue: _Queue) -> Mapping[str, int]:
        """How many more its upstream takes, by what bounds it."""
        bounds: dict[str, int | None] = {}
        for gate in self._gates(queue):
            bounds[f"{gate.name} {_SLOTS}"] = gate.slots
            if not self._is_own(queue, gate):
                bounds[f"{gate.name} {_STARTS}"] = gate.starts
        return {name: places for name, places in bounds.items() if places is not None}

    def _is_own(self, queue: _Queue, gate: Gate) -> bool:
        return queue.own_key and queue.routed is not None and queue.routed.is_own(gate)


def _queues(concurrency: Concurrency, upstreams: Mapping[str, Routed]) -> Sequence[_Queue]:
    return [
        _Queue(
            name=queue_of(room, mode, own_key=own_key),
            key=(room, mode),
            own_key=own_key,
            routed=upstreams.get(room) if mode is Mode.LIVE else None,
        )
        for room, mode in concurrency
        for own_key in ((False, True) if mode is Mode.LIVE else (False,))
    ]
