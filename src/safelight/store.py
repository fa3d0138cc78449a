"""The store's contract: each method is one transaction, with its guard."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from safelight.account import AccountStore, Mode
from safelight.deployment import DeploymentStore
from safelight.file import FileStore
from safelight.ledger import LedgerStore
from safelight.model import ModelStore, Version
from safelight.outbox import OutboxStore
from safelight.page import Part
from safelight.prediction import Prediction, Status
from safelight.retention import RetentionStore


class Claim(msgspec.Struct, frozen=True):
    """A worker's hold on one prediction; the fence rises with each claim and guards each save."""

    owner: str
    fence: int


class Claimed(msgspec.Struct, frozen=True):
    """A prediction in a worker's hands."""

    prediction: Prediction
    claim: Claim
    secrets: bytes | None = None
    """Its secret inputs, sealed; erased from the store by the first save."""


class Once(msgspec.Struct, frozen=True):
    """What a create is known by, should it come again."""

    fingerprint: bytes
    """16 bytes of a keyed hash of what was sent, and by which token."""
    key: str | None = None
    """The caller's `Idempotency-Key`."""


class Room(msgspec.Struct, frozen=True):
    """How many more predictions a worker can take."""

    total: int
    queues: Mapping[str, int]
    """See `Prediction.queue`."""
    others: int = 0
    """For queues not named: their models are gone, and what waits is claimed to be ended."""
    pools: Mapping[str, int] = {}
    """How much is left of what several queues take from."""
    takes: Mapping[str, Sequence[str]] = {}
    """From which pools each queue takes, beside its own room."""

    def deal(self) -> "Deal":
        """Start to give it away."""
        return Deal(self)


class Deal:
    """Gives a room away, one place after the other."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._left = room.total
        self._pools: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        """How many places each queue was given."""

    def left(self, queue: str) -> int:
        """How many more could be given to this one, if to no other."""
        room = self._room
        own = room.queues.get(queue, room.others) - self.taken[queue]
        shared = (room.pools[pool] - self._pools[pool] for pool in room.takes.get(queue, ()))
        return max(0, min(self._left, own, *shared))

    def give(self, queue: str, places: int = 1) -> None:
        """Give it so many of those that are left."""
        self._left -= places
        self.taken[queue] += places
        for pool in self._room.takes.get(queue, ()):
            self._pools[pool] += places


class Query(Part, frozen=True, kw_only=True):
    """Which predictions to list, newest first."""

    account: str
    created_after: datetime | None = None
    """Inclusive."""
    created_before: datetime | None = None
    """Exclusive."""
    source: str | None = None
    trainings: bool = False
    """Those that have a destination, instead of those that have none."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the predictions of a query are wanted; None is whatever there is."""

    statuses: frozenset[Status] | None = None
    model: str | None = None
    """`owner/name`."""
    mode: Mode | None = None
    token: str | None = None
    """The id of the one that created it."""
    deployment: str | None = None
    prompt: str | None = None
    """Stands in the input `prompt`, in whatever case."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk through some of a list has found; it may be nothing while more follows."""

    rows: Sequence[Prediction]
    """Newest first; one more than the limit when more are known to follow."""
    begun: tuple[datetime, str] | None = None
    """The place of the first row looked at, when nothing was found; None when there was none."""
    ended: tuple[datetime, str] | None = None
    """The place of the last row looked at; None when all were, or when more were found."""


class Load(msgspec.Struct, frozen=True):
    """How many predictions have not ended."""

    waiting: int
    running: int


Listener = Callable[[Prediction], None]


