"""`safelight tokens`: create, list, limit and revoke; they work on the database itself."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click
from rich.text import Text

from safelight.account import ALL_SCOPES, Mode, Scope, Token, new_token
from safelight.cli.failing import Failure
from safelight.cli.finding import current_settings
from safelight.cli.limiting import AMOUNT, PER, read_limit, told
from safelight.cli.opening import opened_store
from safelight.cli.showing import print_table, table
from safelight.errors import NotFound
from safelight.ledger import SpendLimit
from safelight.settings import Settings
from safelight.store import Store

_ACCOUNT: Final = click.option("--account", help="Whose; by default SAFELIGHT_ACCOUNT.")
_SCOPE: Final = click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may be used for; can be given several times. By default everything.",
)


@click.group
def command() -> None:
    """Create, list, limit and revoke API tokens."""


@command.command
@click.option("--test", is_flag=True, help="A test token: no key, no network, no cost.")
@click.option("--name", default="", help="What it is for.")
@_ACCOUNT
@_SCOPE
def create(*, test: bool, name: str, account: str | None, scopes: Sequence[str]) -> None:
    """Create a token, and print it: it is not shown again."""
    settings = current_settings()
    secret, token = new_token(
        secrets.token_bytes(32),
        mode=Mode.TEST if test else Mode.LIVE,
        name=name,
        account=account or settings.account,
        now=datetime.now(UTC),
        scopes=frozenset(map(Scope, scopes)) or ALL_SCOPES,
    )
    asyncio.run(_add(settings, token))
    click.echo(secret)
    click.echo("Keep it: it is stored as a hash, and not shown again.", err=True)


@command.command("list")
@click.option("--account", help="Whose; by default everybody's.")
def list_(*, account: str | None) -> None:
    """List all tokens, revoked ones too."""
    rows = table("ID", "Account", "Mode", "Scopes", "Ends in", "Name", "Created", "Revoked")
    for column in (0, 6, 7):
        rows.columns[column].no_wrap = True
    for token in asyncio.run(_listed(current_settings(), account)):
        rows.add_row(*map(Text, _row(token)))
    print_table(rows)


@command.command
@click.argument("token_id", metavar="ID")
def revoke(*, token_id: str) -> None:
    """Revoke a token: requests with it are refused from now on."""
    asyncio.run(_revoke(current_settings(), token_id))
    click.echo(f"{token_id} is revoked.")


@command.command
@click.argument("token_id", metavar="ID")
@AMOUNT
@PER
def limit(*, token_id: str, amount: str, per: str) -> None:
    """Limit what a token may spend: AMOUNT in dollars, or `none`."""
    limit = read_limit(amount, per)
    asyncio.run(_limit(current_settings(), token_id, limit))
    click.echo(told(f"Token {token_id}", limit))


def _row(token: Token) -> Sequence[str]:
    scopes = (
        "all" if token.scopes == ALL_SCOPES else " ".join(s for s in Scope if s in token.scopes)
    )
    revoked = "" if token.revoked_at is None else _minute(token.revoked_at)
    named = token.id, token.account, token.mode.value, scopes, f"...{token.hint}", token.name
    return *named, _minute(token.created_at), revoked


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


async def _add(settings: Settings, token: Token) -> None:
    async with opened_store(settings) as store:
        await _check_account(store, token.account)
        await store.accounts.add_token(token)


async def _listed(settings: Settings, account: str | None) -> Sequence[Token]:
    async with opened_store(settings) as store:
        if account is not None:
            await _check_account(store, account)
            return await store.accounts.tokens(account)
        return await _all(store)


async def _revoke(settings: Settings, token_id: str) -> None:
    async with opened_store(settings) as store:
        token = await _named(store, token_id)
        await store.accounts.revoke_token(token_id, token.account, datetime.now(UTC))


async def _limit(settings: Settings, token_id: str, limit: SpendLimit | None) -> None:
    async with opened_store(settings) as store:
        await store.ledger.limit_token((await _named(store, token_id)).id, limit)


async def _named(store: Store, token_id: str) -> Token:
    for token in await _all(store):
        if token.id == token_id:
            return token
    raise Failure(f"there is no token {token_id}: see `safelight tokens list`.")


async def _check_account(store: Store, username: str) -> None:
    try:
        await store.accounts.get(username)
    except NotFound as error:
        raise Failure(
            f"there is no account {username}: make it with `safelight accounts create {username}`."
        ) from error


async def _all(store: Store) -> Sequence[Token]:
    accounts = await store.accounts.list()
    return [token for a in accounts for token in await store.accounts.tokens(a.username)]
