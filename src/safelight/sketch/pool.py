"""The worker processes that paint apart from the event loop."""

import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing.connection import wait
from typing import cast

from safelight.sketch.commission import Commission

_PAINTER = "safelight.sketch.painting"


class _Pool:
    """The one pool of this process, made on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None

    def executor(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._executor is None:
                self._executor = _new_executor()
            return self._executor

    def discard(self, executor: ProcessPoolExecutor | None = None) -> None:
        """Let go of `executor` if it is still the current one (of any, when None)."""
        with self._lock:
            if self._executor is None or executor not in {None, self._executor}:
                return
            gone, self._executor = self._executor, None
        gone.shutdown(wait=executor is None, cancel_futures=True)


def _new_executor() -> ProcessPoolExecutor:
    workers = max(1, (os.cpu_count() or 2) - 1)
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)


def _begin_worker() -> None:
    """Watch the parent, so that no worker outlives a killed server, and load the painter."""
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    import_module(_PAINTER)


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _paint_here(commission: Commission) -> bytes:
    return cast("bytes", import_module(_PAINTER).paint(commission))


_POOL = _Pool()


async def paint_apart(commission: Commission) -> bytes:
    """Paint in a worker process and return the encoded picture.

    Raises ValueError as `paint` does. A pool that broke (a worker was killed) is replaced once; a second break
    raises BrokenProcessPool.
    """
    executor = _POOL.executor()
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(executor, _paint_here, commission)
    except BrokenProcessPool:
        _POOL.discard(executor)
    return await loop.run_in_executor(_POOL.executor(), _paint_here, commission)


def close_pool() -> None:
    """End the worker processes; a later `paint_apart` starts new ones."""
    _POOL.discard()
