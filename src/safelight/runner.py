"""Runners: where a model's code executes, and what they report while it does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec


class ProducedFile(msgspec.Struct, frozen=True):
    """A file that a model wrote; whoever receives it takes the file away."""

    path: Path


class Report(Protocol):
    """What a run tells while it goes on."""

    def log(self, text: str) -> None:
        """Text written to stdout or stderr, as it came."""
        ...

    def metric(self, name: str, value: object, mode: str = "replace") -> None:
        """A measurement; *mode* is Cog's `replace`, `incr` or `append`."""
        ...

    async def output(self, item: object) -> None:
        """One more item of an output that comes in parts."""
        ...


class Runner(Protocol):
    """Executes one version of a model."""

    @property
    def concurrency(self) -> int:
        """How many runs it takes at once."""
        ...

    @property
    def is_repeatable(self) -> bool:
        """Whether running again after a crash is harmless (costs and changes nothing)."""
        ...

    async def setup(self) -> None:
        """Make it ready; called once."""
        ...

    async def run(self, inputs: Mapping[str, Any], report: Report, account: str) -> object:
        """Run once; return JSON with a `ProducedFile` wherever there is a file.

        *account* is whose run it is: of uploaded files it may read those of that account alone.

        Raises:
            RunFailed: The model, its upstream or an input is at fault; it is told to the caller.
            asyncio.CancelledError: It was told to stop, and has.
        """
        ...
