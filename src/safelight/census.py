"""Counts predictions as the store tells of them, and times what Safelight itself takes for each."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from safelight.meter import Meter
from safelight.prediction import Prediction, Status

MOST_MODELS: Final = 500
"""Counted by their names; whoever may make models could otherwise make measurements without end."""
OTHERS: Final = "others"


class Census:
    """Listens to a store, and so knows what this process runs."""

    def __init__(
        self,
        meter: Meter,
        room: Callable[[], Mapping[str, int]],
        clock: Callable[[], datetime],
    ) -> None:
        """Set up; *room* gives how many runs each model takes at once, by their queue."""
        self._meter = meter
        self._room = room
        self._clock = clock
        self._running: defaultdict[str, set[str]] = defaultdict(set)
        self._counted: set[str] = set()
        self._full_until: dict[str, datetime] = {}

    def hear(self, prediction: Prediction) -> None:
        """See `safelight.store.Listener`."""
        if prediction.status is Status.STARTING:
            return
        queue = prediction.queue
        if prediction.status.is_terminal:
            self._end(prediction, queue)
        elif prediction.id not in self._running[queue]:
            self._start(prediction, queue)

    def _start(self, prediction: Prediction, queue: str) -> None:
        now = self._clock()
        full_until = self._full_until.get(queue)
        waited = full_until is not None and full_until >= prediction.created_at
        # What has reported already was started in another process, which is no more.
        is_first_start = not (prediction.logs or prediction.metrics or prediction.output)
        if is_first_start and not waited:
            seconds = (now - prediction.created_at).total_seconds()
            self._meter.overhead.observe(max(0.0, seconds), "start")
        self._running[queue].add(prediction.id)
        self._count(prediction)

    def _end(self, prediction: Prediction, queue: str) -> None:
        now = self._clock()
        running = self._running[queue]
        if prediction.id in running:
            if len(running) >= self._room().get(queue, 1):
                self._fill(queue, now)
            running.remove(prediction.id)
        if not running:
            del self._running[queue]
        if prediction.completed_at is not None:
            seconds = (now - prediction.completed_at).total_seconds()
            self._meter.overhead.observe(max(0.0, seconds), "end")
        self._count(prediction)

    def _fill(self, queue: str, now: datetime) -> None:
        self._full_until.pop(queue, None)  # to be the last of them
        self._full_until[queue] = now
        if len(self._full_until) > MOST_MODELS:
            del self._full_until[next(iter(self._full_until))]

    def _count(self, prediction: Prediction) -> None:
        model = prediction.model
        if model not in self._counted:
            if len(self._counted) >= MOST_MODELS:
                model = OTHERS
            else:
                self._counted.add(model)
        self._meter.predictions.add(model, prediction.mode, prediction.status)
