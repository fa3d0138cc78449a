"""Retention: what goes, what stays, and which bytes leave the disk."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.api.calls import ECHO, ORIGIN, SKETCH, Api, Json, Running, problem
from tests.support.making import eventually

from safelight.model import EXAMPLES
from safelight.prediction import Status
from safelight.store import Room
from safelight.sweeper import SELDOM, YOUNG, Sweeper, interval

HOUR = timedelta(hours=1)
OURS = f"account <> '{EXAMPLES}'"
"""The predictions that no page shows as an example."""
PICTURE = {"prompt": "a harbour", "width": 256, "height": 256}


def sweeper(api: Api, *, keep_for: timedelta | None = HOUR, ahead: timedelta = HOUR) -> Sweeper:
    """One whose clock is ahead, so that what has just ended is old."""
    clock = lambda: datetime.now(UTC) + ahead + timedelta(seconds=1)  # noqa: E731 - it is one
    return Sweeper(api.engine.store, api.engine.blobs, keep_for=keep_for, clock=clock)


def blobs(api: Api) -> list[Path]:
    """The files of the blob store."""
    return [path for path in (api.settings.home / "blobs").rglob("*") if path.is_file()]


def rows(api: Api, statement: str) -> list[Any]:
    """What a second program sees in the database."""
    with closing(sqlite3.connect(api.settings.database)) as connection:
        return connection.execute(statement).fetchall()


async def picture(api: Api, **facts: Any) -> Json:
    """A prediction with a file."""
    return await api.run(SKETCH, PICTURE | facts)


def url(shown: Json) -> str:
    """Where its file is."""
    output = shown["output"]
    found: str = output[0] if isinstance(output, list) else output
    return found.removeprefix(ORIGIN)


async def test_after_its_time_the_data_is_gone_and_the_record_stays(api: Api) -> None:
    """Input, output, logs and files go; ids, times and metrics stay, also in the list."""
    shown = await picture(api)
    assert (await api.client.get(url(shown))).status_code == 200
    assert await sweeper(api).remove_data() == 1
    after = await api.get(shown["id"])
    gone = {"input": {}, "output": None, "logs": "", "data_removed": True}
    assert after == shown | gone
    (listed,) = (await api.client.get("/v1/predictions")).json()["results"]
    assert (listed["id"], listed["data_removed"]) == (shown["id"], True)
    problem(await api.client.get(url(shown)), 404)
    stream = shown["urls"]["stream"].removeprefix(ORIGIN)
    problem(await api.client.get(stream), 404)


async def test_nothing_of_the_data_is_left_in_its_row(api: Api) -> None:
    """Not in another column either."""
    await api.run(ECHO, {"prompt": "unmistakable"})
    await sweeper(api).remove_data()
    (row,) = rows(api, f"SELECT * FROM predictions WHERE {OURS}")  # noqa: S608 - the test's own words
    assert "unmistakable" not in repr(row)


async def test_what_ended_a_moment_ago_keeps_its_data(api: Api) -> None:
    """Its time is counted from its end."""
    shown = await picture(api)
    assert await sweeper(api, ahead=timedelta(minutes=59)).remove_data() == 0
    assert await api.get(shown["id"]) == shown


async def test_what_has_not_ended_keeps_its_data(running: Running) -> None:
    """However old it is."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api:
        waiting = await api.echo()
        assert await sweeper(api, ahead=timedelta(days=99)).remove_data() == 0
        assert (await api.get(waiting["id"]))["input"] == waiting["input"]


@pytest.mark.parametrize("keep_for", [None, timedelta(days=99_999_999)])
async def test_without_the_setting_everything_is_kept(api: Api, keep_for: timedelta | None) -> None:
    """For ever is the default, and so is longer than there have been years."""
    shown = await picture(api)
    assert await sweeper(api, keep_for=keep_for, ahead=timedelta(days=9999)).remove_data() == 0
    assert await api.get(shown["id"]) == shown


