"""What every store promises of accounts and their tokens."""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from tests.contracts.stores import SECOND, Opener, token
from tests.support.making import NOW, eventually

from safelight.account import ALL_SCOPES, Account, Mode, Scope, token_hash
from safelight.errors import Conflict, NotFound
from safelight.store import Store
from safelight.stores.sqlite import SqliteStore

ANN = Account(username="ann", name="Ann")
ACME = Account(
    username="acme",
    name="Acme Ltd. \U0001f600",
    type="organization",
    github_url="https://github.com/acme",
    avatar_url="https://acme.test/a.png",
)


async def test_an_account_is_got_whole(store: Store) -> None:
    """User or organization, with addresses or without."""
    for account in (ANN, ACME):
        await store.accounts.add(account)
        assert await store.accounts.get(account.username) == account


async def test_an_account_that_was_never_added_is_not_found(store: Store) -> None:
    """Names are told apart by case."""
    await store.accounts.add(ANN)
    for username in ("bob", "Ann", ""):
        with pytest.raises(NotFound):
            await store.accounts.get(username)


async def test_adding_the_same_account_again_changes_nothing(store: Store) -> None:
    """Each start adds the account of the settings."""
    await store.accounts.add(ANN)
    await store.accounts.add(ANN)
    assert await store.accounts.list() == [ANN]


async def test_another_account_by_a_name_that_is_taken_is_refused(store: Store) -> None:
    """The first one stays as it is."""
    await store.accounts.add(ANN)
    with pytest.raises(Conflict):
        await store.accounts.add(Account(username="ann", name="Another Ann"))
    assert await store.accounts.get("ann") == ANN


async def test_accounts_are_listed_by_username(store: Store) -> None:
    """In whatever order they came."""
    assert await store.accounts.list() == []
    for account in (ANN, ACME):
        await store.accounts.add(account)
    assert await store.accounts.list() == [ACME, ANN]


async def test_an_account_added_by_another_process_is_there_at_once(
    store: Store, another: Opener
) -> None:
    """The command line works beside a running server."""
    other = await another()
    await other.accounts.add(ANN)
    assert await store.accounts.get("ann") == ANN


@pytest.mark.parametrize("scopes", [{scope} for scope in Scope] + [ALL_SCOPES, frozenset()])
async def test_a_token_keeps_its_scopes(store: Store, scopes: set[Scope]) -> None:
    """Each, all and none."""
    given = frozenset(scopes)
    await store.accounts.add_token(token("one", scopes=given))
    found = await store.accounts.token(token_hash("r8_one"))
    assert found is not None
    assert found.scopes == given


async def test_a_token_keeps_its_mode(store: Store) -> None:
    """As its prefix said."""
    for which, mode in (("test_a", Mode.TEST), ("a", Mode.LIVE)):
        await store.accounts.add_token(token(which))
        found = await store.accounts.token(token_hash(f"r8_{which}"))
        assert found is not None
        assert found.mode is mode


async def test_a_token_is_found_by_its_hash(store: Store) -> None:
    """Whole, as it was added; an unknown one is None."""
    mine = token("one")
    await store.accounts.add_token(mine)
    assert await store.accounts.token(token_hash("r8_one")) == mine
    assert await store.accounts.token(token_hash("r8_two")) is None


async def test_adding_a_token_again_leaves_it_as_it_is(store: Store) -> None:
    """Each start adds the bootstrap tokens."""
    await store.accounts.add_token(token("one"))
    await store.accounts.add_token(token("one", name="renamed", now=NOW + SECOND))
    assert await store.accounts.tokens("me") == [token("one")]


async def test_a_revoked_token_opens_nothing_and_is_still_listed(store: Store) -> None:
    """At once where it was revoked, however recently it was used."""
    await store.accounts.add_token(token("one"))
    assert await store.accounts.token(token_hash("r8_one")) is not None
    await store.accounts.revoke_token("one", "me", NOW + SECOND)
    assert await store.accounts.token(token_hash("r8_one")) is None
    (listed,) = await store.accounts.tokens("me")
    assert listed.revoked_at == NOW + SECOND
    await store.accounts.revoke_token("one", "me", NOW + 2 * SECOND)
    assert (await store.accounts.tokens("me"))[0].revoked_at == NOW + SECOND


async def test_a_revoked_token_stays_revoked_when_added_again(store: Store) -> None:
    """A restart does not bring it back."""
    await store.accounts.add_token(token("one"))
    await store.accounts.revoke_token("one", "me", NOW)
    await store.accounts.add_token(token("one"))
    assert await store.accounts.token(token_hash("r8_one")) is None


async def test_a_token_revoked_by_another_process_soon_opens_nothing(
    store: Store, another: Opener
) -> None:
    """Within about a second, although it was used a moment ago."""
    other = await another()
    await store.accounts.add_token(token("one"))
    assert await store.accounts.token(token_hash("r8_one")) is not None
    await other.accounts.revoke_token("one", "me", NOW)

    async def is_refused() -> bool:
        return await store.accounts.token(token_hash("r8_one")) is None

    assert await eventually(is_refused, within=3)


@pytest.mark.parametrize(("name", "account"), [("two", "me"), ("one", "you")])
async def test_only_an_accounts_own_token_can_be_revoked(
    store: Store, name: str, account: str
) -> None:
    """Any other is not found."""
    await store.accounts.add_token(token("one"))
    with pytest.raises(NotFound):
        await store.accounts.revoke_token(name, account, NOW)
    assert await store.accounts.token(token_hash("r8_one")) is not None


async def test_tokens_are_listed_by_account_oldest_first(store: Store) -> None:
    """Whatever their names."""
    old, new = token("b", now=NOW), token("a", now=NOW + SECOND)
    for one in (new, old, token("c", account="you")):
        await store.accounts.add_token(one)
    assert await store.accounts.tokens("me") == [old, new]


async def test_tokens_from_before_there_were_accounts_speak_for_accounts(tmp_path: Path) -> None:
    """A database of the first schema is brought up to date, and its tokens do what they did."""
    first = (files("safelight.stores") / "migrations" / "0001_first.sql").read_text()
    with closing(sqlite3.connect(tmp_path / "safelight.db")) as connection:
        connection.executescript(first)
        connection.execute(
            "INSERT INTO tokens (id, hash, hint, name, account, mode, created_at)"
            " VALUES ('old', ?, 'last', 'ci', 'ann', 'live', 0)",
            (token_hash("r8_old"),),
        )
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    store = SqliteStore(tmp_path / "safelight.db")
    try:
        found = await store.accounts.token(token_hash("r8_old"))
        assert found is not None
        assert found.scopes == ALL_SCOPES
        assert await store.accounts.get("ann") == Account(username="ann", name="ann")
    finally:
        await store.close()
