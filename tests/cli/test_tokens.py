"""Tokens are made, listed and revoked on the database itself, with or without a server."""

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.account import token_hash
from safelight.cli import main


class _Tokens:
    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str) -> Result:
        environment = {"SAFELIGHT_HOME": str(self.home), "COLUMNS": "200"}
        return CliRunner().invoke(main, ["tokens", *arguments], env=environment)


@pytest.fixture
def tokens(tmp_path: Path) -> _Tokens:
    return _Tokens(tmp_path / "home")


def test_a_token_is_shown_once_and_stored_as_a_hash(tokens: _Tokens) -> None:
    """Stdout has the token and nothing else, for `TOKEN=$(safelight tokens create)`."""
    secret = tokens("create", "--name", "laptop").stdout.strip()
    assert re.fullmatch(r"r8_[A-Za-z0-9]{37}", secret)
    listed = tokens("list").stdout
    assert "laptop" in listed
    assert f"...{secret[-4:]}" in listed
    assert secret not in listed
    for file in tokens.home.glob("safelight.db*"):
        assert secret.encode() not in file.read_bytes()


def test_a_test_token_says_so_itself(tokens: _Tokens) -> None:
    """Its prefix decides what its predictions run on."""
    secret = tokens("create", "--test").stdout.strip()
    assert re.fullmatch(r"r8_test_[A-Za-z0-9]{32}", secret)
    assert " test " in tokens("list").stdout


def test_a_revoked_token_stays_in_the_list(tokens: _Tokens) -> None:
    """So that one can tell what it was, and when it ended."""
    secret = tokens("create").stdout.strip()
    token_id = token_hash(secret).hex()[:12]
    assert tokens("revoke", token_id).exit_code == 0
    with sqlite3.connect(tokens.home / "safelight.db") as connection:
        (revoked,) = connection.execute("SELECT revoked_at FROM tokens").fetchone()
    connection.close()
    assert revoked is not None
    assert token_id in tokens("list").stdout


def test_revoking_what_is_not_there_fails(tokens: _Tokens) -> None:
    """The message says where to look."""
    done = tokens("revoke", "nothing")
    assert done.exit_code == 1
    assert "safelight: there is no token nothing" in done.stderr
