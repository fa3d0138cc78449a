"""A store, and senders of webhooks that work on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.engine import VAULT
from tests.support.making import eventually, made

from safelight.capability import Capabilities
from safelight.outbound.addresses import LOOPBACK
from safelight.outbound.client import Client
from safelight.outbound.webhooks import Rules, Sender
from safelight.outbox import Attempt, Delivery, State
from safelight.prediction import Prediction, Status
from safelight.signing import Signing
from safelight.stores.sqlite import SqliteStore
from safelight.webhook import Retry
from safelight.wire import Wire, webhook_body

__all__ = ["Desk", "desk"]

WIRE = Wire(Capabilities(b"c" * 32), shows_aborted=False)
ORIGIN = "https://safelight.test"
MOMENT = timedelta(milliseconds=1)
SOON = timedelta(milliseconds=150)
AT_ONCE = Retry(first=MOMENT, longest=MOMENT)
HOUR = timedelta(hours=1)


def render(prediction: Prediction) -> bytes:
    return webhook_body(WIRE, prediction)


class Desk:
    """A store, and senders that work on it."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.signing = Signing(store.outbox, VAULT)

    def sender(self, client: Client, owner: str = "e1", **rules: Any) -> Sender:
        return Sender(
            owner=owner,
            store=self.store,
            poster=client,
            signing=self.signing,
            render=render,
            rules=Rules(**{"retry": AT_ONCE} | rules),
        )

    @asynccontextmanager
    async def sending(
        self, owner: str = "e1", client: Client | None = None, **rules: Any
    ) -> AsyncIterator[Sender]:
        """A sender at work; on leaving it is stopped as a dying server stops it."""
        async with client or Client(LOOPBACK) as using:
            sender = self.sender(using, owner, **rules)
            task = asyncio.create_task(sender.work())
            try:
                yield sender
            finally:
                assert not task.done(), "the sender has died"
                await sender.finish(timedelta())
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def accept(self, url: str, **facts: Any) -> Prediction:
        prediction = made(**{"webhook": url, "origin": ORIGIN} | facts)
        await self.store.insert(prediction)
        return prediction

    async def end(self, url: str, **facts: Any) -> Prediction:
        """A prediction that owes `completed`."""
        waiting = await self.accept(url, **facts)
        ended = waiting.cancel(datetime.now(UTC))
        await self.store.save(ended, Status.STARTING)
        return ended

    async def settled(self, prediction: Prediction) -> Delivery:
        """Its only delivery, once that is settled."""

        async def look() -> Delivery | None:
            (delivery,) = await self.store.outbox.of_prediction(prediction.id)
            return None if delivery.state is State.PENDING else delivery

        return await eventually(look)

    async def attempted(self, prediction: Prediction, times: int = 1) -> list[Attempt]:
        """The attempts of its only delivery, once there are so many."""
        (delivery,) = await self.store.outbox.of_prediction(prediction.id)

        async def look() -> list[Attempt] | None:
            attempts = list(await self.store.outbox.attempts(delivery.id))
            return attempts if len(attempts) >= times else None

        return await eventually(look)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """One store, empty."""
    store = SqliteStore(tmp_path / "safelight.db")
    yield Desk(store)
    await store.close()
