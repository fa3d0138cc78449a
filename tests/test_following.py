"""Listeners on a real store: what they hear, and what is left of them when they leave."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.making import NOW, PATIENCE, made

from safelight.errors import NotFound
from safelight.following import AT_ONCE, Following, Listener
from safelight.prediction import Prediction, Status
from safelight.stores.sqlite import SqliteStore

LONG = timedelta(seconds=PATIENCE)
SHORT = timedelta(milliseconds=20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of the database."""
    return tmp_path / "safelight.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """This process's."""
    opened = SqliteStore(path)
    yield opened
    await opened.close()


@pytest.fixture
async def elsewhere(store: SqliteStore, path: Path) -> AsyncIterator[SqliteStore]:
    """Another process's, on the rows of the first."""
    opened = SqliteStore(path)
    yield opened
    await opened.close()


async def _accepted(store: SqliteStore) -> Prediction:
    prediction = made()
    await store.insert(prediction)
    return prediction


async def _started(store: SqliteStore, prediction: Prediction) -> Prediction:
    started = prediction.start(NOW)
    await store.save(started, Status.STARTING)
    return started


async def test_a_listener_hears_of_each_change(store: SqliteStore) -> None:
    """As soon as it is written."""
    following = Following(store, LONG)
    accepted = await _accepted(store)
    with following.listening(accepted) as listener:
        hearing = asyncio.create_task(listener.changed(LONG))
        started = await _started(store, accepted)
        assert await hearing
        assert listener.prediction == started
        await store.save(started.cancel(NOW), Status.PROCESSING)
        assert await listener.changed(LONG)
        assert listener.prediction.status is Status.CANCELED


async def test_who_is_slow_sees_only_the_newest(store: SqliteStore) -> None:
    """Nothing is kept for it but the last state."""
    following = Following(store, LONG)
    accepted = await _accepted(store)
    with following.listening(accepted) as listener:
        started = await _started(store, accepted)
        for number in range(5):
            started = started.produce(list(range(number)), ())
            await store.save(started, Status.PROCESSING)
        assert await listener.changed(LONG)
        assert listener.prediction.output == [0, 1, 2, 3]
        assert not await listener.changed(SHORT)


async def test_whose_data_is_removed_is_shown_to_nobody_who_comes_after(
    store: SqliteStore,
) -> None:
    """Though one who reads slowly still listens."""
    following = Following(store, LONG)
    started = await _started(store, await _accepted(store))
    done = started.produce("secret", ()).succeed(NOW)
    await store.save(done, Status.PROCESSING)
    with following.listening(done):
        assert (await following.newest(done.id)).output == "secret"
        await store.remove_data(done.remove_data())
        assert (await following.newest(done.id)).data_removed


async def test_without_a_change_the_wait_is_over_in_time(store: SqliteStore) -> None:
    """So that a heartbeat can be sent."""
    with Following(store).listening(await _accepted(store)) as listener:
        assert not await listener.changed(SHORT)
        assert listener.is_open


async def test_all_listeners_hear_and_the_loop_is_not_held(store: SqliteStore) -> None:
    """They are woken a few at a time: others have their turns in between."""
    following = Following(store, LONG)
    accepted = await _accepted(store)
    heard: list[int] = []
    turn = 0

    async def hear(listener: Listener) -> None:
        assert await listener.changed(LONG)
        heard.append(turn)

    with contextlib.ExitStack() as stack:
        count = AT_ONCE * 10
        listeners = [stack.enter_context(following.listening(accepted)) for _ in range(count)]
        hearing = [asyncio.create_task(hear(listener)) for listener in listeners]
        saving = asyncio.create_task(_started(store, accepted))
        while not all(task.done() for task in (saving, *hearing)):
            await asyncio.sleep(0)
            turn += 1
        await asyncio.gather(saving, *hearing)
    assert len(heard) == count
    assert max(heard.count(number) for number in heard) <= AT_ONCE


