"""Request headers with a meaning: `Prefer`, `Cancel-After`, `Idempotency-Key`."""

import re
from datetime import timedelta
from typing import Final

from safelight.errors import InvalidHeader

LONGEST_WAIT: Final = timedelta(seconds=60)
BARE_WAIT: Final = timedelta(seconds=58)
"""What `Prefer: wait` means: Python 2's client hangs up, and creates again, after 60."""
_SHORTEST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(hours=24)
_LONGEST_KEY: Final = 255
_DURATION: Final = re.compile(r"(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def read_wait(prefer: str | None) -> tuple[timedelta, str] | None:
    """How long to hold the answer, and the preference to acknowledge; None for not at all.

    A `wait` with something that is no number of seconds is a preference that is not understood, and
    ignored, as RFC 7240 asks.
    """
    for preference in (prefer or "").split(","):
        name, _, value = preference.partition(";")[0].strip().partition("=")
        if name.strip().lower() != "wait":
            continue
        value = value.strip().strip('"')
        if not value:
            return BARE_WAIT, "wait"
        if not (value.isascii() and value.isdigit()):
            return None
        seconds = min(max(int(value[:4]), 1), int(LONGEST_WAIT.total_seconds()))
        return min(timedelta(seconds=seconds), BARE_WAIT), f"wait={seconds}"
    return None


def read_idempotency_key(text: str | None) -> str | None:
    """The caller's own name for a create.

    Raises:
        InvalidHeader: Empty, or longer than 255 characters.
    """
    if text is not None and not 0 < len(text) <= _LONGEST_KEY:
        raise InvalidHeader(f"Idempotency-Key must have 1 to {_LONGEST_KEY} characters.")
    return text


def read_cancel_after(text: str | None) -> timedelta | None:
    """How long after its creation a prediction is to be canceled.

    Raises:
        InvalidHeader: Not a duration, or not one from 5 seconds to 24 hours.
    """
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    if match is None or len(text) > 20:
        raise InvalidHeader(
            f"Cancel-After: {text[:20]} is not a duration. Write it as `90s`, `5m` or `1h30m45s`."
        )
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(seconds=min(hours * 3600 + minutes * 60 + seconds, 10**8))
    if not _SHORTEST <= duration <= _LONGEST:
        bound = "the minimum is 5 seconds" if duration < _SHORTEST else "the maximum is 24 hours"
        raise InvalidHeader(f"Cancel-After: {text} is out of range: {bound}.")
    return duration
