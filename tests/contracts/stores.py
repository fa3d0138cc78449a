"""The stores that the contract is checked on, and steps that its tests share."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.support.making import MODEL, NOW, SOON, made

from safelight.account import Mode, Token, issue
from safelight.prediction import Prediction, Status, queue_of
from safelight.store import Claimed, Query, Room, Store
from safelight.stores.sqlite import SqliteStore
from safelight.webhook import Event

OpenStore = Callable[[Path], Awaitable[Store]]
"""Opens a store in a folder; opened twice, it is two processes' view of the same rows."""
Opener = Callable[[], Awaitable[Store]]
"""Opens one more store on the same rows."""


async def open_sqlite(folder: Path) -> Store:
    """A database file in the folder."""
    return SqliteStore(folder / "safelight.db")


STORES: Final[dict[str, OpenStore]] = {"sqlite": open_sqlite}

SECOND: Final = timedelta(seconds=1)
HOOK: Final = "https://hooks.test/me"
EVERYTHING: Final = frozenset(Event)
ROOM: Final = Room(100, {queue_of(MODEL, mode): 100 for mode in Mode})


async def claim(
    store: Store, owner: str = "w1", room: Room = ROOM, now: datetime = NOW
) -> list[Claimed]:
    return list(await store.claim(owner, room, now, now + SOON))


async def running(store: Store, owner: str = "w1", **facts: Any) -> Claimed:
    """One prediction, inserted, claimed and started."""
    await store.insert(made(**facts))
    (claimed,) = await claim(store, owner)
    started = claimed.prediction.start(NOW)
    await store.save(started, Status.STARTING, claimed.claim)
    return Claimed(started, claimed.claim)


async def ids(store: Store, **query: Any) -> list[str]:
    return [found.id for found in await store.list(Query(account="me", **query))]


async def events(store: Store, prediction: Prediction) -> list[Event]:
    return [delivery.event for delivery in await store.outbox.of_prediction(prediction.id)]


def token(which: str, **facts: Any) -> Token:
    """A token of `me`, as stored; its secret is `r8_` and *which*."""
    usual: dict[str, Any] = {"token_id": which, "name": "ci", "account": "me", "now": NOW}
    return issue(f"r8_{which}", **usual | facts)
