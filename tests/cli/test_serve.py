"""`safelight serve`: says where it is, and in one line why it is not."""

import json
import re
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.serving import serving


def test_the_greeting_is_all_one_needs(program: Any) -> None:
    """Where it is, how to point a client at it; tokens are hinted at, not shown."""
    with program.started("serve", "--port", "0", "--tls-port", "0") as process:
        lines = [process.stdout.readline()]
        while lines[-1] and "Stop with Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
    greeting = "".join(lines)
    tokens = json.loads((program.directory / "home" / "tokens.json").read_bytes())
    assert lines[0].startswith("Safelight is at http://127.0.0.1:")
    assert " and https://127.0.0.1:" in lines[0]
    assert re.search(r'eval "\$\(.*safelight env --test\)"', greeting)
    assert "replicate.run(" in greeting
    assert "curl -s" in greeting
    for token in tokens.values():
        assert token not in greeting
        assert f"...{token[-4:]}" in greeting


def test_it_is_announced_while_it_runs(program: Any) -> None:
    """Other commands find it there; nothing is left behind."""
    announcement = program.directory / "home" / "server.json"
    with program.serving() as line:
        running = json.loads(announcement.read_bytes())
        assert running["http"] in line
        with urllib.request.urlopen(f"{running['http']}/healthz", timeout=5) as answer:
            assert answer.status == 200
    assert not announcement.exists()


def test_a_taken_port_is_told_in_one_line(program: Any) -> None:
    """With the way out."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = program.run("serve", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr.startswith(f"safelight: 127.0.0.1:{port} cannot be listened on")
    assert len(done.stderr.splitlines()) == 1
    assert "SAFELIGHT_PORT" in done.stderr


def test_a_home_that_cannot_be_written_is_told_in_one_line(
    make_program: Callable[..., Any],
) -> None:
    """Before anything is listened on."""
    program = make_program()
    (program.directory / "file").write_bytes(b"")
    program.environment["SAFELIGHT_HOME"] = str(program.directory / "file" / "home")
    done = program.run("serve", "--port", "0", "--tls-port", "0")
    assert done.returncode == 2
    assert done.stderr.startswith("safelight: SAFELIGHT_HOME=")
    assert len(done.stderr.splitlines()) == 1


def test_a_second_server_on_one_home_hands_the_commands_back_to_the_first(tmp_path: Path) -> None:
    """While it lasts they find the second; then the first again, which still runs."""
    with serving(tmp_path / "first") as first:
        announcement = first.home / "server.json"
        with serving(tmp_path / "second", SAFELIGHT_HOME=str(first.home)) as second:
            assert json.loads(announcement.read_bytes())["pid"] == second.process.pid
        assert json.loads(announcement.read_bytes())["pid"] == first.process.pid
    assert not announcement.exists()
