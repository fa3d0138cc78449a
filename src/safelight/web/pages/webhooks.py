"""Webhooks: the signing secret, what was sent, and one delivery with its attempts."""

from typing import Any, Final

from starlette.responses import Response

from safelight.web.caller import Refused
from safelight.web.pages.confirming import confirm
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
OVERLAPS: Final = (
    ("0", "at once: it has leaked"),
    ("3600", "after 1 hour"),
    ("86400", "after 1 day"),
    ("604800", "after 7 days"),
    ("2592000", "after 30 days"),
)
"""Seconds for which an old secret signs on, in words."""
_USUAL: Final = "86400"
_SECRET: Final = "/v1/webhooks/default/secret"  # noqa: S105 - an address
_DELIVERIES: Final = "/v1/webhooks/deliveries"


async def webhooks(visitor: Visitor) -> Response:
    """`GET /webhooks`; `?prediction=` shows what tells of one."""
    return await _page(visitor)


async def show_secret(visitor: Visitor) -> Response:
    """`POST /webhooks/secret`: the page with the secret in it, without JavaScript."""
    try:
        key = (await visitor.api.get(_SECRET))["key"]
    except Refused as error:
        return lacking(visitor, error)
    return await _page(visitor, key)


async def rotate(visitor: Visitor) -> Response:
    """`POST /webhooks/rotate`: asks first."""
    overlap = visitor.field("overlap")
    words = dict(OVERLAPS).get(overlap)
    if words is None:
        overlap, words = _USUAL, dict(OVERLAPS)[_USUAL]
    if not visitor.field("sure"):
        return confirm(
            visitor,
            title="Make a new signing secret?",
            text=f"The present one stops signing {words}. Receivers need the new one by then.",
            verb="Make a new secret",
            back="/webhooks",
            fields=[("overlap", overlap)],
        )
    try:
        await visitor.api.post(f"{_SECRET}/rotate", {"overlap": int(overlap)})
    except Refused as error:
        return lacking(visitor, error)
    return visitor.to(f"/webhooks?rotated={overlap}")


async def delivery(visitor: Visitor) -> Response:
    """`GET /webhooks/{id}`: with every attempt."""
    try:
        found = await visitor.api.get(f"{_DELIVERIES}/{visitor.path['id']}")
    except Refused as error:
        return lacking(visitor, error)
    return visitor.page("delivery.html", delivery=found, query=visitor.query)


async def replay(visitor: Visitor) -> Response:
    """`POST /webhooks/{id}/replay`: it is sent again at once."""
    name = visitor.path["id"]
    try:
        await visitor.api.post(f"{_DELIVERIES}/{name}/replay")
    except Refused as error:
        return lacking(visitor, error)
    return visitor.to(f"/webhooks/{name}?replayed=1")


def lacking(visitor: Visitor, error: Refused) -> Response:
    """What a token without the scope `admin` is shown instead.

    Raises:
        Refused: It was refused for something else.
    """
    if error.status != 403:
        raise error
    section = visitor.request.url.path.split("/")[1]
    return visitor.page("lacking.html", status=403, section=section, detail=str(error))


async def _page(visitor: Visitor, key: str | None = None) -> Response:
    query = visitor.query
    wanted = query.get("prediction", "").strip() or None
    try:
        asked = {"prediction": wanted, "cursor": query.get("cursor")}
        page = await visitor.api.get(_DELIVERIES, asked)
    except Refused as error:
        return lacking(visitor, error)
    return visitor.page(
        "webhooks.html",
        page=page,
        prediction=wanted,
        key=key,
        overlaps=OVERLAPS,
        usual=_USUAL,
        rotated=dict(OVERLAPS).get(query.get("rotated", "")),
    )


PAGES: Final = (
    Page("GET", "/webhooks", webhooks),
    Page("POST", "/webhooks/secret", show_secret),
    Page("POST", "/webhooks/rotate", rotate),
    Page("GET", "/webhooks/{id}", delivery),
    Page("POST", "/webhooks/{id}/replay", replay),
)
