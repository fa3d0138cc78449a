"""All predictions of the account: pictures or a table, what is new, and many dealt with at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec
from starlette.responses import Response

from safelight.web.caller import Caller, Refused
from safelight.web.listed import Listed, Part
from safelight.web.visitor import Page, Visitor, here
from safelight.web.wanted import PAGE, STATUSES, Wanted, read

_ROUNDS: Final = 3
"""Parts without anything that fits that one page looks through."""
_AT_ONCE: Final = 24
"""Predictions that are asked for again at once."""
_API: Final = "/v1/predictions"
_LONGEST: Final = 8_000
"""Bytes of a text of which a list shows the beginning."""


class _Name(msgspec.Struct, frozen=True):
    owner: str
    name: str


class _Names(msgspec.Struct, frozen=True):
    results: list[_Name]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What of the list is on one page, and the addresses of the parts before and after it."""

    runs: Sequence[Listed] = ()
    older: str | None = None
    newer: str | None = None


async def predictions(visitor: Visitor) -> Response:
    """`GET /predictions`."""
    wanted, cursor, problem, status = _wanted(visitor), visitor.query.get("cursor"), "", 200
    since = datetime.now(UTC).isoformat()
    try:
        shown = await _shown(visitor.api, wanted, cursor)
    except (Refused, ValueError) as error:
        if isinstance(error, Refused) and error.status not in (400, 404):
            raise
        shown, status = Shown(), 400
        is_lost = isinstance(error, Refused) and error.status == 404
        problem = "This place in the list is gone." if is_lost else str(error)
    tokens = await _tokens(visitor.api)
    return visitor.page(
        "predictions.html",
        status=status,
        wanted=wanted,
        shown=shown,
        problem=problem,
        is_first=cursor is None,
        since=shown.runs[0].created_at if shown.runs else since,
        statuses=STATUSES,
        tokens=tokens,
        chips=wanted.chips(tokens),
        models=await _models(visitor.api),
        back=here(str(visitor.request.url)),
    )


async def part(visitor: Visitor) -> Response:
    """`GET /predictions/part`: a later part, what is newer than `since`, or some by their ids."""
    wanted = _wanted(visitor)
    ids = visitor.request.query_params.getlist("id")
    try:
        if ids:
            shown = Shown(runs=await _some(visitor.api, ids[:_AT_ONCE]))
        elif since := visitor.query.get("since"):
            shown = await _newer(visitor.api, wanted, since)
        else:
            shown = await _shown(visitor.api, wanted, visitor.query.get("cursor"))
    except ValueError as error:
        raise Refused(400, {"detail": str(error)}) from None
    return visitor.page("parts/predictions.html", wanted=wanted, shown=shown)


async def archive(visitor: Visitor) -> Response:
    """`POST /predictions/zip`: the API's archive of those selected, as it comes."""
    ids = _selected(visitor)
    if not ids:
        return _told(visitor, "Nothing is selected", "Select the predictions to download first.")

    async def refused(error: Refused) -> Response:
        return _told(visitor, "Nothing was downloaded", str(error), status=error.status)

    return visitor.api.streamed("POST", f"{_API}/archive", {"ids": ids}, refused)


async def delete(visitor: Visitor) -> Response:
    """`POST /predictions/delete`: those selected, once it is `sure`; says what became of each."""
    ids = _selected(visitor)
    if not ids:
        return _told(visitor, "Nothing is selected", "Select the predictions to delete first.")
    if not visitor.field("sure"):
        return _told(visitor, f"Delete {_many(len(ids))}?", asks=ids)
    deleted: list[str] = []
    kept: dict[str, str] = {}
    for one in ids:
        try:
            (await visitor.api.call("DELETE", f"{_API}/{one}")).json()
        except Refused as error:
            kept[one] = str(error)
        else:
            deleted.append(one)
    title = f"{_many(len(deleted))} deleted" if deleted else "Nothing was deleted"
    return _told(visitor, title, deleted=deleted, kept=kept)


