"""Deliveries, their attempts, and signing secrets on SQLite."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from safelight.errors import NotFound, StaleWrite
from safelight.outbox import Attempt, Capacity, Delivery, Lane, SealedSecret, State, Taking
from safelight.page import Part
from safelight.prediction import Prediction
from safelight.stores.database import Database
from safelight.stores.rows import micros, moment, part_of, prediction_from
from safelight.webhook import Event

MOST_PRUNED: Final = 100
"""Deliveries forgotten in one transaction."""
MOST_LOOKED_AT: Final = 512
"""Due rows, or else lanes, that one claim looks at: it runs on the event loop."""
FAR: Final = timedelta(hours=2)
"""Nothing is put off for so long: what is has been put off by a clock that was ahead."""

_COLUMNS: Final = (
    "id, account, prediction, event, url, created_at, state, attempts, due_at, settled_at"
)
_IS_DUE: Final = """
    SELECT EXISTS (
        SELECT 1 FROM deliveries WHERE due_at IS NOT NULL AND owner IS NULL AND due_at <= ?1
    ) OR EXISTS (
        SELECT 1 FROM deliveries WHERE owner IS NOT NULL AND lease_until <= ?1
    ) OR EXISTS (
        SELECT 1 FROM deliveries WHERE due_at IS NOT NULL AND owner IS NULL AND due_at > ?2
    ) OR EXISTS (
        SELECT 1 FROM deliveries WHERE owner IS NOT NULL AND lease_until > ?2
    )
"""
_NEXT_DUE: Final = """
    SELECT min(due_at) FROM deliveries WHERE due_at IS NOT NULL AND owner IS NULL AND due_at > ?
"""
_FREE_LAPSED: Final = """
    UPDATE deliveries SET owner = NULL, lease_until = NULL
    WHERE owner IS NOT NULL AND (lease_until <= ? OR lease_until > ?)
"""
_BRING_BACK: Final = """
    UPDATE deliveries SET due_at = ?1
    WHERE due_at IS NOT NULL AND owner IS NULL AND due_at > ?2
"""
_LANES_DUE: Final = """
    SELECT account, host FROM deliveries
    WHERE due_at IS NOT NULL AND owner IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?
"""
_NEXT_LANE: Final = """
    SELECT account, host, due_at FROM deliveries
    WHERE due_at IS NOT NULL AND owner IS NULL AND (account, host) > (?, ?)
    ORDER BY account, host, due_at LIMIT 1
"""
_CLAIM: Final = f"""
    UPDATE deliveries SET owner = ?, lease_until = ?
    WHERE seq IN (
        SELECT seq FROM deliveries d
        WHERE due_at IS NOT NULL AND owner IS NULL AND account = ? AND host = ? AND due_at <= ?
            AND NOT EXISTS (
                SELECT 1 FROM deliveries
                WHERE prediction = d.prediction AND seq < d.seq AND due_at IS NOT NULL
            )
        ORDER BY due_at, seq LIMIT ?
    )
    RETURNING {_COLUMNS}
"""  # noqa: S608 - no value in it
_AS_IT_WAS: Final = """
    SELECT coalesce(d.snapshot, p.body), p.input
    FROM deliveries d JOIN predictions p ON p.id = d.prediction WHERE d.id = ?
"""
# Of a blob, the length is known without reading it.
_SIZE: Final = """
    SELECT length(p.body) + length(p.input)
    FROM deliveries d JOIN predictions p ON p.id = d.prediction WHERE d.id = ?
"""
_SETTLE: Final = """
    UPDATE deliveries SET attempts = attempts + 1, owner = NULL, lease_until = NULL,
        state = ?1, due_at = ?2, settled_at = ?3,
        snapshot = CASE WHEN ?2 IS NULL THEN NULL ELSE snapshot END
    WHERE id = ?4 AND owner = ?5
    RETURNING attempts
"""
_ATTEMPT: Final = "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?)"
_LAST_ATTEMPTS: Final = """
    SELECT a.delivery, a.at, a.took, a.status, a.error FROM json_each(?) AS asked
    JOIN attempts AS a ON a.delivery = asked.value
    WHERE a.number = (SELECT max(number) FROM attempts WHERE delivery = asked.value)
"""
_RELEASE: Final = "UPDATE deliveries SET owner = NULL, lease_until = NULL WHERE owner = ?"
_REPLAY: Final = """
    UPDATE deliveries SET state = 'pending', due_at = ?, settled_at = NULL
    WHERE id = ? AND account = ? AND owner IS NULL
"""
_OLD: Final = "SELECT id FROM deliveries WHERE settled_at IS NOT NULL AND settled_at < ? LIMIT ?"
_KEEP_SEALED: Final = """
    INSERT INTO signing_secrets (account, sealed) SELECT ?1, ?2 WHERE NOT EXISTS (
        SELECT 1 FROM signing_secrets WHERE account = ?1 AND expires_at IS NULL
    )
