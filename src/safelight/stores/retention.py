"""What is old, and what is still referred to, on SQLite."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import msgspec

from safelight.prediction import Prediction
from safelight.stores.database import Database
from safelight.stores.rows import micros, moment, prediction_from

_ENDED: Final = """
    SELECT body FROM predictions
    WHERE completed_at < ? AND data_removed = 0 AND destination IS NULL
    ORDER BY completed_at LIMIT ?
"""
_UNREFERENCED: Final = """
    SELECT value FROM json_each(?)
    WHERE NOT EXISTS (SELECT 1 FROM blob_references WHERE blob = value)
    AND NOT EXISTS (SELECT 1 FROM files WHERE blob = value)
"""
_RUNNING_SINCE: Final = """
    SELECT min(created_at) FROM predictions WHERE owner IS NOT NULL AND status = 'processing'
"""
_NO_INPUT: Final = b"{}"


class SqliteRetention:
    """Implements `safelight.retention.RetentionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ended_before(self, before: datetime, limit: int) -> Sequence[Prediction]:
        """See `RetentionStore.ended_before`."""
        rows = await self._database.scan(_ENDED, (micros(before), limit))
        return [prediction_from(body, _NO_INPUT) for (body,) in rows]

    async def unreferenced(self, keys: Collection[str]) -> frozenset[str]:
        """See `RetentionStore.unreferenced`."""
        asked = msgspec.json.encode(list(keys)).decode()
        return frozenset(key for (key,) in await self._database.scan(_UNREFERENCED, (asked,)))

    async def running_since(self) -> datetime | None:
        """See `RetentionStore.running_since`."""
        ((since,),) = await self._database.scan(_RUNNING_SINCE)
        return None if since is None else moment(since)
