"""Kills this process, as the operating system would, at one named stop of the walk."""

import os
import signal
from contextvars import ContextVar
from enum import StrEnum
from typing import Final, NoReturn

VICTIM: Final = "victim"
"""Tickets that begin with it set off the fuse, and so do requests with the header `x-victim`."""

IN_VICTIM: Final[ContextVar[bool]] = ContextVar("crash_in_victim", default=False)
"""Whether the request at hand is the victim's."""


class Stop(StrEnum):
    """Where the server dies; the numbers are those of the walk."""

    KNOWN = "1-caller-known"
    RESOLVED = "2-resolved"
    CHECKED = "3-input-checked"
    MADE = "4-value-made"
    INSERTING = "5a-before-the-insert's-commit"
    INSERTED = "5b-after-the-insert's-commit"
    CLAIMED = "6-claimed"
    STARTING = "7a-before-the-processing-commit"
    STARTED = "7b-after-the-processing-commit"
    RUNNING = "8a-before-the-paid-call"
    OPENING = "8a-before-the-attempt's-commit"
    OPENED = "8a-after-the-attempt's-commit"
    PAID = "8b-after-the-paid-call"
    SETTLING = "8b-before-the-settlement's-commit"
    SETTLED = "8b-after-the-settlement's-commit"
    ENDING = "9a-before-the-terminal-commit"
    ENDED = "9b-after-the-terminal-commit"
    SHOWING = "10-while-showing-it"
    TAKEN_OVER = "11-taken-over-from-a-dead-engine"


class Fuse:
    """Burns at most once: what it burns is this process."""

    def __init__(self) -> None:
        self.stop: Stop | None = None

    def is_set(self, stop: Stop, ticket: str) -> bool:
        """Whether this ticket ends it at this stop."""
        return stop is self.stop and ticket.startswith(VICTIM)

    def passes(self, stop: Stop, ticket: str) -> None:
        """Die if a victim has got this far."""
        if self.is_set(stop, ticket):
            die()

    def passes_in_request(self, stop: Stop) -> None:
        """Die if the victim's request has got this far."""
        if stop is self.stop and IN_VICTIM.get():
            die()


def die() -> NoReturn:
    """`kill -9`: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


FUSE: Final = Fuse()
