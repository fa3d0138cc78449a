"""`safelight doctor`: what is broken fails, what could be better is a hint."""

import json
import socket
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest


def findings(program: Any, *, exit_code: int = 0) -> dict[str, dict[str, str]]:
    done = program.run("doctor", "--json")
    assert done.returncode == exit_code, done.stdout + done.stderr
    return {finding["subject"]: finding for finding in json.loads(done.stdout)}


@pytest.fixture
def program(make_program: Callable[..., Any]) -> Any:
    """One whose ports are free."""
    ports: list[int] = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    return make_program(SAFELIGHT_PORT=str(ports[0]), SAFELIGHT_TLS_PORT=str(ports[1]))


def test_a_fresh_place_has_hints_only(program: Any) -> None:
    """No key is no illness: test mode needs none."""
    found = findings(program)
    assert {f["state"] for f in found.values()} == {"ok", "hint"}
    assert "google/imagen-4-fast" in found["google"]["found"]
    assert "GEMINI_API_KEY" in found["google"]["advice"]
    assert "openai/gpt-image-1" in found["openai"]["found"]


def test_people_get_one_line_for_each_finding(program: Any) -> None:
    """With what to do under it."""
    done = program.run("doctor")
    assert done.returncode == 0
    assert "    ok settings: " in done.stdout
    assert "  hint openai: " in done.stdout
    assert "       Set OPENAI_API_KEY" in done.stdout


def test_a_key_or_another_route_is_enough(program: Any) -> None:
    """A model that a second upstream answers for misses nothing."""
    program.environment.update(
        {
            "OPENAI_API_KEY": "sk-secret",
            "SAFELIGHT_ROUTES": "google/imagen-4-fast=google:imagen|openai:gpt-image-2",
        }
    )
    done = program.run("doctor", "--json")
    found = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert found["openai"]["state"] == found["google"]["state"] == "ok"
    assert found["jigsawstack"]["state"] == "hint"
    assert "sk-secret" not in done.stdout


def test_a_route_that_cannot_be_read_is_broken(program: Any) -> None:
    """The server would not start with it."""
    program.environment["SAFELIGHT_ROUTES"] = "nonsense"
    assert findings(program, exit_code=1)["routes"]["state"] == "broken"


def test_a_setting_that_cannot_be_used_is_a_finding_too(program: Any) -> None:
    """`--json` stays JSON."""
    program.environment["SAFELIGHT_PORT"] = "http"
    found = findings(program, exit_code=1)
    assert found.keys() == {"settings"}
    assert "SAFELIGHT_PORT" in found["settings"]["found"]


def test_a_home_that_cannot_be_used_ends_the_examination(program: Any) -> None:
    """Everything else lies in it."""
    (program.directory / "file").write_bytes(b"")
    program.environment["SAFELIGHT_HOME"] = str(program.directory / "file" / "home")
    found = findings(program, exit_code=1)
    assert found["home"]["state"] == "broken"
    assert "database" not in found


def test_a_home_that_others_can_read_is_a_hint(program: Any) -> None:
    """It holds keys; the advice is the command to run."""
    home = program.directory / "home"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    found = findings(program)["home"]
    assert found["state"] == "hint"
    assert "chmod 700" in found["advice"]


def test_a_taken_port_is_broken(program: Any) -> None:
    """By another program, that is: our own server may have it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(program.environment["SAFELIGHT_PORT"])))
        other.listen()
        found = findings(program, exit_code=1)["port"]
    assert "SAFELIGHT_PORT" in found["advice"]


def test_a_database_that_is_none_is_broken(program: Any) -> None:
    """Nothing is done to it."""
    home = program.directory / "home"
    home.mkdir(mode=0o700)
    (home / "safelight.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert "cannot be read" in findings(program, exit_code=1)["database"]["found"]


def test_a_database_of_a_newer_safelight_is_broken(program: Any) -> None:
    """An old program must not write to it."""
    home = program.directory / "home"
    home.mkdir(mode=0o700)
    connection = sqlite3.connect(home / "safelight.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert findings(program, exit_code=1)["database"]["advice"] == "Update Safelight."


def test_a_running_server_is_known_and_trusted(served: Any) -> None:
    """Its ports are not called taken, and its certificate is verified as a client would."""
    found = findings(served)
    assert found["server"]["found"].startswith("Runs at http://127.0.0.1:")
    assert "trusts https://127.0.0.1:" in found["https"]["found"]
    assert "tables" in found["database"]["found"]
