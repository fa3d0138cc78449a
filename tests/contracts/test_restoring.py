"""The contract of predictions that ended elsewhere, and of data that is to go, on every store."""

from datetime import timedelta

import msgspec
import pytest
from tests.contracts.stores import claim, ids, running
from tests.support.making import MODEL, NOW, VERSION, made

from safelight.blob import Blob, OutputFile
from safelight.errors import Conflict, NotFound, StaleWrite
from safelight.model import EXAMPLES
from safelight.prediction import Prediction, Status
from safelight.store import Store

FILE = OutputFile(name="a.png", media_type="image/png", blob=Blob(key="b" * 64, size=3))


def ended(**facts: object) -> Prediction:
    """One that has succeeded with a file."""
    facts = {"status": Status.SUCCEEDED, "output": {"$file": 0}, "files": (FILE,), **facts}
    return made(completed_at=NOW, **facts)


async def test_what_is_restored_is_there_and_stays_as_it_is(store: Store) -> None:
    """A second time changes nothing; nobody works on it, and it counts for nothing."""
    first = ended()
    await store.restore([first, ended()])
    await store.restore([msgspec.structs.replace(first, logs="other"), ended()])
    assert await store.get(first.id, "me") == first
    assert len(await ids(store)) == 3
    assert await claim(store) == []
    assert await store.run_counts() == {}


async def test_what_is_restored_does_not_grow_old(store: Store) -> None:
    """It did not end here; its blobs are kept with it."""
    await store.restore([ended(account=EXAMPLES)])
    later = NOW + timedelta(days=1000)
    assert await store.retention.ended_before(later, 10) == []
    assert await store.retention.unreferenced([FILE.blob.key]) == frozenset()


async def test_an_example_is_every_accounts(store: Store) -> None:
    """To get, not to list; anything else is its account's alone."""
    example, other = ended(account=EXAMPLES), ended(account="you")
    await store.restore([example, other])
    assert await store.get(example.id, "me") == example
    assert await store.get(example.id, "you") == example
    assert await ids(store) == []
    with pytest.raises(NotFound):
        await store.get(other.id, "me")


async def test_all_predictions_of_a_version_are_found(store: Store) -> None:
    """Whoever's they are, while they have data; not those that only speak of it."""
    mine, theirs = made(), made(account="you")
    for prediction in (
        *(mine, theirs),
        *(made(version="c" * 64), made(model="acme/other")),
        made(version="d" * 64, logs=f'"version":"{VERSION}"', output={"version": VERSION}),
    ):
        await store.insert(prediction)
    assert await store.of_version(MODEL, VERSION) == {mine.id: "me", theirs.id: "you"}
    assert await store.of_version("acme/none", VERSION) == {}
    ended = theirs.cancel(NOW)
    await store.save(ended, theirs.status)
    await store.remove_data(ended.remove_data())
    assert await store.of_version(MODEL, VERSION) == {mine.id: "me"}


async def test_data_is_removed_once_it_has_ended(store: Store) -> None:
    """The record stays; nothing refers to its files."""
    claimed = await running(store)
    produced = claimed.prediction.log("a\n").produce({"$file": 0}, (FILE,)).succeed(NOW)
    await store.save(produced, Status.PROCESSING, claimed.claim)
    await store.remove_data(produced.remove_data())
    left = await store.get(produced.id, "me")
    assert (left.input, left.output, left.files, left.logs) == ({}, None, (), "")
    assert (left.data_removed, left.status) == (True, Status.SUCCEEDED)
    assert left.metrics == produced.metrics
    assert await store.retention.unreferenced([FILE.blob.key]) == {FILE.blob.key}


async def test_data_that_is_still_needed_is_not_removed(store: Store) -> None:
    """A running prediction has to end first, and as it was seen to."""
    claimed = await running(store)
    with pytest.raises(Conflict):
        claimed.prediction.remove_data()
    unseen = claimed.prediction.cancel(NOW).remove_data()
    for removed in (unseen, ended().remove_data()):
        with pytest.raises(StaleWrite):
            await store.remove_data(removed)
    assert (await store.get(claimed.prediction.id, "me")).input == claimed.prediction.input
