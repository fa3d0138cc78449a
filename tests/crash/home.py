"""A HOME of its own, and the servers that live and die on it, one after the other."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from tests.crash.models import BOUGHT_FROM, LEDGER

from safelight.prediction import Prediction
from safelight.stores.rows import prediction_from

ROOT: Final = Path(__file__).parents[2]
TOKEN: Final = "r8_crashcrashcrashcrashcrashcrashcrashcras"
PATIENCE: Final = 15.0
"""Seconds for anything to come true: less than a lease, so that nothing passes by its lapse."""

Json = dict[str, Any]
Failed = (aiohttp.ClientError, ConnectionError, asyncio.TimeoutError)
"""What a caller meets when the server dies."""


async def until(condition: Callable[[], Awaitable[object]], what: str) -> None:
    """Wait until *condition* holds; fail with *what* when it takes too long."""
    give_up = asyncio.get_running_loop().time() + PATIENCE
    while not await condition():
        assert asyncio.get_running_loop().time() < give_up, f"{what} took over {PATIENCE} s"
        await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Row:
    """One prediction as it lies in the database."""

    prediction: Prediction
    completed: int
    """How many `completed` webhook events it has been given."""

    @property
    def ticket(self) -> str:
        """What it is called in the ledger."""
        return str(self.prediction.input["ticket"])

    @property
    def kind(self) -> str:
        """`paid`, `free` or `queue`."""
        return self.prediction.model.removeprefix("crash/")


class Home:
    """A HOME, the ledger beside it, and what can be said of both while no server runs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "home"
        self.log = folder / "server.log"
        self._ledger = folder / "ledger"
        self._gate = folder / "gate"
        self._port = _free_port()

    @asynccontextmanager
    async def server(self, stop: str | None = None) -> AsyncIterator["Server"]:
        """A server on this HOME that takes connections; killed on leaving, if it still lives."""
        async with self.starting(stop) as process:
            assert await _first_line(process), self._last_words()
            headers = {"authorization": f"Bearer {TOKEN}"}
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            async with aiohttp.ClientSession(
                f"http://127.0.0.1:{self._port}", headers=headers, timeout=timeout
            ) as session:
                yield Server(process, session)

    @asynccontextmanager
    async def starting(self, stop: str | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
        """The process of a server, from its first moment."""
        arguments = ["-m", "tests.crash.dying_server", *([stop] if stop else [])]
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                cwd=ROOT,
                env=self._environment(),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    def _last_words(self) -> str:
        return self.log.read_text()[-5000:]

    def _environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if "SAFELIGHT" not in name}
        return kept | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "SAFELIGHT_HOME": str(self.path),
            "SAFELIGHT_PORT": str(self._port),
            "SAFELIGHT_TLS_PORT": "0",
            "SAFELIGHT_API_TOKEN": TOKEN,
            "SAFELIGHT_ROUTES": f"crash/bought={BOUGHT_FROM}",
            LEDGER: str(self._ledger),
        }

    def open_gate(self) -> None:
        """Let held predictions go on."""
        self._gate.touch()

    def calls(self) -> Counter[str]:
        """How often each ticket was paid for; a line that the kill cut short counts too."""
        return Counter(self._ledger.read_text().splitlines() if self._ledger.exists() else ())

    def rows(self, after: int = 0) -> dict[str, Row]:
        """The predictions by id, beyond the first *after*, as they are stored."""
        statement = """
            SELECT body, input, (SELECT count(*) FROM deliveries
                WHERE prediction = predictions.id AND event = 'completed')
            FROM predictions WHERE seq > ? AND account <> ':examples' ORDER BY seq
        """
        found = [
            Row(prediction_from(body, inputs), completed)
            for body, inputs, completed in self._query(statement, after)
        ]
        return {row.prediction.id: row for row in found}

    def statuses(self) -> dict[str, str]:
        """The status of every prediction by id."""
        return dict(self._query("SELECT id, status FROM predictions WHERE account <> ':examples'"))

    def attempts(self, prediction_id: str) -> list[str]:
        """What became of each attempt to buy."""
        statement = "SELECT state FROM ledger WHERE prediction = ? ORDER BY number"
        return [state for (state,) in self._query(statement, prediction_id)]

    def sums(self) -> tuple[int, int, int]:
        """Nanodollars booked attempt by attempt, as summed for the account, and still held."""
        statement = """
            SELECT (SELECT coalesce(sum(booked), 0) FROM ledger),
                (SELECT coalesce(sum(amount), 0) FROM spent WHERE subject LIKE 'account:%'),
                (SELECT coalesce(sum(amount), 0) FROM held)
        """
        ((booked, spent, held),) = self._query(statement)
        return booked, spent, held

    def text(self, key: str) -> str:
        """The content of an output file."""
        return (self.path / "blobs" / key[:2] / key[2:]).read_text()

    def holds(self, text: str) -> bool:
        """Whether any file in HOME has this text in it."""
        files = (path for path in self.path.rglob("*") if path.is_file())
        return any(text.encode() in path.read_bytes() for path in files)

    def engines(self) -> list[str]:
        """Names of what engines have left, or still use."""
        return sorted(path.name for path in (self.path / "engines").iterdir())

    def _query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        if not (self.path / "safelight.db").exists():
            return []
        with closing(sqlite3.connect(self.path / "safelight.db", timeout=10)) as connection:
            return connection.execute(statement, values).fetchall()


