"""One SQLite file: its single writer, a connection for point reads, and one for scans."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from safelight.errors import StoreUnavailable
from safelight.stores.migrating import migrate
from safelight.stores.writer import Writer

T = TypeVar("T")

PATIENCE: Final = timedelta(seconds=10)
"""How long another process's lock is waited for."""


class Database:
    """What the parts of the store share. Opened inside a running event loop."""

    def __init__(self, path: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._writing = _connect(path)
        migrate(self._writing)
        # The writer waits in its thread, not on the loop.
        self._writing.execute("PRAGMA busy_timeout = 0")
        self._writer = Writer(self._writing)
        # Point reads take microseconds and run on the loop; scans run in a thread of their own.
        self._reading = _connect(path)
        self._scanning = _connect(path)
        self._scanner = ThreadPoolExecutor(1, "safelight-scan")
        self.submit = self._writer.submit
        """See `Writer.submit`."""

    def undone(self) -> int:
        """See `Writer.undone`."""
        return self._writer.undone

    def row(self, statement: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - a row, or None
        """The first row of a quick read.

        Raises:
            StoreUnavailable: It does not read.
        """
        try:
            return self._reading.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise _unreadable(error) from error

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a quick read; raises as `row` does."""
        try:
            return self._reading.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _unreadable(error) from error

    async def scan(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a read that may take a while; raises as `row` does."""
        return await self.read(lambda reading: reading.execute(statement, values).fetchall())

    async def read(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """What *look* gives, which may take a while, in a thread; raises as `row` does."""

        def read() -> T:
            try:
                return look(self._scanning)
            except sqlite3.Error as error:
                raise _unreadable(error) from error

        return await self._loop.run_in_executor(self._scanner, read)

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Write one statement, durably; gives how many rows it touched."""

        def change(connection: sqlite3.Connection) -> int:
            return connection.execute(statement, values).rowcount

        return await self.submit(change)

    async def check(self, *, writes: bool) -> None:
        """Find out whether it reads, and whether it *writes*.

        Raises:
            StoreUnavailable: It does not.
        """
        self.row("SELECT count(*) FROM checks")
        if writes:
            await self.execute(
                "INSERT OR REPLACE INTO checks (id, checked_at) VALUES (1, unixepoch() * 1000000)"
            )

    def time_commits(self, observe: Callable[[float], None]) -> None:
        """Tell *observe* how many seconds each commit takes."""
        self._writer.observe = observe

    async def close(self) -> None:
        """Finish what was asked, then let go of the file."""
        await self._writer.close()
        self._scanner.shutdown()
        for connection in (self._writing, self._reading, self._scanning):
            connection.close()


def _unreadable(error: sqlite3.Error) -> StoreUnavailable:
    return StoreUnavailable(f"The database cannot be read: {error}.")


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=PATIENCE.total_seconds()
        )
        with contextlib.closing(connection.cursor()) as cursor:
            _use_wal(cursor)
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA secure_delete = FAST")
            cursor.execute("PRAGMA mmap_size = 268435456")
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The database {path} cannot be opened: {error}.") from error
    return connection


def _use_wal(cursor: sqlite3.Cursor) -> None:
    # SQLite waits for no lock here, whatever the timeout, and first starts may race for it.
    give_up = time.monotonic() + PATIENCE.total_seconds()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.005)
        else:
            return
