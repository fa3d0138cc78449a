"""Between rows and values."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from safelight.page import Part
from safelight.prediction import Prediction
from safelight.store import Claim, Claimed, Query

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


def part_of(
    part: Part, conditions: Sequence[str], values: Sequence[Any], key: str = "id"
) -> tuple[str, list[Any]]:
    """What follows `SELECT ... FROM ...` to get a part of a list, and the values for it.

    One row more than the limit, to tell whether more follow; backwards, oldest first.
    """
    where, bound = list(conditions), list(values)
    if part.position is not None:
        where.append(f"(created_at, {key}) {'>' if part.is_backwards else '<'} (?, ?)")
        bound.extend((micros(part.position[0]), part.position[1]))
    order = "ASC" if part.is_backwards else "DESC"
    matching = f" WHERE {' AND '.join(where)}" if where else ""
    return (
        f"{matching} ORDER BY created_at {order}, {key} {order} LIMIT {part.limit + 1:d}",
        bound,
    )


def listing(query: Query) -> tuple[str, list[Any]]:
    """The statement that gets what `predictions_from` reads, and the values for it."""
    where, values = within(query)
    where.insert(1, "destination IS NOT NULL" if query.trainings else "destination IS NULL")
    tail, values = part_of(query, where, values)
    return f"SELECT body, input FROM predictions{tail}", values  # noqa: S608 - no value in it


def within(query: Query) -> tuple[list[str], list[Any]]:
    """The conditions of a query, but for its place, and the values for them."""
    where: list[str] = ["account = ?"]
    values: list[Any] = [query.account]
    narrowing: list[tuple[str, Any]] = [
        ("created_at >= ?", query.created_after and micros(query.created_after)),
        ("created_at < ?", query.created_before and micros(query.created_before)),
        # Without a literal, SQLite would not take the index of these few.
        ("source = 'web' AND source = ?" if query.source == "web" else "source = ?", query.source),
    ]
    for condition, value in narrowing:
        if value is not None:
            where.append(condition)
            values.append(value)
    return where, values


def body_of(prediction: Prediction) -> bytes:
    """All of a prediction but its input."""
    return _encode(msgspec.structs.replace(prediction, input={}))


def input_of(prediction: Prediction) -> bytes:
    """The input of a prediction."""
    return _encode(prediction.input)


def prediction_from(body: bytes, inputs: bytes) -> Prediction:
    """A prediction from its two columns."""
    return msgspec.structs.replace(_decode(body), input=_decode_input(inputs))


def predictions_from(rows: list[tuple[bytes, bytes]]) -> list[Prediction]:
    """Predictions in the order of *rows*, which are used up: large inputs are not kept twice."""
    found: list[Prediction] = []
    rows.reverse()
    while rows:
        found.append(prediction_from(*rows.pop()))
    return found


def claimed_from(row: sqlite3.Row | tuple[Any, ...]) -> Claimed:
    """From the columns owner, fence, secrets, body, input."""
    owner, fence, secrets, body, inputs = row
    return Claimed(prediction_from(body, inputs), Claim(owner, fence), secrets)
