"""Moves as SQL, run inside the writer's transactions."""

import heapq
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from safelight.errors import AlreadyAccepted, Conflict, StaleWrite
from safelight.prediction import Prediction, Status
from safelight.store import Claim, Claimed, Once, Room
from safelight.stores import holds, references
from safelight.stores.owing import Owing
from safelight.stores.rows import body_of, claimed_from, input_of, micros

Change = Callable[[sqlite3.Connection], Any]

_INSERT: Final = """
    INSERT INTO predictions
        (id, account, model, source, status, created_at, deadline, due_at, secrets, input, body,
         fingerprint, deployment, destination, queue)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_IS_HERE: Final = "SELECT 1 FROM predictions WHERE id = ?"
_REMOVE_DATA: Final = (
    "UPDATE predictions SET body = ?, input = ?, data_removed = 1 WHERE id = ? AND status = ?"
)
_FORGET: Final = f"""
    DELETE FROM predictions WHERE id = ? AND destination IS NULL
        AND status IN ({", ".join(f"'{status}'" for status in Status if status.is_terminal)})
"""  # noqa: S608 - no value in it
_FIND_KEY: Final = """
    SELECT prediction, fingerprint FROM idempotency_keys
    WHERE token = ? AND key = ? AND created_at > ?
"""
_FORGET_KEYS: Final = "DELETE FROM idempotency_keys WHERE created_at <= ?"
_KEEP_KEY: Final = """
    INSERT INTO idempotency_keys (token, key, prediction, fingerprint, created_at)
    VALUES (?, ?, ?, ?, ?)
"""
KEY_LIFE: Final = timedelta(hours=24)
_COUNT: Final = """
    INSERT INTO run_counts (model, runs) VALUES (?, ?)
    ON CONFLICT (model) DO UPDATE SET runs = runs + excluded.runs
"""
_SAVE: Final = """
    UPDATE predictions SET status = ?1, body = ?2, secrets = NULL
    WHERE id = ?3 AND status = ?4 AND (?5 IS NULL OR (owner = ?5 AND fence = ?6))
"""
# An index is written anew for each column that a statement names, whether it changes or not.
_END: Final = _SAVE.replace(
    "NULL\n", "NULL, owner = NULL, lease_until = NULL, completed_at = ?7\n", 1
)
_IS_HELD: Final = """
    SELECT 1 FROM predictions WHERE id = ? AND owner = ? AND fence = ? AND status <> 'starting'
"""
_NEXT_QUEUE: Final = """
    SELECT due_at, seq, queue FROM predictions
    WHERE status = 'starting' AND owner IS NULL AND queue > ? ORDER BY queue, due_at, seq LIMIT 1
"""
_BEHIND: Final = """
    SELECT due_at, seq FROM predictions
    WHERE status = 'starting' AND owner IS NULL AND queue = ?
    ORDER BY due_at, seq LIMIT -1 OFFSET 1