async def test_what_another_process_wrote_is_noticed(
    store: SqliteStore, elsewhere: SqliteStore
) -> None:
    """By the one look that is had for all."""
    following = Following(store, SHORT)
    first, second = await _accepted(store), await _accepted(store)
    with following.listening(first) as one, following.listening(second) as other:
        await _started(elsewhere, first)
        await elsewhere.save(second.abort(NOW), Status.STARTING)
        assert await one.changed(LONG)
        assert await other.changed(LONG)
        assert one.prediction.status is Status.PROCESSING
        assert other.prediction.status is Status.ABORTED


async def test_a_prediction_that_is_followed_is_not_read_again(
    store: SqliteStore, elsewhere: SqliteStore
) -> None:
    """What one listener knows, the next is given; once all have left, the store is asked."""
    following = Following(store, LONG)
    accepted = await _accepted(store)
    with following.listening(accepted):
        await _started(elsewhere, accepted)
        assert await following.newest(accepted.id) is accepted
    assert (await following.newest(accepted.id)).status is Status.PROCESSING


async def test_who_leaves_takes_nothing_from_the_others(store: SqliteStore) -> None:
    """The rest go on hearing."""
    following = Following(store, LONG)
    accepted = await _accepted(store)
    with following.listening(accepted) as stays:
        with following.listening(accepted) as leaves:
            await _started(store, accepted)
        assert await stays.changed(LONG)
        assert leaves.prediction.status is Status.PROCESSING


async def test_who_leaves_while_being_woken_is_not_waited_for(store: SqliteStore) -> None:
    """The change came in the same turn of the loop."""
    following = Following(store, LONG)
    accepted = await _accepted(store)
    with following.listening(accepted) as listener:
        hearing = asyncio.create_task(listener.changed(LONG))
        await asyncio.sleep(0)
        hearing.cancel()
        await _started(store, accepted)
    await asyncio.gather(hearing, return_exceptions=True)
    assert hearing.cancelled()


async def test_one_that_is_closed_waits_no_longer(store: SqliteStore) -> None:
    """Its client has left."""
    with Following(store, LONG).listening(await _accepted(store)) as listener:
        hearing = asyncio.create_task(listener.changed(LONG))
        asyncio.get_running_loop().call_soon(listener.close)
        assert not await hearing
        assert not listener.is_open


async def test_when_the_server_stops_nobody_waits(store: SqliteStore) -> None:
    """Neither who is here, nor who comes now."""
    following = Following(store, LONG)
    accepted = await _accepted(store)
    with following.listening(accepted) as listener:
        hearing = asyncio.create_task(listener.changed(LONG))
        asyncio.get_running_loop().call_later(0.01, store.stop_waiting)
        assert not await hearing
        assert not listener.is_open
    with following.listening(accepted) as late:
        assert not await late.changed(LONG)
        assert not late.is_open


async def test_a_prediction_that_is_deleted_has_no_more_to_say(
    store: SqliteStore, path: Path
) -> None:
    """Its listeners are let go."""
    following = Following(store, SHORT)
    accepted = await _accepted(store)
    with following.listening(accepted) as listener:
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM predictions WHERE id = ?", (accepted.id,))
        assert not await listener.changed(LONG)
        assert not listener.is_open
    with pytest.raises(NotFound):
        await following.newest(accepted.id)


async def test_a_look_that_fails_is_had_again(
    store: SqliteStore, elsewhere: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The table is gone for a moment: that is logged, and what happened meanwhile is found."""
    following = Following(store, SHORT)
    accepted = await _accepted(store)
    await _started(elsewhere, accepted)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE predictions RENAME TO elsewhere")
        with following.listening(accepted) as listener:
            while not caplog.records:
                assert not await listener.changed(SHORT)
            connection.execute("ALTER TABLE elsewhere RENAME TO predictions")
            assert await listener.changed(LONG)
            assert listener.prediction.status is Status.PROCESSING
    assert "is tried again" in caplog.text
