"""The server as people start it: a process of its own on free ports, with a HOME of its own."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 30.0
"""Seconds after which a process that should have answered has failed."""
_PROGRAM = (sys.executable, "-m", "safelight")
_OURS = (
    *("SAFELIGHT_", "REPLICATE_", "OPENAI_", "GOOGLE_", "GEMINI_", "JIGSAWSTACK_"),
    *("SSL_CERT_", "NODE_", "CURL_CA_", "REQUESTS_CA_"),
)


@dataclass(frozen=True)
class Server:
    """Where a running server is, and what it takes to call it."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    """Of the server's process."""
    folder: Path

    @property
    def home(self) -> Path:
        """Its database, blobs, keys and certificates."""
        return self.folder / "home"

    @property
    def http(self) -> str:
        """Its origin without encryption."""
        return self._announced("http")

    @property
    def https(self) -> str:
        """Its origin with encryption."""
        return self._announced("https")

    @property
    def live_token(self) -> str:
        """What runs on providers."""
        return self._token("live")

    @property
    def test_token(self) -> str:
        """What runs on the sketch."""
        return self._token("test")

    @property
    def bundle(self) -> Path:
        """The certificates that a client has to trust, the system's among them."""
        return Path(self.client_environment()["SSL_CERT_FILE"])

    @property
    def printed(self) -> bytes:
        """All that the process has written to its stdout and stderr."""
        return (self.folder / "stdout").read_bytes() + (self.folder / "stderr").read_bytes()

    def client_environment(self, *, test: bool = True) -> dict[str, str]:
        """This environment, with what `safelight env` exports."""
        lines = subprocess.run(
            (*_PROGRAM, "env", *(["--test"] if test else [])),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        ).stdout.splitlines()
        pairs = (shlex.split(line)[1].split("=", 1) for line in lines)
        # The official clients leave connections open, which is no fault of ours.
        lenient = {n: text for n, text in self.environment.items() if n != "PYTHONWARNINGS"}
        return lenient | dict(pairs)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it, by that signal; give what it exited with."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def _announced(self, scheme: str) -> str:
        origin: str = json.loads((self.home / "server.json").read_bytes())[scheme]
        return origin

    def _token(self, mode: str) -> str:
        token: str = json.loads((self.home / "tokens.json").read_bytes())[mode]
        return token


@contextmanager
def serving(
    folder: Path, program: Sequence[str] = _PROGRAM, port: int = 0, **environment: str
) -> Generator[Server]:
    """A server while the context lasts, with these variables besides those that are not ours."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}
    ours = {"SAFELIGHT_HOME": str(folder / "home"), "SAFELIGHT_GRACE": "0s"}
    whole = kept | ours | {"PYTHONWARNINGS": "error", "PYTHONUNBUFFERED": "1"} | environment
    with (
        (folder / "stdout").open("wb") as stdout,
        (folder / "stderr").open("wb") as stderr,
        subprocess.Popen(
            (*program, "serve", "--port", str(port), "--tls-port", "0"),
            env=whole,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()  # printed when connections are taken
            stdout.write(line)
            stdout.flush()
            assert line.startswith(b"Safelight is at "), (folder / "stderr").read_text()
            yield Server(process, whole, folder)
        finally:
            _ended(process)
            stdout.write(process.stdout.read())


def _ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE)
        raise


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """One server for all tests that ask for no more than a server."""
    with serving(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="session")
def client_environment(server: Server) -> dict[str, str]:
    """What a client's process is given to reach it, in test mode."""
    return server.client_environment()
