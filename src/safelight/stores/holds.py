"""What may still be spent, asked and kept inside the writer's transactions."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from safelight.account import Mode
from safelight.ledger import EVERY_ACCOUNT, Period, SpendLimit, Standing
from safelight.prediction import Prediction
from safelight.stores.rows import micros

_NANO: Final = Decimal("0.000000001")
_DAY: Final = timedelta(days=1)
_ACCOUNT, _TOKEN = "account:", "token:"
_STANDINGS: Final = f"""
    SELECT who.value, l.amount, l.period,
        (
            SELECT coalesce(sum(s.amount), 0) FROM spent AS s
            WHERE s.subject = who.value
                AND s.day >= CASE l.period WHEN 'day' THEN ?2 WHEN 'month' THEN ?3 ELSE 0 END
        ) AS spent,
        coalesce((SELECT h.amount FROM held AS h WHERE h.subject = who.value), 0) AS held
    FROM json_each(?1) AS who JOIN spend_limits AS l ON l.subject = who.value OR (
        l.subject = '{_ACCOUNT}{EVERY_ACCOUNT}' AND who.value LIKE '{_ACCOUNT}%'
        AND NOT EXISTS (SELECT 1 FROM spend_limits WHERE subject = who.value)
    )
"""  # noqa: S608 - no value in it
_REACHED: Final = f"{_STANDINGS} WHERE spent + held + ?4 > l.amount LIMIT 1"
_HOLD: Final = """
    INSERT INTO holds (prediction, account, token, amount, held) VALUES (?1, ?2, ?3, ?4, ?4)
"""
_HELD: Final = "SELECT held FROM holds WHERE prediction = ?"
_LET_GO: Final = "DELETE FROM holds WHERE prediction = ?"
_LEAVE: Final = """
    UPDATE ledger SET state = 'unknown', settled_at = ? WHERE prediction = ? AND state = 'pending'
"""


def nanos(dollars: Decimal) -> int:
    """Money as it is stored; what is less than a nanodollar is rounded up."""
    return int((dollars / _NANO).to_integral_value("ROUND_CEILING"))


def dollars(nanos: int) -> Decimal:
    """Money as it is worked with."""
    return nanos * _NANO


def subject_of_account(account: str) -> str:
    """What an account's sums and limit are kept under."""
    return f"{_ACCOUNT}{account}"


def subject_of_token(token: str) -> str:
    """What a token's sums and limit are kept under."""
    return f"{_TOKEN}{token}"


def asked(subjects: Sequence[str], now: datetime) -> tuple[str, tuple[Any, ...]]:
    """The statement that gets what `standing_from` reads of each limit, and the values for it."""
    return _STANDINGS, _values(subjects, now)


def check(
    connection: sqlite3.Connection, account: str, token: str, more: Decimal, now: datetime
) -> None:
    """See to it that so much more may be spent.

    Raises:
        SpendLimitReached: A limit of the account or of the token does not allow it.
    """
    subjects = [subject_of_account(account), subject_of_token(token)]
    row = connection.execute(_REACHED, (*_values(subjects, now), nanos(more))).fetchone()
    if row is not None:
        raise standing_from(row).refusal(more)


def check_create(connection: sqlite3.Connection, prediction: Prediction) -> None:
    """See to it that what a new prediction may cost may be spent.

    Raises:
        SpendLimitReached: A limit does not allow it.
    """
    p = prediction
    if p.estimate is not None:
        check(connection, p.account, p.token, p.estimate, p.created_at)


def hold(connection: sqlite3.Connection, prediction: Prediction) -> None:
    """Keep what a new prediction may cost from being spent otherwise."""
    p = prediction
    if p.estimate is not None:
        connection.execute(_HOLD, (p.id, p.account, p.token, nanos(p.estimate)))


def held(connection: sqlite3.Connection, prediction_id: str) -> Decimal:
    """What is still held for a prediction."""
    row = connection.execute(_HELD, (prediction_id,)).fetchone()
    return Decimal() if row is None else dollars(row[0])


def let_go(connection: sqlite3.Connection, prediction: Prediction) -> None:
    """A prediction has ended: what was held is free, and what is pending may have been billed."""
    if prediction.estimate is not None:
        connection.execute(_LET_GO, (prediction.id,))
    if prediction.mode is Mode.LIVE and prediction.completed_at is not None:
        connection.execute(_LEAVE, (micros(prediction.completed_at), prediction.id))


def day_of(now: datetime) -> int:
    """Days since the epoch."""
    return micros(now) // (_DAY // timedelta(microseconds=1))


def standing_from(row: tuple[Any, ...]) -> Standing:
    """From the columns subject, amount, period, spent, held."""
    subject, amount, period, spent, in_hands = row
    name: str = subject
    return Standing(
        account=name.removeprefix(_ACCOUNT) if name.startswith(_ACCOUNT) else None,
        token=name.removeprefix(_TOKEN) if name.startswith(_TOKEN) else None,
        limit=SpendLimit(dollars(amount), Period(period)),
        spent=dollars(spent),
        held=dollars(in_hands),
    )


def _values(subjects: Sequence[str], now: datetime) -> tuple[Any, ...]:
    today = day_of(now)
    return json.dumps(subjects), today, today - now.day + 1
