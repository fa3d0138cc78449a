"""The store's contract: each method is one transaction, with its guard."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from safelight.account import AccountStore
from safelight.prediction import Prediction, Status
from safelight.webhook import Delivery


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


class Room(msgspec.Struct, frozen=True):
    """How many more predictions a worker can take."""

    total: int
    models: Mapping[str, int]
    """By `owner/name`."""
    others: int = 0
    """For models not named: they are gone, and their predictions are claimed to be ended."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which predictions to list, newest first."""

    account: str
    limit: int = 100
    created_after: datetime | None = None
    """Inclusive."""
    created_before: datetime | None = None
    """Exclusive."""
    source: str | None = None
    position: tuple[datetime, str] | None = None
    """Creation time and id of the row to go on from."""
    is_backwards: bool = False
    """Towards the newer ones."""


Listener = Callable[[Prediction], None]


class Store(Protocol):
    """Keeps predictions; the parts keep what else there is, in the same database.

    Writes raise `StoreUnavailable`, and change nothing, when the storage refuses.
    """

    @property
    def accounts(self) -> AccountStore:
        """Accounts and tokens."""
        ...

    async def insert(self, prediction: Prediction, secrets: bytes | None = None) -> None:
        """Accept a prediction. On return it is on disk, and no crash loses it."""
        ...

    async def get(self, prediction_id: str, account: str | None) -> Prediction:
        """One prediction; of any account when that is None, for callers who hold a capability.

        Raises:
            NotFound: None by that id in that account.
        """
        ...

    async def list(self, query: Query) -> Sequence[Prediction]:
        """One page, newest first, of at most `limit + 1` rows: the last tells that more follow."""
        ...

    async def claim(
        self, owner: str, room: Room, now: datetime, until: datetime
    ) -> Sequence[Claimed]:
        """Lease waiting predictions to *owner*, first come first served within each model."""
        ...

    async def save(self, prediction: Prediction, was: Status, claim: Claim | None = None) -> None:
        """Write a move and queue the webhook it owes, if the row is where the mover saw it.

        Raises:
            StaleWrite: Another status is stored, or *claim* is no longer the holder's.
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

    async def deliveries(self, prediction_id: str) -> Sequence[Delivery]:
        """The webhook events owed for a prediction, oldest first."""
        ...

    async def run_counts(self) -> Mapping[str, int]:
        """How many predictions each model has had, by `owner/name`."""
        ...

    async def close(self) -> None:
        """Finish what was asked, then let go of the files."""
        ...
