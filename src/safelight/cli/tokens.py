"""`safelight tokens`: create, list and revoke; they work on the database itself."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime

import click

from safelight import ids
from safelight.account import Token, issue, token_hash
from safelight.bootstrap import prepare_home
from safelight.cli.failing import Failure
from safelight.cli.finding import current_settings
from safelight.cli.showing import console, table
from safelight.errors import NotFound
from safelight.settings import Settings
from safelight.store import Store
from safelight.stores.sqlite import SqliteStore


@click.group
def command() -> None:
    """Create, list and revoke API tokens."""


@command.command
@click.option("--test", is_flag=True, help="A test token: no key, no network, no cost.")
@click.option("--name", default="", help="What it is for.")
def create(*, test: bool, name: str) -> None:
    """Create a token, and print it: it is not shown again."""
    secret = ids.api_token(secrets.token_bytes(32), test=test)
    asyncio.run(_add(current_settings(), secret, name))
    click.echo(secret)
    click.echo("Keep it: it is stored as a hash, and not shown again.", err=True)


@command.command("list")
def list_() -> None:
    """List all tokens, revoked ones too."""
    rows = table("ID", "Mode", "Ends in", "Name", "Created", "Revoked")
    rows.columns[0].no_wrap = True
    for token in asyncio.run(_all(current_settings())):
        revoked = "" if token.revoked_at is None else f"{token.revoked_at:%Y-%m-%d %H:%M}"
        created = f"{token.created_at:%Y-%m-%d %H:%M}"
        rows.add_row(token.id, token.mode, f"...{token.hint}", token.name, created, revoked)
    console().print(rows)


@command.command
@click.argument("token_id", metavar="ID")
def revoke(*, token_id: str) -> None:
    """Revoke a token: requests with it are refused from now on."""
    asyncio.run(_revoke(current_settings(), token_id))
    click.echo(f"{token_id} is revoked.")


@contextlib.asynccontextmanager
async def _store(settings: Settings) -> AsyncGenerator[Store]:
    prepare_home(settings)
    store = SqliteStore(settings.database)
    try:
        yield store
    finally:
        await store.close()


async def _add(settings: Settings, secret: str, name: str) -> None:
    async with _store(settings) as store:
        token_id = token_hash(secret).hex()[:12]
        account, now = settings.account, datetime.now(UTC)
        token = issue(secret, token_id=token_id, name=name, account=account, now=now)
        await store.accounts.add_token(token)


async def _all(settings: Settings) -> Sequence[Token]:
    async with _store(settings) as store:
        return await store.accounts.tokens(settings.account)


async def _revoke(settings: Settings, token_id: str) -> None:
    async with _store(settings) as store:
        try:
            await store.accounts.revoke_token(token_id, settings.account, datetime.now(UTC))
        except NotFound as error:
            raise Failure(f"there is no token {token_id}: see `safelight tokens list`.") from error
