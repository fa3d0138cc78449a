"""The real server with the test models, which kills itself at the stop it is given, if any.

python -m tests.crash.dying_server [STOP]
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import uvloop
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.crash.fuse import FUSE, IN_VICTIM, VICTIM, Stop, die
from tests.crash.models import ENTRIES

from safelight.account import Token
from safelight.catalog import listing
from safelight.engine import Engine, running_engine
from safelight.ledger import LedgerEntry, Settlement
from safelight.model import Version
from safelight.prediction import Prediction, Status
from safelight.server import Addresses, serve
from safelight.settings import Settings, read_settings
from safelight.store import Claim, Claimed, Once, Room
from safelight.stores.accounts import SqliteAccounts
from safelight.stores.database import Database
from safelight.stores.ledger import SqliteLedger
from safelight.stores.sqlite import SqliteStore


class _DyingAccounts(SqliteAccounts):
    """Stops once a caller is known."""

    async def token(self, token_hash: bytes) -> Token | None:
        found = await super().token(token_hash)
        FUSE.passes_in_request(Stop.KNOWN)
        return found


class _DyingLedger(SqliteLedger):
    """Stops in the commits of the one prediction that buys."""

    def __init__(self, database: Database, arm: Callable[[Stop, str], None]) -> None:
        super().__init__(database)
        self._arm = arm

    async def open(self, entry: LedgerEntry, owner: str, fence: int) -> int:
        self._arm(Stop.OPENING, entry.prediction)
        return await super().open(entry, owner, fence)

    async def settle(
        self, prediction: str, number: int, settlement: Settlement, now: datetime
    ) -> None:
        self._arm(Stop.SETTLING, prediction)
        await super().settle(prediction, number, settlement, now)


class DyingStore(SqliteStore):
    """The SQLite store, with stops before and after its commits."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._inserting = 0
        self._last_id: str | None = None
        self._is_written = False
        self._accounts = _DyingAccounts(self._database)
        self._ledger = _DyingLedger(self._database, self._die_buying)
        self._database._writing.set_trace_callback(self._trace)

    def _trace(self, statement: str) -> None:
        # Called as each statement begins; with the victim's row written, a commit is the last.
        if self._last_id is None:
            return
        if self._last_id in statement:
            self._is_written = True
        if self._is_written and statement.startswith("COMMIT"):
            die()

    async def insert(
        self, prediction: Prediction, secrets: bytes | None = None, once: Once | None = None
    ) -> None:
        FUSE.passes(Stop.MADE, _ticket(prediction))
        self._die_at_the_commit_of(prediction, Stop.INSERTING)
        self._inserting += 1
        try:
            await super().insert(prediction, secrets, once)
        finally:
            self._inserting -= 1
        FUSE.passes(Stop.INSERTED, _ticket(prediction))

    async def claim(self, owner: str, room: Room, until: datetime) -> Sequence[Claimed]:
        while self._inserting:  # noqa: ASYNC110 - a few turns of the loop
            # As for a model that had no room at first: insert and start are commits of their own.
            await asyncio.sleep(0)
        return _passed(Stop.CLAIMED, await super().claim(owner, room, until))

    async def orphans(self, owner: str, now: datetime, until: datetime) -> Sequence[Claimed]:
        return _passed(Stop.TAKEN_OVER, await super().orphans(owner, now, until))

    async def save(
        self,
        prediction: Prediction,
        was: Status,
        claim: Claim | None = None,
        version: Version | None = None,
    ) -> None:
        before, after = _stops_around(prediction.status, was)
        if before is not None:
            self._die_at_the_commit_of(prediction, before)
        await super().save(prediction, was, claim, version)
        if after is not None:
            FUSE.passes(after, _ticket(prediction))

    async def begin(self, prediction: Prediction, claim: Claim) -> "asyncio.Future[None]":
        self._die_at_the_commit_of(prediction, Stop.STARTING)
        kept = await super().begin(prediction, claim)
        if FUSE.stop is not None and _ticket(prediction).startswith(VICTIM):
            # As for a run that takes longer than the disk: its start is a commit of its own.
            await asyncio.wait([kept])
            FUSE.passes(Stop.STARTED, _ticket(prediction))
        return kept

    def _die_buying(self, stop: Stop, prediction_id: str) -> None:
        if FUSE.is_set(stop, VICTIM):
            self._last_id = prediction_id

    def _die_at_the_commit_of(self, prediction: Prediction, stop: Stop) -> None:
        if FUSE.is_set(stop, _ticket(prediction)):
            self._last_id = prediction.id


def _stops_around(status: Status, was: Status) -> tuple[Stop | None, Stop | None]:
    if status.is_terminal:
        return Stop.ENDING, Stop.ENDED
    if status is Status.PROCESSING and was is Status.STARTING:
        return Stop.STARTING, Stop.STARTED
    return None, None


def _passed(stop: Stop, taken: Sequence[Claimed]) -> Sequence[Claimed]:
    for claimed in taken:
        FUSE.passes(stop, _ticket(claimed.prediction))
    return taken


def _ticket(prediction: Prediction) -> str:
    return str(prediction.input.get("ticket", ""))


class DyingApp:
    """Marks the victim's requests, and dies once the head of an answer to its GET is out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Mapping[bytes, bytes] = dict(scope.get("headers", ()))
        IN_VICTIM.set(b"x-victim" in headers)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body" and scope["method"] == "GET":
                FUSE.passes_in_request(Stop.SHOWING)
            await send(message)

        await self._app(scope, receive, sending)


def _dying_after(act: Callable[..., Any], stop: Stop) -> Callable[..., Any]:
    def acting(*arguments: object) -> object:
        outcome = act(*arguments)
        FUSE.passes_in_request(stop)
        return outcome

    return acting


@asynccontextmanager
async def dying_engine(settings: Settings) -> AsyncIterator[Engine]:
    """The real engine, with the fuse laid through it."""
    entries = (*listing.ENTRIES, *ENTRIES)
    async with running_engine(settings, entries, open_store=DyingStore) as engine:
        registry: Any = engine.registry
        registry.resolve = _dying_after(registry.resolve, Stop.RESOLVED)
        registry.checked_input = _dying_after(registry.checked_input, Stop.CHECKED)
        yield replace(engine, app=DyingApp(engine.app))


def _say(addresses: Addresses) -> None:
    sys.stdout.write(f"{addresses.http}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    FUSE.stop = Stop(sys.argv[1]) if len(sys.argv) > 1 else None
    logging.basicConfig()
    uvloop.run(serve(read_settings(os.environ, Path.cwd()), started=_say, engine=dying_engine))
