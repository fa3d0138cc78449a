"""Webhooks: which events are wanted, what an answer means, and when to try again."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import msgspec

GONE: Final = 410
"""The answer by which a receiver asks not to be called again."""
LONGEST_ASKED: Final = timedelta(hours=1)
"""A receiver's `Retry-After` is followed up to here."""

_MOST_DIGITS: Final = 9


class Event(StrEnum):
    """What a webhook can be told."""

    START = "start"
    OUTPUT = "output"
    LOGS = "logs"
    COMPLETED = "completed"


DEFAULT_EVENTS: Final = frozenset({Event.OUTPUT, Event.COMPLETED})
"""Sent when the caller gave no filter."""


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How a `completed` that failed is sent again."""

    lasts: timedelta = timedelta(days=1)
    """From the event on; afterwards it is given up."""
    first: timedelta = timedelta(seconds=10)
    """The longest that the first delay may be; the next may be twice as long, and so on."""
    longest: timedelta = timedelta(hours=1)

    def delay(self, attempts: int, chance: float, asked: timedelta | None) -> timedelta:
        """The pause after so many attempts: full jitter, and no less than the receiver *asked* for.

        *chance* is uniform in [0, 1).
        """
        doubled = self.first * 2 ** min(attempts - 1, 30)
        delay = min(doubled, self.longest) * chance
        return delay if asked is None else max(delay, min(asked, LONGEST_ASKED))


def wanted(
    happened: Iterable[Event], url: str | None, events: frozenset[Event] | None
) -> list[Event]:
    """Which of the events a prediction with this webhook and filter is to be told."""
    if url is None:
        return []
    chosen = DEFAULT_EVENTS if events is None else events
    return [event for event in happened if event in chosen]


def is_received(status: int) -> bool:
    """Whether an answer means that it has arrived; a redirect does not, and is not followed."""
    return 200 <= status < 300


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """A `Retry-After` header, in seconds or as a date; None when it says nothing."""
    if text is None:
        return None
    plain = text.strip()
    if plain.isdecimal():
        return timedelta(seconds=int(plain)) if len(plain) < _MOST_DIGITS else LONGEST_ASKED
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta())


def host_of(url: str) -> str:
    """Host and port as they stand in a URL, without a password; `-` for what is no URL."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower() or "-"
    except ValueError:
        return "-"
