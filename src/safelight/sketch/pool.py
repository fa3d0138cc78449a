"""The worker processes that paint apart from the event loop."""

import asyncio
import atexit
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from safelight.sketch.commission import Commission
from safelight.sketch.hands import Hand, HandLost


class _Pool:
    """Threads that each hand a commission to an idle worker process, or to a new one."""

    def __init__(self) -> None:
        workers = max(1, (os.cpu_count() or 2) - 1)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="sketch")
        self._lock = threading.Lock()
        self._idle: list[Hand] = []

    def submit(self, commission: Commission) -> Future[bytes]:
        return self._threads.submit(self._painted, commission)

    def close(self) -> None:
        """Wait for what is being painted, drop what waits, and end every worker."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for hand in self._idle:
            hand.dismiss()

    def _painted(self, commission: Commission) -> bytes:
        try:
            return self._paint_once(commission)
        except HandLost:
            return self._paint_once(commission)

    def _paint_once(self, commission: Commission) -> bytes:
        hand = self._free_hand()
        try:
            return hand.paint(commission)
        finally:
            if hand.alive:
                with self._lock:
                    self._idle.append(hand)
            else:
                hand.dismiss()

    def _free_hand(self) -> Hand:
        """Take the worker that painted last, since its caches are warm; start one when none is idle."""
        with self._lock:
            while self._idle:
                hand = self._idle.pop()
                if hand.alive:
                    return hand
                hand.dismiss()
        return Hand()


class _Holder:
    """The one pool of this process, made on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: _Pool | None = None

    def submit(self, commission: Commission) -> Future[bytes]:
        with self._lock:
            if self._pool is None:
                self._pool = _Pool()
            return self._pool.submit(commission)

    def close(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()


_HOLDER = _Holder()
atexit.register(_HOLDER.close)


async def paint_apart(commission: Commission) -> bytes:
    """Paint in a worker process and return the encoded picture.

    A worker that dies is replaced and its commission painted once more. A caller that is canceled leaves the pool as
    it was: the picture is finished and thrown away.

    Raises ValueError as `paint` does, HandLost when a second worker died too, and RuntimeError with the worker's
    traceback when the painter itself failed.
    """
    return await asyncio.wrap_future(_HOLDER.submit(commission))


def close_pool() -> None:
    """End the worker processes; a later `paint_apart` starts new ones."""
    _HOLDER.close()
