"""Which creates are one wish: those that come again before, while and after the first is stored."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.making import made

from safelight import repeats as module
from safelight.repeats import MOST_ANSWERED, Attempt, Repeats
from safelight.store import Once
from safelight.stores.sqlite import SqliteStore

BODY = b"0123456789abcdef"


class Caller:
    """One create of the same body, step by step."""

    def __init__(self, repeats: Repeats, fingerprint: bytes = BODY) -> None:
        self._repeats = repeats
        self._stack = ExitStack()
        self._hang_ups: set[Callable[[], None]] = set()
        self.attempt: Attempt = self._stack.enter_context(
            repeats.attempt(fingerprint, self._hang_ups)
        )

    def asks(self, *, is_retry: bool = False) -> "asyncio.Task[str | None]":
        """Look for an earlier one."""
        now = datetime.now(UTC)
        earlier = self._repeats.earlier(self.attempt, "me", is_retry=is_retry, now=now)
        return asyncio.create_task(earlier)

    def hangs_up(self) -> None:
        """Close the connection."""
        for tell in list(self._hang_ups):
            tell()

    def leaves(self) -> None:
        """Be answered, or refused."""
        self._stack.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Where the predictions lie."""
    opened = SqliteStore(tmp_path / "safelight.db")
    yield opened
    await opened.close()


@pytest.fixture
async def repeats(store: SqliteStore) -> Repeats:
    """What remembers the creates of one process."""
    return Repeats(store, b"k" * 32)


async def test_two_retries_at_once_are_one_wish(repeats: Repeats) -> None:
    """The second waits for what the first makes."""
    first, second = Caller(repeats), Caller(repeats)
    asking = [first.asks(is_retry=True), second.asks(is_retry=True)]
    assert await asking[0] is None
    first.attempt.accept("made")
    assert await asking[1] == "made"


async def test_when_the_first_of_a_storm_fails_only_one_takes_its_place(repeats: Repeats) -> None:
    """Each of them broke before the next came, and none knows what will become of the others."""
    first = Caller(repeats)
    first.hangs_up()
    storm: list[Caller] = []
    asking: list[asyncio.Task[str | None]] = []
    for _ in range(6):
        storm.append(Caller(repeats))
        asking.append(storm[-1].asks())
        await asyncio.sleep(0)
        storm[-1].hangs_up()
    first.leaves()  # refused: the disk was full
    assert await asking[0] is None
    storm[0].attempt.accept("made")
    for caller, asked in zip(storm[1:], asking[1:], strict=True):
        found = await asked
        assert found == "made"
        caller.attempt.accept(found)


async def test_a_retry_means_the_one_whose_connection_broke(repeats: Repeats) -> None:
    """Not the same wish of another caller, who still listens."""
    listening, broken, retry = (Caller(repeats) for _ in range(3))
    broken.hangs_up()
    repeats._broken.clear()  # as it is five seconds later
    listening.attempt.accept("theirs")
    broken.attempt.accept("ours")
    assert await retry.asks(is_retry=True) == "ours"


async def test_a_hang_up_while_it_looks_for_an_earlier_one_is_heard(repeats: Repeats) -> None:
    """Its prediction is nobody's yet, and the next create's."""
    first = Caller(repeats)
    asked = first.asks()
    first.hangs_up()
    assert await asked is None
    first.attempt.accept("made")
    first.leaves()
    second = Caller(repeats)
    assert await second.asks() == "made"


async def test_a_caller_who_listens_is_no_ones_earlier_one(repeats: Repeats) -> None:
    """Two who want the same get two."""
    first = Caller(repeats)
    first.attempt.accept("made")
    second = Caller(repeats)
    assert await second.asks() is None


async def test_an_answered_one_is_not_found_again(repeats: Repeats, store: SqliteStore) -> None:
    """An unanswered one is, by a retry."""
    for answered in (True, False):
        caller = Caller(repeats)
        prediction = made(created_at=datetime.now(UTC))
        await store.insert(prediction, None, Once(BODY))
        caller.attempt.accept(prediction.id)
        if not answered:
            caller.hangs_up()
        caller.leaves()
        repeats._broken.clear()
        expected = None if answered else prediction.id
        retry = Caller(repeats)
        assert await retry.asks(is_retry=True) == expected
        retry.attempt.accept(expected or "another")
        retry.leaves()


async def test_memory_is_bounded(repeats: Repeats, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many creates there are, and however many callers hang up."""
    monkeypatch.setattr(module, "STORM", 1e-9)
    for number in range(MOST_ANSWERED + 1000):
        caller = Caller(repeats, number.to_bytes(16, "big"))
        caller.attempt.accept(str(number))
        if number % 2:
            caller.hangs_up()
        caller.leaves()
    assert len(repeats._answered) <= MOST_ANSWERED
    assert len(repeats._broken) <= 2
    assert repeats._open == {}


async def test_a_fingerprint_tells_nothing_without_the_key(store: SqliteStore) -> None:
    """Bodies hold secrets, which could be guessed otherwise."""
    ours, others = Repeats(store, b"k" * 32), Repeats(store, b"l" * 32)
    facts = ("token", "/v1/predictions", b"{}")
    assert ours.fingerprint(*facts) == ours.fingerprint(*facts) != others.fingerprint(*facts)
    assert ours.fingerprint("other", *facts[1:]) != ours.fingerprint(*facts)
    assert ours.fingerprint("token", "/v1/other", b"{}") != ours.fingerprint(*facts)
