"""Tokens are made, listed and revoked on the database itself, with or without a server."""

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.account import Scope, token_hash
from safelight.cli import main


class _Tokens:
    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str) -> Result:
        return self.program("tokens", *arguments)

    def program(self, *arguments: str) -> Result:
        environment = {"SAFELIGHT_HOME": str(self.home), "COLUMNS": "200"}
        return CliRunner().invoke(main, arguments, env=environment)

    def row(self, secret: str) -> str:
        """The line that lists a token."""
        (line,) = [
            line for line in self("list").stdout.splitlines() if line.startswith(_id_of(secret))
        ]
        return line


def _id_of(secret: str) -> str:
    return token_hash(secret).hex()[:12]


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


def test_a_token_may_do_everything_unless_scopes_are_named(tokens: _Tokens) -> None:
    """The list says which."""
    assert " all " in tokens.row(tokens("create").stdout.strip())
    secret = tokens("create", "--scope", "run", "--scope", "read").stdout.strip()
    assert " read run " in tokens.row(secret)
    for scope in Scope:
        secret = tokens("create", "--scope", scope.value).stdout.strip()
        assert f" {scope} " in tokens.row(secret)


def test_a_scope_that_does_not_exist_makes_no_token(tokens: _Tokens) -> None:
    """The message names those that do."""
    refused = tokens("create", "--scope", "everything")
    assert refused.exit_code == 2
    assert "'read', 'run', 'write', 'admin'" in refused.stderr


def test_a_token_speaks_for_the_account_that_is_named(tokens: _Tokens) -> None:
    """By default for the account of the settings."""
    assert tokens.program("accounts", "create", "ann").exit_code == 0
    hers = tokens("create", "--account", "ann").stdout.strip()
    ours = tokens("create").stdout.strip()
    assert " ann " in tokens.row(hers)
    assert " safelight " in tokens.row(ours)
    listed = tokens("list", "--account", "ann").stdout
    assert _id_of(hers) in listed
    assert _id_of(ours) not in listed


@pytest.mark.parametrize("command", ["create", "list"])
def test_an_account_that_is_not_there_has_no_tokens(tokens: _Tokens, command: str) -> None:
    """The message says how to make it."""
    refused = tokens(command, "--account", "ann")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert "safelight: there is no account ann" in refused.stderr
    assert "safelight accounts create ann" in refused.stderr


@pytest.mark.parametrize("account", ["safelight", "ann"])
def test_a_revoked_token_stays_in_the_list(tokens: _Tokens, account: str) -> None:
    """So that one can tell what it was, and when it ended; whosever it was."""
    assert tokens.program("accounts", "create", "ann").exit_code == 0
    secret = tokens("create", "--account", account).stdout.strip()
    assert tokens("revoke", _id_of(secret)).exit_code == 0
    with sqlite3.connect(tokens.home / "safelight.db") as connection:
        (revoked,) = connection.execute("SELECT revoked_at FROM tokens").fetchone()
    connection.close()
    assert revoked is not None
    assert _id_of(secret) in tokens("list").stdout


def test_revoking_what_is_not_there_fails(tokens: _Tokens) -> None:
    """The message says where to look."""
    done = tokens("revoke", "nothing")
    assert done.exit_code == 1
    assert "safelight: there is no token nothing" in done.stderr
