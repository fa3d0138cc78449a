"""Counts, times and traces the calls to one provider."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from safelight.meter import Meter
from safelight.outgoing import Fetched, NotSent, Outgoing, Response
from safelight.tracing import span

_NAMES: Final = {2: "succeeded", 3: "refused", 4: "refused", 5: "failed"}


class Metered:
    """Implements `safelight.outgoing.Outgoing` by another one."""

    def __init__(self, outgoing: Outgoing, provider: str, meter: Meter) -> None:
        self._outgoing = outgoing
        self._provider = provider
        self._meter = meter

    async def post(  # noqa: PLR0913 - as the contract has it
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        within: timedelta,
        trusted: bool = False,
        at_most: int | None = None,
    ) -> Response:
        """See `Poster.post`."""
        started, outcome = time.perf_counter(), "unknown"
        with span("upstream call", provider=self._provider) as traced:
            try:
                response = await self._outgoing.post(
                    url, headers, body, within=within, trusted=trusted, at_most=at_most
                )
                outcome = _NAMES.get(response.status // 100, "refused")
                traced(status=response.status)
            except NotSent:
                outcome = "not_sent"
                raise
            except asyncio.CancelledError:
                outcome = "canceled"
                raise
            finally:
                traced(outcome=outcome)
                seconds = time.perf_counter() - started
                self._meter.upstream_calls.observe(seconds, self._provider, outcome)
        return response

    async def fetch(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Fetched:
        """See `Fetcher.fetch`."""
        return await self._outgoing.fetch(
            url, limit_bytes=limit_bytes, within=within, trusted_origin=trusted_origin
        )
