"""Two runs side by side: what was asked differently, and what came of it."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from safelight.web.caller import Refused
from safelight.web.pages.runs import with_facts
from safelight.web.shown import shortened
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
_NEITHER: Final = object()


class Row(msgspec.Struct, frozen=True):
    """One value of each; None where one has none."""

    name: str
    a: str | None
    b: str | None
    differs: bool
    """Whether it is worth a look."""


async def compare(visitor: Visitor) -> Response:
    """`GET /compare?a=&b=`."""
    names = [visitor.query.get(key, "").strip().rpartition("/")[2] for key in ("a", "b")]
    if not all(names):
        raise Refused(400, {"detail": "Name two predictions: /compare?a=...&b=..."})
    a, b = [
        await with_facts(visitor.api, await visitor.api.get(f"/v1/predictions/{name}"))
        for name in names
    ]
    return visitor.page(
        "compare.html",
        a=a,
        b=b,
        inputs=rows(a["input"], b["input"]),
        results=rows(_results(a), _results(b)),
        pairs=list(zip(_pictures(a), _pictures(b), strict=False)),
    )


def rows(a: Json, b: Json) -> list[Row]:
    """All names of both, those that differ first."""
    names = [*a, *(name for name in b if name not in a)]
    pairs = [(name, a.get(name, _NEITHER), b.get(name, _NEITHER)) for name in names]
    found = [Row(name, _text(one), _text(other), one != other) for name, one, other in pairs]
    return sorted(found, key=lambda row: not row.differs)


def _results(run: Json) -> Json:
    metrics: Json = run.get("metrics") or {}
    told: Json = {"model": run["model"], "version": run["version"][:12], "status": run["status"]}
    return told | ({"error": run["error"]} if run["error"] else {}) | metrics


def _pictures(run: Json) -> list[Json]:
    files: list[Json] = run["files"]
    return [file for file in files if file["is_picture"] and file["is_there"]]


def _text(value: object) -> str | None:
    if value is _NEITHER:
        return None
    short = shortened(value)
    return short if isinstance(short, str) else msgspec.json.encode(short).decode()


PAGES: Final = (Page("GET", "/compare", compare),)
