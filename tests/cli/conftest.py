"""The program as people start it: a process of its own, with a HOME of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

import safelight

_PATIENCE = 30.0
"""Seconds after which a process that should have answered has failed."""


@dataclass(frozen=True)
class Program:
    """`safelight`, with one environment and one working directory."""

    environment: dict[str, str]
    directory: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [sys.executable, "-m", "safelight", *arguments],
            env=self.environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )

    @contextmanager
    def started(self, *arguments: str) -> Generator[subprocess.Popen[str]]:
        """Start it, and see to it that it is gone afterwards."""
        with subprocess.Popen(
            [sys.executable, "-m", "safelight", *arguments],
            env=self.environment,
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                try:
                    process.communicate(timeout=_PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise

    @contextmanager
    def serving(self) -> Generator[str]:
        """A server on free ports; gives the first line that it prints."""
        with self.started("serve", "--port", "0", "--tls-port", "0") as process:
            yield first_line(process.stdout)


def first_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


Make = Callable[..., Program]


@pytest.fixture(scope="session")
def make_program(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a program in a directory of its own, with more variables when they are given."""

    def make(**variables: str) -> Program:
        directory = tmp_path_factory.mktemp("program")
        ours = ("SAFELIGHT_", "REPLICATE_", "OPENAI_", "GOOGLE_", "GEMINI_", "JIGSAWSTACK_")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
        environment = {
            **kept,
            "PYTHONPATH": str(Path(safelight.__file__).parents[1]),
            "PYTHONWARNINGS": "error",
            "SAFELIGHT_HOME": str(directory / "home"),
            **variables,
        }
        return Program(environment, directory)

    return make


@pytest.fixture
def program(make_program: Make) -> Program:
    """The program before its first start."""
    return make_program()


@pytest.fixture(scope="module")
def served(make_program: Make) -> Generator[Program]:
    """The program beside a running server on the same HOME."""
    program = make_program()
    with program.serving() as line:
        assert line.startswith("Safelight is at"), "the server did not start"
        yield program
