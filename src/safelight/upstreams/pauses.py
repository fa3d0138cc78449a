"""How long a provider asks to be left alone, as it says it: in headers, or in a sentence."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from safelight.webhook import read_retry_after

_NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,6})?"
_UNIT = r"(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d)"
_SENTENCE = re.compile(
    rf"try again (?:in|after) ((?:{_NUMBER} ?{_UNIT}\b ?|{_NUMBER}{_UNIT}){{1,4}})"
)
_PART = re.compile(rf"({_NUMBER}) ?({_UNIT})")
_LETTERS: Mapping[str, float] = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = timedelta(days=1)
_REMAINING = "x-ratelimit-remaining-"
_RESET = "x-ratelimit-reset-"


def asked_pause(headers: Mapping[str, str], message: str = "") -> timedelta | None:
    """Read `retry-after-ms`, then `retry-after`, then a sentence such as `try again in 1m30s`.

    None when nothing of it is there and makes sense; a day is the most.
    """
    pause = (
        _milliseconds(headers.get("retry-after-ms"))
        or read_retry_after(headers.get("retry-after"), datetime.now(UTC))
        or _spoken(message)
    )
    return min(pause, _LONGEST) if pause else None


def allowance_pause(headers: Mapping[str, str]) -> timedelta | None:
    """Until when nothing may be asked, if `x-ratelimit-remaining-*` says that none is left."""
    used_up = [
        name.removeprefix(_REMAINING)
        for name, value in headers.items()
        if name.startswith(_REMAINING) and value.strip() == "0"
    ]
    resets = [_duration(headers.get(f"{_RESET}{of_what}", "").lower()) for of_what in used_up]
    pause = max(filter(None, resets), default=None)
    return min(pause, _LONGEST) if pause else None


def _milliseconds(text: str | None) -> timedelta | None:
    try:
        count = float(text or "")
    except ValueError:
        return None
    return timedelta(milliseconds=min(count, 1e9)) if math.isfinite(count) and count > 0 else None


def _spoken(message: str) -> timedelta | None:
    found = _SENTENCE.search(message.lower())
    return _duration(found[1]) if found else None


def _duration(text: str) -> timedelta | None:
    parts = _PART.findall(text)
    seconds = sum(float(number) * _seconds(unit) for number, unit in parts)
    return timedelta(seconds=seconds) if parts else None


def _seconds(unit: str) -> float:
    return 0.001 if unit.startswith(("ms", "milli")) else _LETTERS[unit[0]]
