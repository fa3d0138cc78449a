"""Who follows which prediction, and how all of them hear of a change by one look at it."""

import asyncio
import logging
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Final

from safelight.errors import NotFound, Stopping
from safelight.prediction import Prediction
from safelight.store import Store

LOOK_EVERY: Final = timedelta(seconds=1)
"""How soon a change that another process made is noticed."""
AT_ONCE: Final = 50
"""How many listeners are woken, and predictions looked at, before the event loop sees to others."""
_NOBODY: Final = ""

_log: Final = logging.getLogger("safelight.following")


class Listener:
    """One who follows a prediction; no queue grows behind a slow one: it sees the newest state."""

    def __init__(self, followed: "_Followed", *, is_open: bool) -> None:
        self.is_open = is_open
        """Whether more can come: the server is not stopping, and nobody has closed it."""
        self._followed = followed
        self._seen = followed.newest
        self._bell: asyncio.Future[None] | None = None

    @property
    def prediction(self) -> Prediction:
        """The newest state."""
        return self._followed.newest

    async def changed(self, within: timedelta) -> bool:
        """Wait for a change since the last time; whether it came within that time."""
        if self.is_open and self._seen is self._followed.newest:
            await self._wait(within.total_seconds())
        is_news = self._seen is not self._followed.newest
        self._seen = self._followed.newest
        return is_news

    def close(self) -> None:
        """Wait no longer."""
        self.is_open = False
        self.wake()

    def wake(self) -> None:
        """Have it look."""
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    async def _wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._bell = loop.create_future()
        alarm = loop.call_later(seconds, self.wake)
        try:
            await self._bell
        finally:
            alarm.cancel()
            self._bell = None


class _Followed:
    """A prediction that has listeners."""

    def __init__(self, prediction: Prediction) -> None:
        self.newest = prediction
        self.listeners: set[Listener] = set()

    @property
    def is_over(self) -> bool:
        return self.newest.status.is_terminal


class Following:
    """Brings what the store tells to the listeners of each prediction."""

    def __init__(self, store: Store, look_every: timedelta = LOOK_EVERY) -> None:
        self._store = store
        self._look_every = look_every
        self._followed: dict[str, _Followed] = {}
        self._due: dict[Listener, None] = {}
        self._looking: asyncio.Task[None] | None = None
        self._is_stopping = False
        store.watch(self._hear)

    async def newest(self, prediction_id: str) -> Prediction:
        """A prediction of any account; the store is not asked about one that is followed and runs.

        Raises:
            NotFound: None by that id.
        """
        followed = self._followed.get(prediction_id)
        if followed is not None and not followed.is_over:
            return followed.newest
        found = await self._store.get(prediction_id, None)
        if followed is None:
            return found
        if found.data_removed:  # of which nobody is told
            followed.newest = found
        return followed.newest

    @contextmanager
    def listening(self, prediction: Prediction) -> Generator[Listener]:
        """Follow *prediction*, which was read just now, while the context lasts."""
        followed = self._followed.setdefault(prediction.id, _Followed(prediction))
        listener = Listener(followed, is_open=not self._is_stopping)
        followed.listeners.add(listener)
        if not followed.is_over:
            self._start_looking()
        try:
            yield listener
        finally:
            self._due.pop(listener, None)
            followed.listeners.remove(listener)
            if not followed.listeners:
                del self._followed[prediction.id]
                self._stop_looking_for_nobody()

    def _hear(self, prediction: Prediction) -> None:
        followed = self._followed.get(prediction.id)
        # A look may have seen the end before the save that wrote what was before it is told.
        if followed is not None and not followed.is_over:
            followed.newest = prediction
            self._wake(followed.listeners)

    def _wake(self, listeners: Iterable[Listener]) -> None:
        if not self._due:
            asyncio.get_running_loop().call_soon(self._wake_some)
        self._due.update(dict.fromkeys(listeners))

    def _wake_some(self) -> None:
        for listener in list(islice(self._due, AT_ONCE)):
            del self._due[listener]
            listener.wake()
        if self._due:
            asyncio.get_running_loop().call_soon(self._wake_some)

    def _start_looking(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again(), name="following")

    def _stop_looking_for_nobody(self) -> None:
        if not self._followed and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look_again(self) -> None:
        while not self._is_stopping and any(not f.is_over for f in self._followed.values()):
            try:
                # Nobody's prediction never ends: this is a pause that ends when the server stops.
                await self._store.ended(_NOBODY, self._look_every)
                await self._look()
            except Stopping:
                self._stop()
            except Exception:  # noqa: BLE001 - whatever a look meets, what is told is still told
                _log.exception("looking for changes failed, and is tried again")
                await asyncio.sleep(self._look_every.total_seconds())

    async def _look(self) -> None:
        waiting = [followed for followed in self._followed.values() if not followed.is_over]
        for number, followed in enumerate(waiting):
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
            try:
                found = await self._store.get(followed.newest.id, None)
            except NotFound:
                self._close(followed.listeners)
                continue
            if found != followed.newest:
                self._hear(found)

    def _stop(self) -> None:
        self._is_stopping = True
        for followed in self._followed.values():
            self._close(followed.listeners)

    def _close(self, listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            listener.is_open = False
        self._wake(listeners)
