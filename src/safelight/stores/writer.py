"""The single writer of a SQLite database: one connection, group commit.

Statements run on the event loop, where they take microseconds. So does the commit while the disk
answers as quickly as a thread would: the hop there and back costs what such an fsync takes. A
slower disk is waited for in the thread, and meanwhile the next batch gathers. A writer thread that
ran the statements too would fight the loop for the interpreter lock once per statement: measured,
that costs a third of the throughput.

A claim is answered before its commit, and the transaction stays open a moment: what the worker does
first with what it claimed, the start, then shares the insert's fsync.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice, takewhile
from typing import Any, Final

from safelight.errors import StoreUnavailable

MOST_PER_COMMIT: Final = 512
QUICK: Final = 0.0004
"""Seconds that a commit may usually take if the loop is to wait for it."""
LINGER: Final = 2
"""Turns of the loop for which a transaction stays open once it has answered early.

In the first, whoever asked wakes up and launches tasks; in the second, these ask for their saves.
"""
LONGEST: Final = 6
"""Turns for which it stays open at the most, however many answers lead to others."""

Operation = Callable[[sqlite3.Connection], Any]


class _Job:
    """One operation, who waits for it, and how it went."""

    __slots__ = ("error", "future", "is_durable", "is_early", "is_large", "operation", "result")

    def __init__(
        self,
        operation: Operation,
        future: "asyncio.Future[Any]",
        *,
        is_durable: bool,
        is_early: bool,
        is_large: bool,
    ) -> None:
        self.operation = operation
        self.future = future
        self.is_durable = is_durable
        self.is_early = is_early
        self.is_large = is_large
        self.result: Any = None
        self.error: Exception | None = None

    def attempt(self, connection: sqlite3.Connection) -> None:
        """Run it; a refusal belongs to whoever asked, a failure of the database to the batch."""
        self.error = None  # of an earlier attempt, which was rolled back
        try:
            self.result = self.operation(connection)
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - handed over as it is
            self.error = error

    def settle(self) -> None:
        """Tell whoever waits."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Runs operations in the order they were asked, many to a commit; each is all or nothing.

    An operation must raise its refusals before it writes, so that a refusal leaves nothing behind.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._for_thread: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="safelight-commit", daemon=True)
        self._thread.start()
        self._waiting: list[_Job] = []
        self._batch: list[_Job] = []
        self._turns = 0
        """For which the transaction has stayed open."""
        self.undone = 0
        """How often a transaction was undone: what it had answered early is void."""
        self._usual_time = QUICK
        """Seconds that a commit with an fsync takes, on the whole."""
        self.observe: Callable[[float], None] = _observe_nothing
        """Told how many seconds each commit takes, in whichever thread that was."""
        self._is_busy = False
        self._is_full_sync = True
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(
        self,
        operation: Operation,
        *,
        durable: bool = True,
        early: bool = False,
        large: bool = False,
    ) -> "asyncio.Future[Any]":
        """Queue an operation; the future is done after its commit.

        What is not *durable* may be undone by a power cut (never by a killed process): leases and
        hints, whose loss costs nothing, need no fsync of their own. An *early* one is answered
        before its commit, which may then fail: nobody may act on it but by another operation. A
        *large* one, of megabytes, runs in the thread.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append(
            _Job(operation, future, is_durable=durable, is_early=early, is_large=large)
        )
        if not self._is_busy:
            self._is_busy = True
            self._idle.clear()
            # Not at once: what else is asked in this turn of the loop shares the commit.
            self._loop.call_soon(self._next_batch)
        return future

    async def close(self) -> None:
        """Finish what was asked, then stop."""
        await self._idle.wait()
        self._for_thread.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _next_batch(self) -> None:
        self._batch = self._take_small()
        if self._batch:
            self._on_loop(self._open)
        elif self._waiting:  # a large one, for itself
            self._batch = [self._waiting.pop(0)]
            self._for_thread.put(self._sort_out)
        else:
            self._is_busy = False
            self._idle.set()

    def _take_small(self) -> list[_Job]:
        small = takewhile(lambda job: not job.is_large, self._waiting)
        taken = list(islice(small, MOST_PER_COMMIT))
        del self._waiting[: len(taken)]
        return taken

    def _on_loop(self, step: Callable[..., None], *arguments: int) -> None:
        try:
            step(*arguments)
        except sqlite3.Error:
            # Locked by another process, or at fault: the thread may wait, and sorts it out.
            self._rollback()
            self._for_thread.put(self._sort_out)

    def _open(self) -> None:
        answers_early = any(job.is_early for job in self._batch)
        self._begin(is_full=answers_early or any(job.is_durable for job in self._batch))
        self._run(self._batch)
        self._turns = 0
        self._close_after(LINGER if answers_early else 0)

    def _run(self, batch: list[_Job]) -> None:
        for job in batch:
            job.attempt(self._connection)
            if job.is_early:
                job.settle()

    def _close_after(self, turns: int) -> None:
        if turns > 0:
            self._loop.call_soon(self._on_loop, self._join, turns)
        elif self._usual_time < QUICK:
            self._commit()
            self._finish()
        else:
            self._for_thread.put(self._commit_patiently)

    def _join(self, turns: int) -> None:
        joining = self._take_small()
        self._batch += joining
        self._run(joining)
        self._turns += 1
        is_followed = self._turns < LONGEST and any(job.is_early for job in joining)
        self._close_after(LINGER if is_followed else turns - 1)

    def _serve(self) -> None:
        while (work := self._for_thread.get()) is not None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - the writer must outlive it
                for job in self._batch:
                    job.error = job.error or StoreUnavailable(f"The writer failed: {error!r}.")
            try:
                self._loop.call_soon_threadsafe(self._finish)
            except RuntimeError:  # the loop is closed: nobody is left to tell
                return

    def _finish(self) -> None:
        done = self._batch
        try:
            self._next_batch()  # its commit is under way while those who waited for this one go on
        finally:
            for job in done:
                job.settle()

    def _begin(self, *, is_full: bool) -> None:
        if is_full is not self._is_full_sync:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if is_full else 'NORMAL'}")
            self._is_full_sync = is_full
        self._connection.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        started = time.perf_counter()
        self._connection.execute("COMMIT")
        seconds = time.perf_counter() - started
        if self._is_full_sync:
            self._usual_time += (seconds - self._usual_time) / 8
        self.observe(seconds)

    def _commit_patiently(self) -> None:
        try:
            self._commit()
        except sqlite3.Error:
            self._rollback()
            self._sort_out()

    def _sort_out(self) -> None:
        """In the thread: wait for locks; should the batch fail, let each stand for itself."""
        # What was answered and then rolled back is void: the save that follows it finds out.
        batch = [job for job in self._batch if not (job.is_early and job.future.done())]
        self._connection.execute("PRAGMA busy_timeout = 10000")
        self._patiently(batch)
        self._connection.execute("PRAGMA busy_timeout = 0")

    def _patiently(self, batch: list[_Job]) -> None:
        try:
            self._begin(is_full=any(job.is_durable for job in batch))
            for job in batch:
                job.attempt(self._connection)
            self._commit()
        except sqlite3.Error as error:
            self._rollback()
            if len(batch) == 1 or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                for job in batch:  # one wait for another process's lock is enough for all
                    job.error = _refused(error)
                return
            for job in batch:
                self._patiently([job])

    def _rollback(self) -> None:
        self.undone += 1
        with suppress(sqlite3.Error):  # then there is nothing left to roll back
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _observe_nothing(_seconds: float) -> None:
    pass


def _refused(error: sqlite3.Error) -> StoreUnavailable:
    return StoreUnavailable(
        f"The database cannot be written ({error}). Nothing was accepted. "
        "Check the free space and the permissions of SAFELIGHT_HOME, then try again."
    )
