"""What every store promises about what is old, what is used, and whether it can be used."""

from datetime import timedelta
from typing import Any

import pytest
from tests.contracts.stores import SECOND, running
from tests.support.making import NOW, made

from safelight.blob import Blob, OutputFile
from safelight.errors import StaleWrite, Stopping
from safelight.prediction import Prediction, Status
from safelight.store import Claimed, Load, Store


def pictured(prediction: Prediction, *keys: str) -> Prediction:
    """A running prediction that shows files."""
    files = tuple(
        OutputFile(name=f"{n}.png", media_type="image/png", blob=Blob(key=key, size=1))
        for n, key in enumerate(keys)
    )
    return prediction.produce([{"$file": n} for n in range(len(keys))], files)


async def ended(store: Store, after: timedelta = SECOND, **facts: Any) -> Prediction:
    """A prediction that has succeeded."""
    claimed = await running(store, **facts)
    done = claimed.prediction.succeed(NOW + after)
    await store.save(done, Status.PROCESSING, claimed.claim)
    return done


async def unused(store: Store, *keys: str) -> set[str]:
    """Those that nobody refers to."""
    return set(await store.retention.unreferenced(keys))


async def test_what_ended_before_is_told_oldest_first(store: Store) -> None:
    """Up to the limit, and only what ended before that moment."""
    second = await ended(store, 2 * SECOND)
    first = await ended(store, SECOND)
    third = await ended(store, 3 * SECOND)
    found = await store.retention.ended_before(NOW + 3 * SECOND, 9)
    assert [p.id for p in found] == [first.id, second.id]
    everything = await store.retention.ended_before(NOW + 9 * SECOND, 9)
    assert [p.id for p in everything] == [first.id, second.id, third.id]
    assert len(await store.retention.ended_before(NOW + 9 * SECOND, 1)) == 1


async def test_what_has_no_data_any_more_is_not_told_again(store: Store) -> None:
    """Or a sweep would never end."""
    done = await ended(store)
    await store.remove_data(done.remove_data())
    assert list(await store.retention.ended_before(NOW + 9 * SECOND, 9)) == []


async def test_trainings_and_what_was_restored_are_kept(store: Store) -> None:
    """A training's output is a model; an example is there to be looked at."""
    await ended(store, destination="me/mine")
    claimed = made().start(NOW).succeed(NOW + SECOND)
    await store.restore([claimed])
    assert list(await store.retention.ended_before(NOW + 9 * SECOND, 9)) == []


async def test_waiting_and_running_ones_are_never_told(store: Store) -> None:
    """Their data is needed."""
    await running(store)
    await store.insert(made())
    assert list(await store.retention.ended_before(NOW + timedelta(days=999), 9)) == []


async def test_it_is_known_since_when_something_runs(store: Store) -> None:
    """The oldest counts; what waits or has ended does not."""
    await store.insert(made(created_at=NOW - 9 * SECOND, model="acme/other"))
    await ended(store, created_at=NOW - 8 * SECOND)
    assert await store.retention.running_since() is None
    await running(store, created_at=NOW - 2 * SECOND)
    first = await running(store, created_at=NOW - 5 * SECOND)
    assert await store.retention.running_since() == NOW - 5 * SECOND
    await store.save(first.prediction.cancel(NOW), Status.PROCESSING)
    assert await store.retention.running_since() == NOW - 2 * SECOND


async def test_data_of_what_has_not_ended_is_not_removed(store: Store) -> None:
    """Even if somebody made it look so."""
    claimed = await running(store)
    with pytest.raises(StaleWrite):
        await store.remove_data(claimed.prediction.succeed(NOW).remove_data())


async def test_a_blob_is_referred_to_from_its_first_showing(store: Store) -> None:
    """While it runs, and after it has ended."""
    claimed = await running(store)
    assert await unused(store, "a", "b") == {"a", "b"}
    showing = pictured(claimed.prediction, "a")
    await store.save(showing, Status.PROCESSING, claimed.claim)
    assert await unused(store, "a", "b") == {"b"}
    await store.save(showing.succeed(NOW), Status.PROCESSING, claimed.claim)
    assert await unused(store, "a", "b") == {"b"}


@pytest.mark.parametrize("way", ["fail", "cancel"])
async def test_what_ends_empty_refers_to_nothing(store: Store, way: str) -> None:
    """What it had shown while it ran is shown no more."""
    claimed = await running(store)
    showing = pictured(claimed.prediction, "a")
    await store.save(showing, Status.PROCESSING, claimed.claim)
    end = showing.fail(NOW, "no") if way == "fail" else showing.cancel(NOW)
    await store.save(end, Status.PROCESSING, claimed.claim if way == "fail" else None)
    assert await unused(store, "a") == {"a"}


async def test_a_run_after_a_crash_refers_to_its_own_output_alone(store: Store) -> None:
    """What the first run had shown is void."""
    claimed = await running(store)
    await store.save(pictured(claimed.prediction, "a"), Status.PROCESSING, claimed.claim)
    again = Claimed(claimed.prediction.restart(NOW), claimed.claim)
    done = pictured(again.prediction, "b").succeed(NOW)
    await store.save(done, Status.PROCESSING, again.claim)
    assert await unused(store, "a", "b") == {"a"}


async def test_a_refused_save_refers_to_nothing(store: Store) -> None:
    """Nothing of it is written."""
    claimed = await running(store)
    await store.save(claimed.prediction.cancel(NOW), Status.PROCESSING)
    with pytest.raises(StaleWrite):
        await store.save(
            pictured(claimed.prediction, "a").succeed(NOW), Status.PROCESSING, claimed.claim
        )
    assert await unused(store, "a") == {"a"}


async def test_removed_data_lets_go_of_its_blobs_and_of_no_others(store: Store) -> None:
    """Equal output of another prediction is still in use."""
    done: list[Prediction] = []
    for keys in (("a", "b"), ("b",)):
        claimed = await running(store)
        done.append(pictured(claimed.prediction, *keys).succeed(NOW))
        await store.save(done[-1], Status.PROCESSING, claimed.claim)
    await store.remove_data(done[0].remove_data())
    assert await unused(store, "a", "b") == {"a"}


async def test_what_was_restored_with_files_refers_to_them(store: Store) -> None:
    """Examples have pictures."""
    example = pictured(made().start(NOW), "a").succeed(NOW)
    await store.restore([example])
    assert await unused(store, "a") == set()


async def test_a_working_store_passes_its_check_until_it_stops(store: Store) -> None:
    """Reading and writing."""
    await store.check(writes=False)
    await store.check(writes=True)
    store.stop_waiting()
    with pytest.raises(Stopping):
        await store.check(writes=False)


async def test_the_load_is_what_has_not_ended(store: Store) -> None:
    """Whoever runs it."""
    assert await store.load() == Load(waiting=0, running=0)
    await running(store)
    await running(store)
    await ended(store)
    for _ in range(3):
        await store.insert(made())
    assert await store.load() == Load(waiting=3, running=2)


async def test_commits_are_timed(store: Store) -> None:
    """From when it was asked for."""
    seconds: list[float] = []
    store.time_commits(seconds.append)
    await store.insert(made())
    assert seconds
    assert all(0 < each < 60 for each in seconds)
