"""Between rows and values."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from safelight.prediction import Prediction
from safelight.store import Claim, Claimed
from safelight.webhook import Delivery, Event

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Prediction).decode
_decode_input: Final = msgspec.json.Decoder(dict[str, Any]).decode


def micros(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """The instant so many microseconds after the epoch."""
    return _EPOCH + timedelta(microseconds=micros)


def body_of(prediction: Prediction) -> bytes:
    """All of a prediction but its input."""
    return _encode(msgspec.structs.replace(prediction, input={}))


def input_of(prediction: Prediction) -> bytes:
    """The input of a prediction."""
    return _encode(prediction.input)


def snapshot_of(prediction: Prediction) -> bytes:
    """All of a prediction."""
    return _encode(prediction)


def prediction_from(body: bytes, inputs: bytes) -> Prediction:
    """A prediction from its two columns."""
    return msgspec.structs.replace(_decode(body), input=_decode_input(inputs))


def claimed_from(row: sqlite3.Row | tuple[Any, ...]) -> Claimed:
    """From the columns owner, fence, secrets, body, input."""
    owner, fence, secrets, body, inputs = row
    return Claimed(prediction_from(body, inputs), Claim(owner, fence), secrets)


def delivery_from(row: tuple[Any, ...]) -> Delivery:
    """From the columns id, prediction, event, url, snapshot, created_at of `deliveries`."""
    delivery_id, prediction, event, url, snapshot, created_at = row
    return Delivery(
        id=delivery_id,
        prediction=prediction,
        event=Event(event),
        url=url,
        snapshot=snapshot,
        created_at=moment(created_at),
    )
