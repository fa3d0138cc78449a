"""Usage: what was spent, by day, model, upstream and token; the limits; the same as CSV."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup
from starlette.responses import Response

from safelight.web import charts
from safelight.web.caller import Caller, Refused
from safelight.web.charts import Column, Share, Words
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
RANGES: Final = (
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("month", "This month"),
)
_USUAL: Final = "30"
_MOST_COLUMNS: Final = 100
_LONGEST: Final = 3660
"""Days that are drawn; of more, the last."""
_BEGINNING: Final = "2000-01-01"
_TITLES: Final = {"model": "By model", "upstream": "By upstream", "token": "By token"}
_COUNTS: Final = ("paid", "free", "unknown", "pending")


class Asked(msgspec.Struct, frozen=True):
    """The days that are asked about; *first* and *last* as they were written."""

    first: str | None
    last: str | None
    chosen: str | None
    """One of RANGES; None for days that were typed in."""

    @property
    def query(self) -> dict[str, str | None]:
        """As the API takes it."""
        return {"from": self.first, "to": self.last}


class Breakdown(msgspec.Struct, frozen=True):
    """Usage added up by one thing: its chart, and the rows of its table, the dearest first."""

    by: str
    title: str
    chart: Markup | None
    """None when nothing was paid with the server's keys."""
    rows: Sequence[Json]


async def usage(visitor: Visitor) -> Response:
    """`GET /usage`."""
    asked = _asked(visitor.query)
    try:
        days = await visitor.api.get("/v1/usage", asked.query | {"by": "day"})
    except Refused as error:
        if error.status != 400:
            raise
        return visitor.page("usage.html", status=400, **_frame(asked), days=None, error=str(error))
    names = await _token_names(visitor.api)
    found = [await _breakdown(visitor.api, asked, by, names) for by in _TITLES]
    return visitor.page(
        "usage.html",
        **_frame(asked, days),
        days=days,
        error=None,
        total=_counted(days["total"]),
        limits=[_limit(one, at, names) for at, one in enumerate(days["limits"])],
        daily=_daily(days),
        breakdowns=[one for one in found if one.rows],
        empty=None if _attempts(days["total"]) else await _empty(visitor),
    )


async def table(visitor: Visitor) -> Response:
    """`GET /usage.csv`: what `format=csv` of the API gives, as a file with a name."""
    by = visitor.query.get("by") or "day"
    asked = _asked(visitor.query)
    query = asked.query | {"by": by, "format": "csv"}
    answer = await visitor.api.call("GET", "/v1/usage", query=query)
    if answer.status >= 400:
        answer.json()
    days = "-".join(filter(None, (asked.first, asked.last)))
    name = f"usage-by-{by}{'-' if days else ''}{days}.csv"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "private, no-store",
    }
    return Response(answer.body, headers=headers, media_type="text/csv")


def _asked(query: Mapping[str, str]) -> Asked:
    first, last = query.get("from") or None, query.get("to") or None
    if first or last:
        return Asked(first, last, None)
    today = datetime.now(UTC).date()
    known = {value for value, _ in RANGES}
    wanted = query.get("range", _USUAL)
    chosen = wanted if wanted in known else _USUAL
    begin = today.replace(day=1) if chosen == "month" else today - timedelta(days=int(chosen) - 1)
    return Asked(begin.isoformat(), today.isoformat(), chosen)


def _frame(asked: Asked, days: Json | None = None) -> Json:
    """What stands above the figures: the ranges, and the form with its days."""
    first, last = (days["from"], days["to"]) if days else (asked.first, asked.last)
    span = {"from": first or "", "to": last or ""}
    return {
        "ranges": RANGES,
        "chosen": asked.chosen,
        "span": span,
        "csv": urlencode(span),
        "money": money,
    }


async def _token_names(api: Caller) -> Mapping[str, str]:
    """What tokens are called; nothing for a token that may not see that."""
    try:
        page = await api.get("/v1/tokens")
    except Refused:
        return {}
    return {one["id"]: one["name"] for one in page["results"] if one["name"]}


def _attempts(sums: Json) -> int:
    return sum(sums[name] for name in _COUNTS)


def _counted(sums: Json) -> Json:
    """With what a table shows besides: all attempts, and those that may have been billed."""
    unsure = sums["unknown"] + sums["pending"]
    sure = max(0.0, sums["cost_usd"] - sums["uncertain_usd"])
    return sums | {"attempts": _attempts(sums), "unsure": unsure, "sure_usd": sure}


def money(usd: float) -> str:
    """Dollars as they stand below each other: four digits, but two from a hundred on."""
    if usd == 0:
        return "$0"
    digits = 4 if abs(usd) < 100 else 2
    return f"${usd:,.{digits}f}"


