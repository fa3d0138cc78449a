"""The real server with a model that gives one more item at each tick.

python -m tests.load.ticking_server
"""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cog
import uvloop
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from safelight.catalog.listing import ENTRIES, Entry
from safelight.engine import Engine, running_engine
from safelight.server import Addresses, allow_many_connections, serve
from safelight.settings import Settings, read_settings


class Clock:
    """How far all runs are to go."""

    def __init__(self) -> None:
        self.ticks = 0
        self.is_over = False
        self._changed = asyncio.Event()

    def tick(self, *, is_last: bool) -> None:
        """Have all runs give one more item, or end."""
        self.is_over = is_last
        self.ticks += not is_last
        self._changed.set()
        self._changed = asyncio.Event()

    async def items(self) -> AsyncIterator[str]:
        """What a run gives."""
        given = 0
        while not self.is_over:
            changed = self._changed
            for number in range(given, self.ticks):
                yield f"tick {number}"
            given = self.ticks
            await changed.wait()


CLOCK: Final = Clock()


class Ticker(cog.BaseRunner):
    """Gives text as it comes, as a language model does."""

    @cog.concurrent(max=100)
    async def run(
        self, name: str = cog.Input(description="Of no account")
    ) -> cog.ConcatenateIterator[str]:
        """As the clock says."""
        print(f"{name} ticks")  # noqa: T201 - how a Cog model logs
        async for item in CLOCK.items():
            yield item


ENTRY: Final = Entry(
    owner="load",
    name="ticker",
    description="For the load test.",
    runner=Ticker,
    test_runner=Ticker,
    version=hashlib.sha256(b"ticker").hexdigest(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    official=False,
    cover_prompt="A clock",
)
ECHO: Final = [entry for entry in ENTRIES if entry.full_name == "safelight/echo"]


class Wound:
    """Answers `/tick` and `/last` itself, and leaves the rest to the real thing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in {"/tick", "/last"}:
            CLOCK.tick(is_last=scope["path"] == "/last")
            await JSONResponse({})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@asynccontextmanager
async def wound_engine(settings: Settings) -> AsyncIterator[Engine]:
    """The real engine, with the clock in reach."""
    async with running_engine(settings, [ENTRY, *ECHO]) as engine:
        yield replace(engine, app=Wound(engine.app))


def _say(addresses: Addresses) -> None:
    sys.stdout.write(f"{addresses.http}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    allow_many_connections()
    uvloop.run(serve(read_settings(os.environ, Path.cwd()), started=_say, engine=wound_engine))
