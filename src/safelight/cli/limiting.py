"""Spend limits as the commands of accounts and tokens take them."""

from typing import Final

import click

from safelight.cli.failing import Misuse
from safelight.ledger import Period, SpendLimit, parse_limit

AMOUNT: Final = click.argument("amount", metavar="AMOUNT")
PER: Final = click.option(
    "--per",
    type=click.Choice([period.value for period in Period]),
    default=Period.MONTH.value,
    show_default=True,
    help="How long it is good for; days and months are those of UTC.",
)
_NONE: Final = "none"


def read_limit(amount: str, per: str) -> SpendLimit | None:
    """Dollars in a period; None for `none`."""
    if amount == _NONE:
        return None
    try:
        return parse_limit(f"{amount}/{per}")
    except ValueError as error:
        raise Misuse(
            f"{amount!r} is no amount: write dollars as in 10 or 2.50, or none."
        ) from error


def told(whose: str, limit: SpendLimit | None) -> str:
    """What is said when a limit has been set."""
    return f"{whose} may spend {'without a limit of its own' if limit is None else limit}."