def _limit(one: Json, at: int, names: Mapping[str, str]) -> Json:
    spent, held, limit = one["spent_usd"], one["held_usd"], one["limit_usd"]
    token: str | None = one.get("token")
    whose = f"Token {names.get(token, token)}" if token else f"Account {one['account']}"
    told = f"{money(spent)} spent and {money(held)} held of {money(limit)}"
    return one | {
        "whose": whose,
        "id": token,
        "left": max(0.0, limit - spent - held),
        "is_reached": spent + held >= limit,
        "chart": charts.meter(Words(f"limit-{at}", whose, told), spent, held, limit),
    }


def _daily(days: Json) -> Json:
    """The columns, every day or several together; and the days of the table, newest first."""
    rows: list[Json] = [_counted(one) for one in days["results"]]
    by_day = {one["day"]: one for one in rows}
    every = _every_day(days, rows)
    together = charts.grouped(len(every), _MOST_COLUMNS)
    shown = [_column(every[at : at + together], by_day) for at in range(0, len(every), together)]
    cost = days["total"]["cost_usd"]
    dearest = max(rows, key=lambda one: one["cost_usd"], default=None)
    words = f"{money(cost)} from {days['from']} to {days['to']}, on {len(rows)} days with calls."
    if dearest is not None:
        words += f" The dearest: {dearest['day']} with {money(dearest['cost_usd'])}."
    chart = charts.columns(Words("by-day", "Cost by day", words), shown, ("sure", "unsure"))
    return {
        "chart": chart,
        "top": charts.top_of([sum(one.pieces) for one in shown]),
        "together": together,
        "first": every[0],
        "middle": every[len(every) // 2],
        "last": every[-1],
        "rows": rows[::-1],
    }


def _every_day(days: Json, rows: Sequence[Json]) -> Sequence[date]:
    """The days that are drawn; of a long time, from the first to the last with anything."""
    first, last = date.fromisoformat(days["from"]), date.fromisoformat(days["to"])
    if (last - first).days >= _MOST_COLUMNS and rows:
        first = max(first, date.fromisoformat(rows[0]["day"]))
        last = min(last, date.fromisoformat(rows[-1]["day"]))
    count = min(_LONGEST, (last - first).days + 1)
    return [last - timedelta(days=back) for back in reversed(range(count))]


def _column(days: Sequence[date], by_day: Mapping[str, Json]) -> Column:
    known = [by_day[day.isoformat()] for day in days if day.isoformat() in by_day]
    sure = sum(one["sure_usd"] for one in known)
    unsure = sum(one["uncertain_usd"] for one in known)
    pictures = sum(one["pictures"] for one in known)
    when = f"{days[0]:%-d %b}" if len(days) == 1 else f"{days[0]:%-d %b} to {days[-1]:%-d %b}"
    says = f"{when}: {money(sure + unsure)}"
    says += f", {pictures} {'picture' if pictures == 1 else 'pictures'}" if known else ""
    says += f"; {money(unsure)} of it may have been billed" if unsure else ""
    return Column(says, (sure, unsure))


async def _breakdown(api: Caller, asked: Asked, by: str, names: Mapping[str, str]) -> Breakdown:
    page = await api.get("/v1/usage", asked.query | {"by": by})
    found: list[Json] = [_counted(one) for one in page["results"]]
    found.sort(key=lambda one: (-one["cost_usd"], -one["attempts"]))
    whole = sum(one["cost_usd"] for one in found)
    rows = [
        one
        | {
            "key": one[by],
            "name": names.get(one[by], one[by]) if by == "token" else one[by],
            "series": charts.series(at) if one["cost_usd"] > 0 else "none",
            "share": one["cost_usd"] / whole if whole > 0 else 0.0,
        }
        for at, one in enumerate(found)
    ]
    chart = _shares(by, rows) if whole > 0 else None
    return Breakdown(by, _TITLES[by], chart, rows)


def _shares(by: str, rows: Sequence[Json]) -> Markup:
    parts = [
        Share(f"{one['name']}: {money(one['cost_usd'])}, {one['share']:.0%}", one["cost_usd"])
        for one in rows
    ]
    said = "; ".join(part.says for part in parts[: charts.SERIES])
    return charts.shares(Words(f"by-{by}", f"Cost {_TITLES[by].lower()}", said), parts)


async def _empty(visitor: Visitor) -> Json:
    """Why there is nothing, and what would change that."""
    api = visitor.api
    before = await api.get("/v1/usage", {"from": _BEGINNING, "by": "day"})
    last: str | None = before["results"][-1]["day"] if before["results"] else None
    providers: list[Json] = (await api.get("/v1/upstreams"))["providers"]
    return {
        "last": last,
        "around": urlencode({"from": last[:8] + "01", "to": last}) if last else None,
        "providers": [one["name"] for one in providers if one["configured"] and one["host"]],
        "has_live": visitor.session.live is not None,
    }


PAGES: Final = (
    Page("GET", "/usage", usage),
    Page("GET", "/usage.csv", table),
)
