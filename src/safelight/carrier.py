"""One claimed prediction in a worker's hands, from its start to its end."""

import asyncio
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from safelight.account import Mode
from safelight.audience import AUDIENCE, Show
from safelight.errors import NotFound, RunFailed, StaleWrite, StoreUnavailable
from safelight.library import Library
from safelight.model import Version
from safelight.outbox import owed
from safelight.paying import PAYER, Payer
from safelight.prediction import Prediction, Status
from safelight.price import PriceList
from safelight.registry import Runnable
from safelight.run import Run, Stop, insist
from safelight.spending import Spending
from safelight.store import Store
from safelight.training import NO_DESTINATION, Trainings
from safelight.vault import Vault

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


class Carrier:
    """Starts what waits, has it run, and stores how it ended.

    All of it raises StaleWrite when someone else has moved the prediction: theirs stands.
    """

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        store: Store,
        library: Library,
        vault: Vault,
        trainings: Trainings,
        run_time: timedelta,
        prices: PriceList,
    ) -> None:
        self._store = store
        self._library = library
        self._vault = vault
        self._trainings = trainings
        self._run_time = run_time
        self._prices = prices

    async def start_and_run(self, run: Run) -> None:
        """Of one that waits: until then nothing of it has cost anything."""
        waiting = run.prediction
        runnable = await self._runnable(waiting)
        now = datetime.now(UTC)
        if runnable is None:
            error = GONE.format(model=waiting.model, version=waiting.version)
            return await self._end(run, waiting.fail(now, error))
        if waiting.deadline is not None and waiting.deadline <= now:
            return await self._end(run, waiting.abort(now))
        try:
            run.unseal(self._vault)
        except RunFailed as error:
            return await self._end(run, waiting.fail(now, error.detail))
        is_repeatable = runnable.runners[waiting.mode].is_repeatable
        start = self._start_at_once if is_repeatable else self._start
        run.prediction = await insist(lambda: start(run))
        return await self._run(run, runnable)

    async def run_again(self, run: Run) -> None:
        """Of one that another worker has left while it ran: unless that may have cost money."""
        broken = run.prediction
        runnable = await self._runnable(broken)
        if runnable is None or not runnable.runners[broken.mode].is_repeatable:
            return await self._end(run, broken.fail(datetime.now(UTC), UNKNOWN))
        if not runnable.inputs.secret_names.isdisjoint(broken.input):
            return await self._end(run, broken.fail(datetime.now(UTC), ERASED))
        run.prediction = broken.restart(datetime.now(UTC))
        return await self._run(run, runnable)

    async def give_up(self, run: Run) -> None:
        """End one that met a fault of ours."""
        broken = run.prediction
        if broken.status is Status.PROCESSING:
            # What it reported may be what cannot be stored.
            broken = broken.restart(datetime.now(UTC))
        with suppress(StaleWrite, StoreUnavailable):
            failed = broken.fail(datetime.now(UTC), BROKEN)
            await self._store.save(failed, run.prediction.status, run.claim)

    async def _start(self, run: Run) -> Prediction:
        started = run.prediction.start(datetime.now(UTC))
        await self._store.save(started, Status.STARTING, run.claim)
        return started

    async def _start_at_once(self, run: Run) -> Prediction:
        """Of one that costs nothing, and may run before its start is on disk."""

        def hear(kept: asyncio.Future[None]) -> None:
            if not kept.cancelled() and kept.exception() is not None:
                run.stop(Stop.LOST)

        started = run.prediction.start(datetime.now(UTC))
        (await self._store.begin(started, run.claim)).add_done_callback(hear)
        return started

    async def _runnable(self, prediction: Prediction) -> Runnable | None:
        found = await insist(lambda: self._library.runnable(prediction.version))
        return found if found is None or prediction.destination is None else found.to_train()

    async def _run(self, run: Run, runnable: Runnable) -> None:
        alarm, version = self._set_alarm(run), None
        if run.prediction.mode is Mode.LIVE:
            PAYER.set(self._payer(run))  # of this task alone
        if run.prediction.streamed:
            AUDIENCE.set(self._audience(run, in_list=runnable.version.gives_list))
        runner = runnable.runners[run.prediction.mode]
        try:
            output = await runner.run(run.inputs, run, run.prediction.account)
            run.is_ending = True
            ended = await insist(lambda: run.finish(output))
            ended = ended.succeed(datetime.now(UTC))
            ended, version = await self._trainings.outcome(ended)
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

    def _audience(self, run: Run, *, in_list: bool) -> Show:
        async def show(path: Path) -> None:
            await run.preview(path, in_list=in_list)
            p = run.prediction
            if run.is_ending or owed(p, p.status, has_new_output=True, has_new_logs=True):
                return  # those who have webhooks of it are told at the pace of all reports
            try:  # at once: the next may come before reports are saved
                await self._store.save(run.current(is_last=False), p.status, run.claim)
            except StaleWrite:
                run.stop(Stop.LOST)

        return show

    def _set_alarm(self, run: Run) -> asyncio.TimerHandle:
        seconds, reason = self._run_time.total_seconds(), Stop.TIME_LIMIT
        if (deadline := run.prediction.deadline) is not None:
            left = (deadline - datetime.now(UTC)).total_seconds()
            if left < seconds:
                seconds, reason = left, Stop.DEADLINE
        return asyncio.get_running_loop().call_later(max(0, seconds), run.stop, reason)

    async def _end(self, run: Run, ended: Prediction, version: Version | None = None) -> None:
        run.is_ending = True
        was = run.prediction.status
        await insist(lambda: self._store.save(ended, was, run.claim, version))


def _now() -> datetime:
    return datetime.now(UTC)


def _stopped(prediction: Prediction, reason: Stop | None, now: datetime) -> Prediction:
    if reason is Stop.DEADLINE:
        return prediction.cancel(now)
    return prediction.fail(now, GAVE_UP if reason is None else TIMED_OUT)