"""
_CLAIM: Final = """
    UPDATE predictions SET owner = ?, fence = fence + 1, lease_until = ?
    WHERE seq IN (
        SELECT seq FROM predictions
        WHERE status = 'starting' AND owner IS NULL AND queue = ?
        ORDER BY due_at, seq LIMIT ?
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
    """A new row, unless the same was inserted under the same key."""

    def __init__(
        self, prediction: Prediction, secret_inputs: bytes | None, once: Once | None
    ) -> None:
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
            None if once is None else once.fingerprint,
            prediction.deployment,
            prediction.destination,
            prediction.queue,
        )
        self._prediction = prediction
        self._once = once

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it.

        Raises:
            AlreadyAccepted: The key stands for the same create.
            Conflict: The key stands for another.
            SpendLimitReached: What it may cost may not be spent.
        """
        key = None if self._once is None else self._once.key
        if self._once is not None and key is not None:
            self._check_key(connection, key, self._once.fingerprint)
        holds.check_create(connection, self._prediction)
        if self._once is not None and key is not None:
            self._keep_key(connection, key, self._once.fingerprint)
        connection.execute(_INSERT, self._row)
        holds.hold(connection, self._prediction)
        if self._prediction.files:
            references.refer(connection, self._prediction)

    def _check_key(self, connection: sqlite3.Connection, key: str, fingerprint: bytes) -> None:
        p = self._prediction
        expired = micros(p.created_at - KEY_LIFE)
        if found := connection.execute(_FIND_KEY, (p.token, key, expired)).fetchone():
            if found[1] == fingerprint:
                raise AlreadyAccepted(found[0])
            raise Conflict("This Idempotency-Key was used for another request. Send a fresh key.")

    def _keep_key(self, connection: sqlite3.Connection, key: str, fingerprint: bytes) -> None:
        p = self._prediction
        expired = micros(p.created_at - KEY_LIFE)
        connection.execute(_FORGET_KEYS, (expired,))
        kept = (p.token, key, p.id, fingerprint, micros(p.created_at))
        connection.execute(_KEEP_KEY, kept)


def restore(predictions: Sequence[Prediction]) -> Change:
    """Rows of predictions that have ended, where there are none.

    The column `completed_at` stays empty: retention is about what ended here.
    """
    rows = [(prediction.id, Insert(prediction, None, None)) for prediction in predictions]

    def change(connection: sqlite3.Connection) -> None:
        for prediction_id, insert in rows:
            if connection.execute(_IS_HERE, (prediction_id,)).fetchone() is None:
                insert(connection)

    return change


def remove_data(prediction: Prediction) -> Change:
    """The row without what went in and came out."""
    p = prediction
    row = (body_of(p), input_of(p), p.id, p.status)

    def change(connection: sqlite3.Connection) -> None:
        if not p.status.is_terminal or connection.execute(_REMOVE_DATA, row).rowcount == 0:
            raise StaleWrite(f"Prediction {p.id} has not ended as {p.status}.")
        references.let_go(connection, p.id)
        references.forget_deliveries(connection, p.id)

    return change


def forget(prediction_id: str) -> Change:
    """No row any more, and nothing that it referred to."""

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_FORGET, (prediction_id,)).rowcount == 0:
            raise StaleWrite(f"Prediction {prediction_id} has not ended, or is gone.")
        references.let_go(connection, prediction_id)
        references.forget_deliveries(connection, prediction_id)

    return change


def count(runs: Mapping[str, int]) -> Change:
    """Add up runs by model."""
    rows = list(runs.items())

    def change(connection: sqlite3.Connection) -> None:
        connection.executemany(_COUNT, rows)

    return change


def save(prediction: Prediction, was: Status, claim: Claim | None, now: datetime) -> Change:
    """The guarded update, and the webhook events that it owes."""
    owner, fence = (None, 0) if claim is None else (claim.owner, claim.fence)
    status = prediction.status
    row = (status, body_of(prediction), prediction.id, was, owner, fence)
    statement, values = _SAVE, row
    if status.is_terminal:
        ended = prediction.completed_at and micros(prediction.completed_at)
        statement, values = _END, (*row, ended)
    owing = None if prediction.webhook is None else Owing(prediction, was, now)
    # What it had while it ran may be less, or of a run before a crash.
    has_other_output = was is Status.PROCESSING and (
        bool(prediction.files) or status in {Status.FAILED, Status.CANCELED}
    )

    def change(connection: sqlite3.Connection) -> None:
        events = () if owing is None else owing.events(connection)
        if connection.execute(statement, values).rowcount == 0:
            raise StaleWrite(f"Prediction {prediction.id} is no longer {was} in these hands.")
        if owing is not None:
            owing.write(connection, events)
        if status.is_terminal:
            holds.let_go(connection, prediction)
        if has_other_output:
            references.let_go(connection, prediction.id)
        if prediction.files:
            references.refer(connection, prediction)

    return change


def begin(
    prediction: Prediction, claim: Claim, now: datetime, undone: Callable[[], int]
) -> tuple[Change, Change]:
    """The save of a start, and what then finds out whether the start was *undone*.

    It raises StaleWrite if so; it may look in the same transaction, or later.
    """
    start = save(prediction, Status.STARTING, claim, now)
    before = -1

    def change(connection: sqlite3.Connection) -> None:
        nonlocal before
        start(connection)
        before = undone()

    def stays(connection: sqlite3.Connection) -> None:
        if undone() != before:
            held = (prediction.id, claim.owner, claim.fence)
            if connection.execute(_IS_HELD, held).fetchone() is None:
                raise StaleWrite(f"The start of prediction {prediction.id} was undone.")

    return change, stays


def claim(owner: str, room: Room, until: datetime) -> Change:
    """Leases within the room there is; over all queues that have some, oldest first."""
    end = micros(until)

    def change(connection: sqlite3.Connection) -> list[Claimed]:
        taken: list[Claimed] = []
        for queue, most in _dealt(connection, room).items():
            rows = connection.execute(_CLAIM, (owner, end, queue, most)).fetchall()
            taken.extend(map(claimed_from, rows))
        return taken

    return change


def _dealt(connection: sqlite3.Connection, room: Room) -> Mapping[str, int]:
    """How many of each queue are to go, its first."""
    deal = room.deal()
    heads = [head for head in _heads(connection) if deal.left(head[2])]
    if len(heads) == 1:
        queue = heads[0][2]
        deal.give(queue, deal.left(queue))
        return deal.taken
    lines: dict[str, sqlite3.Cursor] = {}
    heapq.heapify(heads)
    while heads:
        queue = heads[0][2]
        following = None
        if deal.left(queue):
            deal.give(queue)
            if queue not in lines:
                lines[queue] = connection.execute(_BEHIND, (queue,))
            following = lines[queue].fetchone()
        if following is None:  # nobody there, or no room: and there will be none
            heapq.heappop(heads)
        else:
            heapq.heapreplace(heads, (*following, queue))
    for line in lines.values():
        line.close()
    return deal.taken


def _heads(connection: sqlite3.Connection) -> list[tuple[int, int, str]]:
    """Of each queue when and where its first came, and its name."""
    # A loose index scan: one step a queue, however many predictions wait.
    heads: list[tuple[int, int, str]] = []
    queue = ""
    while row := connection.execute(_NEXT_QUEUE, (queue,)).fetchone():
        heads.append(row)
        queue = row[2]
    return heads


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
