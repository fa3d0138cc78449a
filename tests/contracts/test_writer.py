"""What the SQLite writer promises of what it answers before the commit."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from safelight.errors import StaleWrite, StoreUnavailable
from safelight.stores.writer import Operation, Writer


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncGenerator[Writer]:
    """A writer of one table, with a trace of its statements."""
    connection = sqlite3.connect(
        tmp_path / "w.db", isolation_level=None, check_same_thread=False, timeout=0
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (x INTEGER PRIMARY KEY CHECK (x < 100))")
    writer = Writer(connection)
    yield writer
    await writer.close()
    connection.close()


async def test_what_follows_an_early_answer_shares_its_commit(writer: Writer) -> None:
    """An insert, the claim that it wakes, and the start of what was claimed."""
    commits = _commits(writer)

    async def claim() -> None:
        await writer.submit(_add(2), durable=False, early=True)
        await asyncio.gather(asyncio.create_task(_start()))

    async def _start() -> None:
        await writer.submit(_add(3))

    claiming = asyncio.create_task(claim())
    await writer.submit(_add(1))
    await claiming
    assert len(commits) == 1
    assert _rows(writer) == [1, 2, 3]


async def test_an_early_answer_whose_commit_fails_is_void(writer: Writer) -> None:
    """It is not tried again: whoever acts on it finds nothing, and the rest stands for itself."""
    early = writer.submit(_add(1), durable=False, early=True)
    await early
    outcomes = await asyncio.gather(
        writer.submit(_needs(1)),
        writer.submit(_add(100)),
        writer.submit(_add(5)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [StaleWrite, StoreUnavailable, type(None)]
    assert _rows(writer) == [5]


async def test_a_large_one_does_not_void_what_was_answered_early(writer: Writer) -> None:
    """It waits for a transaction of its own."""
    early = writer.submit(_add(1), durable=False, early=True)
    await early
    await asyncio.gather(writer.submit(_add(2), large=True), writer.submit(_needs(1)))
    assert _rows(writer) == [1, 2]


def _add(x: int) -> Operation:
    def add(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (?)", (x,))

    return add


def _needs(x: int) -> Operation:
    def look(connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT x FROM t WHERE x = ?", (x,)).fetchone() is None:
            raise StaleWrite(f"There is no {x}.")

    return look


def _commits(writer: Writer) -> list[str]:
    seen: list[str] = []

    def trace(statement: str) -> None:
        if statement == "COMMIT":
            seen.append(statement)

    writer._connection.set_trace_callback(trace)
    return seen


def _rows(writer: Writer) -> list[int]:
    return [x for (x,) in writer._connection.execute("SELECT x FROM t ORDER BY x")]
