"""The sender of webhooks: claims what is due, posts it signed, writes down what came of it."""

import asyncio
import logging
import random
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from safelight.correlation import PREDICTION
from safelight.errors import NotFound, SecretLost, StaleWrite, StoreUnavailable
from safelight.meter import Meter
from safelight.outbox import Attempt, Capacity, Delivery, Lane
from safelight.outgoing import CallFailed, Poster, Unsendable
from safelight.prediction import Prediction, Status
from safelight.run import TRY_AGAIN, insist
from safelight.signing import Signing
from safelight.store import Store
from safelight.tracing import span
from safelight.webhook import GONE, Event, Retry, read_retry_after

LEASE: Final = timedelta(seconds=60)
"""More than an attempt can take: a lease that lapses is of an engine that is dead or asleep."""
LOOK_EVERY: Final = timedelta(seconds=5)
"""How often what other engines have left is looked for."""
PRUNE_EVERY: Final = timedelta(hours=1)
_HEADERS: Final = {"content-type": "application/json"}
_log: Final = logging.getLogger("safelight.webhooks")


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How much is sent at once, how long an answer is waited for, and what follows a failure."""

    total: int = 512
    """Requests on their way at once."""
    of_account: int = 256
    """Of one account."""
    each: int = 16
    """Of one account to one host: a slow one holds up no other."""
    large: int = 1_000_000
    """Bytes of a prediction from which an account's are sent one at a time."""
    most_large: int = 8
    """Such ones at once, of all accounts: each is in memory as a whole."""
    within: timedelta = timedelta(seconds=10)
    answer: int = 4096
    """Bytes of an answer that are read."""
    retry: Retry = Retry()
    log: timedelta = timedelta(days=7)
    """How long what is settled is remembered."""


class _Outcome(msgspec.Struct, frozen=True):
    """What came of one request."""

    status: int | None = None
    error: str | None = None
    is_final: bool = False
    """Trying again would not help, or is not wished."""
    asked: timedelta | None = None
    """The pause that the receiver asked for."""


