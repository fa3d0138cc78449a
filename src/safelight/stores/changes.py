"""Moves as SQL, run inside the writer's transactions."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from safelight.errors import StaleWrite
from safelight.prediction import Prediction, Status
from safelight.store import Claim, Claimed, Room
from safelight.stores.rows import body_of, claimed_from, input_of, micros, snapshot_of
from safelight.webhook import Event, wanted

Change = Callable[[sqlite3.Connection], Any]

_INSERT: Final = """
    INSERT INTO predictions
        (id, account, model, source, status, created_at, deadline, due_at, secrets, input, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_COUNT: Final = """
    INSERT INTO run_counts (model, runs) VALUES (?, ?)
    ON CONFLICT (model) DO UPDATE SET runs = runs + excluded.runs
"""
_SAVE: Final = """
    UPDATE predictions SET status = ?1, body = ?2, secrets = NULL,
        owner = CASE WHEN ?3 THEN NULL ELSE owner END,
        lease_until = CASE WHEN ?3 THEN NULL ELSE lease_until END
    WHERE id = ?4 AND status = ?5 AND (?6 IS NULL OR (owner = ?6 AND fence = ?7))
"""
_OWE: Final = """
    INSERT INTO deliveries (id, prediction, event, url, snapshot, created_at, due_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
"""
_NEXT_MODEL: Final = """
    SELECT model FROM predictions
    WHERE status = 'starting' AND owner IS NULL AND model > ? ORDER BY model LIMIT 1
"""
_CLAIM: Final = """
    UPDATE predictions SET owner = ?, fence = fence + 1, lease_until = ?
    WHERE seq IN (
        SELECT seq FROM predictions
        WHERE status = 'starting' AND owner IS NULL AND model = ? AND due_at <= ?
        ORDER BY due_at LIMIT ?
    )
    RETURNING owner, fence, secrets, body, input
"""
_FREE_LAPSED: Final = """
    UPDATE predictions SET owner = NULL, lease_until = NULL
    WHERE owner IS NOT NULL AND lease_until <= ? AND status = 'starting'
"""
_TAKE_ORPHANS: Final = """
    UPDATE predictions SET owner = ?, fence = fence + 1, lease_until = ?
    WHERE owner IS NOT NULL AND lease_until <= ? AND status = 'processing'
    RETURNING owner, fence, secrets, body, input
"""
_RENEW: Final = """
    UPDATE predictions SET lease_until = ? WHERE id = ? AND owner = ? AND fence = ?
"""


class Insert:
    """A new row."""

    def __init__(self, prediction: Prediction, secret_inputs: bytes | None) -> None:
        created = micros(prediction.created_at)
        inputs = input_of(prediction)
        self.size = len(inputs)
        """Bytes of input."""
        self._row = (
            prediction.id,
            prediction.account,
            prediction.model,
            prediction.source,
            prediction.status.value,
            created,
            None if prediction.deadline is None else micros(prediction.deadline),
            created,
            secret_inputs,
            inputs,
            body_of(prediction),
        )

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it."""
        connection.execute(_INSERT, self._row)


def count(runs: Mapping[str, int]) -> Change:
    """Add up runs by model."""
    rows = list(runs.items())

    def change(connection: sqlite3.Connection) -> None:
        connection.executemany(_COUNT, rows)

    return change


def save(prediction: Prediction, was: Status, claim: Claim | None, now: datetime) -> Change:
    """The guarded update, and the webhook event that the move owes."""
    owner, fence = (None, 0) if claim is None else (claim.owner, claim.fence)
    status = prediction.status
    row = (status, body_of(prediction), status.is_terminal, prediction.id, was, owner, fence)
    owed = list(_owed(prediction, was, now))

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SAVE, row).rowcount == 0:
            raise StaleWrite(f"Prediction {prediction.id} is no longer {was} in these hands.")
        if owed:
            connection.executemany(_OWE, owed)

    return change


def _owed(prediction: Prediction, was: Status, now: datetime) -> Iterator[tuple[Any, ...]]:
    if prediction.webhook is None:
        return
    event = _event(prediction, was)
    if wanted(event, prediction.webhook, prediction.webhook_events):
        message = "msg_" + secrets.token_hex(12)
        snapshot = snapshot_of(prediction)
        yield message, prediction.id, event, prediction.webhook, snapshot, micros(now)


def _event(prediction: Prediction, was: Status) -> Event:
    if prediction.status.is_terminal:
        return Event.COMPLETED
    if was is Status.STARTING:
        return Event.START
    return Event.LOGS if prediction.output is None else Event.OUTPUT


def claim(owner: str, room: Room, now: datetime, until: datetime) -> Change:
    """Leases within each model's room, oldest first."""
    moment, end = micros(now), micros(until)

    def change(connection: sqlite3.Connection) -> list[Claimed]:
        taken: list[Claimed] = []
        for model in _waiting_models(connection):
            most = min(room.models.get(model, room.others), room.total - len(taken))
            if most > 0:
                rows = connection.execute(_CLAIM, (owner, end, model, moment, most)).fetchall()
                taken.extend(map(claimed_from, rows))
        return taken

    return change


def _waiting_models(connection: sqlite3.Connection) -> Iterator[str]:
    # A loose index scan: one step a model, however many predictions wait.
    model = ""
    while row := connection.execute(_NEXT_MODEL, (model,)).fetchone():
        model = row[0]
        yield model


def renew(claims: Mapping[str, Claim], until: datetime) -> Change:
    """Longer leases for those still held."""
    end = micros(until)

    def change(connection: sqlite3.Connection) -> frozenset[str]:
        return frozenset(
            prediction_id
            for prediction_id, held in claims.items()
            if connection.execute(_RENEW, (end, prediction_id, held.owner, held.fence)).rowcount
        )

    return change


def take_orphans(owner: str, now: datetime, until: datetime) -> Change:
    """Lapsed leases: waiting rows are freed for any claim, running ones are taken over."""
    moment, end = micros(now), micros(until)

    def change(connection: sqlite3.Connection) -> list[Claimed]:
        connection.execute(_FREE_LAPSED, (moment,))
        rows = connection.execute(_TAKE_ORPHANS, (owner, end, moment)).fetchall()
        return list(map(claimed_from, rows))

    return change


def release(owner: str) -> Change:
    """Let all leases of *owner* lapse at once."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE predictions SET lease_until = 0 WHERE owner = ?", (owner,))

    return change
