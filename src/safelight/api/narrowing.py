"""What a list of predictions is narrowed to, as its query string says."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.datastructures import QueryParams

from safelight import wire
from safelight.account import Mode
from safelight.api.paging import read_cursor
from safelight.errors import Malformed
from safelight.prediction import Status
from safelight.store import Filter, Query

_WEB_WINDOW: Final = timedelta(days=14)
_LONGEST_PROMPT: Final = 200
"""Characters of a prompt that are looked for."""
_FORMS: Final = {
    "model": (re.compile(r"[^/:\s]{1,200}/[^/:\s]{1,200}"), "a model as owner/name"),
    "deployment": (re.compile(r"[^/\s]{1,200}"), "the name of a deployment, without its owner"),
    "token": (re.compile(r"[\w.-]{1,200}", re.ASCII), "the id of a token, not the token itself"),
    "prompt": (
        re.compile(rf"[^\x00]{{1,{_LONGEST_PROMPT}}}", re.DOTALL),
        f"a text of 1 to {_LONGEST_PROMPT} characters",
    ),
}


def read_query(parameters: QueryParams, account: str) -> Query:
    """Which predictions are asked for, but for what `read_filter` reads.

    Raises:
        Malformed: A parameter is none.
        NotFound: The cursor is none.
    """
    source = parameters.get("source")
    if source not in (None, "web", "api"):
        raise Malformed(
            f'source can only be "web" or "api", not {source!r}; leave it out for everything.'
        )
    position, is_backwards = read_cursor(parameters.get("cursor"))
    after = _read_moment(parameters.get("created_after"), "created_after")
    if source == "web":
        window = datetime.now(UTC) - _WEB_WINDOW
        after = window if after is None else max(after, window)
    return Query(
        account=account,
        created_after=after,
        created_before=_read_moment(parameters.get("created_before"), "created_before"),
        source=source,
        position=position,
        is_backwards=is_backwards,
    )


def read_filter(parameters: QueryParams, spelled: wire.Wire) -> Filter | None:
    """What is wanted of them; None for all of them.

    Raises:
        Malformed: A parameter is none.
    """
    wanted = Filter(
        statuses=_statuses(parameters.get("status"), spelled),
        mode=_mode(parameters.get("mode")),
        model=_text(parameters, "model"),
        token=_text(parameters, "token"),
        deployment=_text(parameters, "deployment"),
        prompt=_text(parameters, "prompt"),
    )
    # Those that came over the API are nearly all: no index leads to them.
    is_narrow = wanted != Filter() or parameters.get("source") == "api"
    return wanted if is_narrow else None


def _statuses(text: str | None, spelled: wire.Wire) -> frozenset[Status] | None:
    if text is None:
        return None
    known = spelled.statuses()
    names = [name.strip() for name in text.split(",")]
    if strange := [name for name in names if name not in known]:
        raise Malformed(
            f"status can be {', '.join(known)}, or several of them between commas,"
            f" not {strange[0][:100]!r}."
        )
    return frozenset[Status]().union(*(known[name] for name in names))


def _mode(text: str | None) -> Mode | None:
    if text is None:
        return None
    try:
        return Mode(text)
    except ValueError:
        raise Malformed(f"mode can be {' or '.join(Mode)}, not {text[:100]!r}.") from None


def _text(parameters: QueryParams, name: str) -> str | None:
    text = parameters.get(name)
    form, told = _FORMS[name]
    if text is not None and form.fullmatch(text) is None:
        raise Malformed(f"{name} must be {told}.")
    return text


def _read_moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Malformed(
            f"{name} must be an ISO 8601 date-time such as 2025-01-31T00:00:00Z."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
