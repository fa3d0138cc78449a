"""One worker process, as its parent sees it: started, given a commission, dismissed."""

import contextlib
import pickle
import subprocess
import sys
from typing import IO

from safelight.sketch.commission import Commission
from safelight.sketch.messages import PAINTED, REFUSED, receive, send

_WORKER = (sys.executable, "-P", "-m", "safelight.sketch.worker")
_PATIENCE = 5.0  # seconds an idle worker has to end by itself


class HandLost(RuntimeError):
    """A worker process died while it painted."""


class Hand:
    """A worker process that paints one commission at a time.

    It is a fresh interpreter that knows nothing of the parent's main module, and it ends when its standard input
    does: closing it, or the parent's death by any signal, is enough.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            _WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    @property
    def alive(self) -> bool:
        """Whether the process runs and both ends of the line are open."""
        return self._process.poll() is None and not self._into.closed

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def paint(self, commission: Commission) -> bytes:
        """Return the encoded picture.

        Raises ValueError as `paint` does, RuntimeError when the painter failed, HandLost when the process died.
        """
        try:
            send(self._into, pickle.dumps(commission))
            answer = receive(self._out)
        except OSError as error:
            raise self._lost() from error
        if answer is None:
            raise self._lost()
        kind, body = answer[:1], answer[1:]
        if kind == PAINTED:
            return body
        message = body.decode("utf-8", "replace")
        raise ValueError(message) if kind == REFUSED else RuntimeError(message)

    def dismiss(self) -> None:
        """Close the line, on which an idle worker ends; kill one that does not."""
        for end in (self._into, self._out):
            with contextlib.suppress(OSError):
                end.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _lost(self) -> HandLost:
        with contextlib.suppress(OSError):
            self._into.close()
        return HandLost(f"the worker process {self._process.pid} died while it painted")

    @property
    def _into(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _out(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout
