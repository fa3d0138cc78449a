"""The real server with a model that waits until it is released, and a way to see who waits.

python -m tests.load.sleeping_server
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

from safelight.catalog import listing
from safelight.engine import Engine, running_engine
from safelight.server import Addresses, serve
from safelight.settings import Settings, read_settings

ASLEEP: Final[set[str]] = set()
"""Tickets of the runs that have been entered and not left."""
RELEASED: Final = asyncio.Event()


class Sleeper(cog.BaseRunner):
    """Waits on something else, as a call to a provider does."""

    @cog.concurrent(max=5000)
    async def run(self, ticket: str = cog.Input(description="Given back")) -> str:
        """Say who sleeps, and who wakes."""
        print(f"{ticket} falls asleep")  # noqa: T201 - how a Cog model logs
        ASLEEP.add(ticket)
        try:
            await RELEASED.wait()
        finally:
            ASLEEP.discard(ticket)
        print(f"{ticket} wakes up")  # noqa: T201
        return ticket


ENTRY: Final = listing.Entry(
    owner="load",
    name="sleeper",
    description="For the load test.",
    runner=Sleeper,
    test_runner=Sleeper,
    version=hashlib.sha256(b"sleeper").hexdigest(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    official=False,
    cover_prompt="A bed",
)


class Watched:
    """Answers `/asleep` and `/release` itself, and leaves the rest to the real thing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/release":
            RELEASED.set()
        if scope["path"] in {"/asleep", "/release"}:
            await JSONResponse(sorted(ASLEEP))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@asynccontextmanager
async def watched_engine(settings: Settings) -> AsyncIterator[Engine]:
    """The real engine, with a view into the model."""
    async with running_engine(settings, (*listing.ENTRIES, ENTRY)) as engine:
        yield replace(engine, app=Watched(engine.app))


def _say(addresses: Addresses) -> None:
    sys.stdout.write(f"{addresses.http}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(serve(read_settings(os.environ, Path.cwd()), started=_say, engine=watched_engine))
