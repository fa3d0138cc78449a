"""Files: all that were uploaded, more of them, and the end of some."""

from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.responses import Response

from safelight.web.caller import Refused
from safelight.web.pages.confirming import confirm
from safelight.web.uploading import uploaded
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
_NEVER: Final = "9999-"
"""How the year of a file's end begins that has none."""
_NAMED: Final = 5
"""Of the files to be deleted that are named."""


async def files(visitor: Visitor) -> Response:
    """`GET /files`."""
    return await _page(visitor)


async def upload(visitor: Visitor) -> Response:
    """`POST /files`: one or many, without JavaScript; what cannot be stored is told by name."""
    given = [one for one in visitor.form.getlist("content") if isinstance(one, UploadFile)]
    refused: list[str] = []
    status, stored = 422, 0
    for file in (one for one in given if one.filename):
        try:
            await uploaded(visitor.api, file)
        except Refused as error:
            if error.status == 401:
                raise
            status = error.status
            refused.append(f"{file.filename}: {error}")
        else:
            stored += 1
    await visitor.form.close()
    if not refused and not stored:
        refused.append("Choose a file first.")
    if refused:
        return await _page(visitor, status, refused, stored)
    return visitor.to(f"/files?stored={stored}")


async def delete(visitor: Visitor) -> Response:
    """`POST /files/delete`: one or many; asks first."""
    ids = [one for one in visitor.form.getlist("id") if isinstance(one, str)]
    if not ids:
        return await _page(visitor, 422, ["Choose the files to delete first."])
    if not visitor.field("sure"):
        found = [await visitor.api.get(f"/v1/files/{one}") for one in ids[:_NAMED]]
        names = ", ".join(one["name"] for one in found)
        more = len(ids) - len(found)
        return confirm(
            visitor,
            title=f"Delete {len(ids)} files?" if len(ids) > 1 else "Delete this file?",
            text=f"{names}{f' and {more} more' if more else ''}: for good. Predictions that still"
            " have to read them will fail; what has been made of them stays.",
            verb="Delete",
            back="/files",
            fields=[("id", one) for one in ids],
        )
    return await _deleted(visitor, ids)


async def _deleted(visitor: Visitor, ids: list[str]) -> Response:
    refused: list[str] = []
    gone, status = 0, 200
    for one in ids:
        answer = await visitor.api.call("DELETE", f"/v1/files/{one}")
        try:
            answer.json()
        except Refused as error:
            if error.status in (401, 403):
                raise
            status = error.status
            refused.append(f"{one}: {error}")
        else:
            gone += 1
    if refused:
        return await _page(visitor, status, refused, deleted=gone)
    return visitor.to(f"/files?deleted={gone}")


async def _page(
    visitor: Visitor,
    status: int = 200,
    refused: list[str] | None = None,
    stored: int | None = None,
    deleted: int | None = None,
) -> Response:
    query = visitor.query
    page = await visitor.api.get("/v1/files", {"cursor": query.get("cursor")})
    for file in page["results"]:
        file["is_kept"] = file["expires_at"].startswith(_NEVER)
    return visitor.page(
        "files.html",
        status=status,
        page=page,
        refused=refused or [],
        stored=_count(query, "stored") if stored is None else stored,
        deleted=_count(query, "deleted") if deleted is None else deleted,
    )


def _count(query: Json, name: str) -> int:
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 5 else 0


PAGES: Final = (
    Page("GET", "/files", files),
    Page("POST", "/files", upload),
    Page("POST", "/files/delete", delete),
)
