"""The ledger on SQLite."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Final

from safelight.errors import StaleWrite
from safelight.ledger import (
    UNPRICED,
    By,
    LedgerEntry,
    PaidBy,
    Settlement,
    Span,
    SpendLimit,
    Standing,
    State,
    Sum,
)
from safelight.stores import holds
from safelight.stores.database import Database
from safelight.stores.holds import dollars, nanos
from safelight.stores.rows import micros, moment
from safelight.upstream import Usage

_HELD_BY: Final = """
    SELECT 1 FROM predictions WHERE id = ? AND status = 'processing' AND owner = ? AND fence = ?
"""
_OPEN: Final = """
    INSERT INTO ledger
        (prediction, number, account, token, model, upstream, paid_by, estimate, created_at)
    SELECT ?1, (SELECT count(*) + 1 FROM ledger WHERE prediction = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8
    RETURNING number
"""
_SETTLE: Final = """
    UPDATE ledger SET state = ?, cost = ?, pictures = ?, input_tokens = ?, input_image_tokens = ?,
        output_tokens = ?, request_id = ?, settled_at = ?
    WHERE prediction = ? AND number = ? AND state IN ('pending', 'unknown')
"""
_ENTRIES: Final = """
    SELECT number, prediction, account, token, model, upstream, paid_by, state, estimate, cost,
        pictures, input_tokens, input_image_tokens, output_tokens, request_id, created_at,
        settled_at
    FROM ledger WHERE prediction = ? ORDER BY number
"""
_KEYS: Final = {
    By.DAY: "strftime('%Y-%m-%d', created_at / 1000000, 'unixepoch')",
    By.MODEL: "model",
    By.TOKEN: "token",
    By.UPSTREAM: "upstream",
}
_SUMS: Final = """
    SELECT {key} AS key, sum(state = 'paid'), sum(state = 'free'), sum(state = 'unknown'),
        sum(state = 'pending'), sum(pictures), coalesce(sum(input_tokens), 0),
        coalesce(sum(output_tokens), 0), sum(booked),
        sum(CASE WHEN state IN ('pending', 'unknown') THEN booked ELSE 0 END), sum(amount - booked)
    FROM ledger WHERE created_at >= ?1 AND created_at < ?2{and_account}
    GROUP BY 1 ORDER BY 1
"""
_LIMIT: Final = "INSERT OR REPLACE INTO spend_limits (subject, amount, period) VALUES (?, ?, ?)"
_NO_LIMIT: Final = "DELETE FROM spend_limits WHERE subject = ?"
_DAY: Final = micros(datetime(1970, 1, 2, tzinfo=UTC))


class SqliteLedger:
    """Implements `safelight.ledger.LedgerStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, entry: LedgerEntry, owner: str, fence: int) -> int:
        """See `LedgerStore.open`."""
        e = entry
        estimate = None if e.estimate is None else nanos(e.estimate)
        row = (e.prediction, e.account, e.token, e.model, e.upstream, e.paid_by, estimate)

        def change(connection: sqlite3.Connection) -> int:
            in_hands = connection.execute(_HELD_BY, (e.prediction, owner, fence)).fetchone()
            if in_hands is None:
                raise StaleWrite(f"Prediction {e.prediction} is no longer run by these hands.")
            if e.paid_by is PaidBy.SERVER:
                _check(connection, e)
            (number,) = connection.execute(_OPEN, (*row, micros(e.created_at))).fetchone()
            return number

        return await self._database.submit(change)

    async def settle(
        self, prediction: str, number: int, settlement: Settlement, now: datetime
    ) -> None:
        """See `LedgerStore.settle`."""
        s, usage = settlement, settlement.usage
        row = (
            s.state,
            None if s.cost is None else nanos(s.cost),
            s.pictures,
            usage and usage.input_tokens,
            usage and usage.input_image_tokens,
            usage and usage.output_tokens,
            s.request_id,
            micros(now),
            prediction,
            number,
        )
        await self._database.execute(_SETTLE, row)

    async def of_prediction(self, prediction: str) -> Sequence[LedgerEntry]:
        """See `LedgerStore.of_prediction`."""
        return list(map(_entry_from, self._database.rows(_ENTRIES, (prediction,))))

    async def sums(self, account: str | None, span: Span, by: By) -> Sequence[Sum]:
        """See `LedgerStore.sums`."""
        and_account = "" if account is None else " AND account = ?3"
        statement = _SUMS.format(key=_KEYS[by], and_account=and_account)
        first, last = (datetime.combine(day, time(), UTC) for day in (span.first, span.last))
        values: list[Any] = [micros(first), micros(last) + _DAY]
        rows = await self._database.scan(
            statement, values if account is None else [*values, account]
        )
        return list(map(_sum_from, rows))

    async def limit_account(self, account: str, limit: SpendLimit | None) -> None:
        """See `LedgerStore.limit_account`."""
        await self._limit(holds.subject_of_account(account), limit)

    async def limit_token(self, token: str, limit: SpendLimit | None) -> None:
        """See `LedgerStore.limit_token`."""
        await self._limit(holds.subject_of_token(token), limit)

    async def standings(
        self, account: str, tokens: Sequence[str], now: datetime
    ) -> Sequence[Standing]:
        """See `LedgerStore.standings`."""
        subjects = [holds.subject_of_account(account), *map(holds.subject_of_token, tokens)]
        statement, values = holds.asked(subjects, now)
        return list(map(holds.standing_from, self._database.rows(statement, values)))

    async def _limit(self, subject: str, limit: SpendLimit | None) -> None:
        if limit is None:
            await self._database.execute(_NO_LIMIT, (subject,))
        else:
            await self._database.execute(_LIMIT, (subject, nanos(limit.amount), limit.period))


def _check(connection: sqlite3.Connection, entry: LedgerEntry) -> None:
    """What goes beyond what was held for its prediction must be allowed; so must a first dollar."""
    least = UNPRICED if entry.estimate is None else Decimal()
    more = (entry.estimate or Decimal()) - holds.held(connection, entry.prediction)
    if (more := max(more, least)) > 0:
        holds.check(connection, entry.account, entry.token, more, entry.created_at)


def _entry_from(row: tuple[Any, ...]) -> LedgerEntry:
    (number, prediction, account, token, model, upstream, paid_by, state, *rest) = row
    estimate, cost, pictures, read, seen, made, request_id, created_at, settled_at = rest
    usage = None
    if made is not None:
        usage = Usage(input_tokens=read, input_image_tokens=seen, output_tokens=made)
    return LedgerEntry(
        number=number,
        prediction=prediction,
        account=account,
        token=token,
        model=model,
        upstream=upstream,
        paid_by=PaidBy(paid_by),
        state=State(state),
        estimate=None if estimate is None else dollars(estimate),
        cost=None if cost is None else dollars(cost),
        pictures=pictures,
        usage=usage,
        request_id=request_id,
        created_at=moment(created_at),
        settled_at=None if settled_at is None else moment(settled_at),
    )


def _sum_from(row: tuple[Any, ...]) -> Sum:
    key, paid, free, unknown, pending, pictures, read, made, booked, uncertain, by_caller = row
    return Sum(
        key=key,
        paid=paid,
        free=free,
        unknown=unknown,
        pending=pending,
        pictures=pictures,
        input_tokens=read,
        output_tokens=made,
        cost=dollars(booked),
        uncertain=dollars(uncertain),
        by_caller=dollars(by_caller),
    )
