"""Circuit breakers: what keeps failing is left alone for a while, then tried with one call."""

from collections import deque
from typing import Final

FAILURES: Final = 5
"""So many in a row open a circuit."""
_WITHIN: Final = 60.0
"""Seconds in which they must come."""
_REST: Final = 30.0
"""Seconds until one call is let through again; doubled each time that it fails."""
_LONGEST_REST: Final = 300.0


class Trial:
    """A call that a circuit let through; only the first thing that it is told counts."""

    __slots__ = ("_circuit", "_is_over")

    def __init__(self, circuit: "Circuit") -> None:
        self._circuit = circuit
        self._is_over = False

    def answered(self) -> None:
        """The other side is there, whatever it said."""
        if self._end():
            self._circuit.answered()

    def failed(self, now: float) -> None:
        """The other side is at fault, at *now*."""
        if self._end():
            self._circuit.failed(self, now)

    def dropped(self) -> None:
        """Nothing was learnt about the other side."""
        if self._end():
            self._circuit.dropped(self)

    def _end(self) -> bool:
        was_over, self._is_over = self._is_over, True
        return not was_over


class Circuit:
    """Closed: all pass. Open: none do. After a rest: one does, and its end decides.

    Times are seconds of a clock that never goes back.
    """

    __slots__ = ("_failures", "_probe", "_rest", "_until")

    def __init__(self) -> None:
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._rest = 0.0
        self._until = 0.0
        self._probe: Trial | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds calls back, but for one."""
        return self._rest > 0

    def wait(self, now: float) -> float:
        """Seconds until a call may pass, as far as is known; 0 if one may now."""
        if not self.is_open:
            return 0.0
        if self._probe is not None:
            return _REST
        return max(self._until - now, 0.0)

    def begin(self, now: float) -> Trial | None:
        """Let a call through; None if it may not pass."""
        if self.wait(now) > 0:
            return None
        trial = Trial(self)
        if self.is_open:
            self._probe = trial
        return trial

    def answered(self) -> None:
        """Close: even a call from before the rest that is answered shows that somebody is there."""
        self._failures.clear()
        self._rest = 0.0
        self._probe = None

    def failed(self, trial: Trial, now: float) -> None:
        """Count it; a probe that fails makes the rest longer."""
        if trial is self._probe:
            self._open(min(self._rest * 2, _LONGEST_REST), now)
        elif not self.is_open:
            self._failures.append(now)
            if len(self._failures) == FAILURES and now - self._failures[0] <= _WITHIN:
                self._open(_REST, now)

    def dropped(self, trial: Trial) -> None:
        """Let another call be the probe."""
        if trial is self._probe:
            self._probe = None

    def _open(self, rest: float, now: float) -> None:
        self._rest = rest
        self._until = now + rest
        self._probe = None
