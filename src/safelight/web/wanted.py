"""Which predictions somebody wants to look at, as the address of the page says it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from starlette.datastructures import QueryParams

STATUSES: Final = ("starting", "processing", "succeeded", "failed", "canceled")
VIEWS: Final = ("grid", "table")
PAGE: Final = "/predictions"
_TEXTS: Final = ("prompt", "model", "mode", "source", "token", "deployment")
"""What the API takes as it is."""
_DAYS: Final = ("from", "to")
_NAMES: Final = {"source": {"web": "Web", "api": "API"}, "mode": {"live": "Live", "test": "Test"}}


class Chip(msgspec.Struct, frozen=True):
    """A filter that is on, and the address without it."""

    name: str
    text: str
    without: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Filters and the view, all that an address keeps but for the place in the list."""

    view: str = VIEWS[0]
    statuses: tuple[str, ...] = ()
    texts: dict[str, str] = {}
    """By the name of the parameter; an empty one is not there."""

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.statuses or any(name != "zone" for name in self.texts))

    @property
    def count(self) -> int:
        """Filters that are on, but for statuses and the text."""
        return sum(name not in ("zone", "prompt") for name in self.texts)

    @property
    def other(self) -> "Wanted":
        """The same in the other view."""
        at = VIEWS.index(self.view)
        return msgspec.structs.replace(self, view=VIEWS[1 - at])

    @property
    def everything(self) -> "Wanted":
        """The same without any filter."""
        return Wanted(view=self.view)

    def toggled(self, status: str) -> "Wanted":
        """With one status more, or less."""
        kept = tuple(one for one in self.statuses if one != status)
        more = kept if status in self.statuses else (*kept, status)
        return msgspec.structs.replace(self, statuses=more)

    def without(self, name: str) -> "Wanted":
        """Without one of the texts."""
        kept = {one: text for one, text in self.texts.items() if one != name}
        return msgspec.structs.replace(self, texts=kept)

    def address(self, cursor: str | None = None) -> str:
        """Where the page is that shows it."""
        told = [(name, text) for name, text in self.texts.items() if self._is_told(name)]
        if self.statuses:
            told.insert(0, ("status", ",".join(self.statuses)))
        if self.view != VIEWS[0]:
            told.insert(0, ("view", self.view))
        if cursor is not None:
            told.append(("cursor", cursor))
        return PAGE + (f"?{urlencode(told, safe=',/:')}" if told else "")

    def query(self) -> dict[str, str | None]:
        """What the API is asked for.

        Raises:
            ValueError: A day is none; the message says so.
        """
        asked: dict[str, str | None] = {name: self.texts.get(name) for name in _TEXTS}
        asked["status"] = ",".join(self.statuses) or None
        zone = _zone(self.texts.get("zone"))
        if first := self.texts.get("from"):
            asked["created_after"] = _begin(first, zone).isoformat()
        if last := self.texts.get("to"):
            asked["created_before"] = _begin(last, zone, days=1).isoformat()
        return asked

    def chips(self, tokens: Mapping[str, str]) -> Sequence[Chip]:
        """What is on besides statuses; *tokens* are the names of tokens by their ids."""
        names = _NAMES | {"token": tokens}
        return [
            Chip(
                name.capitalize(),
                names.get(name, {}).get(text, text),
                self.without(name).address(),
            )
            for name, text in self.texts.items()
            if name != "zone"
        ]

    def _is_told(self, name: str) -> bool:
        return name != "zone" or any(day in self.texts for day in _DAYS)


def read(parameters: QueryParams) -> Wanted:
    """What an address says; a form gives several statuses one by one."""
    statuses = [one for text in parameters.getlist("status") for one in text.split(",") if one]
    texts = {name: parameters.get(name, "").strip() for name in (*_TEXTS, *_DAYS, "zone")}
    view = parameters.get("view", "")
    return Wanted(
        view=view if view in VIEWS else VIEWS[0],
        statuses=tuple(dict.fromkeys(statuses)),
        texts={name: text for name, text in texts.items() if text},
    )


def _begin(text: str, zone: tzinfo, days: int = 0) -> datetime:
    """When a day begins there, or one some days later, in UTC."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"A day is written as 2026-01-31, not {text[:40]}.") from None


def _zone(name: str | None) -> tzinfo:
    """The time zone of the browser; UTC where it told none, or one that is not known here."""
    try:
        return ZoneInfo(name) if name else UTC
    except (LookupError, ValueError, OSError):
        return UTC
