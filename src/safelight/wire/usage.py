"""Usage as JSON and as CSV: what has been spent, and the limits that bind."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from safelight.ledger import UNPRICED, By, Quote, Span, Standing, Sum, total
from safelight.wire.encoding import Json

_MONEY: Final = ("cost_usd", "uncertain_usd", "by_caller_usd")


def usage(by: By, span: Span, sums: Sequence[Sum], standings: Sequence[Standing]) -> Json:
    """The answer of `GET /usage`."""
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "by": by.value,
        "results": [_sum(by, one) for one in sums],
        "total": _counts(total(sums)),
        "limits": [_whose(one) | standing(one) for one in standings],
    }


def usage_csv(by: By, sums: Sequence[Sum]) -> str:
    """The same sums, a line each under a line of names; amounts are exact."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow([by.value, *_counts(Sum(key=""))])
    for one in sums:
        counts = _counts(one)
        exact = (one.cost, one.uncertain, one.by_caller)
        counts.update(zip(_MONEY, (f"{amount:.9f}" for amount in exact), strict=True))
        lines.writerow([one.key, *counts.values()])
    return text.getvalue()


def estimate(quotes: Sequence[Quote], ours: Decimal | None) -> Json:
    """The answer of an estimate; what no price is known of is null."""
    return {
        "estimate_usd": 0.0 if ours in {None, UNPRICED} else float(ours or 0),
        "upstreams": [
            {
                "upstream": quote.upstream,
                "estimate_usd": None if quote.estimate is None else float(quote.estimate),
                "paid_by": quote.paid_by.value,
            }
            for quote in quotes
        ],
    }


def _sum(by: By, one: Sum) -> Json:
    return {by.value: one.key, **_counts(one)}


def _counts(one: Sum) -> Json:
    amounts = (one.cost, one.uncertain, one.by_caller)
    return {
        "paid": one.paid,
        "free": one.free,
        "unknown": one.unknown,
        "pending": one.pending,
        "pictures": one.pictures,
        "input_tokens": one.input_tokens,
        "output_tokens": one.output_tokens,
        **dict(zip(_MONEY, map(float, amounts), strict=True)),
    }


def _whose(one: Standing) -> Json:
    return {"token": one.token} if one.token else {"account": one.account}


def standing(one: Standing) -> Json:
    """A spend limit, and what is spent of it."""
    return {
        "limit_usd": float(one.limit.amount),
        "per": one.limit.period.value,
        "spent_usd": float(one.spent),
        "held_usd": float(one.held),
    }
