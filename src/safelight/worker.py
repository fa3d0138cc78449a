"""The worker: claims predictions, starts, runs and ends them, and renews its leases meanwhile."""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from safelight.account import Mode
from safelight.blob import BlobStore
from safelight.correlation import PREDICTION
from safelight.errors import NotFound, RunFailed, StaleWrite, StoreUnavailable
from safelight.library import Library
from safelight.model import Version
from safelight.paying import PAYER, Payer
from safelight.prediction import Prediction, Status
from safelight.price import PriceList
from safelight.registry import Runnable
from safelight.run import TRY_AGAIN, Run, Stop, insist
from safelight.runner import Runner
from safelight.spending import Spending
from safelight.store import Claimed, Room, Store
from safelight.tracing import span
from safelight.training import NO_DESTINATION, Trainings
from safelight.vault import Vault

LEASE: Final = timedelta(seconds=20)
RENEW_EVERY: Final = timedelta(seconds=5)
SAVE_EVERY: Final = timedelta(milliseconds=500)
"""How often what runs report is saved: also the pace of output and logs webhooks."""
LOOK_EVERY: Final = timedelta(seconds=1)
"""How often deadlines of waiting predictions, and work of other processes, are looked for."""
NO_PAUSE: Final = timedelta()

TIMED_OUT: Final = "Prediction timed out."
GAVE_UP: Final = "The model gave up: something that it waited for was canceled."
BROKEN: Final = "Internal error. The log of the server tells what happened."
GONE: Final = "The model {model} (version {version}) is no longer here."
UNKNOWN: Final = (
    "The server stopped while this prediction was running: its outcome is unknown. "
    "It may have been billed, so it was not retried."
)
ERASED: Final = (
    "The server stopped while this prediction was running. Its secret inputs were erased when it "
    "started, so it cannot be run again: create it again."
)

