"""Accounts are made and listed on the database itself, with or without a server."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.account import Account
from safelight.cli import main
from safelight.model import EXAMPLES
from safelight.stores.sqlite import SqliteStore

Call = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def accounts(home: Path) -> Call:
    def call(*arguments: str) -> Result:
        environment = {"SAFELIGHT_HOME": str(home), "COLUMNS": "200"}
        return CliRunner().invoke(main, ["accounts", *arguments], env=environment)

    return call


def stored(home: Path, username: str) -> Account:
    async def read() -> Account:
        store = SqliteStore(home / "safelight.db")
        try:
            return await store.accounts.get(username)
        finally:
            await store.close()

    return asyncio.run(read())


def test_a_user_is_made_and_the_next_step_is_named(accounts: Call, home: Path) -> None:
    """An account without a token is of no use."""
    done = accounts("create", "ann_2")
    assert done.exit_code == 0, done.output
    assert "safelight tokens create --account ann_2" in done.stdout
    assert stored(home, "ann_2") == Account(username="ann_2", name="ann_2")


def test_an_organization_is_made_with_all_that_is_shown_of_it(accounts: Call, home: Path) -> None:
    """Its name, and where it is found."""
    urls = ("--github-url", "https://github.com/acme", "--avatar-url", "https://acme.test/a.png")
    done = accounts("create", "acme", "--organization", "--full-name", "Acme Ltd.", *urls)
    assert done.exit_code == 0, done.output
    assert stored(home, "acme") == Account(
        username="acme",
        name="Acme Ltd.",
        type="organization",
        github_url="https://github.com/acme",
        avatar_url="https://acme.test/a.png",
    )
    assert "organization" in accounts("list").stdout
    assert "Acme Ltd." in accounts("list").stdout


def test_the_account_of_the_first_tokens_is_listed_before_any_start(accounts: Call) -> None:
    """It is the one that `tokens create` makes tokens for."""
    listed = accounts("list")
    assert listed.exit_code == 0
    assert "safelight" in listed.stdout


def test_making_the_same_again_is_no_fault_and_making_another_is_one(accounts: Call) -> None:
    """A set-up script may run twice; it may not rename somebody."""
    assert accounts("create", "ann").exit_code == 0
    assert accounts("create", "ann").exit_code == 0
    refused = accounts("create", "ann", "--full-name", "Another Ann")
    assert refused.exit_code == 1
    assert "safelight: There is an account named ann already." in refused.stderr


@pytest.mark.parametrize("name", ["Ann", "a b", "ann/x", "", "a" * 65, "élodie", EXAMPLES, "a\n"])
def test_a_name_that_cannot_be_used_makes_nothing(accounts: Call, home: Path, name: str) -> None:
    """The message says what a username is, or that this one is taken."""
    refused = accounts("create", name)
    assert refused.exit_code == 2
    assert "a username is 1 to 64" in refused.stderr or "reserved" in refused.stderr
    assert not home.exists()


@pytest.mark.parametrize("option", ["--github-url", "--avatar-url"])
def test_an_address_that_no_browser_opens_is_refused(accounts: Call, option: str) -> None:
    """It is shown to every client."""
    refused = accounts("create", "ann", option, "javascript:alert(1)")
    assert refused.exit_code == 2
    assert f"{option} must begin with https://" in refused.stderr
    assert "ann" not in accounts("list").stdout
