"""What may be forgotten: the contract of the store that knows what is old and what is used."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from safelight.prediction import Prediction


class RetentionStore(Protocol):
    """Knows what has ended long ago, and which blobs somebody still refers to."""

    async def ended_before(self, moment: datetime, limit: int) -> Sequence[Prediction]:
        """Predictions, without their inputs, that ended before then and still have their data.

        Oldest first. Trainings and examples are never among them.
        """
        ...

    async def unreferenced(self, keys: Collection[str]) -> frozenset[str]:
        """Those of the blobs that no prediction and no uploaded file refers to."""
        ...
