"""Fixtures for modules that test trainings: their server has a model that can be trained."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.serving import Server, serving

STYLE = "tests/style"
_PROGRAM = (sys.executable, "-P", str(Path(__file__).with_name("training_server.py")))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """One server for the tests of a module."""
    with serving(tmp_path_factory.mktemp("trainable"), _PROGRAM) as started:
        yield started


@pytest.fixture(scope="module")
def client_environment(server: Server) -> dict[str, str]:
    """What a client's process is given to reach it, in test mode."""
    return server.client_environment()
