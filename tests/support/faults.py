"""An operating system that refuses a step, as it does on a machine that is out of open files."""

import errno
import os
import sys
import threading
from typing import Final


class Faults:
    """Has the operating system refuse one step of those that a thread takes on files."""

    def __init__(self) -> None:
        self._left: int | None = None
        sys.addaudithook(self._hear)

    def begin(self, spared: int) -> None:
        """So many steps succeed before the one that fails; after that all do."""
        self._left = spared

    def end(self) -> bool:
        """All steps succeed; gives whether one has failed."""
        had_one, self._left = self._left is None, None
        return had_one

    def _hear(self, event: str, _arguments: tuple[object, ...]) -> None:
        if self._left is None or threading.current_thread() is threading.main_thread():
            return
        if event == "open" or event.startswith(("os.", "fcntl.")):
            self._left -= 1
            if self._left < 0:
                self._left = None
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


FAULTS: Final = Faults()
"""One for all tests: a hook cannot be taken back."""
