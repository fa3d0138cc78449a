"""Gives each prediction its own stdout and stderr, however many share the process."""

import io
import sys
from contextvars import ContextVar
from typing import Final, TextIO

from safelight.runner import Report

CURRENT: Final[ContextVar[Report | None]] = ContextVar("safelight_report", default=None)
"""The report of the prediction that this task, or a thread it started, works for."""


class _Router(io.TextIOBase):
    def __init__(self, outside: TextIO) -> None:
        self._outside = outside

    def write(self, text: str, /) -> int:
        report = CURRENT.get()
        if report is None:
            return self._outside.write(text)
        report.log(text)
        return len(text)

    def flush(self) -> None:
        if CURRENT.get() is None:
            self._outside.flush()

    def fileno(self) -> int:
        return self._outside.fileno()

    def isatty(self) -> bool:
        return CURRENT.get() is None and self._outside.isatty()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._outside.encoding


def capture_output() -> None:
    """Route what models print to their predictions; all else goes where it went before."""
    if not isinstance(sys.stdout, _Router):
        sys.stdout = _Router(sys.stdout)
    if not isinstance(sys.stderr, _Router):
        sys.stderr = _Router(sys.stderr)
