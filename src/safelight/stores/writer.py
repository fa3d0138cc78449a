"""The single writer of a SQLite database: one thread, one connection, group commit."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from safelight.errors import StoreUnavailable

MOST_PER_COMMIT: Final = 512

Operation = Callable[[sqlite3.Connection], Any]
_Job = tuple[Operation, bool, "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]


class Writer:
    """Runs operations in the order they were asked, many to a commit; each is all or nothing.

    An operation must raise its refusals before it writes, so that a refusal leaves nothing behind.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._is_full_sync = True
        self._thread = threading.Thread(target=self._serve, name="safelight-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation, *, durable: bool = True) -> "asyncio.Future[Any]":
        """Queue an operation; the future is done after its commit.

        What is not *durable* may be undone by a power cut (never by a killed process): leases and
        hints, whose loss costs nothing, need no fsync of their own.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put((operation, durable, future))
        return future

    async def close(self) -> None:
        """Finish what was asked, then stop."""
        self._jobs.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _serve(self) -> None:
        while (batch := self._next_batch()) is not None:
            outcomes = self._commit(batch)
            try:
                self._loop.call_soon_threadsafe(_settle, outcomes)
            except RuntimeError:  # the loop is closed: nobody is left to tell
                return

    def _next_batch(self) -> list[_Job] | None:
        job = self._jobs.get()
        batch: list[_Job] = []
        while job is not None:
            batch.append(job)
            if len(batch) == MOST_PER_COMMIT:
                return batch
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._jobs.put(None)  # stop after this batch
            return batch
        return None

    def _commit(self, batch: list[_Job]) -> list[_Outcome]:
        try:
            return self._transact(batch)
        except sqlite3.Error as error:
            self._rollback()
            if len(batch) == 1:
                return [(batch[0][2], None, _refused(error))]
        # One of them is at fault, or the disk is: let each stand for itself.
        return [outcome for job in batch for outcome in self._commit([job])]

    def _transact(self, batch: list[_Job]) -> list[_Outcome]:
        self._sync_fully(is_full=any(durable for _, durable, _ in batch))
        self._connection.execute("BEGIN IMMEDIATE")
        outcomes = [_attempt(operation, self._connection, future) for operation, _, future in batch]
        self._connection.execute("COMMIT")
        return outcomes

    def _sync_fully(self, *, is_full: bool) -> None:
        if is_full is not self._is_full_sync:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if is_full else 'NORMAL'}")
            self._is_full_sync = is_full

    def _rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _attempt(
    operation: Operation, connection: sqlite3.Connection, future: "asyncio.Future[Any]"
) -> _Outcome:
    try:
        return future, operation(connection), None
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 - a refusal belongs to whoever asked
        return future, None, error


def _refused(error: sqlite3.Error) -> StoreUnavailable:
    return StoreUnavailable(
        f"The database cannot be written ({error}). Nothing was accepted. "
        "Check the free space and the permissions of SAFELIGHT_HOME, then try again."
    )


def _settle(outcomes: Sequence[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
