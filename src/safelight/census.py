"""Counts predictions as the store tells of them, and times what Safelight itself takes for each."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from safelight.meter import Meter
from safelight.prediction import Prediction, Status


class Census:
    """Listens to a store, and so knows what this process runs."""

    def __init__(
        self,
        meter: Meter,
        room: Callable[[], Mapping[str, int]],
        clock: Callable[[], datetime],
    ) -> None:
        """Set up; *room* gives how many runs each model takes at once, by `owner/name`."""
        self._meter = meter
        self._room = room
        self._clock = clock
        self._running: defaultdict[str, set[str]] = defaultdict(set)
        self._full_until: dict[str, datetime] = {}

    def hear(self, prediction: Prediction) -> None:
        """See `safelight.store.Listener`."""
        if prediction.status is Status.PROCESSING:
            if prediction.id not in self._running[prediction.model]:
                self._start(prediction)
        elif prediction.status.is_terminal:
            self._end(prediction)

    def _start(self, prediction: Prediction) -> None:
        now = self._clock()
        full_until = self._full_until.get(prediction.model)
        waited = full_until is not None and full_until >= prediction.created_at
        # What has reported already was started in another process, which is no more.
        is_first_start = not (prediction.logs or prediction.metrics or prediction.output)
        if is_first_start and not waited:
            seconds = (now - prediction.created_at).total_seconds()
            self._meter.overhead.observe(max(0.0, seconds), "start")
        self._running[prediction.model].add(prediction.id)
        self._count(prediction)

    def _end(self, prediction: Prediction) -> None:
        model, now = prediction.model, self._clock()
        running = self._running[model]
        if prediction.id in running:
            if len(running) >= self._room().get(model, 1):
                self._full_until[model] = now
            running.remove(prediction.id)
        if prediction.completed_at is not None:
            seconds = (now - prediction.completed_at).total_seconds()
            self._meter.overhead.observe(max(0.0, seconds), "end")
        self._count(prediction)

    def _count(self, prediction: Prediction) -> None:
        self._meter.predictions.add(prediction.model, prediction.mode, prediction.status)
