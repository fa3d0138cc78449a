"""Cursors: where a list goes on, as opaque text."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from safelight.errors import NotFound
from safelight.page import Listed, Part
from safelight.prediction import Prediction
from safelight.store import Found

L = TypeVar("L", bound=Listed)

_CURSOR: Final = re.compile(r"(r=1&)?p=([0-9T:.+-]{19,32})&i=([a-zA-Z0-9._-]{1,512})")


def read_cursor(text: str | None) -> tuple[tuple[datetime, str] | None, bool]:
    """Position and direction that a cursor stands for.

    Raises:
        NotFound: Not one of ours.
    """
    if text is None:
        return None, False
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise NotFound("Invalid cursor") from None
    match = _CURSOR.fullmatch(plain)
    if match is None:
        raise NotFound("Invalid cursor")
    try:
        created_at = datetime.fromisoformat(match[2])
    except ValueError:
        raise NotFound("Invalid cursor") from None
    if created_at.tzinfo is None:
        raise NotFound("Invalid cursor")
    return (created_at, match[3]), match[1] is not None


def read_part(query: QueryParams) -> Part:
    """The part of a list that a request asks for; raises as `read_cursor` does."""
    position, is_backwards = read_cursor(query.get("cursor"))
    return Part(position=position, is_backwards=is_backwards)


def split(part: Part, rows: Sequence[L]) -> tuple[Sequence[L], str | None, str | None]:
    """The page itself, and the cursors of the following and the previous one.

    *rows* are one more than the limit when more follow, and newest first in either direction.
    """
    has_more = len(rows) > part.limit
    if part.is_backwards:
        page = rows[1:] if has_more else rows
        has_next, has_previous = True, has_more
    else:
        page = rows[: part.limit]
        has_next, has_previous = has_more, part.position is not None
    if not page:
        return page, None, None
    following = _cursor(page[-1], is_backwards=False) if has_next else None
    previous = _cursor(page[0], is_backwards=True) if has_previous else None
    return page, following, previous


def split_found(part: Part, found: Found) -> tuple[Sequence[Prediction], str | None, str | None]:
    """As `split` does, of a walk that may have found little, or nothing, so far."""
    page, following, previous = split(part, found.rows)
    here = found.begun and _at(found.begun, is_backwards=not part.is_backwards)
    further = found.ended and _at(found.ended, is_backwards=part.is_backwards)
    if part.is_backwards:
        return page, following or here, previous or further
    return page, following or further, previous or (here if part.position else None)


def link(path: str, query: QueryParams, cursor: str | None) -> str | None:
    """The absolute URL of a page: the request's own query with another cursor."""
    if cursor is None:
        return None
    kept = [(name, value) for name, value in query.multi_items() if name != "cursor"]
    return f"{path}?{urlencode([*kept, ('cursor', cursor)])}"


def _cursor(row: Listed, *, is_backwards: bool) -> str:
    return _at((row.created_at, row.id), is_backwards=is_backwards)


def _at(place: tuple[datetime, str], *, is_backwards: bool) -> str:
    position = f"p={place[0].isoformat()}&i={place[1]}"
    return base64.urlsafe_b64encode(f"{'r=1&' * is_backwards}{position}".encode()).decode()
