"""The sweeper: removes the data of what ended long ago, and blobs that nobody refers to."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from safelight.blob import BlobStore
from safelight.errors import StaleWrite, Stopping, StoreUnavailable
from safelight.prediction import Prediction
from safelight.store import Store

AT_ONCE: Final = 100
"""Predictions in one batch."""
YOUNG: Final = timedelta(hours=1)
"""A blob that was taken since is left alone: whoever refers to it may not have said so yet."""
AFTER_START: Final = timedelta(minutes=1)
OFTEN: Final = timedelta(minutes=5)
SELDOM: Final = timedelta(hours=1)
_log: Final = logging.getLogger("safelight.sweeper")


def interval(keep_for: timedelta | None) -> timedelta:
    """How often to sweep: a tenth of what is kept, within reason."""
    if keep_for is None:
        return SELDOM
    return min(OFTEN, max(keep_for / 10, timedelta(seconds=1)))


class Sweeper:
    """Sweeps at intervals; any number of processes may, on the same store."""

    def __init__(
        self,
        store: Store,
        blobs: BlobStore,
        *,
        keep_for: timedelta | None,
        clock: Callable[[], datetime],
    ) -> None:
        """Set up; *keep_for* is how long data outlives the end of its prediction, None for ever."""
        self._store = store
        self._blobs = blobs
        self._keep_for = keep_for
        self._clock = clock
        self._marked: frozenset[str] = frozenset()

    async def work(self, every: timedelta) -> None:
        """Sweep until cancelled; not at once, when there is enough to do."""
        await asyncio.sleep(min(every, AFTER_START).total_seconds())
        while True:
            for step in (self.remove_data, self._remove_expired_files, self.collect_blobs):
                await self._try(step)  # each by itself: one that fails must not stop the others
            await asyncio.sleep(every.total_seconds())

    async def _try(self, step: Callable[[], Awaitable[object]]) -> None:
        try:
            await step()
        except (StoreUnavailable, Stopping) as error:
            _log.warning("Nothing was swept: %s", error)
        except Exception:  # noqa: BLE001 - whatever a sweep meets, the next may succeed
            _log.exception("sweeping failed, and is tried again")

    async def _remove_expired_files(self) -> None:
        await self._store.files.remove_expired(self._clock())

    async def remove_data(self) -> int:
        """Remove the data of all predictions that ended too long ago; gives how many there were."""
        before = self._kept_since()
        if before is None:
            return 0
        removed = 0
        while found := await self._store.retention.ended_before(before, AT_ONCE):
            gone = sum(await asyncio.gather(*map(self._remove, found)))  # in one commit
            removed += gone
            if gone == 0:
                break
        if removed:
            _log.info("removed the data of %d predictions", removed)
        return removed

    def _kept_since(self) -> datetime | None:
        try:
            return None if self._keep_for is None else self._clock() - self._keep_for
        except OverflowError:  # longer than there have been years
            return None

    async def _remove(self, prediction: Prediction) -> bool:
        try:
            await self._store.remove_data(prediction.remove_data())
        except StaleWrite:  # somebody else has removed it altogether
            return False
        return True

    async def collect_blobs(self) -> int:
        """Remove the blobs that nobody referred to in this sweep and in the one before.

        Nor those that are younger than a run that lasts: while the disk is full, or nearly, the
        save of its output is kept back in memory for as long as it takes. One sweep is not enough,
        because such a run may end between the look at it and the look at the references.
        Gives how many bytes that freed.
        """
        marked, self._marked = self._marked, frozenset()
        await self._store.check(writes=True)
        running_since = await self._store.retention.running_since()
        before = min(filter(None, (self._clock() - YOUNG, running_since)))
        found: set[str] = set()
        freed = 0
        async for keys in self._blobs.untouched_since(before):
            unused = await self._store.retention.unreferenced(keys)
            freed += await self._blobs.remove(unused & marked, before)
            found |= unused - marked
        self._marked = frozenset(found)
        if freed:
            _log.info("freed %d bytes that nobody referred to", freed)
        return freed
