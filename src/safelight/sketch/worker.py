"""A worker process of the pool: reads commissions from standard input, writes pictures to standard output."""

import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from typing import IO, cast

from safelight.sketch.commission import Commission
from safelight.sketch.messages import FAILED, PAINTED, REFUSED, receive, send
from safelight.sketch.painting import paint

_WARM = Commission("a fox by a lake at sunset", 64, 64)


def main() -> None:
    """Paint until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints must not fall between the answers
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(sys.stdin.buffer, waiting), daemon=True)
    listener.start()
    if waiting.empty():
        paint(_WARM)  # fonts, words and pictures are loaded before the first commission comes
    while True:
        send(out, _answer(waiting.get()))


def _listen(line: IO[bytes], waiting: queue.SimpleQueue[bytes]) -> None:
    """Take in commissions; end the process, whatever it paints, when the parent is gone."""
    while (message := receive(line)) is not None:
        waiting.put(message)
    os._exit(0)


def _answer(message: bytes) -> bytes:
    try:
        commission = cast("Commission", pickle.loads(message))  # noqa: S301 - the parent wrote it
        return PAINTED + paint(commission)
    except ValueError as error:
        return REFUSED + str(error).encode("utf-8", "replace")
    except Exception:  # noqa: BLE001 - the parent raises it
        return FAILED + traceback.format_exc().encode("utf-8", "replace")


if __name__ == "__main__":
    main()
