"""The census: what is counted of predictions, and which part of their time is our own."""

import asyncio
from datetime import datetime, timedelta

from tests.support.making import MODEL, NOW, made

from safelight.census import MOST_MODELS, OTHERS, Census
from safelight.meter import Meter
from safelight.prediction import Prediction

SECOND = timedelta(seconds=1)


class Watch:
    """A clock that tells what it is set to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def census(*, is_full: bool = False) -> tuple[Census, Meter, Watch]:
    """One that hears of models with room, or without."""
    meter, watch = Meter(), Watch()
    return Census(meter, lambda _: is_full, watch), meter, watch


def observed(meter: Meter, stage: str) -> list[float]:
    """How often a stage was timed, and the seconds summed."""
    series = meter.overhead.series.get((stage,))
    return [0, 0.0] if series is None else [sum(series.buckets), series.total]


def started(hearing: Census, watch: Watch, after: timedelta, **facts: object) -> Prediction:
    """A prediction of which the start is heard so long after its creation."""
    waiting = made(**facts)
    hearing.hear(waiting)
    watch.now = waiting.created_at + after
    running = waiting.start(watch.now)
    hearing.hear(running)
    return running


def test_each_status_is_counted_once() -> None:
    """However often a running one reports."""
    hearing, meter, watch = census()
    running = started(hearing, watch, SECOND)
    hearing.hear(running.log("x"))
    hearing.hear(running.log("x").succeed(watch.now))
    assert dict(meter.predictions.counts) == {
        (MODEL, "live", "processing"): 1,
        (MODEL, "live", "succeeded"): 1,
    }


def test_the_start_is_timed_from_the_creation_and_the_end_from_the_end() -> None:
    """What the model took is neither."""
    hearing, meter, watch = census()
    running = started(hearing, watch, SECOND)
    ended = running.succeed(watch.now + 60 * SECOND)
    watch.now += 62 * SECOND
    hearing.hear(ended)
    assert observed(meter, "start") == [1, 1.0]
    assert observed(meter, "end") == [1, 2.0]


def test_waiting_for_room_is_no_overhead_of_ours() -> None:
    """It was created while the model was full, or another that started before it filled it."""
    meter, watch, is_full = Meter(), Watch(), asyncio.Event()
    hearing = Census(meter, lambda _: is_full.is_set(), watch)
    second = made(created_at=NOW)
    hearing.hear(second)
    waiting = made(created_at=NOW)
    watch.now = NOW + SECOND
    is_full.set()
    hearing.hear(waiting)
    hearing.hear(waiting.start(watch.now))
    assert observed(meter, "start") == [0, 0.0]
    third = made(created_at=NOW + 2 * SECOND)
    watch.now = NOW + 2 * SECOND
    hearing.hear(third)
    is_full.clear()
    watch.now = NOW + 9 * SECOND
    hearing.hear(second.start(watch.now))
    hearing.hear(third.start(watch.now))
    assert observed(meter, "start") == [0, 0.0]
    fourth = started(hearing, watch, SECOND, created_at=NOW + 20 * SECOND)
    assert fourth.started_at == NOW + 21 * SECOND
    assert observed(meter, "start") == [1, 1.0]


def test_what_another_process_started_is_not_timed_from_its_creation() -> None:
    """It is heard of in the middle, after a crash."""
    hearing, meter, watch = census()
    watch.now = NOW + 99 * SECOND
    hearing.hear(made().start(NOW).log("x"))
    assert observed(meter, "start") == [0, 0.0]


def test_a_clock_that_was_set_back_gives_no_time_below_nothing() -> None:
    """Histograms have no place for it."""
    hearing, meter, watch = census()
    running = started(hearing, watch, SECOND)
    hearing.hear(running.succeed(watch.now + SECOND))
    assert observed(meter, "end") == [1, 0.0]


def test_models_without_end_make_no_measurements_without_end() -> None:
    """Whoever may make models could fill the memory with them; those that were first stay."""
    hearing, meter, watch = census(is_full=True)
    for number in range(MOST_MODELS + 100):
        model = f"acme/m{number}"
        running = started(hearing, watch, SECOND, model=model, created_at=NOW)
        hearing.hear(running.succeed(watch.now))
    names = {model for model, *_ in meter.predictions.counts}
    assert len(names) == MOST_MODELS + 1
    assert meter.predictions.counts[OTHERS, "live", "succeeded"] == 100
    assert not hearing._running
    assert len(hearing._full_until) == MOST_MODELS