class Server:
    """A running server, as its callers see it."""

    def __init__(self, process: asyncio.subprocess.Process, session: aiohttp.ClientSession) -> None:
        self.process = process
        self._session = session

    async def create(
        self, kind: str, ticket: str, headers: dict[str, str] | None = None, **more: object
    ) -> tuple[int, Json]:
        """Ask for a prediction; *more* is further input, but for a `webhook`."""
        webhook = {"webhook": more.pop("webhook")} if "webhook" in more else {}
        path = f"/v1/models/crash/{kind}/predictions"
        body = {"input": {"ticket": ticket, **more}, **webhook}
        return await self.ask("POST", path, headers, body)

    async def get(self, prediction_id: str, headers: dict[str, str] | None = None) -> Json:
        """Show a prediction."""
        status, shown = await self.ask("GET", f"/v1/predictions/{prediction_id}", headers)
        assert status == 200, shown
        return shown

    async def cancel(self, prediction_id: str) -> Json:
        """Cancel a prediction."""
        status, shown = await self.ask("POST", f"/v1/predictions/{prediction_id}/cancel")
        assert status == 200, shown
        return shown

    async def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: object = None
    ) -> tuple[int, Json]:
        """Any request: the status, and the JSON of the answer."""
        async with self._session.request(method, path, headers=headers, json=body) as answer:
            return answer.status, await answer.json(content_type=None)

    async def text(self, url: str) -> str:
        """What an output file says."""
        async with self._session.get(url) as answer:
            assert answer.status == 200
            return await answer.text()

    async def reached(self, prediction_id: str, *statuses: str) -> Json:
        """Wait until a prediction has one of *statuses*."""
        shown: Json = {}

        async def has_it() -> bool:
            shown.update(await self.get(prediction_id))
            return shown["status"] in statuses

        await until(has_it, f"{prediction_id} to be {' or '.join(statuses)}")
        return shown

    async def ended(self, prediction_id: str) -> Json:
        """Wait until a prediction has ended."""
        return await self.reached(prediction_id, "succeeded", "failed", "canceled")

    async def has_died(self) -> int:
        """Wait until the process is gone; gives its exit status."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    async def stop(self) -> None:
        """Have it stop in order."""
        self.process.send_signal(signal.SIGTERM)
        assert await self.has_died() == 0


async def _first_line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await asyncio.wait_for(process.stdout.readline(), PATIENCE)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
