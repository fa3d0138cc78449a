"""The outbox: webhook events owed, what became of each attempt, and the store's contract."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from safelight.page import Part
from safelight.prediction import Prediction, Status
from safelight.webhook import Event, host_of, is_received, wanted


class State(StrEnum):
    """Where a delivery is."""

    PENDING = "pending"
    """Not sent yet, or to be sent again."""
    DELIVERED = "delivered"
    """The last attempt was answered with 2xx."""
    FAILED = "failed"
    """The last attempt failed, and no other follows."""


Lane = tuple[str, str]
"""An account and a host: what is slow in one lane holds up no other."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event owed to one URL."""

    id: str
    """`msg_...`; the same for every attempt."""
    account: str
    prediction: str
    event: Event
    url: str
    created_at: datetime
    """When it happened."""
    state: State = State.PENDING
    attempts: int = 0
    due_at: datetime | None = None
    """When it is sent, or sent again; None once it is settled."""
    settled_at: datetime | None = None

    @property
    def lane(self) -> Lane:
        """What it shares with others."""
        return self.account, host_of(self.url)


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and how it ended."""

    at: datetime
    took: timedelta
    status: int | None = None
    """Of the answer, if there was one."""
    error: str | None = None
    """Why there was none."""

    @property
    def is_delivered(self) -> bool:
        """Whether it was received."""
        return self.status is not None and is_received(self.status)


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """How many more deliveries a sender can have on their way."""

    total: int
    of_account: int
    """Of one account, those on their way included."""
    each: int
    """In one lane, those on their way included."""
    busy: Mapping[Lane, int]
    """How many are on their way already."""


class Taking:
    """Takes deliveries up to a capacity."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._total = capacity.total
        self._lanes = Counter(capacity.busy)
        self._accounts = Counter[str]()
        for (account, _), count in capacity.busy.items():
            self._accounts[account] += count

    @property
    def is_full(self) -> bool:
        """Whether there is room for none."""
        return self._total <= 0

    def left(self, lane: Lane) -> int:
        """How many more of a lane."""
        c = self._capacity
        of_account = c.of_account - self._accounts[lane[0]]
        return min(self._total, of_account, c.each - self._lanes[lane])

    def take(self, lane: Lane, count: int) -> None:
        """So many of it are taken."""
        self._total -= count
        self._lanes[lane] += count
        self._accounts[lane[0]] += count


class SealedSecret(msgspec.Struct, frozen=True):
    """A signing secret as stored: encrypted, and with its end if another has replaced it."""

    sealed: bytes
    expires_at: datetime | None = None


def owed(
    prediction: Prediction, was: Status, *, has_new_output: bool, has_new_logs: bool
) -> list[Event]:
    """The events that a save owes, in the order in which they are sent.

    The end of a prediction tells everything: what it brings that is new is not told twice, but to
    those who did not ask to hear of the end.
    """
    happened: list[Event] = []
    if was is Status.STARTING and not prediction.status.is_terminal:
        happened.append(Event.START)
    if has_new_output:
        happened.append(Event.OUTPUT)
    if has_new_logs:
        happened.append(Event.LOGS)
    if prediction.status.is_terminal:
        happened.append(Event.COMPLETED)
    told = wanted(happened, prediction.webhook, prediction.webhook_events)
    return [Event.COMPLETED] if Event.COMPLETED in told else told


class OutboxStore(Protocol):
    """Keeps deliveries, their attempts, and signing secrets; `Store.save` puts deliveries in."""

    def watch(self, listener: Callable[[], None]) -> None:
        """Tell *listener*, on the event loop, that something may be due besides what was saved."""
        ...

    async def claim(
        self, owner: str, capacity: Capacity, now: datetime, until: datetime
    ) -> Sequence[Delivery]:
        """Lease what is due to *owner*, of each prediction only the oldest that is not settled."""
        ...

    async def next_due(self, after: datetime) -> datetime | None:
        """When, later than that, the next delivery is due that nobody has leased."""
        ...

    async def as_it_was(self, delivery: Delivery) -> Prediction:
        """The prediction when the event happened, or, once that is settled, as it is now.

        Raises:
            NotFound: It is gone.
        """
        ...

    async def size(self, delivery: Delivery) -> int:
        """About how many bytes the prediction has that it tells of; 0 if that is gone."""
        ...

    async def settle(
        self, delivery: Delivery, owner: str, attempt: Attempt, again_at: datetime | None
    ) -> None:
        """Write down an attempt of *owner*, and when the next one is due, if one is.

        Raises:
            StaleWrite: *owner* does not hold its lease any longer.
        """
        ...

    async def release(self, owner: str) -> None:
        """Let go of all that *owner* has leased."""
        ...

    async def list(
        self, account: str, part: Part, prediction: str | None = None
    ) -> Sequence[Delivery]:
        """All of an account, or of one of its predictions, newest first, of `limit + 1` rows."""
        ...

    async def get(self, delivery_id: str, account: str) -> Delivery:
        """One delivery.

        Raises:
            NotFound: None by that id in that account.
        """
        ...

    async def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """The attempts of a delivery, oldest first."""
        ...

    async def last_attempts(self, delivery_ids: Collection[str]) -> Mapping[str, Attempt]:
        """The last attempt of each of these deliveries that has been attempted."""
        ...

    async def of_prediction(self, prediction_id: str) -> Sequence[Delivery]:
        """What a prediction was owed, in the order in which it is sent."""
        ...

    async def replay(self, delivery_id: str, account: str, now: datetime) -> Delivery:
        """Have it sent at once, also when it is settled; one that is on its way stays as it is.

        Raises:
            NotFound: None by that id in that account.
        """
        ...

    async def prune(self, before: datetime) -> None:
        """Forget what was settled, and the secrets that ended, before that time."""
        ...

    async def secrets(self, account: str, now: datetime) -> Sequence[SealedSecret]:
        """The signing secrets of an account that are valid now, newest first."""
        ...

    async def add_secret(self, account: str, sealed: bytes) -> None:
        """Keep the account's first secret; if it has one by now, this one is dropped."""
        ...

    async def replace_secret(self, account: str, sealed: bytes, expires_at: datetime) -> None:
        """Keep a new secret; all earlier ones end at that time, unless they end before."""
        ...