_log: Final = logging.getLogger("safelight.worker")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a worker allows."""

    running: int
    run_time: timedelta


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
        limits: Limits,
        trainings: Trainings,
        prices: PriceList | None = None,
    ) -> None:
        self._owner = owner
        self._store = store
        self._library = library
        self._blobs = blobs
        self._vault = vault
        self._limits = limits
        self._trainings = trainings
        self._prices = prices or PriceList()
        self._concurrency = library.concurrency()
        self._runs: dict[str, Run] = {}
        self._running: Counter[str] = Counter()
        self._work = asyncio.Event()
        self._is_finishing = False
        store.watch(self._hear)

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
            await asyncio.gather(*pending, return_exceptions=True)
        await self._store.release(self._owner)

    def _hear(self, prediction: Prediction) -> None:
        if prediction.status is Status.STARTING:
            self._work.set()
        elif prediction.status.is_terminal and (run := self._runs.get(prediction.id)):
            run.stop(Stop.CANCELED)

    async def _claim(self) -> None:
        await self._work.wait()
        self._work.clear()
        room = self._room()
        if room.total > 0:
            now = datetime.now(UTC)
            for claimed in await self._store.claim(self._owner, room, now, now + LEASE):
                self._launch(claimed, self._start_and_run)

    def _room(self) -> Room:
        if self._is_finishing:
            return Room(0, {})
        busy = self._running
        models = {model: most - busy[model] for model, most in self._concurrency.items()}
        total = self._limits.running - len(self._runs)
        return Room(total, models, others=total)

    def _launch(self, claimed: Claimed, way: Callable[[Run], Coroutine[Any, Any, None]]) -> None:
        if self._is_finishing:
            return  # claimed while `finish` began: released with the rest
        prediction = claimed.prediction
        run = Run(claimed, self._blobs)
        self._runs[prediction.id] = run
        self._running[prediction.model] += 1
        run.task = asyncio.create_task(self._carry(run, way), name=prediction.id)
        # Not a `finally` in it: a task that is cancelled before its first step never enters one.
        run.task.add_done_callback(lambda _task: self._drop(run))

    async def _carry(self, run: Run, way: Callable[[Run], Coroutine[Any, Any, None]]) -> None:
        PREDICTION.set(run.prediction.id)  # of this task alone
        try:
            with span("prediction", prediction=run.prediction.id, model=run.prediction.model):
                await way(run)
        except StaleWrite:
            pass  # someone else moved it, and theirs stands
        except Exception:  # noqa: BLE001 - a fault of ours must not end the worker
            _log.exception("prediction %s broke its worker", run.prediction.id)
            await self._give_up(run)

    async def _give_up(self, run: Run) -> None:
        broken = run.prediction
        if broken.status is Status.PROCESSING:
            # What it reported may be what cannot be stored.
            broken = broken.restart(datetime.now(UTC))
        with suppress(StaleWrite, StoreUnavailable):
            failed = broken.fail(datetime.now(UTC), BROKEN)
            await self._store.save(failed, run.prediction.status, run.claim)

    def _drop(self, run: Run) -> None:
        model = run.prediction.model
        was_full = self._running[model] >= self._concurrency.get(model, 0)
        was_full = was_full or len(self._runs) >= self._limits.running
        del self._runs[run.prediction.id]
        self._running[model] -= 1
        if was_full:
            self._work.set()

    async def _start_and_run(self, run: Run) -> None:
        waiting = run.prediction
        runner = await self._runner(waiting)
        now = datetime.now(UTC)
        if runner is None:
            error = GONE.format(model=waiting.model, version=waiting.version)
            return await self._end(run, waiting.fail(now, error))
        if waiting.deadline is not None and waiting.deadline <= now:
            return await self._end(run, waiting.abort(now))
        try:
            run.unseal(self._vault)
        except RunFailed as error:
            return await self._end(run, waiting.fail(now, error.detail))
        run.prediction = await insist(lambda: self._start(run))
        return await self._run(run, runner)

    async def _start(self, run: Run) -> Prediction:
        started = run.prediction.start(datetime.now(UTC))
        await self._store.save(started, Status.STARTING, run.claim)
        return started

    async def _run_again(self, run: Run) -> None:
        runner = await self._runner(run.prediction)
        if runner is None or not runner.is_repeatable:
            return await self._end(run, run.prediction.fail(datetime.now(UTC), UNKNOWN))
        if await self._has_had_secrets(run.prediction):
            return await self._end(run, run.prediction.fail(datetime.now(UTC), ERASED))
        run.prediction = run.prediction.restart(datetime.now(UTC))
        return await self._run(run, runner)

    async def _runnable(self, prediction: Prediction) -> Runnable | None:
        found = await self._library.runnable(prediction.version)
        return found if found is None or prediction.destination is None else found.to_train()

    async def _runner(self, prediction: Prediction) -> Runner | None:
        runnable = await self._runnable(prediction)
        return None if runnable is None else runnable.runners[prediction.mode]

    async def _has_had_secrets(self, prediction: Prediction) -> bool:
        runnable = await self._runnable(prediction)
        return runnable is not None and not runnable.inputs.secret_names.isdisjoint(
            prediction.input
        )

    async def _run(self, run: Run, runner: Runner) -> None:
        alarm, version = self._set_alarm(run), None
        if run.prediction.mode is Mode.LIVE:
            PAYER.set(self._payer(run))  # of this task alone
        try:
            output = await runner.run(run.inputs, run, run.prediction.account)
            run.is_ending = True
            ended = await insist(lambda: run.finish(output))
            ended, version = await self._trainings.outcome(ended.succeed(datetime.now(UTC)))
        except asyncio.CancelledError:
            if run.is_canceled and run.stopped_for not in (Stop.DEADLINE, Stop.TIME_LIMIT):
                raise
            run.is_ending = True
            ended = _stopped(run.current(), run.stopped_for, datetime.now(UTC))
        except RunFailed as error:
            ended = run.current().fail(datetime.now(UTC), run.scrub(error.detail))
        except Exception as error:  # noqa: BLE001 - whatever a model raises is its own failure
            run.log(traceback.format_exc())
            message = run.scrub(str(error)) or type(error).__name__
            ended = run.current().fail(datetime.now(UTC), message)
        finally:
            alarm.cancel()
        try:
            await self._end(run, ended, version)
        except NotFound:  # the destination was deleted meanwhile
            error = NO_DESTINATION.format(destination=ended.destination)
            await self._end(run, run.current().fail(datetime.now(UTC), error))

    def _payer(self, run: Run) -> Payer:
        return Spending(
            ledger=self._store.ledger,
            prices=self._prices,
            prediction=run.prediction,
            claim=run.claim,
            measure=run.metric,
            clock=_now,
        )

    def _set_alarm(self, run: Run) -> asyncio.TimerHandle:
        seconds, reason = self._limits.run_time.total_seconds(), Stop.TIME_LIMIT
        if (deadline := run.prediction.deadline) is not None:
            left = (deadline - datetime.now(UTC)).total_seconds()
            if left < seconds:
                seconds, reason = left, Stop.DEADLINE
        return asyncio.get_running_loop().call_later(max(0, seconds), run.stop, reason)

    async def _end(self, run: Run, ended: Prediction, version: Version | None = None) -> None:
        run.is_ending = True
        was = run.prediction.status
        await insist(lambda: self._store.save(ended, was, run.claim, version))

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
            self._launch(orphan, self._run_again)

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


def _now() -> datetime:
    return datetime.now(UTC)


def _stopped(prediction: Prediction, reason: Stop | None, now: datetime) -> Prediction:
    if reason is Stop.DEADLINE:
        return prediction.cancel(now)
    return prediction.fail(now, GAVE_UP if reason is None else TIMED_OUT)


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
