"""A model that gives what a test hands it, and listeners over real connections."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import cog
import httpx
from tests.support.making import eventually

from safelight.catalog.listing import Entry


class Hand:
    """What a test hands to the model: items, an exception, or the end."""

    def __init__(self) -> None:
        self._things: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    def give(self, *things: str | Exception | None) -> None:
        """One after the other; None is the end."""
        for thing in things:
            self._things.put_nowait(thing)

    async def items(self) -> AsyncIterator[str]:
        """As the model gives them."""
        while (thing := await self._things.get()) is not None:
            if isinstance(thing, Exception):
                raise thing
            yield thing


HANDS: Final[dict[str, Hand]] = {}
"""By the ticket that the model is given."""


class Stepper(cog.BaseRunner):
    """One run at a time, so that the next waits."""

    async def run(
        self, ticket: str = cog.Input(description="Whose hand")
    ) -> cog.ConcatenateIterator[str]:
        """Give what is handed over."""
        async for item in HANDS[ticket].items():
            yield item


STEPPER: Final = Entry(
    owner="tests",
    name="stepper",
    description="For tests.",
    runner=Stepper,
    test_runner=Stepper,
    version=hashlib.sha256(b"stepper").hexdigest(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    official=False,
    cover_prompt="A stair",
)


@dataclass
class Heard:
    """What one listener has heard so far."""

    events: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Name, id, data."""
    comments: list[str] = field(default_factory=list[str])

    @property
    def said(self) -> list[tuple[str, str]]:
        """The events without their ids."""
        return [(name, data) for name, _, data in self.events]

    async def listen(self, client: httpx.AsyncClient, url: str, last: str | None = None) -> None:
        """Until the stream ends, or the task is cancelled."""
        headers = {} if last is None else {"last-event-id": last}
        async with client.stream("GET", url, headers=headers) as answer:
            assert answer.status_code == 200
            event: dict[str, list[str]] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(":")
                if name and not line.startswith(":"):
                    event.setdefault(name, []).append(value.removeprefix(" "))
                elif line:
                    self.comments.append(value)
                elif event:
                    (kind,), (event_id,) = event["event"], event["id"]
                    self.events.append((kind, event_id, "\n".join(event["data"])))
                    event = {}

    async def until(self, count: int) -> None:
        """Wait until it has heard so many events."""

        async def has_heard() -> bool:
            return len(self.events) >= count

        await eventually(has_heard)
