"""What is promised of the SQLite store beyond the contract: its file, a full disk, its schema."""

import asyncio
import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable
from contextlib import closing
from pathlib import Path

import pytest
from tests.contracts.stores import HOOK, claim, ids, running
from tests.support.making import MODEL, NOW, SOON, eventually, made

from safelight.errors import StaleWrite, StoreUnavailable
from safelight.prediction import Status
from safelight.stores.sqlite import SqliteStore

SECRET = b"sealed-secret-of-somebody-0123456789"
REFUSED = r"Nothing was accepted"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "safelight.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """One store, empty."""
    store = SqliteStore(path)
    yield store
    await store.close()


def fill_the_disk(store: SqliteStore) -> None:
    """Let the database grow no further, as if the disk were full."""
    (pages,) = store._database._writing.execute("PRAGMA page_count").fetchone()
    store._database._writing.execute(f"PRAGMA max_page_count = {pages}")


def free_the_disk(store: SqliteStore) -> None:
    """Let it grow again."""
    store._database._writing.execute("PRAGMA max_page_count = 1000000")


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    """What another process reads."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


async def test_an_insert_that_returned_is_seen_by_another_connection(
    store: SqliteStore, path: Path
) -> None:
    """It is committed, not only in memory."""
    waiting = made()
    await store.insert(waiting)
    assert rows(path, "SELECT id, status FROM predictions") == [(waiting.id, "starting")]


async def test_the_database_syncs_each_commit_of_a_promise(store: SqliteStore) -> None:
    """WAL with synchronous FULL: a power cut loses nothing that was accepted or moved."""
    modes = []
    store.watch(
        lambda _: modes.append(store._database._writing.execute("PRAGMA synchronous").fetchone()[0])
    )
    held = await running(store)
    await store.save(held.prediction.log("x"), Status.PROCESSING, held.claim)
    await store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim)
    _insert, started, _report, ended = modes
    assert (started, ended) == (2, 2)
    assert store._database._writing.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_nothing_of_erased_secrets_is_left_on_disk(store: SqliteStore, path: Path) -> None:
    """After the first save and a checkpoint, neither the database nor its log holds any of it."""
    waiting = [made() for _ in range(50)]
    await asyncio.gather(*(store.insert(p, SECRET * 40) for p in waiting))
    assert SECRET in b"".join(file.read_bytes() for file in path.parent.iterdir())
    await asyncio.gather(*(store.save(p.start(NOW), Status.STARTING) for p in waiting))
    assert rows(path, "SELECT count(*) FROM predictions WHERE secrets IS NOT NULL") == [(0,)]
    store._database._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert SECRET not in left


async def test_a_full_disk_refuses_inserts_and_changes_nothing(
    store: SqliteStore, path: Path
) -> None:
    """The caller is told, and nothing of it is there; what was accepted before still is."""
    before = made()
    await store.insert(before)
    fill_the_disk(store)
    with pytest.raises(StoreUnavailable, match=REFUSED):
        await store.insert(made(input={"x": "y" * 100_000}))
    assert rows(path, "SELECT id FROM predictions") == [(before.id,)]
    assert await store.get(before.id, "me") == before


async def test_a_full_disk_refuses_a_move_together_with_its_webhook(
    store: SqliteStore, path: Path
) -> None:
    """Neither is there without the other."""
    held = await running(store, webhook=HOOK)
    fill_the_disk(store)
    ended = held.prediction.log("x" * 100_000).succeed(NOW)
    with pytest.raises(StoreUnavailable):
        await store.save(ended, Status.PROCESSING, held.claim)
    assert rows(path, "SELECT status FROM predictions") == [("processing",)]
    assert rows(path, "SELECT event FROM deliveries") == []
    free_the_disk(store)
    await store.save(ended, Status.PROCESSING, held.claim)
    assert await store.get(ended.id, "me") == ended
    assert rows(path, "SELECT event FROM deliveries") == [("completed",)]


async def test_a_start_that_a_full_disk_undoes_is_heard_of(store: SqliteStore, path: Path) -> None:
    """It was answered before its commit, which then failed: it waits as before, to be claimed."""
    waiting = made()
    await store.insert(waiting)
    (held,) = await claim(store)
    fill_the_disk(store)
    kept = await store.begin(held.prediction.start(NOW), held.claim)
    large = store.insert(made(input={"x": "y" * 100_000}))
    outcomes = await asyncio.gather(kept, large, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StaleWrite, StoreUnavailable]
    assert rows(path, "SELECT status FROM predictions") == [("starting",)]


async def test_what_fits_on_a_full_disk_is_accepted_beside_what_does_not(
    store: SqliteStore,
) -> None:
    """Many writes shared a commit that failed; each then stands for itself."""
    small = [made(id=f"{n:026}") for n in range(6)]
    for prediction in small:
        await store.insert(prediction)
    fill_the_disk(store)
    large = made(input={"x": "y" * 100_000})
    writes: list[Awaitable[None]] = [store.save(p.cancel(NOW), Status.STARTING) for p in small]
    writes.insert(3, store.insert(large))
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(o) for o in outcomes if o is not None] == [StoreUnavailable]
    assert outcomes[3] is not None
    ended = [(await store.get(p.id, "me")).status for p in small]
    assert ended == [Status.CANCELED] * 6


