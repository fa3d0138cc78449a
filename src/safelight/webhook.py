"""Webhooks: which events are due to whom, as rows to be delivered."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec


class Event(StrEnum):
    """What a webhook can be told."""

    START = "start"
    OUTPUT = "output"
    LOGS = "logs"
    COMPLETED = "completed"


DEFAULT_EVENTS: Final = frozenset({Event.OUTPUT, Event.COMPLETED})
"""Sent when the caller gave no filter."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event owed to one URL, with what the prediction was at that moment."""

    id: str
    """`msg_...`; the same for every attempt."""
    prediction: str
    event: Event
    url: str
    snapshot: bytes
    """The prediction as it was, in the store's encoding; the body is made from it when sent."""
    created_at: datetime


def wanted(event: Event, url: str | None, events: frozenset[Event] | None) -> bool:
    """Whether a prediction with this webhook and filter is owed *event*."""
    return url is not None and event in (DEFAULT_EVENTS if events is None else events)
