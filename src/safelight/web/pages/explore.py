"""The models as cards: all, those of a collection, or those that a search finds."""

import hashlib
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from safelight.web import forms
from safelight.web.caller import Caller, Refused
from safelight.web.forms import Kind
from safelight.web.markdown import markup
from safelight.web.shown import dollars
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]


async def explore(visitor: Visitor) -> Response:
    """`GET /`."""
    query = visitor.query.get("q", "").strip()
    collections = (await visitor.api.get("/v1/collections"))["results"]
    page: Json = {"next": None, "previous": None}
    if query:
        page["results"] = await _found(visitor.api, query)
    else:
        page = await visitor.api.get("/v1/models", {"cursor": visitor.query.get("cursor")})
    return visitor.page(
        "explore.html",
        query=query,
        models=[await _card(visitor, model) for model in page["results"]],
        collections=collections,
        following=page["next"],
        before=page["previous"],
        collection=None,
        about=None,
    )


async def collection(visitor: Visitor) -> Response:
    """`GET /collections/{slug}`."""
    found = await visitor.api.get(f"/v1/collections/{visitor.path['slug']}")
    return visitor.page(
        "explore.html",
        query="",
        models=[await _card(visitor, model) for model in found["models"]],
        collections=(await visitor.api.get("/v1/collections"))["results"],
        following=None,
        before=None,
        collection=found,
        about=markup(found.get("full_description") or found["description"]),
    )


async def with_price(api: Caller, model: Json) -> Json:
    """A model with what a run may cost in live mode: `price`, in dollars, and in words.

    Both are None where nobody knows. A key is given where one is required: what is asked is what
    the run would cost with it.
    """
    latest: Json = model["latest_version"] or {}
    fields = forms.fields_of(latest.get("openapi_schema") or {})
    secrets = [one.name for one in fields if one.kind is Kind.SECRET and one.is_required]
    given = forms.sample(fields) | dict.fromkeys(secrets, "a key of the caller's")
    try:
        path = f"/v1/models/{model['owner']}/{model['name']}/estimate"
        asked: list[Json] = (await api.post(path, {"input": given}))["upstreams"]
    except Refused:  # there is nothing to run
        return model | {"price": None, "price_says": None}
    known = [one["estimate_usd"] for one in asked if one["estimate_usd"] is not None]
    price = max(known, default=None if asked else 0.0)
    is_callers = any(one["paid_by"] == "caller" for one in asked)
    return model | {"price": price, "price_says": _price(price, is_callers=is_callers)}


def _price(price: float | None, *, is_callers: bool) -> str | None:
    if price == 0:
        return "free"
    says = [] if price is None else [f"up to {dollars(price)} a live run with its defaults"]
    return ", ".join([*says, "on your own key"] if is_callers else says) or None


async def _card(visitor: Visitor, model: Json) -> Json:
    """A model with what its card shows."""
    name = f"{model['owner']}/{model['name']}"
    shown = await with_price(visitor.api, model)
    there = _cover(model["cover_image_url"] or "", name, visitor.request.headers.get("host"))
    return shown | {"cover": there, "pattern": hashlib.sha256(name.encode()).digest()[:24]}


def _cover(address: str, name: str, host: str | None) -> str | None:
    """The path of a picture of ours; None for one from elsewhere, which is not loaded."""
    try:
        cover = urlsplit(address)
    except ValueError:  # owners may write anything, such as `http://[`
        return None
    # The first comes from here whatever this server is called; the second may be another's.
    is_ours = cover.path == f"/covers/{name}.webp"
    is_ours |= cover.path.startswith("/outputs/") and cover.netloc == host
    return cover.path if is_ours else None


async def _found(api: Caller, query: str) -> list[Json]:
    answer = await api.send("QUERY", "/v1/models", "", query.encode(), [_TEXT])
    return answer.json()["results"]


_TEXT: Final = (b"content-type", b"text/plain")
PAGES: Final = (
    Page("GET", "/", explore),
    Page("GET", "/collections/{slug}", collection),
)
