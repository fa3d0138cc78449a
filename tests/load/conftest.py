"""A server under load, and figures for the summary."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

ROOT: Final = Path(__file__).parents[2]
TOKEN: Final = "r8_loadloadloadloadloadloadloadloadloadload"
CONNECTIONS: Final = 64
_FIGURES: Final = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Loaded:
    """A server, as its callers see it."""

    process: int
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Any request: the status, and the JSON of the answer."""
        async with self.session.request(method, path, json=body) as answer:
            return answer.status, await answer.json(content_type=None)

    async def create(self, ticket: str) -> str:
        """Accept one prediction; gives its id."""
        path = "/v1/models/load/sleeper/predictions"
        status, shown = await self.ask("POST", path, {"input": {"ticket": ticket}})
        assert status == 201, shown
        return str(shown["id"])

    async def get(self, prediction_id: str) -> dict[str, Any]:
        """Show a prediction."""
        status, shown = await self.ask("GET", f"/v1/predictions/{prediction_id}")
        assert status == 200, shown
        return dict(shown)

    async def asleep(self) -> frozenset[str]:
        """Tickets of the runs that go on."""
        return frozenset((await self.ask("GET", "/asleep"))[1])

    def peak_memory(self) -> int:
        """Megabytes that the process had in memory at most."""
        status = Path(f"/proc/{self.process}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) // 1024


@pytest.fixture
async def loaded(tmp_path: Path) -> AsyncIterator[Loaded]:
    """A server of its own process."""
    kept = {name: text for name, text in os.environ.items() if "SAFELIGHT" not in name}
    environment = kept | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "SAFELIGHT_HOME": str(tmp_path / "home"),
        "SAFELIGHT_PORT": "0",
        "SAFELIGHT_TLS_PORT": "0",
        "SAFELIGHT_API_TOKEN": TOKEN,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.load.sleeping_server",
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        origin = (await asyncio.wait_for(process.stdout.readline(), 15)).decode().strip()
        async with aiohttp.ClientSession(
            origin,
            headers={"authorization": f"Bearer {TOKEN}"},
            connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        ) as session:
            yield Loaded(process.pid, session)
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Puts a line of figures into the summary."""
    return request.config.stash.setdefault(_FIGURES, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Figures are for people: none of them decides a test."""
    for line in config.stash.get(_FIGURES, []):
        terminalreporter.write_line(f"load: {line}")
