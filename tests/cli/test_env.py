"""`safelight env`: what it prints makes a shell's clients use this server."""

import json
import shlex
import stat
import subprocess
from collections.abc import Callable
from typing import Any

import pytest


def exported(text: str) -> dict[str, str]:
    words = [shlex.split(line) for line in text.splitlines()]
    assert all(word[0] == "export" for word in words)
    return dict(word[1].split("=", 1) for word in words)


def test_it_works_before_the_first_start(make_program: Callable[..., Any]) -> None:
    """HOME, tokens and certificates are made, so that a shell's start-up file can call it."""
    program = make_program(CURL_CA_BUNDLE="/etc/company.pem")
    done = program.run("env")
    assert (done.returncode, done.stderr) == (0, "")
    home = program.directory / "home"
    assert exported(done.stdout) == {
        "REPLICATE_BASE_URL": "https://127.0.0.1:8443/v1",
        "REPLICATE_API_TOKEN": json.loads((home / "tokens.json").read_bytes())["live"],
        "SSL_CERT_FILE": str(home / "tls" / "bundle.pem"),
        "NODE_EXTRA_CA_CERTS": str(home / "tls" / "ca.pem"),
        "REQUESTS_CA_BUNDLE": str(home / "tls" / "bundle.pem"),
        "CURL_CA_BUNDLE": str(home / "tls" / "bundle.pem"),
    }
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_the_test_token_is_another(make_program: Callable[..., Any]) -> None:
    """`--test` changes the token and nothing else."""
    program = make_program()
    live, test = (exported(program.run("env", *flags).stdout) for flags in ([], ["--test"]))
    assert test["REPLICATE_API_TOKEN"].startswith("r8_test_")
    assert live | {"REPLICATE_API_TOKEN": ""} == test | {"REPLICATE_API_TOKEN": ""}


def test_a_shell_reads_it_back_whatever_the_paths(make_program: Callable[..., Any]) -> None:
    """Quotes and spaces in HOME are data, not commands."""
    program = make_program()
    home = str(program.directory / "it's $(touch pwned) a home")
    program.environment["SAFELIGHT_HOME"] = home
    script = program.run("env").stdout + 'printf %s "$NODE_EXTRA_CA_CERTS"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"{home}/tls/ca.pem"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"SAFELIGHT_HOST": "0.0.0.0", "SAFELIGHT_TLS_PORT": "9443"}, "https://127.0.0.1:9443/v1"),
        ({"SAFELIGHT_HOST": "::"}, "https://[::1]:8443/v1"),
        ({"SAFELIGHT_HOST": "box.local"}, "https://box.local:8443/v1"),
        ({"SAFELIGHT_TLS_PORT": "0", "SAFELIGHT_PORT": "9000"}, "http://127.0.0.1:9000/v1"),
    ],
)
def test_without_a_server_the_settings_say_where_it_will_be(
    variables: dict[str, str], expected: str, make_program: Callable[..., Any]
) -> None:
    """A wildcard is an address to listen on, not one to call."""
    done = make_program(**variables).run("env")
    assert exported(done.stdout)["REPLICATE_BASE_URL"] == expected


def test_without_https_nobody_is_told_to_trust_anything(make_program: Callable[..., Any]) -> None:
    """Stderr says what that costs; stdout stays fit for `eval`."""
    done = make_program(SAFELIGHT_TLS_PORT="0").run("env")
    assert exported(done.stdout).keys() == {"REPLICATE_BASE_URL", "REPLICATE_API_TOKEN"}
    assert "HTTPS is off" in done.stderr


def test_on_ports_that_the_system_picks_the_running_server_tells(
    make_program: Callable[..., Any],
) -> None:
    """HTTPS is on there, and clients are told whom to trust; without a server nobody knows."""
    program = make_program(SAFELIGHT_PORT="0", SAFELIGHT_TLS_PORT="0")
    with program.serving():
        done = program.run("env")
        assert done.stderr == ""
        variables = exported(done.stdout)
        assert variables["REPLICATE_BASE_URL"].startswith("https://127.0.0.1:")
        assert "SSL_CERT_FILE" in variables
    done = program.run("env")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no server runs" in done.stderr


def test_ones_own_certificate_needs_no_bundle(make_program: Callable[..., Any]) -> None:
    """Its name is that of the public URL, and clients trust it already."""
    program = make_program(SAFELIGHT_PUBLIC_URL="https://pictures.example/")
    own = program.directory / "own.pem"
    own.write_bytes(b"")
    program.environment.update({"SAFELIGHT_TLS_CERT": str(own), "SAFELIGHT_TLS_KEY": str(own)})
    variables = exported(program.run("env").stdout)
    assert variables["REPLICATE_BASE_URL"] == "https://pictures.example/v1"
    assert variables.keys() == {"REPLICATE_BASE_URL", "REPLICATE_API_TOKEN"}


def test_with_a_server_it_says_where_that_is(served: Any) -> None:
    """Also on ports that no setting names."""
    running = json.loads((served.directory / "home" / "server.json").read_bytes())
    variables = exported(served.run("env").stdout)
    assert variables["REPLICATE_BASE_URL"] == f"{running['https']}/v1"
