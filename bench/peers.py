"""The servers that are compared: Safelight as it is served, and coglet with the same model."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Target

PATIENCE = 30.0
NOTHING: Mapping[str, str] = {}
SLOTS = 256
"""Predictions that coglet may run at once."""
_TICKS = os.sysconf("SC_CLK_TCK")
_BIN = Path(sys.executable).parent
_RUNNER = f"""
import cog

class Echo(cog.BaseRunner):
    @cog.concurrent(max={SLOTS})
    async def run(self, prompt: str = cog.Input(description="The text to give back")) -> str:
        return prompt
"""
_COG_YAML = f"""
build:
  python_version: "3.11"
run: "predict.py:Echo"
concurrency:
  max: {SLOTS}
"""


@dataclass(frozen=True)
class Peer:
    """A server at work."""

    name: str
    process: subprocess.Popen[bytes]
    target: Target
    ready_after: float
    """Seconds from its start to its first answer."""

    @property
    def cpu_seconds(self) -> float:
        """User and system time of its processes so far."""
        return sum(_cpu_seconds(pid) for pid in _family(self.process.pid))

    @property
    def resident_mb(self) -> float:
        """Memory of its processes, in MB of 10**6 bytes."""
        return sum(_resident_bytes(pid) for pid in _family(self.process.pid)) / 1e6

    @property
    def peak_mb(self) -> float:
        """The most memory that its processes have had so far, in MB of 10**6 bytes."""
        return sum(_peak_bytes(pid) for pid in _family(self.process.pid)) / 1e6


@contextmanager
def safelight(folder: Path, settings: Mapping[str, str] = NOTHING) -> Generator[Peer]:
    """`safelight serve` on a fresh HOME, plain HTTP and HTTPS, as anyone starts it."""
    home, port = folder / "home", free_port()
    environment = without_ours(SAFELIGHT_HOME=str(home), SAFELIGHT_PORT=str(port), **settings)
    environment |= {"SAFELIGHT_TLS_PORT": str(free_port())}
    command = (sys.executable, "-m", "safelight", "serve")
    with running(command, folder, environment) as (process, started):
        ready_after = answered(process, f"http://127.0.0.1:{port}/healthz") - started
        token = json.loads((home / "tokens.json").read_text())["live"]
        path = "/v1/models/safelight/echo/predictions"
        yield Peer("safelight", process, Target(port, path, token), ready_after)


@contextmanager
def coglet(folder: Path) -> Generator[Peer]:
    """Cog's own server, as it runs inside every model container; it stores nothing."""
    port = free_port()
    (folder / "predict.py").write_text(_RUNNER)
    (folder / "cog.yaml").write_text(_COG_YAML)
    environment = without_ours(COG_MAX_CONCURRENCY=str(SLOTS), COG_LOG_LEVEL="warning")
    environment["PATH"] = f"{_BIN}:{environment['PATH']}"  # its worker calls `python`
    serve = f"import coglet; coglet.server.serve('predict.py:Echo', host='127.0.0.1', port={port})"
    with running((sys.executable, "-c", serve), folder, environment) as (process, started):
        ready_after = answered(process, f"http://127.0.0.1:{port}/health-check") - started
        yield Peer("coglet", process, Target(port, "/predictions"), ready_after)


def without_ours(**more: str) -> dict[str, str]:
    """The environment, less whatever would change what is measured, and with *more*."""
    ours = ("SAFELIGHT_", "REPLICATE_", "COG_", "OPENAI_", "LITELLM_", "GOOGLE_", "GEMINI_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


@contextmanager
def running(
    command: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> Generator[tuple[subprocess.Popen[bytes], float]]:
    """A process and when it began; what it prints goes to `log` in the folder."""
    with (folder / "log").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield process, started
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def answered(process: subprocess.Popen[bytes], url: str, within: float = PATIENCE) -> float:
    """When the server first said that it is ready.

    Raises:
        RuntimeError: It ended, or did not say so within these seconds.
    """
    give_up = time.perf_counter() + within
    while time.perf_counter() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - loopback
                if answer.status == 200 and b"STARTING" not in answer.read():
                    return time.perf_counter()
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.005)
    raise RuntimeError(f"{url} did not become ready in {within:g} s.")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [pid, *(member for child in found for member in _family(child))]


def _cpu_seconds(pid: int) -> float:
    # After the name, which may hold spaces: field 14 is user time, 15 is system time.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peak_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
