"""Rate limits: token buckets, one for creates and one for all else, for each API token."""

import math
import re
from typing import Final, NamedTuple

import msgspec

_RATES: Final = re.compile(r"creates=(\d{1,9}),others=(\d{1,9})")
_MINUTE: Final = 60.0
_MANY: Final = 10_000
_CREATES: Final = ("predictions.create", "trainings.create")


class Rates(msgspec.Struct, frozen=True):
    """How many requests a minute a token may make; so many also come at once, in a burst."""

    creates: int
    others: int


REPLICATE: Final = Rates(creates=600, others=3000)
"""What the hosted API allows."""


def parse_rates(text: str) -> Rates | None:
    """`off`, `replicate`, or `creates=60,others=600`.

    Raises:
        ValueError: It is none of these.
    """
    plain = text.replace(" ", "").lower()
    if plain in {"", "off"}:
        return None
    if plain == "replicate":
        return REPLICATE
    match = _RATES.fullmatch(plain)
    if match is None or "0" in {found.lstrip("0") or "0" for found in match.groups()}:
        raise ValueError("write off, replicate, or numbers a minute as in `creates=60,others=600`")
    return Rates(*map(int, match.groups()))


def is_create(operation: str) -> bool:
    """Whether the operation of that name makes a prediction or a training."""
    return operation.endswith(_CREATES)


class Allowance(NamedTuple):
    """What a request was told about its limit."""

    remaining: int
    """How many more may come at once."""
    reset: int
    """Seconds until the whole burst is there again."""
    retry_after: int
    """Seconds until one more is allowed; 0 if this one was."""


class Bucket:
    """Fills up evenly, is emptied by requests; what is refused takes nothing out of it."""

    __slots__ = ("_at", "_level", "_size")

    def __init__(self, a_minute: int, now: float) -> None:
        self._size = a_minute
        self._level = float(a_minute)
        self._at = now

    def take(self, now: float) -> Allowance:
        """One request, at *now* in seconds of a clock that never goes back."""
        rate = self._size / _MINUTE
        self._level = min(self._size, self._level + (now - self._at) * rate)
        self._at = now
        if self._level < 1:
            wait = math.ceil((1 - self._level) / rate)
            return Allowance(0, self._reset(rate), max(1, wait))
        self._level -= 1
        return Allowance(int(self._level), self._reset(rate), 0)

    def is_full(self, now: float) -> bool:
        """Whether it is as a new one would be."""
        return self._level + (now - self._at) * self._size / _MINUTE >= self._size

    def _reset(self, rate: float) -> int:
        return math.ceil((self._size - self._level) / rate)


class Limiter:
    """The buckets of all tokens that have come; in memory, so a restart fills them."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._buckets: dict[tuple[str, bool], Bucket] = {}
        self._most = _MANY

    def take(self, token: str, operation: str, now: float) -> Allowance:
        """One request of a token, known by its id, at *now* in seconds of a steady clock."""
        creates = is_create(operation)
        bucket = self._buckets.get((token, creates))
        if bucket is None:
            a_minute = self._rates.creates if creates else self._rates.others
            self._forget_full(now)
            bucket = self._buckets[token, creates] = Bucket(a_minute, now)
        return bucket.take(now)

    def _forget_full(self, now: float) -> None:
        """Drop what is as good as new, whenever there are twice as many as were left."""
        if len(self._buckets) >= self._most:
            kept = {key: each for key, each in self._buckets.items() if not each.is_full(now)}
            self._buckets, self._most = kept, max(_MANY, 2 * len(kept))
