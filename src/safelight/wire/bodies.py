"""Request bodies: read, and every fault named at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from safelight.errors import InvalidField
from safelight.webhook import Event
from safelight.wire.encoding import Json
from safelight.wire.fields import at_most, is_web_url, not_allowed, read_object, refuse, wrong_type

_TYPES: Final[Mapping[str, tuple[str, Any]]] = {
    "version": ("string", str),
    "input": ("object", dict),
    "webhook": ("string", str),
    "webhook_events_filter": ("array", list),
    "webhook_completed": ("string", (str, type(None))),
    "stream": ("boolean", (bool, type(None))),
}
_LENGTH: Final = at_most(8192)
"""Of a webhook's address: it is kept, and listed, with each event."""
_EVENTS: Final = frozenset(event.value for event in Event)


class Create(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a prediction create."""

    version: str | None
    input: Json
    webhook: str | None = None
    webhook_events: frozenset[Event] | None = None
    stream: bool = False


def read_create(body: bytes, *, needs_version: bool) -> Create:
    """The body of a create.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body; every fault is named.
    """
    fields = read_object(body)
    refuse(create_faults(fields, needs_version=needs_version))
    return create_of(fields)


def create_of(fields: Json) -> Create:
    """From fields without a fault."""
    events = fields.get("webhook_events_filter")
    if events is None and not fields.get("webhook") and fields.get("webhook_completed"):
        events = [Event.COMPLETED]  # the older name says itself what it is told
    return Create(
        version=fields.get("version"),
        input=fields["input"],
        webhook=fields.get("webhook") or fields.get("webhook_completed"),
        webhook_events=None if events is None else frozenset(map(Event, events)),
        stream=bool(fields.get("stream")),
    )


def create_faults(fields: Json, *, needs_version: bool) -> Iterable[InvalidField]:
    """All that is wrong with them."""
    for name in ("version", "input") if needs_version else ("input",):
        if name not in fields:
            yield InvalidField("required", "", f"{name} is required")
    for name, value in fields.items():
        if name not in _TYPES or (name == "version" and not needs_version):
            yield not_allowed(name)
        elif not isinstance(value, _TYPES[name][1]) and not (value is None and "webhook" in name):
            yield wrong_type(name, _TYPES[name][0], value)
        elif name == "webhook_events_filter":
            yield from _event_faults(value)
        elif name.startswith("webhook") and not (value is None or is_web_url(value)):
            yield InvalidField("format", name, "Does not match format 'uri'")
        elif name.startswith("webhook"):
            yield from _LENGTH(name, value or "")


def _event_faults(events: Sequence[object] | None) -> Iterable[InvalidField]:
    for index, event in enumerate(events or ()):
        if not isinstance(event, str) or event not in _EVENTS:
            field = f"webhook_events_filter.{index}"
            known = ", ".join(f'"{name}"' for name in ("start", "output", "logs", "completed"))
            yield InvalidField("enum", field, f"{field} must be one of the following: {known}")
