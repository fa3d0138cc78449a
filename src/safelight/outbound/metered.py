"""Counts, times and traces the calls to one provider."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Final

from safelight.meter import Meter
from safelight.outgoing import Fetched, NotSent, Outgoing, Response, Streamed
from safelight.spooled import Content
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
        pictures: Collection[str] = (),
    ) -> Response:
        """See `Poster.post`."""
        with self._measured() as answered:
            response = await self._outgoing.post(
                url,
                headers,
                body,
                within=within,
                trusted=trusted,
                at_most=at_most,
                pictures=pictures,
            )
            answered(response.status)
        return response

    @asynccontextmanager
    async def stream(  # noqa: PLR0913 - as the contract has it
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        within: timedelta,
        trusted: bool = False,
        pictures: Collection[str] = (),
    ) -> AsyncGenerator[Streamed]:
        """See `Poster.stream`; the call ends when the context does."""
        with self._measured() as answered:
            async with self._outgoing.stream(
                url, headers, body, within=within, trusted=trusted, pictures=pictures
            ) as streamed:
                yield streamed
                answered(streamed.status)

    @contextmanager
    def _measured(self) -> Generator[Callable[[int], None]]:
        """Measure one call; what it gives is told the status of an answer that came whole."""
        started, outcome = time.perf_counter(), "unknown"

        def answered(status: int) -> None:
            nonlocal outcome
            outcome = _NAMES.get(status // 100, "refused")
            traced(status=status)

        with span("upstream call", provider=self._provider) as traced:
            try:
                yield answered
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

    async def fetch(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Fetched:
        """See `Fetcher.fetch`."""
        return await self._outgoing.fetch(
            url, limit_bytes=limit_bytes, within=within, trusted_origin=trusted_origin
        )

    async def spool(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Content:
        """See `Outgoing.spool`."""
        return await self._outgoing.spool(
            url, limit_bytes=limit_bytes, within=within, trusted_origin=trusted_origin
        )
