"""`safelight usage`: what has been spent; it reads the database itself."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click

from safelight.cli.failing import Misuse
from safelight.cli.finding import current_settings
from safelight.cli.opening import opened_store
from safelight.cli.showing import console, table
from safelight.ledger import By, Span, Standing, Sum, total
from safelight.settings import Settings
from safelight.wire import usage_csv

_DATE: Final = click.DateTime(["%Y-%m-%d"])


@click.command
@click.option("--by", type=click.Choice([by.value for by in By]), default=By.DAY.value)
@click.option("--from", "first", type=_DATE, help="The first day (UTC); by default of this month.")
@click.option("--to", "last", type=_DATE, help="The last day (UTC); by default today.")
@click.option("--account", help="Whose; by default everybody's.")
@click.option("--csv", "as_csv", is_flag=True, help="As comma-separated values.")
def command(
    *, by: str, first: datetime | None, last: datetime | None, account: str | None, as_csv: bool
) -> None:
    """Show what has been spent, and the limits that bind."""
    now = datetime.now(UTC)
    span = Span.of(first and first.date(), last and last.date(), now.date())
    if span.first > span.last:
        raise Misuse("--from must not be later than --to.")
    sums, standings = asyncio.run(_asked(current_settings(), account, span, By(by), now))
    if as_csv:
        click.echo(usage_csv(By(by), sums), nl=False)
        return
    _show(By(by), sums)
    _show_limits(standings)


def _show(by: By, sums: Sequence[Sum]) -> None:
    rows = table(by.capitalize(), "Paid", "Free", "Unknown", "Pictures", "USD", "By callers")
    for column in rows.columns[1:]:
        column.justify = "right"
    for one in (*sums, total(sums)):
        counts = (one.paid, one.free, one.unknown + one.pending, one.pictures)
        rows.add_row(one.key, *map(str, counts), f"{one.cost:.4f}", f"{one.by_caller:.4f}")
    console().print(rows)


def _show_limits(standings: Sequence[Standing]) -> None:
    for one in standings:
        whose = f"Token {one.token}" if one.token else f"Account {one.account}"
        left = f"${one.spent:.4f} is spent, ${one.held:.4f} held for what is running"
        click.echo(f"{whose} may spend {one.limit}: {left}.")


async def _asked(
    settings: Settings, account: str | None, span: Span, by: By, now: datetime
) -> tuple[Sequence[Sum], Sequence[Standing]]:
    async with opened_store(settings) as store:
        names = [a.username for a in await store.accounts.list()] if account is None else [account]
        standings: list[Standing] = []
        for name in names:
            await store.accounts.get(name)
            tokens = [token.id for token in await store.accounts.tokens(name)]
            standings += await store.ledger.standings(name, tokens, now)
        return await store.ledger.sums(account, span, by), standings