async def test_more_than_one_batch_is_removed_in_one_sweep(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backlog is not left for next time, and what is done is not done again."""
    monkeypatch.setattr("safelight.sweeper.AT_ONCE", 2)
    for _ in range(5):
        await api.run(ECHO, {"prompt": "x"})
    assert await sweeper(api).remove_data() == 5
    assert await sweeper(api).remove_data() == 0


async def test_no_webhook_is_owed_for_it(running: Running) -> None:
    """The prediction has not moved; and what is still to be sent holds no data any more."""
    async with running() as api:
        path = f"/v1/models/{ECHO}/predictions"
        hook = "https://hooks.invalid/x"
        body = {"input": {"prompt": "x"}, "webhook": hook, "webhook_events_filter": ["start"]}
        created = (await api.post(path, body)).json()
        await api.until(created["id"], "succeeded")
        before = rows(api, "SELECT id FROM deliveries")
        assert len(before) == 1
        await sweeper(api).remove_data()
        assert rows(api, "SELECT id FROM deliveries") == before
        assert rows(api, "SELECT snapshot FROM deliveries") == [(None,)]


async def test_an_engine_with_a_retention_removes_by_itself(running: Running) -> None:
    """With the setting alone."""
    async with running(SAFELIGHT_RETENTION="50ms") as api:
        created = await api.echo()

        async def removed() -> bool:
            return (await api.get(created["id"]))["data_removed"]

        assert await eventually(removed)


async def test_bytes_leave_the_disk_when_nobody_refers_to_them(api: Api) -> None:
    """In the second sweep after the removal, once they are old enough."""
    before = set(blobs(api))
    await picture(api)
    (blob,) = set(blobs(api)) - before
    old = sweeper(api, ahead=YOUNG)
    assert await old.collect_blobs() == 0
    await old.remove_data()
    assert await old.collect_blobs() == 0
    size = blob.stat().st_size
    assert await old.collect_blobs() == size
    assert set(blobs(api)) == before


async def test_what_another_prediction_shows_too_stays(api: Api) -> None:
    """Equal pictures are one blob."""
    first, second = await picture(api, seed=1), await picture(api, seed=1)
    store, old = api.engine.store, sweeper(api, keep_for=None, ahead=YOUNG)
    await store.remove_data((await store.get(first["id"], None)).remove_data())
    for _ in range(3):
        assert await old.collect_blobs() == 0
    problem(await api.client.get(url(first)), 404)
    assert (await api.client.get(url(second))).status_code == 200


async def test_an_uploaded_file_stays_too(api: Api) -> None:
    """No prediction refers to it; its own row does."""
    uploaded = await api.client.post(
        "/v1/files", files={"content": ("a.txt", b"kept", "text/plain")}
    )
    assert uploaded.status_code == 201
    old = sweeper(api, ahead=YOUNG)
    before = set(blobs(api))
    for _ in range(3):
        assert await old.collect_blobs() == 0
    assert set(blobs(api)) == before


async def test_what_a_kill_left_behind_is_collected(api: Api, tmp_path: Path) -> None:
    """A file that was taken, and whose prediction never said so."""
    left = tmp_path / "left.png"
    left.write_bytes(b"left behind")
    await api.engine.blobs.take(left)
    young = sweeper(api, ahead=timedelta())
    assert [await young.collect_blobs() for _ in range(3)] == [0, 0, 0]
    old = sweeper(api, ahead=YOUNG)
    assert [await old.collect_blobs() for _ in range(3)] == [0, len(b"left behind"), 0]


async def test_what_is_referred_to_between_two_sweeps_stays(api: Api, tmp_path: Path) -> None:
    """A full disk kept its save back; then it came."""
    old = sweeper(api, keep_for=None, ahead=YOUNG)
    shown = await picture(api)
    with closing(sqlite3.connect(api.settings.database)) as connection, connection:
        kept = connection.execute("SELECT * FROM blob_references").fetchall()
        connection.execute("DELETE FROM blob_references")
    assert await old.collect_blobs() == 0
    with closing(sqlite3.connect(api.settings.database)) as connection, connection:
        connection.executemany("INSERT INTO blob_references VALUES (?, ?)", kept)
    assert await old.collect_blobs() == 0
    assert (await api.client.get(url(shown))).status_code == 200


async def test_what_a_run_has_stored_waits_for_it(running: Running, tmp_path: Path) -> None:
    """On a disk that is nearly full a large save fails for hours, while small writes succeed."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api:
        shown, store = await api.echo(), api.engine.store
        now = datetime.now(UTC)
        (claimed,) = await store.claim("w", Room(1, {}, others=1), now + HOUR)
        started = claimed.prediction.start(now)
        await store.save(started, Status.STARTING, claimed.claim)
        paid = tmp_path / "paid.png"
        paid.write_bytes(b"paid")
        await api.engine.blobs.take(paid)
        old = sweeper(api, ahead=YOUNG)
        assert [await old.collect_blobs() for _ in range(3)] == [0, 0, 0]
        await store.save(started.fail(now, "no luck"), Status.PROCESSING, claimed.claim)
        assert [await old.collect_blobs() for _ in range(3)] == [0, len(b"paid"), 0]
        assert (await api.get(shown["id"]))["status"] == "failed"


async def test_a_step_that_fails_does_not_stop_the_others(running: Running) -> None:
    """A row that cannot be read keeps no expired upload on the disk."""
    async with running(SAFELIGHT_RETENTION="50ms", SAFELIGHT_FILE_EXPIRY="1ms") as api:
        await api.client.post("/v1/files", files={"content": ("a.txt", b"gone", "text/plain")})
        shown = await api.run(ECHO, {"prompt": "x"})
        with closing(sqlite3.connect(api.settings.database)) as connection, connection:
            connection.execute(
                "UPDATE predictions SET body = x'00', data_removed = 0 WHERE id = ?", (shown["id"],)
            )

        async def is_gone() -> bool:
            return not rows(api, "SELECT * FROM files")

        assert await eventually(is_gone)


async def test_while_the_store_cannot_be_written_nothing_is_collected(
    api: Api, tmp_path: Path
) -> None:
    """Nor is what was marked before remembered."""
    left = tmp_path / "left.png"
    left.write_bytes(b"left")
    await api.engine.blobs.take(left)
    old = sweeper(api, ahead=YOUNG)
    await old.collect_blobs()
    with closing(sqlite3.connect(api.settings.database)) as connection, connection:
        connection.execute("ALTER TABLE checks RENAME TO hidden")
    with pytest.raises(Exception, match="checks"):
        await old.collect_blobs()
    with closing(sqlite3.connect(api.settings.database)) as connection, connection:
        connection.execute("ALTER TABLE hidden RENAME TO checks")
    assert await old.collect_blobs() == 0
    assert await old.collect_blobs() == 4


async def test_a_picture_that_fails_after_a_part_leaves_no_reference(api: Api) -> None:
    """Whatever had been shown while it ran."""
    shown = await api.run(SKETCH, PICTURE | {"prompt": "[[fail: no]] x"})
    found = rows(api, f"SELECT * FROM blob_references WHERE prediction = '{shown['id']}'")  # noqa: S608 - the test's own words
    assert shown["status"] == "failed"
    assert found == []


async def test_a_database_from_before_is_brought_up_to_date(running: Running) -> None:
    """What refers to which blob, and when each ended, is read from the rows that are there."""
    async with running() as api:
        shown = await picture(api)
        wanted = rows(api, "SELECT * FROM blob_references ORDER BY 1, 2")
        ended = rows(api, f"SELECT completed_at FROM predictions WHERE {OURS}")  # noqa: S608 - the test's own words
    script = Path(__file__).parents[2] / "src/safelight/stores/migrations/0007_retention.sql"
    fills = [s for s in script.read_text().split(";") if "UPDATE" in s or "INSERT" in s]
    assert len(fills) == 2
    with closing(sqlite3.connect(api.settings.database)) as connection, connection:
        connection.execute("DELETE FROM blob_references")
        connection.execute("UPDATE predictions SET completed_at = NULL")
        for statement in fills:
            connection.execute(statement)
    assert rows(api, "SELECT * FROM blob_references ORDER BY 1, 2") == wanted
    again = rows(api, f"SELECT completed_at FROM predictions WHERE {OURS}")  # noqa: S608 - the test's own words
    assert abs(again[0][0] - ended[0][0]) < 1000
    assert shown["status"] == "succeeded"


@pytest.mark.parametrize(
    ("keep_for", "seconds"),
    [(timedelta(minutes=10), 60), (timedelta(hours=9), 300), (timedelta(seconds=1), 1)],
)
def test_sweeps_come_often_enough_for_what_is_kept(keep_for: timedelta, seconds: int) -> None:
    """A tenth of the time, within reason; seldom when nothing has a time."""
    assert interval(keep_for) == timedelta(seconds=seconds)
    assert interval(None) == SELDOM
