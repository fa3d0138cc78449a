"""What may be forgotten: the contract of the store that knows what is old and what is used."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from safelight.prediction import Prediction


class RetentionStore(Protocol):
    """Knows what has ended long ago, and which blobs somebody still refers to."""

    async def ended_before(self, before: datetime, limit: int) -> Sequence[Prediction]:
        """Predictions, without their inputs, that ended before then and still have their data.

        Oldest first. Trainings and examples are never among them.
        """
        ...

    async def unreferenced(self, keys: Collection[str]) -> frozenset[str]:
        """Those of the blobs that no prediction and no uploaded file refers to."""
        ...

    async def running_since(self) -> datetime | None:
        """When the oldest prediction that runs now was created; None when none runs.

        What a run has stored since, it may not have been able to refer to yet.
        """
        ...
