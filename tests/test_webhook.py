"""Which webhook events a prediction is owed, and when one that failed is sent again."""

from datetime import timedelta

import pytest
from tests.support.making import NOW, made

from safelight.outbox import owed
from safelight.prediction import Prediction, Status
from safelight.webhook import (
    DEFAULT_EVENTS,
    Event,
    Retry,
    host_of,
    is_received,
    read_retry_after,
    wanted,
)

URL = "https://hooks.test/"
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def hooked(*events: Event) -> Prediction:
    """A waiting prediction with a webhook; without events, with no filter."""
    return made(webhook=URL, webhook_events=frozenset(events) if events else None)


def news(after: Prediction, was: Status, *, output: bool = False, logs: bool = False) -> list[str]:
    """What a save owes."""
    return [*owed(after, was, has_new_output=output, has_new_logs=logs)]


@pytest.mark.parametrize("events", [None, frozenset(Event)])
def test_without_a_webhook_nothing_is_owed(events: frozenset[Event] | None) -> None:
    """A filter alone is no address."""
    assert wanted(Event, None, events) == []


def test_without_a_filter_output_and_completion_are_owed() -> None:
    """The documented default."""
    assert set(wanted(Event, URL, None)) == DEFAULT_EVENTS
    assert frozenset({Event.OUTPUT, Event.COMPLETED}) == DEFAULT_EVENTS


@pytest.mark.parametrize("event", Event)
def test_a_filter_is_taken_at_its_word(event: Event) -> None:
    """The named event and no other."""
    assert wanted(Event, URL, frozenset({event})) == [event]


def test_an_empty_filter_asks_for_nothing() -> None:
    """It is not the same as no filter."""
    assert wanted(Event, URL, frozenset()) == []


def test_events_have_the_names_of_the_wire() -> None:
    """What a caller writes in the filter."""
    assert list(Event) == ["start", "output", "logs", "completed"]


def test_the_start_is_told_once() -> None:
    """By the move to `processing`, not by what follows it."""
    started = hooked(*Event).start(NOW)
    assert news(started, Status.STARTING) == ["start"]
    assert news(started, Status.PROCESSING) == []


def test_output_and_logs_of_one_save_are_an_event_each() -> None:
    """Whoever asks for both is told both."""
    running = hooked(*Event).start(NOW)
    assert news(running, Status.PROCESSING, output=True, logs=True) == ["output", "logs"]
    assert news(running, Status.PROCESSING, logs=True) == ["logs"]
    assert news(running, Status.PROCESSING) == []


@pytest.mark.parametrize("way", ["succeed", "cancel", "fail"])
def test_an_end_is_told_once_with_all_that_it_brings(way: str) -> None:
    """Its output is in it: two messages of one success would be acted on twice."""
    running = hooked(*Event).start(NOW)
    ended = running.fail(NOW, "x") if way == "fail" else getattr(running, way)(NOW)
    assert news(ended, Status.PROCESSING, output=True, logs=True) == ["completed"]


def test_whoever_asks_for_output_alone_gets_the_last_one_too() -> None:
    """It may be the only one that there is."""
    ended = hooked(Event.OUTPUT).start(NOW).succeed(NOW)
    assert news(ended, Status.PROCESSING, output=True, logs=True) == ["output"]
    assert news(ended, Status.PROCESSING, logs=True) == []


@pytest.mark.parametrize("way", ["cancel", "abort"])
def test_an_end_before_the_start_is_no_start(way: str) -> None:
    """It was never entered."""
    assert news(getattr(hooked(*Event), way)(NOW), Status.STARTING) == ["completed"]


def test_delays_double_up_to_the_longest() -> None:
    """With full jitter: chance takes any part of the delay."""
    retry = Retry(first=10 * SECOND, longest=HOUR)
    longest = [retry.delay(attempts, 1.0, None) / SECOND for attempts in (1, 2, 3, 9, 10, 500)]
    assert longest == [10, 20, 40, 2560, 3600, 3600]
    assert retry.delay(2, 0.0, None) == timedelta()
    assert retry.delay(2, 0.25, None) == 5 * SECOND


def test_a_receiver_is_left_alone_for_as_long_as_it_asks() -> None:
    """Up to an hour, and no shorter than without asking."""
    retry = Retry(first=10 * SECOND)
    assert retry.delay(1, 0.5, 90 * SECOND) == 90 * SECOND
    assert retry.delay(1, 0.5, SECOND) == 5 * SECOND
    assert retry.delay(1, 0.5, 5 * HOUR) == HOUR


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        (None, None),
        ("7", 7 * SECOND),
        (" 0 ", timedelta()),
        ("9" * 400, HOUR),
        ("9" * 5000, HOUR),
        ("Mon, 01 Jan 2030 00:00:00 +99999999999999", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", timedelta()),
        ("Mon, 28 Apr 2025 15:16:42 GMT", timedelta(seconds=59, milliseconds=366)),
        ("Mon, 28 Apr 2025 15:16:42", timedelta(seconds=59, milliseconds=366)),
        ("Mon, 28 Apr 2014 15:16:42 GMT", timedelta()),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_a_pause_is_asked_for_in_seconds_or_by_a_date(
    text: str | None, pause: timedelta | None
) -> None:
    """What is neither says nothing."""
    assert read_retry_after(text, NOW) == pause


def test_only_2xx_means_received() -> None:
    """A redirect is not followed, so nobody has read it."""
    received = [status for status in range(100, 600) if is_received(status)]
    assert received == list(range(200, 300))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Hooks.test/a?b=c", "hooks.test"),
        ("http://me:secret@127.0.0.1:9/", "127.0.0.1:9"),
        ("http://[::1]:80/", "[::1]:80"),
        ("http://[", "-"),
        ("http:///x", "-"),
    ],
)
def test_a_host_is_named_without_a_password(url: str, host: str) -> None:
    """And what is no URL has a name too, so that it can be dealt with."""
    assert host_of(url) == host
