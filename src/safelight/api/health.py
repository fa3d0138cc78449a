"""Whether the server is alive, and whether it can take work: for those who start and stop it."""

import asyncio
import time
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.api.context import Context, answer

_FRESH: Final = {"cache-control": "no-store"}
_GOOD_FOR: Final = 1.0
"""Seconds for which a check of the store is believed: each one writes."""


class Health:
    """The endpoints of `/healthz` and `/readyz`; they need no token."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._checking = asyncio.Lock()
        self._checked_at = -_GOOD_FOR

    async def live(self, _request: Request) -> Response:
        """`GET /healthz`: the event loop answers."""
        return answer({"status": "ok"}, headers=_FRESH)

    async def ready(self, _request: Request) -> Response:
        """`GET /readyz`: the store reads and writes, and the server is not stopping.

        Raises:
            StoreUnavailable: It does not; the detail says why.
            Stopping: It is.
        """
        async with self._checking:
            is_fresh = time.monotonic() - self._checked_at < _GOOD_FOR
            await self._context.store.check(writes=not is_fresh)
            if not is_fresh:
                self._checked_at = time.monotonic()
        return answer({"status": "ready"}, headers=_FRESH)