async def test_runs_are_counted_again_once_the_disk_has_room(
    store: SqliteStore,
) -> None:
    """A refused count is not the last one; it may be off by what was refused with it."""
    await store.insert(made())
    fill_the_disk(store)
    with pytest.raises(StoreUnavailable):
        await store.insert(made(input={"x": "y" * 100_000}))
    free_the_disk(store)
    await store.insert(made())

    async def counted() -> bool:
        return (await store.run_counts())[MODEL] in {2, 3}

    assert await eventually(counted, within=3)


async def test_a_read_only_database_refuses_every_write(store: SqliteStore) -> None:
    """Each in the same words, and reading goes on."""
    held = await running(store)
    store._database._writing.execute("PRAGMA query_only = ON")
    writes = [
        store.insert(made()),
        store.save(held.prediction.succeed(NOW), Status.PROCESSING, held.claim),
        store.renew({held.prediction.id: held.claim}, NOW),
        store.orphans("w2", NOW + SOON, NOW + SOON),
        store.release("w1"),
        store.accounts.revoke_token("one", "me", NOW),
    ]
    for write in writes:
        with pytest.raises(StoreUnavailable, match=REFUSED):
            await write
    assert await store.get(held.prediction.id, "me") == held.prediction
    assert await ids(store) == [held.prediction.id]


async def test_a_lock_of_another_process_is_waited_for_without_holding_up_the_loop(
    store: SqliteStore, path: Path
) -> None:
    """Backups and other engines lock for moments; readers and the loop go on meanwhile."""
    first = made()
    await store.insert(first)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        write = asyncio.create_task(store.insert(made()))
        for _ in range(200):
            await asyncio.sleep(0)
            assert await store.get(first.id, "me") == first
        assert not write.done()
        other.execute("COMMIT")
    await asyncio.wait_for(write, 5)


async def test_a_guard_is_judged_anew_after_a_lock_was_waited_for(
    store: SqliteStore, path: Path
) -> None:
    """What another process wrote meanwhile counts."""
    waiting = made()
    await store.insert(waiting)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        write = asyncio.create_task(store.save(waiting.start(NOW), Status.STARTING))
        await asyncio.sleep(0)
        other.execute("UPDATE predictions SET status = 'canceled'")
        other.execute("COMMIT")
        with pytest.raises(StaleWrite):
            await write


def test_an_empty_file_gets_the_whole_schema(path: Path) -> None:
    """Every numbered file was applied, and the number says so."""
    path.touch()

    async def open_and_use() -> None:
        store = SqliteStore(path)
        await store.insert(made())
        await store.close()

    asyncio.run(open_and_use())
    tables = {name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"predictions", "deliveries", "tokens", "run_counts"} <= tables
    ((version,),) = rows(path, "PRAGMA user_version")
    assert isinstance(version, int)
    assert version >= 1


async def test_opening_again_changes_nothing_of_the_schema(path: Path) -> None:
    """A migration is applied once."""
    schemas = []
    for _ in range(3):
        await SqliteStore(path).close()
        schemas.append(rows(path, "SELECT sql FROM sqlite_master ORDER BY name"))
    assert schemas[0] == schemas[1] == schemas[2]


async def test_a_database_of_a_newer_safelight_is_refused_untouched(path: Path) -> None:
    """The message says what to do."""
    await SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreUnavailable, match=r"schema 999.*Update Safelight"):
        SqliteStore(path)
    assert rows(path, "PRAGMA user_version") == [(999,)]


@pytest.fixture
def something_else(path: Path) -> Path:
    """A file that is no database."""
    path.write_bytes(b"this is not a database, and long enough to be looked at" * 100)
    return path


async def test_what_is_no_database_is_refused_by_name(something_else: Path) -> None:
    """A file of something else, or in a folder that is not there."""
    for path in (something_else, something_else.parent / "nowhere" / "safelight.db"):
        with pytest.raises(StoreUnavailable, match=f"{re.escape(str(path))} cannot be opened"):
            SqliteStore(path)


def test_processes_that_start_at_once_on_no_database_all_open_it(path: Path) -> None:
    """The first brings the schema, the others wait for it and find it."""
    count = 8
    together = threading.Barrier(count)
    faults: list[BaseException] = []

    async def open_one() -> None:
        together.wait()
        store = SqliteStore(path)
        await store.insert(made())
        await store.close()

    def process() -> None:
        try:
            asyncio.run(open_one())
        except BaseException as error:  # noqa: BLE001 - shown by the test
            faults.append(error)

    threads = [threading.Thread(target=process) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert rows(path, "SELECT count(*) FROM predictions") == [(count,)]


async def test_claims_and_lists_go_by_an_index_however_many_rows_there_are(
    store: SqliteStore, path: Path
) -> None:
    """The oldest of a queue and the newest of an account are found without sorting."""
    plan = rows(
        path,
        "EXPLAIN QUERY PLAN SELECT seq FROM predictions WHERE status = 'starting' AND owner IS NULL"
        " AND queue = 'a/b' AND due_at <= 1 ORDER BY due_at LIMIT 1",
    )
    assert "predictions_waiting" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
    listing = rows(
        path,
        "EXPLAIN QUERY PLAN SELECT body FROM predictions WHERE account = 'me'"
        " AND (created_at, id) < (1, 'x') ORDER BY created_at DESC, id DESC LIMIT 101",
    )
    assert "predictions_listed" in str(listing)
    assert "TEMP B-TREE" not in str(listing)
