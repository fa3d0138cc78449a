"""The ledger: each attempt to buy, what it has cost, and how much may be spent."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol, Self

import msgspec

from safelight.errors import SpendLimitReached
from safelight.upstream import Usage

EVERY_ACCOUNT: Final = "*"
"""Stands for all accounts that have no limit of their own."""
UNPRICED: Final = Decimal("0.000000001")
"""What stands for a price that is not known: it fits until a limit is used up."""


class State(StrEnum):
    """What became of an attempt."""

    PENDING = "pending"
    """It is on record, and the call is being made."""
    PAID = "paid"
    """It was answered."""
    FREE = "free"
    """It was refused before any work was done."""
    UNKNOWN = "unknown"
    """It may have been billed: it is booked at its estimate."""


class PaidBy(StrEnum):
    """Whose key it was."""

    SERVER = "server"
    CALLER = "caller"
    """Told in the usage, and counted against no limit."""


class Period(StrEnum):
    """For how long a limit is good; days and months are those of UTC."""

    DAY = "day"
    MONTH = "month"
    EVER = "ever"


class By(StrEnum):
    """What usage can be added up by."""

    DAY = "day"
    MODEL = "model"
    TOKEN = "token"  # noqa: S105 - a word
    UPSTREAM = "upstream"


_LIMIT: Final = re.compile(r"\$?(\d{1,9}(?:\.\d{1,4})?)(?:/(day|month|ever))?")
_WORDS: Final = {
    Period.DAY: ("daily ", ", or wait for tomorrow (UTC)"),
    Period.MONTH: ("monthly ", ", or wait for the next month (UTC)"),
    Period.EVER: ("", ""),
}


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What one upstream may charge for a prediction."""

    upstream: str
    """`provider:model`."""
    estimate: Decimal | None
    """In US dollars, at the most; None when no price is known."""
    paid_by: PaidBy


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to buy."""

    number: int = 0
    """Of the attempts of its prediction, from 1; given by the store."""
    prediction: str
    account: str
    token: str
    """The id of the token that created the prediction."""
    model: str
    """`owner/name`."""
    upstream: str
    """`provider:model`."""
    paid_by: PaidBy = PaidBy.SERVER
    state: State = State.PENDING
    estimate: Decimal | None = None
    """US dollars, as is all money here; None when no price is known."""
    cost: Decimal | None = None
    pictures: int = 0
    """How many came."""
    usage: Usage | None = None
    request_id: str | None = None
    """The provider's own id of the call."""
    created_at: datetime
    settled_at: datetime | None = None


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended."""

    state: State
    cost: Decimal | None = None
    pictures: int = 0
    usage: Usage | None = None
    request_id: str | None = None


class SpendLimit(msgspec.Struct, frozen=True):
    """How much may be spent in each period."""

    amount: Decimal
    period: Period

    def __str__(self) -> str:
        """As it is told to people, e.g. `$10.00 a day`."""
        cents = f"{self.amount:.2f}"
        dollars = cents if Decimal(cents) == self.amount else f"{self.amount:.4f}"
        return f"${dollars} " + ("in all" if self.period is Period.EVER else f"a {self.period}")


def parse_limit(text: str) -> SpendLimit:
    """Read `10.00/day`, `250/month`, or `100` for ever.

    Raises:
        ValueError: It is none of them.
    """
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise ValueError("write dollars and a period, as in `10/day`, `250/month` or `100/ever`")
    return SpendLimit(Decimal(match[1]), Period(match[2] or Period.EVER))


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A limit, and how much of it is gone."""

    account: str | None = None
    """Whose limit it is: of an account, or of a token."""
    token: str | None = None
    limit: SpendLimit
    spent: Decimal
    """In the period at hand."""
    held: Decimal
    """By predictions that have not ended, beyond what they have spent."""

    def refusal(self, more: Decimal) -> SpendLimitReached:
        """What is said when something that may cost so much more does not fit."""
        mine = f"token {self.token}" if self.token else f"account {self.account}"
        command = f"tokens limit {self.token}" if self.token else f"accounts limit {self.account}"
        per = self.limit.period
        kind, end = _WORDS[per]
        cost = "has no price that is known" if more <= UNPRICED else f"may cost ${more:.4f}"
        return SpendLimitReached(
            f"You've hit your {kind}spend limit: {mine} may spend {self.limit}, of which "
            f"${self.spent:.4f} is spent and ${self.held:.4f} is held for what is running; this "
            f"{cost}. Raise it with `safelight {command} AMOUNT --per {per}`{end}."
        )


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Attempts added up."""

    key: str
    """A day as `2026-11-21`, a model, the id of a token, or an upstream."""
    paid: int = 0
    free: int = 0
    unknown: int = 0
    pending: int = 0
    pictures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal()
    """Of what was paid with the server's keys, and of what is pending or unknown, as estimated."""
    uncertain: Decimal = Decimal()
    """The part of it that is pending or unknown."""
    by_caller: Decimal = Decimal()
    """What callers have paid with their own keys; not in `cost`."""


def total(sums: Sequence[Sum]) -> Sum:
    """All of them together."""
    return Sum(
        key="total",
        paid=sum(one.paid for one in sums),
        free=sum(one.free for one in sums),
        unknown=sum(one.unknown for one in sums),
        pending=sum(one.pending for one in sums),
        pictures=sum(one.pictures for one in sums),
        input_tokens=sum(one.input_tokens for one in sums),
        output_tokens=sum(one.output_tokens for one in sums),
        cost=sum((one.cost for one in sums), Decimal()),
        uncertain=sum((one.uncertain for one in sums), Decimal()),
        by_caller=sum((one.by_caller for one in sums), Decimal()),
    )


class Span(msgspec.Struct, frozen=True):
    """Days, the first and the last of them included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, today: date) -> Self:
        """From the first of the month until *today*, where nothing else is said."""
        last = last or today
        return cls(first or last.replace(day=1), last)


class LedgerStore(Protocol):
    """Keeps the ledger, the limits, and what is held for predictions that have not ended.

    Ending a prediction, by `Store.save`, lets go of what was held for it, and turns its attempts
    that are still pending to unknown, in the same transaction.
    """

    async def open(self, entry: LedgerEntry, owner: str, fence: int) -> int:
        """Put an attempt on record, on disk; gives its number.

        *owner* and *fence* are of the claim that its prediction is worked on under.

        Raises:
            SpendLimitReached: It goes beyond what was held for the prediction, and a limit does
                not allow that.
            StaleWrite: The prediction is no longer running in these hands.
        """
        ...

    async def settle(
        self, prediction: str, number: int, settlement: Settlement, now: datetime
    ) -> None:
        """Write down how an attempt ended; one that is settled, except as unknown, stays so."""
        ...

    async def of_prediction(self, prediction: str) -> Sequence[LedgerEntry]:
        """All attempts of a prediction, in their order."""
        ...

    async def sums(self, account: str | None, span: Span, by: By) -> Sequence[Sum]:
        """Usage of one account, or of all, in the order of the keys."""
        ...

    async def limit_account(self, account: str, limit: SpendLimit | None) -> None:
        """Set what an account (or each that has no limit of its own) may spend; None: anything."""
        ...

    async def limit_token(self, token: str, limit: SpendLimit | None) -> None:
        """Set what a token may spend; None: whatever its account may."""
        ...

    async def standings(
        self, account: str, tokens: Sequence[str], now: datetime
    ) -> Sequence[Standing]:
        """The limits that bind an account and these tokens of it."""
        ...
