"""Values as people read them: sizes, times, amounts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

import msgspec

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_LONGEST_TEXT: Final = 40_000
"""Characters of one text that a page shows; no prompt is longer."""
_LONGEST_DATA: Final = 200
"""Of one that is a file in base64."""


def size(count: int) -> str:
    """Bytes: `381 kB`."""
    amount, unit = float(count), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit < 2 else f"{amount:.1f} {_UNITS[unit]}"


def amount(count: float) -> str:
    """How many, in short: `1.2K`, `9.6M`."""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if count >= limit:
            return f"{count / limit:.1f}".removesuffix(".0") + unit
    return f"{count:g}"


def dollars(usd: float) -> str:
    """Money: `$0.0445`; at least two digits, and four where it is little."""
    if usd == 0:
        return "$0"
    digits = 2 if usd >= 1 else 4 if usd >= 0.001 else 6
    text = f"{usd:,.{digits}f}"
    kept = text.rstrip("0")
    return f"${kept + '0' * max(0, 2 - len(kept.partition('.')[2]))}"


def seconds(duration: float) -> str:
    """A duration in seconds: `0.21 s`, `41.3 s`, `3 min 5 s`."""
    if duration < 0.1:
        return f"{duration * 1000:.0f} ms"
    if duration < 10:
        return f"{duration:.2f} s"
    if duration < 60:
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def moment(text: str) -> str:
    """A time of the API as a date and a time in UTC, for those without JavaScript."""
    return _read(text).strftime("%Y-%m-%d %H:%M:%S UTC")


def ago(text: str) -> str:
    """How long ago a time of the API was: `3 min ago`."""
    passed = (datetime.now(UTC) - _read(text)).total_seconds()
    for limit, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if passed >= limit:
            return f"{passed / limit:.0f} {unit} ago"
    return "just now"


def path(address: str) -> str:
    """An address on this server without its origin, which may have another name outside."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def pretty(value: object) -> str:
    """JSON, indented by two."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def shortened(value: object) -> Any:  # noqa: ANN401 - JSON as it was, but for long texts
    """JSON of which the beginnings of long texts are left, each with how long it was."""
    match value:
        case str():
            limit = _LONGEST_DATA if value[:5].lower() == "data:" else _LONGEST_TEXT
            return value if len(value) <= limit else f"{value[:limit]}… ({len(value):,} characters)"
        case dict():
            pairs = cast("dict[str, object]", value).items()
            return {name: shortened(one) for name, one in pairs}
        case list():
            return [shortened(one) for one in cast("list[object]", value)]
        case _:
            return value


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "size": size,
    "amount": amount,
    "dollars": dollars,
    "seconds": seconds,
    "moment": moment,
    "ago": ago,
    "path": path,
    "pretty": pretty,
}
