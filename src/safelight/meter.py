"""What is counted and timed while the server works; reading it is somebody else's business."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

QUICK: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds: bounds for what should take milliseconds."""
SLOW: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300)
"""Seconds: bounds for what others take their time for."""

Labels = tuple[str, ...]


class Described(NamedTuple):
    """A measurement as Prometheus knows it."""

    name: str
    """With its unit, without `_total`."""
    help: str
    labels: Labels = ()


class Counter:
    """Only rises."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.described = Described(name, text, labels)
        self._counts: dict[Labels, int] = {}

    def add(self, *labels: str) -> None:
        """One more, with these values of its labels."""
        self._counts[labels] = self._counts.get(labels, 0) + 1

    @property
    def counts(self) -> Mapping[Labels, int]:
        """How many there were, by the values of the labels."""
        return self._counts


class Series:
    """The observations with the same labels."""

    __slots__ = ("buckets", "total")

    def __init__(self, bounds: int) -> None:
        self.buckets = [0] * (bounds + 1)
        """How many fell under each bound and over the one before; the last is beyond all."""
        self.total = 0.0
        """Seconds, summed."""


class Histogram:
    """How long something takes, in seconds."""

    def __init__(self, name: str, text: str, *labels: str, bounds: tuple[float, ...]) -> None:
        self.described = Described(name, text, labels)
        self.bounds = bounds
        self._series: dict[Labels, Series] = {}

    def observe(self, seconds: float, *labels: str) -> None:
        """It took that long, once."""
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = Series(len(self.bounds))
        series.buckets[bisect_left(self.bounds, seconds)] += 1
        series.total += seconds

    @property
    def series(self) -> Mapping[Labels, Series]:
        """By the values of the labels."""
        return self._series


class Meter:
    """All measurements of one engine; each costs about a microsecond, on the event loop."""

    def __init__(self) -> None:
        self.requests: Final = Histogram(
            "safelight_request_duration_seconds",
            "From the head of a request to the end of its answer, asked-for waits included.",
            *("operation", "status"),
            bounds=QUICK,
        )
        self.predictions: Final = Counter(
            "safelight_predictions",
            "Predictions by the status that they have come to in this process.",
            *("model", "mode", "status"),
        )
        self.overhead: Final = Histogram(
            "safelight_overhead_seconds",
            "Safelight's own time for a prediction. start: from its creation (in whole "
            "milliseconds) to `processing` on disk, unless its model had no room. end: from its "
            "end, with its files kept, to that end on disk.",
            "stage",
            bounds=QUICK,
        )
        self.upstream_calls: Final = Histogram(
            "safelight_upstream_call_duration_seconds",
            "Calls to providers: succeeded, refused (4xx), failed (5xx), not_sent, unknown "
            "or canceled.",
            *("provider", "outcome"),
            bounds=SLOW,
        )
        self.deliveries: Final = Counter(
            "safelight_webhook_deliveries",
            "Attempts to deliver a webhook: delivered, postponed to another attempt, or failed.",
            *("event", "outcome"),
        )
        self.commits: Final = Histogram(
            "safelight_store_commit_duration_seconds",
            "Commits of the database, each of one or many operations.",
            bounds=QUICK,
        )
        self.listeners = 0
        """Streams that are being listened to."""

    @property
    def counters(self) -> Iterator[Counter]:
        """All that only counts."""
        yield from (self.predictions, self.deliveries)

    @property
    def histograms(self) -> Iterator[Histogram]:
        """All that takes time."""
        yield from (self.requests, self.overhead, self.upstream_calls, self.commits)