async def compare(visitor: Visitor) -> Response:
    """`POST /predictions/compare`: the two that are selected."""
    ids = _selected(visitor)
    if len(ids) != 2:
        return _told(visitor, "Select two to compare", f"{len(ids)} were selected.")
    return visitor.to(f"/compare?a={ids[0]}&b={ids[1]}")


def _wanted(visitor: Visitor) -> Wanted:
    return read(visitor.request.query_params)


async def _shown(api: Caller, wanted: Wanted, cursor: str | None) -> Shown:
    """A part of the list; what nothing fits in is passed over, within bounds."""
    found = await _part(api, wanted.query() | {"cursor": cursor})
    newer = _cursor(found.previous)
    for _ in range(_ROUNDS):
        if found.results or found.next is None:
            break
        found = await _part(api, wanted.query() | {"cursor": _cursor(found.next)})
    return Shown(
        runs=found.results,
        older=found.next and wanted.address(_cursor(found.next)),
        newer=newer and wanted.address(newer),
    )


async def _newer(api: Caller, wanted: Wanted, since: str) -> Shown:
    asked = wanted.query()
    asked["created_after"] = max(since, asked.get("created_after") or "")
    return Shown(runs=(await _part(api, asked)).results)


async def _some(api: Caller, ids: Sequence[str]) -> list[Listed]:
    """Those by these ids that are there."""
    answers = [await api.call("GET", f"{_API}/{one}") for one in ids if _is_id(one)]
    found = [answer.body for answer in answers if answer.status == 200]
    return [msgspec.json.decode(body, type=Listed) for body in found]


async def _part(api: Caller, query: Mapping[str, str | None]) -> Part:
    answer = await api.brief(_API, query, _LONGEST)
    return msgspec.json.decode(answer.body, type=Part)


def _cursor(address: str | None) -> str | None:
    return address and parse_qs(urlsplit(address).query)["cursor"][0]


async def _tokens(api: Caller) -> dict[str, str]:
    """The tokens of the account by their ids; none for a token that may not see them."""
    try:
        found = (await api.get("/v1/tokens"))["results"]
    except Refused:
        return {}
    return {one["id"]: f"{one['name'] or one['mode']} …{one['hint']}" for one in found}


async def _models(api: Caller) -> list[str]:
    """Names to choose from; any other can be written."""
    answer = await api.call("GET", "/v1/models")
    if answer.status >= 400:
        return []
    found = msgspec.json.decode(answer.body, type=_Names).results
    return sorted(f"{one.owner}/{one.name}" for one in found)


def _selected(visitor: Visitor) -> list[str]:
    """The ids of the form: of boxes that are checked, or of a script between commas."""
    boxes = [one for one in visitor.form.getlist("id") if isinstance(one, str)]
    named = [*boxes, *visitor.field("ids").split(",")]
    return list(dict.fromkeys(one for one in named if _is_id(one)))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= 64


def _many(count: int) -> str:
    return "1 prediction" if count == 1 else f"{count:,} predictions"


def _told(  # noqa: PLR0913 - what there may be to say, each by name
    visitor: Visitor,
    title: str,
    problem: str = "",
    *,
    status: int = 200,
    asks: Sequence[str] = (),
    deleted: Sequence[str] = (),
    kept: Mapping[str, str] | None = None,
) -> Response:
    """What became of those selected, or what has to be said before anything does."""
    back = here(visitor.field("back"))
    return visitor.page(
        "predictions_told.html",
        status=status,
        title=title,
        problem=problem,
        asks=asks,
        deleted=deleted,
        kept=kept or {},
        back=back if back.startswith(PAGE) else PAGE,
    )


PAGES: Final = (
    Page("GET", PAGE, predictions),
    Page("GET", f"{PAGE}/part", part),
    Page("POST", f"{PAGE}/zip", archive),
    Page("POST", f"{PAGE}/delete", delete),
    Page("POST", f"{PAGE}/compare", compare),
)
