"""`safelight accounts`: create, list and limit; they work on the database itself."""

import asyncio
from collections.abc import Sequence

import click
from rich.text import Text

from safelight.account import Account, check_username
from safelight.cli.failing import Misuse
from safelight.cli.finding import current_settings
from safelight.cli.limiting import AMOUNT, PER, read_limit, told
from safelight.cli.opening import opened_store
from safelight.cli.showing import print_table, table
from safelight.ledger import SpendLimit


@click.group
def command() -> None:
    """Create, list and limit the accounts that tokens speak for."""


@command.command
@click.argument("username", metavar="NAME")
@click.option("--organization", is_flag=True, help="An organization, not a user.")
@click.option("--full-name", help="What it is called; by default NAME.")
@click.option("--github-url", help="Where it is on GitHub.")
@click.option("--avatar-url", help="Its picture.")
def create(*, username: str, organization: bool, full_name: str | None, **urls: str | None) -> None:
    """Create an account: NAME is 1 to 64 lower-case letters, digits, `-` and `_`."""
    try:
        check_username(username)
    except ValueError as error:
        raise Misuse(f"{username!r} cannot be used: {error}.") from error
    account = Account(
        username=username,
        name=full_name or username,
        type="organization" if organization else "user",
        **{field: _web_url(field, url) for field, url in urls.items()},
    )
    asyncio.run(_add(account))
    click.echo(f"Make a token for it: safelight tokens create --account {username}")


@command.command("list")
def list_() -> None:
    """List all accounts."""
    rows = table("Account", "Type", "Name")
    for account in asyncio.run(_all()):
        rows.add_row(account.username, account.type, Text(account.name))
    print_table(rows)


@command.command
@click.argument("username", metavar="NAME")
@AMOUNT
@PER
def limit(*, username: str, amount: str, per: str) -> None:
    """Limit what an account may spend: AMOUNT in dollars, or `none`."""
    limit = read_limit(amount, per)
    asyncio.run(_limit(username, limit))
    click.echo(told(f"Account {username}", limit))


async def _add(account: Account) -> None:
    async with opened_store(current_settings()) as store:
        await store.accounts.add(account)


async def _limit(username: str, limit: SpendLimit | None) -> None:
    async with opened_store(current_settings()) as store:
        await store.ledger.limit_account((await store.accounts.get(username)).username, limit)


async def _all() -> Sequence[Account]:
    async with opened_store(current_settings()) as store:
        return await store.accounts.list()


def _web_url(field: str, url: str | None) -> str | None:
    if url is not None and not url.startswith(("https://", "http://")):
        raise Misuse(f"--{field.replace('_', '-')} must begin with https:// or http://.")
    return url
