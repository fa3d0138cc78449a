"""The store on SQLite: WAL, synchronous FULL, one writer with group commit, readers beside it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from safelight.account import AccountStore
from safelight.errors import NotFound, Stopping
from safelight.prediction import Prediction, Status
from safelight.store import Claim, Claimed, Listener, Query, Room
from safelight.stores import changes
from safelight.stores.accounts import SqliteAccounts
from safelight.stores.database import Database
from safelight.stores.rows import delivery_from, micros, prediction_from
from safelight.webhook import Delivery

LARGE: Final = 1_000_000
"""Bytes of input from which a row is written in the thread."""
COUNT_EVERY: Final = timedelta(seconds=1)
"""How soon another process sees how often a model was run."""
LOOK_AGAIN: Final = timedelta(seconds=1)
"""How soon a waiter notices an end that another process wrote."""


class SqliteStore:
    """Implements `safelight.store.Store`. Opened inside a running event loop."""

    def __init__(self, path: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._database = Database(path)
        self._accounts = SqliteAccounts(self._database)
        self._listeners: list[Listener] = []
        self._uncounted: Counter[str] = Counter()
        self._is_stopping = False
        self._waiters: dict[str, list[asyncio.Future[Prediction | None]]] = {}

    @property
    def accounts(self) -> AccountStore:
        """See `Store.accounts`."""
        return self._accounts

    async def insert(self, prediction: Prediction, secrets: bytes | None = None) -> None:
        """See `Store.insert`."""
        change = changes.Insert(prediction, secrets)
        # Heard first, a worker's claim comes in the same turn of the loop and shares the fsync.
        self._tell(prediction)
        committed = self._database.submit(change, large=change.size > LARGE)
        self._count(prediction.model)
        await committed

    async def get(self, prediction_id: str, account: str | None) -> Prediction:
        """See `Store.get`."""
        row = self._database.row(
            "SELECT body, input FROM predictions WHERE id = ?1 AND (?2 IS NULL OR account = ?2)",
            (prediction_id, account),
        )
        if row is None:
            raise NotFound
        return prediction_from(*row)

    async def list(self, query: Query) -> Sequence[Prediction]:
        """See `Store.list`."""
        statement, values = _list_statement(query)
        rows = await self._database.scan(statement, values)
        found = [prediction_from(body, inputs) for body, inputs in rows]
        return found[::-1] if query.is_backwards else found

    async def claim(
        self, owner: str, room: Room, now: datetime, until: datetime
    ) -> Sequence[Claimed]:
        """See `Store.claim`."""
        change = changes.claim(owner, room, now, until)
        return await self._database.submit(change, durable=False, early=True)

    async def save(self, prediction: Prediction, was: Status, claim: Claim | None = None) -> None:
        """See `Store.save`."""
        is_move = prediction.status is not was
        change = changes.save(prediction, was, claim, datetime.now(UTC))
        await self._database.submit(change, durable=is_move)
        self._tell(prediction)
        if prediction.status.is_terminal:
            self._tell_waiters(prediction)

    async def renew(self, claims: Mapping[str, Claim], until: datetime) -> frozenset[str]:
        """See `Store.renew`."""
        return await self._database.submit(changes.renew(claims, until), durable=False)

    async def orphans(self, owner: str, now: datetime, until: datetime) -> Sequence[Claimed]:
        """See `Store.orphans`."""
        return await self._database.submit(changes.take_orphans(owner, now, until), durable=False)

    async def release(self, owner: str) -> None:
        """See `Store.release`."""
        await self._database.submit(changes.release(owner))

    async def overdue(self, now: datetime) -> Sequence[Prediction]:
        """See `Store.overdue`."""
        rows = self._database.rows(
            "SELECT body, input FROM predictions"
            " WHERE status = 'starting' AND deadline IS NOT NULL AND deadline <= ? LIMIT 100",
            (micros(now),),
        )
        return [prediction_from(body, inputs) for body, inputs in rows]

    async def ended(self, prediction_id: str, within: timedelta) -> Prediction | None:
        """See `Store.ended`."""
        give_up = self._loop.time() + within.total_seconds()
        while (left := give_up - self._loop.time()) > 0:
            if self._is_stopping:
                raise Stopping
            ended = await self._next_end(prediction_id, min(left, LOOK_AGAIN.total_seconds()))
            if ended is not None or self._has_ended(prediction_id):
                return ended or await self.get(prediction_id, None)
        return None

    def stop_waiting(self) -> None:
        """See `Store.stop_waiting`."""
        self._is_stopping = True
        for waiters in self._waiters.values():
            for waiter in waiters:
                _settle(waiter, None)

    def watch(self, listener: Listener) -> None:
        """See `Store.watch`."""
        self._listeners.append(listener)

    async def deliveries(self, prediction_id: str) -> Sequence[Delivery]:
        """See `Store.deliveries`."""
        rows = self._database.rows(
            "SELECT id, prediction, event, url, snapshot, created_at FROM deliveries"
            " WHERE prediction = ? ORDER BY seq",
            (prediction_id,),
        )
        return [delivery_from(row) for row in rows]

    async def run_counts(self) -> Mapping[str, int]:
        """See `Store.run_counts`."""
        rows = self._database.rows("SELECT model, runs FROM run_counts")
        return Counter(dict(rows)) + self._uncounted

    async def close(self) -> None:
        """See `Store.close`."""
        self._write_counts()
        await self._database.close()

    def _count(self, model: str) -> None:
        # Written once a second; what a crash or a full disk loses is a number on a page.
        if not self._uncounted:
            self._loop.call_later(COUNT_EVERY.total_seconds(), self._write_counts)
        self._uncounted[model] += 1

    def _write_counts(self) -> None:
        if self._uncounted:
            runs, self._uncounted = self._uncounted, Counter()
            counted = self._database.submit(changes.count(runs), durable=False)
            counted.add_done_callback(_ignore_refusal)

    def _tell(self, prediction: Prediction) -> None:
        for listener in self._listeners:
            listener(prediction)

    def _has_ended(self, prediction_id: str) -> bool:
        row = self._database.row("SELECT status FROM predictions WHERE id = ?", (prediction_id,))
        return row is not None and Status(row[0]).is_terminal

    async def _next_end(self, prediction_id: str, seconds: float) -> Prediction | None:
        waiter: asyncio.Future[Prediction | None] = self._loop.create_future()
        waiters = self._waiters.setdefault(prediction_id, [])
        waiters.append(waiter)
        alarm = self._loop.call_later(seconds, _settle, waiter, None)
        try:
            return await waiter
        finally:
            alarm.cancel()
            waiters.remove(waiter)
            if not waiters:
                self._waiters.pop(prediction_id, None)

    def _tell_waiters(self, prediction: Prediction) -> None:
        for waiter in self._waiters.get(prediction.id, ()):
            _settle(waiter, prediction)


def _ignore_refusal(done: "asyncio.Future[None]") -> None:
    _ = done.cancelled() or done.exception()


def _settle(waiter: "asyncio.Future[Prediction | None]", value: Prediction | None) -> None:
    if not waiter.done():
        waiter.set_result(value)


def _list_statement(query: Query) -> tuple[str, list[Any]]:
    where: list[str] = ["account = ?"]
    values: list[Any] = [query.account]
    narrowing: list[tuple[str, Any]] = [
        ("created_at >= ?", query.created_after and micros(query.created_after)),
        ("created_at < ?", query.created_before and micros(query.created_before)),
        ("source = ?", query.source),
    ]
    for condition, value in narrowing:
        if value is not None:
            where.append(condition)
            values.append(value)
    if query.position is not None:
        where.append(f"(created_at, id) {'>' if query.is_backwards else '<'} (?, ?)")
        created_at, prediction_id = query.position
        values.extend((micros(created_at), prediction_id))
    order = "ASC" if query.is_backwards else "DESC"
    statement = (
        f"SELECT body, input FROM predictions WHERE {' AND '.join(where)}"  # noqa: S608 - no value in it
        f" ORDER BY created_at {order}, id {order} LIMIT {query.limit + 1:d}"
    )
    return statement, values
