"""Webhooks: what is sent, the signing secret, and the log of deliveries."""

import math
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Final, cast

import msgspec

from safelight.outbox import Attempt, Delivery
from safelight.prediction import Prediction
from safelight.wire.encoding import Json, encode, instant
from safelight.wire.fields import Field, between, read_fields
from safelight.wire.predictions import Wire
from safelight.wire.trainings import training

OVERLAP: Final = timedelta(hours=24)
"""For how long a replaced secret goes on signing, unless the caller says otherwise."""
_MOST_OVERLAP: Final = timedelta(days=30)
_ROTATION: Final = {
    "overlap": Field(int, (between(0, _MOST_OVERLAP // timedelta(seconds=1)),)),
}


def webhook_body(wire: Wire, prediction: Prediction) -> bytes:
    """What is sent of a prediction or training: as GET shows it, in compact JSON.

    It is to the byte what JavaScript would write: its official client checks the signature of a
    body that was parsed by writing it anew.
    """
    shows = wire.prediction if prediction.destination is None else partial(training, wire)
    return encode(_as_javascript_writes(shows(prediction, prediction.origin)))


def signing_secret(secret: str) -> Json:
    """The signing secret."""
    return {"key": secret}


def read_rotation(body: bytes) -> timedelta:
    """How long the old secret signs on; the body may be left out.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body; every fault is named.
    """
    seconds = read_fields(body, _ROTATION).get("overlap") if body.strip() else None
    return OVERLAP if seconds is None else timedelta(seconds=seconds)


def delivery(
    delivery: Delivery, attempts: Sequence[Attempt] | None = None, last: Attempt | None = None
) -> Json:
    """A delivery; with its attempts, or the *last* of them, where they are at hand."""
    d = delivery
    shown: Json = {
        "id": d.id,
        "prediction": d.prediction,
        "event": d.event,
        "url": d.url,
        "host": d.lane[1],
        "status": d.state,
        "attempt_count": d.attempts,
        "created_at": instant(d.created_at),
    }
    if d.due_at is not None:
        shown["next_attempt_at"] = instant(d.due_at)
    if d.settled_at is not None:
        shown["settled_at"] = instant(d.settled_at)
    if last is not None:
        shown["last_attempt"] = _attempt(last)
    if attempts is not None:
        shown["attempts"] = [_attempt(attempt) for attempt in attempts]
    return shown


def _attempt(attempt: Attempt) -> Json:
    milliseconds = attempt.took / timedelta(milliseconds=1)
    shown: Json = {"at": instant(attempt.at), "duration_ms": round(milliseconds, 1)}
    if attempt.status is not None:
        shown["response_status"] = attempt.status
    if attempt.error is not None:
        shown["error"] = attempt.error
    return shown


def _as_javascript_writes(value: object) -> object:
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        fields = cast("Json", value)
        return {name: _as_javascript_writes(item) for name, item in fields.items()}
    if isinstance(value, list):
        return [_as_javascript_writes(item) for item in cast("list[object]", value)]
    return value


def _number(value: float) -> object:
    """As `Number::toString` of ECMAScript says: `1.0` is `1`, and `1e-06` is `0.000001`."""
    if not math.isfinite(value):
        return None
    size = abs(value)
    if size == 0:
        return 0
    if 1e-6 <= size < 1e21:
        return msgspec.Raw(f"{Decimal(repr(value)):f}".removesuffix(".0").encode())
    return msgspec.Raw(repr(value).replace("e-0", "e-").encode())
