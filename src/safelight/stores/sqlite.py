"""The store on SQLite: WAL, synchronous FULL, one writer with group commit, readers beside it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from safelight.account import AccountStore
from safelight.deployment import DeploymentStore
from safelight.errors import NotFound, SafelightError, Stopping
from safelight.file import FileStore
from safelight.ledger import LedgerStore
from safelight.model import EXAMPLES, ModelStore, Version
from safelight.outbox import OutboxStore
from safelight.prediction import Prediction, Status
from safelight.retention import RetentionStore
from safelight.store import Claim, Claimed, Filter, Found, Listener, Load, Once, Query, Room
from safelight.stores import changes
from safelight.stores.accounts import SqliteAccounts
from safelight.stores.database import Database
from safelight.stores.deployments import SqliteDeployments
from safelight.stores.files import SqliteFiles
from safelight.stores.finding import find, without_inputs
from safelight.stores.ledger import SqliteLedger
from safelight.stores.models import SqliteModels, version_left
from safelight.stores.outbox import SqliteOutbox
from safelight.stores.retention import SqliteRetention
from safelight.stores.rows import listing, micros, prediction_from, predictions_from

LARGE: Final = 1_000_000
"""Bytes of input from which rows are written, and listed, in a thread."""
COUNT_EVERY: Final = timedelta(seconds=1)
"""How soon another process sees how often a model was run."""
LOOK_AGAIN: Final = timedelta(seconds=1)
"""How soon a waiter notices an end that another process wrote."""


_LOAD: Final = """
    SELECT (SELECT count(*) FROM predictions WHERE status = 'starting' AND owner IS NULL),
        (SELECT count(*) FROM predictions WHERE owner IS NOT NULL),
        (SELECT count(*) FROM predictions WHERE owner IS NOT NULL AND status = 'starting')
"""
_PLACE: Final = """
    SELECT count(*) + 1 FROM (
        SELECT 1 FROM predictions
        WHERE status = 'starting' AND owner IS NULL AND queue = ?1 AND due_at <= ?2
            AND (due_at < ?2 OR seq < (SELECT seq FROM predictions WHERE id = ?3))
        LIMIT ?4
    )
