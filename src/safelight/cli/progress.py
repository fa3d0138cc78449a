"""Shows on stderr how a prediction gets on: its status, the time, its logs as they come."""

import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.text import Text


class Progress:
    """A line with a spinner on a terminal; elsewhere a line for each change."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._spinner = self._console.status("", spinner_style="cyan")
        self._began = time.monotonic()
        self._status: str | None = None
        self._shown = 0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._spinner.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._spinner.stop()

    def show(self, prediction: dict[str, Any], *, is_last: bool = False) -> None:
        """Show what is new in it."""
        if is_last:
            self._spinner.stop()
        self._show_logs(prediction.get("logs") or "", is_last=is_last)
        status = str(prediction["status"])
        elapsed = f"{time.monotonic() - self._began:.1f} s"
        if self._console.is_terminal and not is_last:
            mode = " (test mode)" if prediction.get("test") else ""
            self._spinner.update(f"{prediction['model']}: {status}{mode}, {elapsed}")
        elif status != self._status:
            self._print(f"{status} after {elapsed}" if is_last else status)
        self._status = status

    def say(self, text: str) -> None:
        """One line of our own."""
        self._print(text)

    def _show_logs(self, logs: str, *, is_last: bool) -> None:
        # A line may still be growing; it is shown when it is whole.
        end = len(logs) if is_last else logs.rfind("\n") + 1
        if end > self._shown:
            for line in logs[self._shown : end].splitlines():
                self._print(line, style="dim")
            self._shown = end

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)
