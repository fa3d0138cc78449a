"""Whether the server is alive, and whether it can take work: for those who start and stop it."""

import asyncio
import time
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.api.context import Context, answer

_FRESH: Final = {"cache-control": "no-store"}
_GOOD_FOR: Final = 1.0
"""Seconds for which a check of the store is believed, good or bad: each one writes."""


class Health:
    """The endpoints of `/healthz` and `/readyz`; they need no token."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._check: asyncio.Task[None] | None = None
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
        await self._context.store.check(writes=False)
        await asyncio.shield(self._written())
        return answer({"status": "ready"}, headers=_FRESH)

    def _written(self) -> asyncio.Task[None]:
        """The check by writing, one for all who ask while it lasts and for a second after."""
        is_over = self._check is None or self._check.done()
        if is_over and time.monotonic() - self._checked_at >= _GOOD_FOR:
            self._check = asyncio.create_task(self._write(), name="readyz")
        assert self._check is not None
        return self._check

    async def _write(self) -> None:
        try:
            await self._context.store.check(writes=True)
        finally:
            self._checked_at = time.monotonic()