class Sender:
    """Sends what the outbox holds; one an engine, and engines share an outbox."""

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        owner: str,
        store: Store,
        poster: Poster,
        signing: Signing,
        render: Callable[[Prediction], bytes],
        rules: Rules | None = None,
        meter: Meter | None = None,
    ) -> None:
        """Set up; *render* gives the body that tells of a prediction."""
        self._owner = owner
        self._outbox = store.outbox
        self._poster = poster
        self._signing = signing
        self._render = render
        self._rules = rules or Rules()
        self._meter = meter or Meter()
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._busy: Counter[Lane] = Counter()
        self._large = asyncio.Semaphore(self._rules.most_large)
        self._large_of: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._bell = asyncio.Event()
        self._is_finishing = False
        store.watch(self._hear)
        self._outbox.watch(self._bell.set)

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_forever(self._send_due))
            group.create_task(_forever(self._prune))

    async def finish(self, within: timedelta) -> None:
        """Send what is due, and let go of what takes longer.

        Raises:
            StoreUnavailable: The leases are still there, and lapse by themselves.
        """
        try:
            await self._send_the_rest(min(within, self._rules.within).total_seconds())
        finally:
            self._is_finishing = True
            pending = list(self._sending.values())
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        await self._outbox.release(self._owner)

    async def _send_the_rest(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + seconds
        while (left := give_up - loop.time()) > 0:
            await self._claim()  # what follows on what has just been sent
            if not self._sending:
                break
            tasks = self._sending.values()
            await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)

    def _hear(self, prediction: Prediction) -> None:
        if prediction.webhook is not None and prediction.status is not Status.STARTING:
            self._bell.set()

    async def _send_due(self) -> None:
        self._bell.clear()
        await self._claim()
        now = datetime.now(UTC)
        pause = LOOK_EVERY
        if (due_at := await self._outbox.next_due(now)) is not None:
            pause = min(pause, due_at - now)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await self._bell.wait()

    async def _claim(self) -> None:
        if self._is_finishing:
            return
        rules = self._rules
        left = rules.total - len(self._sending)
        capacity = Capacity(
            total=left, of_account=rules.of_account, each=rules.each, busy=self._busy
        )
        now = datetime.now(UTC)
        for delivery in await self._outbox.claim(self._owner, capacity, now, now + LEASE):
            self._launch(delivery)

    def _launch(self, delivery: Delivery) -> None:
        if delivery.id in self._sending or self._is_finishing:
            return  # its lease lapsed while this process slept; or it is released with the rest
        self._busy[delivery.lane] += 1
        task = asyncio.create_task(self._carry(delivery), name=delivery.id)
        self._sending[delivery.id] = task
        task.add_done_callback(lambda _task: self._drop(delivery))

    def _drop(self, delivery: Delivery) -> None:
        if self._sending.pop(delivery.id, None) is None:
            return
        self._busy[delivery.lane] -= 1
        if self._busy[delivery.lane] == 0:
            del self._busy[delivery.lane]
        self._bell.set()

    async def _carry(self, delivery: Delivery) -> None:
        PREDICTION.set(delivery.prediction)  # of this task alone
        async with self._in_turn(delivery):
            attempt, again_at = await self._attempt(delivery)
        ended = "failed" if again_at is None else "postponed"
        self._meter.deliveries.add(delivery.event, "delivered" if attempt.is_delivered else ended)
        with suppress(StaleWrite):  # another engine took it over: what that one finds stands
            await insist(lambda: self._outbox.settle(delivery, self._owner, attempt, again_at))
        self._drop(delivery)  # at once: a replay may have been claimed in the same commit

    @asynccontextmanager
    async def _in_turn(self, delivery: Delivery) -> AsyncGenerator[None]:
        """Large ones wait for each other, and for none of other accounts for long."""
        if await self._outbox.size(delivery) < self._rules.large:
            yield
        else:
            async with self._large_of[delivery.account], self._large:
                yield

    async def _attempt(self, delivery: Delivery) -> tuple[Attempt, datetime | None]:
        """What came of one request, and when another one follows."""
        loop = asyncio.get_running_loop()
        now, began = datetime.now(UTC), loop.time()
        try:
            with span("webhook delivery", event=delivery.event, prediction=delivery.prediction):
                outcome = await self._outcome(delivery)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not send it for ever
            _log.exception("delivery %s broke its sender", delivery.id)
            outcome = _Outcome(error=f"internal error: {type(error).__name__}")
        took = timedelta(seconds=loop.time() - began)
        attempt = Attempt(at=now, took=took, status=outcome.status, error=outcome.error)
        return attempt, self._again_at(delivery, attempt, outcome)

    async def _outcome(self, delivery: Delivery) -> _Outcome:
        try:
            prediction = await self._outbox.as_it_was(delivery)
            body = self._render(prediction)
            now = datetime.now(UTC)
            signed = await self._signing.headers(delivery.account, delivery.id, body, now)
            answer = await self._poster.post(
                delivery.url,
                _HEADERS | signed,
                body,
                within=self._rules.within,
                at_most=self._rules.answer,
            )
        except NotFound as error:
            return _Outcome(error=error.detail, is_final=True)
        except SecretLost as error:
            return _Outcome(error=error.detail)
        except Unsendable as error:
            return _Outcome(error=f"{error}; not tried again", is_final=True)
        except CallFailed as error:
            return _Outcome(error=str(error))
        asked = read_retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        return _Outcome(answer.status, is_final=answer.status == GONE, asked=asked)

    def _again_at(self, delivery: Delivery, attempt: Attempt, outcome: _Outcome) -> datetime | None:
        if attempt.is_delivered or outcome.is_final or delivery.event is not Event.COMPLETED:
            return None
        retry = self._rules.retry
        chance = random.random()  # noqa: S311 - it spreads load, it hides nothing
        delay = retry.delay(delivery.attempts + 1, chance, outcome.asked)
        again_at = attempt.at + attempt.took + delay
        return again_at if again_at <= delivery.created_at + retry.lasts else None

    async def _prune(self) -> None:
        await self._outbox.prune(datetime.now(UTC) - self._rules.log)
        await asyncio.sleep(PRUNE_EVERY.total_seconds())


async def _forever(act: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await act()
        except StoreUnavailable as error:
            _log.error("%s", error)
            await asyncio.sleep(TRY_AGAIN.total_seconds())
        except Exception:  # noqa: BLE001 - a fault of ours must not end the sender
            _log.exception("the sender of webhooks failed, and goes on")
            await asyncio.sleep(TRY_AGAIN.total_seconds())
