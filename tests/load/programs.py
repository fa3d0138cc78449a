"""Programs beside the tests, each a process, and what they print."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.load.conftest import ROOT

PATIENCE: Final = 30.0
"""Seconds after which what should have been printed has not."""
LINE: Final = 1 << 20
"""Bytes in the longest line that a process prints."""


@asynccontextmanager
async def program(name: str, *arguments: str, **environment: str) -> AsyncIterator[Process]:
    """A module of this folder as a process, killed in the end."""
    kept = {name: text for name, text in os.environ.items() if "SAFELIGHT" not in name}
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.load.{name}", *arguments),
        cwd=ROOT,
        env=kept | {"PYTHONPATH": path} | environment,
        stdout=PIPE,
        limit=LINE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: Process) -> str:
    """The next that it prints."""
    assert process.stdout is not None
    text = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip()
    assert text, "the process has died"
    return text


def memory(process: Process) -> int:
    """Megabytes that it has in memory now."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (row,) = (row for row in status.splitlines() if row.startswith("VmRSS:"))
    return int(row.split()[1]) // 1024