"""


class SqliteStore:
    """Implements `safelight.store.Store`. Opened inside a running event loop."""

    def __init__(self, path: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._database = Database(path)
        self._accounts = SqliteAccounts(self._database)
        self._files = SqliteFiles(self._database)
        self._models = SqliteModels(self._database)
        self._deployments = SqliteDeployments(self._database)
        self._outbox = SqliteOutbox(self._database)
        self._retention = SqliteRetention(self._database)
        self._ledger = SqliteLedger(self._database)
        self._listeners: list[Listener] = []
        self._uncounted: Counter[str] = Counter()
        self._is_stopping = False
        self._waiters: dict[str, list[asyncio.Future[Prediction | None]]] = {}

    @property
    def accounts(self) -> AccountStore:
        """See `Store.accounts`."""
        return self._accounts

    @property
    def files(self) -> FileStore:
        """See `Store.files`."""
        return self._files

    @property
    def models(self) -> ModelStore:
        """See `Store.models`."""
        return self._models

    @property
    def outbox(self) -> OutboxStore:
        """See `Store.outbox`."""
        return self._outbox

    @property
    def deployments(self) -> DeploymentStore:
        """See `Store.deployments`."""
        return self._deployments

    @property
    def retention(self) -> RetentionStore:
        """See `Store.retention`."""
        return self._retention

    @property
    def ledger(self) -> LedgerStore:
        """See `Store.ledger`."""
        return self._ledger

    async def insert(
        self, prediction: Prediction, secrets: bytes | None = None, once: Once | None = None
    ) -> None:
        """See `Store.insert`."""
        change = changes.Insert(prediction, secrets, once)
        # Heard first, a worker's claim comes in the same turn of the loop and shares the fsync.
        self._tell(prediction)
        committed = self._database.submit(change, large=change.size > LARGE)
        self._count(prediction.model)  # not after the commit: by then it may be closed
        try:
            await committed
        except SafelightError:  # refused, or made before
            self._count(prediction.model, -1)
            raise

    async def created_like(
        self, fingerprint: bytes, account: str, since: datetime
    ) -> Sequence[str]:
        """See `Store.created_like`."""
        rows = await self._database.scan(
            "SELECT id FROM predictions INDEXED BY predictions_repeated"
            " WHERE account = ? AND created_at > ? AND fingerprint = ? ORDER BY created_at DESC",
            (account, micros(since), fingerprint),
        )
        return [prediction_id for (prediction_id,) in rows]

    async def get(self, prediction_id: str, account: str | None) -> Prediction:
        """See `Store.get`."""
        row = self._database.row(
            "SELECT body, input FROM predictions"
            " WHERE id = ?1 AND (?2 IS NULL OR account IN (?2, ?3))",
            (prediction_id, account, EXAMPLES),
        )
        if row is None:
            raise NotFound
        return prediction_from(*row)

    async def restore(self, predictions: Sequence[Prediction]) -> None:
        """See `Store.restore`."""
        await self._database.submit(changes.restore(predictions))

    async def of_version(self, model: str, version_id: str) -> Mapping[str, str]:
        """See `Store.of_version`."""
        rows = await self._database.scan(
            "SELECT body FROM predictions WHERE model = ? AND data_removed = 0 AND instr(body, ?)",
            (model, version_id.encode()),
        )
        found = (prediction_from(body, b"{}") for (body,) in rows)
        return {one.id: one.account for one in found if one.version == version_id}

    async def remove_data(self, prediction: Prediction) -> None:
        """See `Store.remove_data`."""
        await self._database.submit(changes.remove_data(prediction))

    async def forget(self, prediction: Prediction) -> None:
        """See `Store.forget`."""
        await self._database.submit(changes.forget(prediction.id))

    async def without_inputs(self, ids: Collection[str], account: str) -> Sequence[Prediction]:
        """See `Store.without_inputs`."""
        return await self._database.read(partial(without_inputs, ids=ids, account=account))

    async def list(self, query: Query) -> Sequence[Prediction]:
        """See `Store.list`."""
        rows = await self._database.scan(*listing(query))
        if sum(len(inputs) for _, inputs in rows) > LARGE:
            found = await asyncio.to_thread(predictions_from, rows)
        else:
            found = predictions_from(rows)
        return found[::-1] if query.is_backwards else found

    async def find(self, query: Query, wanted: Filter) -> Found:
        """See `Store.find`."""
        return await self._database.read(partial(find, query=query, wanted=wanted))

    async def claim(self, owner: str, room: Room, until: datetime) -> Sequence[Claimed]:
        """See `Store.claim`."""
        change = changes.claim(owner, room, until)
        return await self._database.submit(change, durable=False, early=True)

    async def place(self, prediction: Prediction, most: int) -> int:
        """See `Store.place`."""
        created = micros(prediction.created_at)
        row = self._database.row(_PLACE, (prediction.queue, created, prediction.id, most - 1))
        return 1 if row is None else int(row[0])

    async def save(
        self,
        prediction: Prediction,
        was: Status,
        claim: Claim | None = None,
        version: Version | None = None,
    ) -> None:
        """See `Store.save`."""
        is_move = prediction.status is not was
        change = changes.save(prediction, was, claim, datetime.now(UTC))
        if version is not None:
            change = version_left(change, prediction.destination or "", version)
        await self._database.submit(change, durable=is_move)
        self._tell(prediction)
        if prediction.status.is_terminal:
            self._tell_waiters(prediction)

    async def begin(self, prediction: Prediction, claim: Claim) -> "asyncio.Future[None]":
        """See `Store.begin`."""
        start, stays = changes.begin(prediction, claim, datetime.now(UTC), self._database.undone)
        await self._database.submit(start, early=True)
        kept = self._database.submit(stays)
        kept.add_done_callback(partial(self._tell_of_start, prediction))
        return kept

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

    async def run_counts(self) -> Mapping[str, int]:
        """See `Store.run_counts`."""
        rows = self._database.rows("SELECT model, runs FROM run_counts")
        return Counter(dict(rows)) + self._uncounted

    async def check(self, *, writes: bool) -> None:
        """See `Store.check`."""
        if self._is_stopping:
            raise Stopping
        await self._database.check(writes=writes)

    async def load(self) -> Load:
        """See `Store.load`."""
        ((waiting, leased, claimed),) = await self._database.scan(_LOAD)
        return Load(waiting=waiting + claimed, running=leased - claimed)

    def time_commits(self, observe: Callable[[float], None]) -> None:
        """See `Store.time_commits`."""
        self._database.time_commits(observe)

    async def close(self) -> None:
        """See `Store.close`."""
        self._write_counts()
        await self._database.close()

    def _count(self, model: str, by: int = 1) -> None:
        # Written once a second; what a crash or a full disk loses is a number on a page.
        if not self._uncounted:
            self._loop.call_later(COUNT_EVERY.total_seconds(), self._write_counts)
        self._uncounted[model] += by

    def _write_counts(self) -> None:
        if self._uncounted:
            runs, self._uncounted = self._uncounted, Counter()
            counted = self._database.submit(changes.count(runs), durable=False)
            counted.add_done_callback(_ignore_refusal)

    def _tell_of_start(self, prediction: Prediction, kept: "asyncio.Future[None]") -> None:
        if not kept.cancelled() and kept.exception() is None:
            self._tell(prediction)

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
