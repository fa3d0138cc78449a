"""Counts predictions as the store tells of them, and times what Safelight itself takes for each."""

from collections import defaultdict
from collections.abc import Callable
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
        is_full: Callable[[Prediction], bool],
        clock: Callable[[], datetime],
    ) -> None:
        """Set up; *is_full* says whether one that came now would wait where this one does."""
        self._meter = meter
        self._is_full = is_full
        self._clock = clock
        self._running: defaultdict[str, set[str]] = defaultdict(set)
        self._counted: set[str] = set()
        self._full_until: dict[str, datetime] = {}

    def hear(self, prediction: Prediction) -> None:
        """See `safelight.store.Listener`."""
        queue = prediction.queue
        if prediction.status is Status.STARTING:
            self._note_room(prediction, queue)
        elif prediction.status.is_terminal:
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
        self._note_room(prediction, queue)  # for those that came before, and now have to wait
        self._count(prediction)

    def _end(self, prediction: Prediction, queue: str) -> None:
        running = self._running[queue]
        running.discard(prediction.id)
        if not running:
            del self._running[queue]
        if prediction.completed_at is not None:
            seconds = (self._clock() - prediction.completed_at).total_seconds()
            self._meter.overhead.observe(max(0.0, seconds), "end")
        self._count(prediction)

    def _note_room(self, prediction: Prediction, queue: str) -> None:
        if not self._is_full(prediction):
            return
        self._full_until.pop(queue, None)  # to be the last of them
        self._full_until[queue] = self._clock()
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