class Store(Protocol):
    """Keeps predictions; the parts keep what else there is, in the same database.

    Writes raise `StoreUnavailable`, and change nothing, when the storage refuses.
    """

    @property
    def accounts(self) -> AccountStore:
        """Accounts and tokens."""
        ...

    @property
    def files(self) -> FileStore:
        """Uploaded files."""
        ...

    @property
    def models(self) -> ModelStore:
        """Models that accounts create."""
        ...

    @property
    def outbox(self) -> OutboxStore:
        """Webhook deliveries, which `save` puts there."""
        ...

    @property
    def deployments(self) -> DeploymentStore:
        """Deployments and their releases."""
        ...

    @property
    def retention(self) -> RetentionStore:
        """What is old, and which blobs are still referred to."""
        ...

    @property
    def ledger(self) -> LedgerStore:
        """Attempts to buy, and how much may be spent."""
        ...

    async def insert(
        self, prediction: Prediction, secrets: bytes | None = None, once: Once | None = None
    ) -> None:
        """Accept a prediction. On return it is on disk, and no crash loses it.

        Raises:
            AlreadyAccepted: The same was created under this key within 24 hours.
            Conflict: Something else was.
            SpendLimitReached: What it may cost may not be spent.
        """
        ...

    async def created_like(
        self, fingerprint: bytes, account: str, since: datetime
    ) -> Sequence[str]:
        """Ids of the predictions inserted with this fingerprint, newest first."""
        ...

    async def get(self, prediction_id: str, account: str | None) -> Prediction:
        """One prediction; of any account when that is None, for callers who hold a capability.

        The examples are every account's.

        Raises:
            NotFound: None by that id in that account.
        """
        ...

    async def restore(self, predictions: Sequence[Prediction]) -> None:
        """Keep predictions that ended elsewhere; what is here already stays as it is."""
        ...

    async def of_version(self, model: str, version_id: str) -> Mapping[str, str]:
        """The accounts of predictions of one version of `owner/name`, by their ids.

        Of all that still have their data, whoever's they are.
        """
        ...

    async def remove_data(self, prediction: Prediction) -> None:
        """Write a prediction that has ended without its data; nobody is told.

        Raises:
            StaleWrite: It is not here, or has not ended so.
        """
        ...

    async def forget(self, prediction: Prediction) -> None:
        """Remove a prediction that has ended; nobody is told.

        What it cost stays in the ledger, and what its webhooks were told of stays in their log,
        without the data.

        Raises:
            StaleWrite: It is not here, has not ended, or is a training.
        """
        ...

    async def without_inputs(self, ids: Collection[str], account: str) -> Sequence[Prediction]:
        """Those that the account may see, without their inputs, in any order."""
        ...

    async def list(self, query: Query) -> Sequence[Prediction]:
        """One page, newest first, of at most `limit + 1` rows: the last tells that more follow."""
        ...

    async def find(self, query: Query, wanted: Filter) -> Found:
        """What is *wanted* of a list, looking at no more than some thousand rows at once.

        A training is never among it.
        """
        ...

    async def claim(self, owner: str, room: Room, until: datetime) -> Sequence[Claimed]:
        """Lease waiting predictions to *owner*: of those that have room, those that came first.

        Also what came by a clock that ran ahead and has been set back since.
        """
        ...

    async def place(self, prediction: Prediction, most: int) -> int:
        """Where one that waits stands in its queue: 1 is the next, *most* means that or more."""
        ...

    async def save(
        self,
        prediction: Prediction,
        was: Status,
        claim: Claim | None = None,
        version: Version | None = None,
    ) -> None:
        """Write a move and queue the webhooks it owes, if the row is where the mover saw it.

        A training that succeeds leaves a *version* on its destination, in the same transaction.

        Raises:
            StaleWrite: Another status is stored, or *claim* is no longer the holder's.
            NotFound: The destination is gone.
        """
        ...

    async def begin(self, prediction: Prediction, claim: Claim) -> "asyncio.Future[None]":
        """Write the start of one that may be run again, without waiting for the disk.

        The future is done once the start is there; or it has a StaleWrite, as the start has been
        undone, or a StoreUnavailable. Its insert and its end may share one commit with it.

        Raises:
            StaleWrite: As of `save`.
        """
        ...

    async def renew(self, claims: Mapping[str, Claim], until: datetime) -> frozenset[str]:
        """Extend leases; returns the ids that are still held."""
        ...

    async def orphans(self, owner: str, now: datetime, until: datetime) -> Sequence[Claimed]:
        """Take over running predictions whose lease has lapsed."""
        ...

    async def release(self, owner: str) -> None:
        """Let go of all that *owner* holds, as if its leases had lapsed."""
        ...

    async def overdue(self, now: datetime) -> Sequence[Prediction]:
        """Waiting predictions whose deadline has struck."""
        ...

    async def ended(self, prediction_id: str, within: timedelta) -> Prediction | None:
        """Wait for the end of a prediction; None when it has not come within that time.

        Raises:
            Stopping: The server will not be there to see it.
        """
        ...

    def stop_waiting(self) -> None:
        """Have everyone who waits, or will, in `ended` hear that the server is stopping."""
        ...

    def watch(self, listener: Listener) -> None:
        """Tell *listener* of each prediction that is inserted or saved, on the event loop.

        Of a save it is told after the commit; of an insert maybe before: it is a hint to look.
        """
        ...

    async def run_counts(self) -> Mapping[str, int]:
        """How many predictions each model has had, by `owner/name`."""
        ...

    async def check(self, *, writes: bool) -> None:
        """Find out whether it reads, and whether it *writes*.

        Raises:
            StoreUnavailable: It does not.
            Stopping: The server is stopping.
        """
        ...

    async def load(self) -> Load:
        """How much there is to do, for all processes that share it."""
        ...

    def time_commits(self, observe: Callable[[float], None]) -> None:
        """Tell *observe*, from any thread, how many seconds each commit takes from now on."""
        ...

    async def close(self) -> None:
        """Finish what was asked, then let go of the files."""
        ...
