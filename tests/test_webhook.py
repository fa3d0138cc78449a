"""Which webhook events a prediction is owed."""

import pytest

from safelight.webhook import DEFAULT_EVENTS, Event, wanted

URL = "https://hooks.test/"


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("events", [None, frozenset(Event)])
def test_without_a_webhook_nothing_is_owed(event: Event, events: frozenset[Event] | None) -> None:
    """A filter alone is no address."""
    assert not wanted(event, None, events)


def test_without_a_filter_output_and_completion_are_owed() -> None:
    """The documented default."""
    assert {event for event in Event if wanted(event, URL, None)} == DEFAULT_EVENTS
    assert frozenset({Event.OUTPUT, Event.COMPLETED}) == DEFAULT_EVENTS


@pytest.mark.parametrize("event", Event)
def test_a_filter_is_taken_at_its_word(event: Event) -> None:
    """The named event and no other."""
    assert {other for other in Event if wanted(other, URL, frozenset({event}))} == {event}


def test_an_empty_filter_asks_for_nothing() -> None:
    """It is not the same as no filter."""
    assert not any(wanted(event, URL, frozenset()) for event in Event)


def test_events_have_the_names_of_the_wire() -> None:
    """What a caller writes in the filter."""
    assert list(Event) == ["start", "output", "logs", "completed"]
