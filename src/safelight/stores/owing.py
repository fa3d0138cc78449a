"""The webhook events that a save owes, found and written inside its transaction."""

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from safelight.outbox import owed
from safelight.prediction import Prediction, Status
from safelight.stores.rows import body_of, micros
from safelight.webhook import Event, host_of

_BEFORE: Final = "SELECT body FROM predictions WHERE id = ?"
_OWE: Final = """
    INSERT INTO deliveries
        (id, account, prediction, event, url, host, created_at, due_at, snapshot)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)
"""
# What was not sent yet is out of date: nothing piles up before a slow receiver.
_SUPERSEDE: Final = """
    DELETE FROM deliveries
    WHERE prediction = ? AND event = ? AND due_at IS NOT NULL AND owner IS NULL AND attempts = 0
"""
_SUPERSEDED: Final = frozenset({Event.OUTPUT, Event.LOGS})
_encode: Final = msgspec.json.Encoder().encode


class _Told(msgspec.Struct):
    """Of a stored prediction, what output and logs events tell; as bytes, to be compared."""

    output: msgspec.Raw = msgspec.Raw(b"null")
    logs: msgspec.Raw = msgspec.Raw(b'""')


_decode: Final = msgspec.json.Decoder(_Told).decode


class Owing:
    """What one save owes: asked before the row is written, put into the outbox afterwards."""

    def __init__(self, prediction: Prediction, was: Status, now: datetime) -> None:
        self._prediction = prediction
        self._was = was
        self._now = micros(now)
        self._at_most = owed(prediction, was, has_new_output=True, has_new_logs=True)

    def events(self, connection: sqlite3.Connection) -> Sequence[Event]:
        """Which events it is, by what the row holds so far."""
        if _SUPERSEDED.isdisjoint(self._at_most):
            return self._at_most
        row = connection.execute(_BEFORE, (self._prediction.id,)).fetchone()
        if row is None:
            return ()
        p, before = self._prediction, _decode(row[0])
        return owed(
            p,
            self._was,
            has_new_output=p.output is not None and _encode(p.output) != bytes(before.output),
            has_new_logs=p.logs != "" and _encode(p.logs) != bytes(before.logs),
        )

    def write(self, connection: sqlite3.Connection, events: Sequence[Event]) -> None:
        """Put them into the outbox, in place of older ones of their kind that were not sent."""
        p, url = self._prediction, self._prediction.webhook or ""
        for event in events:
            if event in _SUPERSEDED:
                connection.execute(_SUPERSEDE, (p.id, event))
            message = "msg_" + secrets.token_hex(12)
            snapshot = None if event is Event.COMPLETED else body_of(p)
            row = (message, p.account, p.id, event, url, host_of(url), self._now, snapshot)
            connection.execute(_OWE, row)
