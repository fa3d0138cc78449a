"""Shows on stderr how a prediction gets on: its status, the time, its logs as they come."""

import re
import time
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.text import Text

_SECONDS: Final = re.compile(r"\d+ s\.")
"""What changes in a reason with each look, and is no news."""


class Progress:
    """A line with a spinner on a terminal; elsewhere a line for each change."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._spinner = self._console.status("", spinner_style="cyan")
        self._began = time.monotonic()
        self._status: str | None = None
        self._waited = ""
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
            waiting = waiting_line(prediction)
            shown = f"{prediction['model']}: {status}{mode}, {elapsed}"
            self._spinner.update(Text(f"{shown}. {waiting}" if waiting else shown))
        else:
            if status != self._status:
                self._print(f"{status} after {elapsed}" if is_last else status)
            self._show_waiting(waiting_line(prediction))
        self._status = status

    def say(self, text: str) -> None:
        """One line of our own."""
        self._print(text)

    def _show_waiting(self, line: str) -> None:
        news = _SECONDS.sub("", line)
        if line and news != self._waited:
            self._print(line)
        self._waited = news

    def _show_logs(self, logs: str, *, is_last: bool) -> None:
        # A line may still be growing; it is shown when it is whole.
        end = len(logs) if is_last else logs.rfind("\n") + 1
        if end > self._shown:
            for line in logs[self._shown : end].splitlines():
                self._print(line, style="dim")
            self._shown = end

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def waiting_line(prediction: dict[str, Any]) -> str:
    """Where in its queue a prediction waits, and for what; nothing if it is about to start."""
    queue = prediction.get("queue")
    if queue is None or (queue["place"] == 1 and queue["reason"] is None):
        return ""
    return f"Waiting: place {queue['place']} in the queue. {queue['reason'] or ''}".rstrip()
