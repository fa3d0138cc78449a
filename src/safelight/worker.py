"""The worker: claims predictions, has them carried to their ends, renews its leases meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from safelight.blob import BlobStore
from safelight.carrier import Carrier
from safelight.correlation import PREDICTION
from safelight.errors import StaleWrite, StoreUnavailable
from safelight.library import Library
from safelight.prediction import Prediction, Status
from safelight.price import PriceList
from safelight.queueing import Queueing, Seat
from safelight.run import TRY_AGAIN, Run, Stop
from safelight.store import Claimed, Store
from safelight.tracing import span
from safelight.training import Trainings
from safelight.vault import Vault

LEASE: Final = timedelta(seconds=20)
RENEW_EVERY: Final = timedelta(seconds=5)
SAVE_EVERY: Final = timedelta(milliseconds=500)
"""How often what runs report is saved: also the pace of output and logs webhooks."""
LOOK_EVERY: Final = timedelta(seconds=1)
"""How often deadlines of waiting predictions, and work of other processes, are looked for."""
STOPS_WITHIN: Final = timedelta(seconds=5)
"""How long what is stopped may take to write down where it was."""
NO_PAUSE: Final = timedelta()

_log: Final = logging.getLogger("safelight.worker")


class Worker:
    """Runs what the store holds; knows no HTTP and no database."""

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        owner: str,
        store: Store,
        library: Library,
        blobs: BlobStore,
        vault: Vault,
        queueing: Queueing,
        run_time: timedelta,
        trainings: Trainings,
        prices: PriceList | None = None,
    ) -> None:
        self._owner = owner
        self._store = store
        self._blobs = blobs
        self._queueing = queueing
        self._carrier = Carrier(
            store=store,
            library=library,
            vault=vault,
            trainings=trainings,
            run_time=run_time,
            prices=prices or PriceList(),
        )
        self._runs: dict[str, Run] = {}
        self._work = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._is_finishing = False
        store.watch(self._hear)
        queueing.watch(self._work.set)

    async def work(self) -> None:
        """Work until cancelled."""
        self._work.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(_forever(NO_PAUSE, self._claim))
            group.create_task(_forever(RENEW_EVERY, self._keep_leases))
            group.create_task(_forever(SAVE_EVERY, self._save_reports))
            group.create_task(_forever(LOOK_EVERY, self._look_around))

    async def finish(self, within: timedelta) -> None:
        """Claim no more, and let running predictions end; then stop the rest where they are.

        Those stay `processing` in the store, and are dealt with as after a crash. Call it while
        `work` still renews the leases.
        """
        self._is_finishing = True
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=within.total_seconds())
            for task in pending:
                task.cancel()
            if pending:  # not for ever: what a storage that refuses has not taken is on record
                await asyncio.wait(pending, timeout=STOPS_WITHIN.total_seconds())
        await self._store.release(self._owner)

    def _hear(self, prediction: Prediction) -> None:
        if prediction.status is Status.STARTING:
            self._work.set()
        elif prediction.status.is_terminal and (run := self._runs.get(prediction.id)):
            run.stop(Stop.CANCELED)

    async def _claim(self) -> None:
        await self._work.wait()
        self._work.clear()
        if self._is_finishing:
            return
        room = self._queueing.room()
        if room.total > 0:
            until = datetime.now(UTC) + LEASE
            for claimed in await self._store.claim(self._owner, room, until):
                self._launch(claimed, self._carrier.start_and_run)
        self._set_alarm()

    def _set_alarm(self) -> None:
        """Look again when an upstream takes calls again: nobody else would tell."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if (seconds := self._queueing.opens_in()) is not None:
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._work.set)

    def _launch(self, claimed: Claimed, way: Callable[[Run], Coroutine[Any, Any, None]]) -> None:
        if self._is_finishing:
            return  # claimed while `finish` began: released with the rest
        prediction = claimed.prediction
        run = Run(claimed, self._blobs)
        self._runs[prediction.id] = run
        seat = self._queueing.seat(prediction)
        run.task = asyncio.create_task(self._carry(run, seat, way), name=prediction.id)
        # Not a `finally` in it: a task that is cancelled before its first step never enters one.
        run.task.add_done_callback(lambda _task: self._drop(run, seat))

    async def _carry(
        self, run: Run, seat: Seat, way: Callable[[Run], Coroutine[Any, Any, None]]
    ) -> None:
        PREDICTION.set(run.prediction.id)  # of this task alone
        seat.take()
        try:
            with span("prediction", prediction=run.prediction.id, model=run.prediction.model):
                await way(run)
        except StaleWrite:
            pass  # someone else moved it, and theirs stands
        except Exception:  # noqa: BLE001 - a fault of ours must not end the worker
            _log.exception("prediction %s broke its worker", run.prediction.id)
            await self._carrier.give_up(run)

    def _drop(self, run: Run, seat: Seat) -> None:
        if self._runs.get(run.prediction.id) is run:  # else it was lost or undone, and came back
            del self._runs[run.prediction.id]
        if self._queueing.leave(seat):
            self._work.set()

    async def _keep_leases(self) -> None:
        now = datetime.now(UTC)
        held = {prediction_id: run.claim for prediction_id, run in self._runs.items()}
        if held:
            kept = await self._store.renew(held, now + LEASE)
            for prediction_id in held.keys() - kept:
                run = self._runs.get(prediction_id)
                if run is not None and run.claim == held[prediction_id]:
                    run.stop(Stop.LOST)
        if self._is_finishing:
            return
        for orphan in await self._store.orphans(self._owner, now, now + LEASE):
            self._launch(orphan, self._carrier.run_again)

    async def _save_reports(self) -> None:
        unsaved = [run for run in self._runs.values() if run.is_unsaved and not run.is_ending]
        await asyncio.gather(*(self._save_report(run) for run in unsaved))

    async def _save_report(self, run: Run) -> None:
        try:
            await self._store.save(run.current(is_last=False), Status.PROCESSING, run.claim)
        except StaleWrite:
            run.stop(Stop.LOST)

    async def _look_around(self) -> None:
        now = datetime.now(UTC)
        for late in await self._store.overdue(now):
            try:
                await self._store.save(late.abort(now), Status.STARTING)
            except StaleWrite:
                continue  # it has just been started, or canceled
        self._work.set()


async def _forever(pause: timedelta, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await act()
        except StoreUnavailable as error:
            _log.error("%s", error)
            await asyncio.sleep(TRY_AGAIN.total_seconds())
        except Exception:  # noqa: BLE001 - a fault of ours must not end the worker
            _log.exception("the worker failed, and goes on")
            await asyncio.sleep(TRY_AGAIN.total_seconds())
        if pause:
            await asyncio.sleep(pause.total_seconds())