"""
_END_SEALED: Final = """
    UPDATE signing_secrets SET expires_at = min(coalesce(expires_at, ?1), ?1) WHERE account = ?2
"""


class SqliteOutbox:
    """Implements `safelight.outbox.OutboxStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Callable[[], None]] = []
        self._walk = _Walk()

    def watch(self, listener: Callable[[], None]) -> None:
        """See `OutboxStore.watch`."""
        self._listeners.append(listener)

    async def claim(
        self, owner: str, capacity: Capacity, now: datetime, until: datetime
    ) -> Sequence[Delivery]:
        """See `OutboxStore.claim`."""
        (is_due,) = self._database.row(_IS_DUE, (micros(now), micros(now + FAR)))
        if not is_due or capacity.total <= 0:
            return []
        # A power cut may undo it: then nobody holds what nobody is left to send.
        change = _claim(owner, capacity, now, until, self._walk)
        return await self._database.submit(change, durable=False)

    async def next_due(self, after: datetime) -> datetime | None:
        """See `OutboxStore.next_due`."""
        (due_at,) = self._database.row(_NEXT_DUE, (micros(after),))
        return None if due_at is None else moment(due_at)

    async def as_it_was(self, delivery: Delivery) -> Prediction:
        """See `OutboxStore.as_it_was`."""
        row = self._database.row(_AS_IT_WAS, (delivery.id,))
        if row is None:
            raise NotFound(f"Prediction {delivery.prediction} is gone.")
        return prediction_from(*row)

    async def size(self, delivery: Delivery) -> int:
        """See `OutboxStore.size`."""
        row = self._database.row(_SIZE, (delivery.id,))
        return 0 if row is None else row[0]

    async def settle(
        self, delivery: Delivery, owner: str, attempt: Attempt, again_at: datetime | None
    ) -> None:
        """See `OutboxStore.settle`; what a power cut undoes is sent again, under the same id."""
        change = _settle(delivery, owner, attempt, again_at)
        await self._database.submit(change, durable=False)

    async def release(self, owner: str) -> None:
        """See `OutboxStore.release`."""
        await self._database.execute(_RELEASE, (owner,))

    async def list(
        self, account: str, part: Part, prediction: str | None = None
    ) -> Sequence[Delivery]:
        """See `OutboxStore.list`."""
        where, values = ["account = ?"], [account]
        if prediction is not None:
            # The plus keeps the order of all the account's deliveries from being walked for it.
            where, values = ["+account = ?", "prediction = ?"], [account, prediction]
        tail, bound = part_of(part, where, values)
        rows = await self._database.scan(f"SELECT {_COLUMNS} FROM deliveries{tail}", bound)  # noqa: S608 - no value in it
        found = [_delivery_from(row) for row in rows]
        return found[::-1] if part.is_backwards else found

    async def get(self, delivery_id: str, account: str) -> Delivery:
        """See `OutboxStore.get`."""
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM deliveries WHERE id = ? AND account = ?",  # noqa: S608 - no value in it
            (delivery_id, account),
        )
        if row is None:
            raise NotFound(f"There is no delivery {delivery_id}.")
        return _delivery_from(row)

    async def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """See `OutboxStore.attempts`."""
        rows = self._database.rows(
            "SELECT at, took, status, error FROM attempts WHERE delivery = ? ORDER BY number",
            (delivery_id,),
        )
        return [_attempt_from(row) for row in rows]

    async def last_attempts(self, delivery_ids: Collection[str]) -> Mapping[str, Attempt]:
        """See `OutboxStore.last_attempts`."""
        asked = msgspec.json.encode(list(delivery_ids)).decode()
        rows = await self._database.scan(_LAST_ATTEMPTS, (asked,))
        return {delivery_id: _attempt_from(row) for delivery_id, *row in rows}

    async def of_prediction(self, prediction_id: str) -> Sequence[Delivery]:
        """See `OutboxStore.of_prediction`."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM deliveries WHERE prediction = ? ORDER BY seq",  # noqa: S608 - no value in it
            (prediction_id,),
        )
        return [_delivery_from(row) for row in rows]

    async def replay(self, delivery_id: str, account: str, now: datetime) -> Delivery:
        """See `OutboxStore.replay`."""
        await self._database.execute(_REPLAY, (micros(now), delivery_id, account))
        delivery = await self.get(delivery_id, account)
        for listener in self._listeners:
            listener()
        return delivery

    async def prune(self, before: datetime) -> None:
        """See `OutboxStore.prune`; in pieces, so that others write meanwhile."""
        await self._database.execute(
            "DELETE FROM signing_secrets WHERE expires_at < ?", (micros(before),)
        )
        while await self._database.submit(_prune(before), durable=False) == MOST_PRUNED:
            pass

    async def secrets(self, account: str, now: datetime) -> Sequence[SealedSecret]:
        """See `OutboxStore.secrets`."""
        rows = self._database.rows(
            "SELECT sealed, expires_at FROM signing_secrets"
            " WHERE account = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY seq DESC",
            (account, micros(now)),
        )
        return [SealedSecret(sealed, None if end is None else moment(end)) for sealed, end in rows]

    async def add_secret(self, account: str, sealed: bytes) -> None:
        """See `OutboxStore.add_secret`."""
        await self._database.execute(_KEEP_SEALED, (account, sealed))

    async def replace_secret(self, account: str, sealed: bytes, expires_at: datetime) -> None:
        """See `OutboxStore.replace_secret`."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(_END_SEALED, (micros(expires_at), account))
            connection.execute(_KEEP_SEALED, (account, sealed))

        await self._database.submit(change)


class _Walk:
    """Goes round the lanes, and on from where it stopped, so that each has its turn."""

    def __init__(self) -> None:
        self._last: Lane = ("", "")

    def lanes(self, connection: sqlite3.Connection, now: int) -> Iterator[Lane]:
        """Those in which something is due: all of them, or as many as one claim looks at."""
        due = connection.execute(_LANES_DUE, (now, MOST_LOOKED_AT)).fetchall()
        if len(due) < MOST_LOOKED_AT:
            yield from dict.fromkeys(due)  # the one that has waited longest first
        else:
            yield from self._around(connection, now)

    def _around(self, connection: sqlite3.Connection, now: int) -> Iterator[Lane]:
        # A loose index scan: one step a lane, however many deliveries wait in it.
        first, has_turned = self._last, False
        for _ in range(MOST_LOOKED_AT):
            row = connection.execute(_NEXT_LANE, self._last).fetchone()
            if row is None and has_turned:
                return
            if row is None:
                self._last, has_turned = ("", ""), True
                continue
            account, host, due_at = row
            self._last = (account, host)
            if due_at <= now:
                yield self._last
            if has_turned and self._last >= first:
                return


def _claim(
    owner: str, capacity: Capacity, now: datetime, until: datetime, walk: _Walk
) -> Callable[[sqlite3.Connection], list[Delivery]]:
    at, end, far = micros(now), micros(until), micros(now + FAR)

    def change(connection: sqlite3.Connection) -> list[Delivery]:
        connection.execute(_FREE_LAPSED, (at, far))
        connection.execute(_BRING_BACK, (at, far))
        taken: list[Delivery] = []
        taking = Taking(capacity)
        for lane in walk.lanes(connection, at):
            most = taking.left(lane)
            if most > 0:
                rows = connection.execute(_CLAIM, (owner, end, *lane, at, most)).fetchall()
                taking.take(lane, len(rows))
                taken.extend(map(_delivery_from, rows))
            if taking.is_full:
                break
        return taken

    return change


def _settle(
    delivery: Delivery, owner: str, attempt: Attempt, again_at: datetime | None
) -> Callable[[sqlite3.Connection], None]:
    a = attempt
    took = a.took // timedelta(microseconds=1)
    ended = micros(a.at) + took
    if again_at is not None:
        outcome = (State.PENDING, micros(again_at), None)
    else:
        outcome = (State.DELIVERED if a.is_delivered else State.FAILED, None, ended)

    def change(connection: sqlite3.Connection) -> None:
        row = connection.execute(_SETTLE, (*outcome, delivery.id, owner)).fetchone()
        if row is None:
            raise StaleWrite(f"Delivery {delivery.id} is in other hands.")
        (number,) = row
        connection.execute(_ATTEMPT, (delivery.id, number, micros(a.at), took, a.status, a.error))

    return change


def _prune(before: datetime) -> Callable[[sqlite3.Connection], int]:
    def change(connection: sqlite3.Connection) -> int:
        old = connection.execute(_OLD, (micros(before), MOST_PRUNED)).fetchall()
        connection.executemany("DELETE FROM attempts WHERE delivery = ?", old)
        connection.executemany("DELETE FROM deliveries WHERE id = ?", old)
        return len(old)

    return change


def _attempt_from(row: Sequence[Any]) -> Attempt:
    at, took, status, error = row
    return Attempt(at=moment(at), took=timedelta(microseconds=took), status=status, error=error)


def _delivery_from(row: Sequence[Any]) -> Delivery:
    delivery_id, account, prediction, event, url, created_at, state, attempts, due, settled = row
    return Delivery(
        id=delivery_id,
        account=account,
        prediction=prediction,
        event=Event(event),
        url=url,
        created_at=moment(created_at),
        state=State(state),
        attempts=attempts,
        due_at=None if due is None else moment(due),
        settled_at=None if settled is None else moment(settled),
    )
