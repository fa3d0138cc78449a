"""What every store of uploaded files promises."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.contracts.stores import Opener
from tests.support.making import NOW

from safelight.blob import Blob
from safelight.errors import NotFound
from safelight.file import File, FileQuery
from safelight.store import Store

MINUTE = timedelta(minutes=1)


def file(file_id: str = "f1", age: int = 0, **facts: Any) -> File:
    """A file that was uploaded so many minutes ago, and is kept for ten."""
    created_at = NOW - age * MINUTE
    usual: dict[str, Any] = {
        "id": file_id,
        "account": "me",
        "name": "cät.png",
        "media_type": "image/png",
        "metadata": {"a": [1, {"b": None}], "n": 10**30},
        "blob": Blob(key=file_id.rjust(64, "0"), size=3),
        "md5": "d" * 32,
        "created_at": created_at,
        "expires_at": created_at + 10 * MINUTE,
    }
    return File(**usual | facts)


async def names(store: Store, **query: Any) -> Sequence[str]:
    asked = FileQuery(**{"account": "me", "now": NOW} | query)
    return [found.id for found in await store.files.list(asked)]


async def test_a_file_comes_back_as_it_was_added(another: Opener) -> None:
    """To every process on the same rows."""
    added = [file(), file("f2", expires_at=None)]
    one, other = await another(), await another()
    for each in added:
        await one.files.add(each)
        assert await other.files.get(each.id, "me", NOW) == each
        assert await other.files.get(each.id, None, NOW) == each


async def test_a_file_is_not_there_for_another_account(store: Store) -> None:
    """Neither to be got, nor listed, nor removed."""
    await store.files.add(file())
    with pytest.raises(NotFound, match="File not found"):
        await store.files.get("f1", "you", NOW)
    with pytest.raises(NotFound, match="File not found"):
        await store.files.remove("f1", "you", NOW)
    assert await names(store, account="you") == []
    assert await names(store) == ["f1"]


async def test_an_expired_file_is_gone(store: Store) -> None:
    """From the instant at which it expires."""
    await store.files.add(file())
    end = NOW + 10 * MINUTE
    just_before = end - timedelta(microseconds=1)
    assert (await store.files.get("f1", "me", just_before)).id == "f1"
    assert await names(store, now=just_before) == ["f1"]
    assert await names(store, now=end) == []
    for account in ("me", None):
        with pytest.raises(NotFound):
            await store.files.get("f1", account, end)
    with pytest.raises(NotFound):
        await store.files.remove("f1", "me", end)


async def test_a_file_without_an_end_stays(store: Store) -> None:
    """However late it is."""
    await store.files.add(file(expires_at=None))
    later = NOW + timedelta(days=36_500)
    assert await store.files.remove_expired(later) == frozenset()
    assert await names(store, now=later) == ["f1"]


async def test_a_removed_file_is_gone(store: Store) -> None:
    """It cannot be removed twice."""
    await store.files.add(file())
    await store.files.remove("f1", "me", NOW)
    for act in (store.files.get, store.files.remove):
        with pytest.raises(NotFound):
            await act("f1", "me", NOW)


async def test_a_list_goes_from_the_newest_to_the_oldest(store: Store) -> None:
    """Page after page, in both directions; those of the same instant by their ids."""
    for age, name in ((3, "d"), (1, "b"), (2, "c"), (0, "a"), (3, "e")):
        await store.files.add(file(name, age))
    assert await names(store) == ["a", "b", "c", "e", "d"]
    assert await names(store, limit=2) == ["a", "b", "c"]
    after_b = (NOW - MINUTE, "b")
    assert await names(store, limit=2, position=after_b) == ["c", "e", "d"]
    before_d = (NOW - 3 * MINUTE, "d")
    assert await names(store, limit=2, position=before_d, is_backwards=True) == ["b", "c", "e"]


async def test_what_has_expired_is_forgotten(store: Store) -> None:
    """Its blobs are told, so that they can be collected; others stay."""
    old, kept = file("f1", age=30), file("f2", age=0)
    await store.files.add(old)
    await store.files.add(kept)
    assert await store.files.keys() == {old.blob.key, kept.blob.key}
    assert await store.files.remove_expired(NOW) == {old.blob.key}
    assert await store.files.remove_expired(NOW) == frozenset()
    assert await store.files.keys() == {kept.blob.key}
    assert await names(store) == ["f2"]
