"""Upstreams: how the providers are, and whether they take the server's keys."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.creating import FRESH
from safelight.api.operation import Operation
from safelight.examination import Finding


class Upstreams:
    """The endpoints of `/upstreams`, which Replicate does not have."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asking: asyncio.Task[Sequence[Finding]] | None = None

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        every = "/v1/upstreams"
        return [
            Operation("upstreams.get", "GET", every, self.get, Scope.READ),
            Operation("upstreams.check", "POST", f"{every}/check", self.check, Scope.ADMIN),
        ]

    async def get(self, _request: Request, _token: Token) -> Response:
        """`GET /upstreams`: as this process knows them; nobody is asked."""
        shown = wire.upstreams(self._context.overview, datetime.now(UTC))
        return answer(shown, headers=dict(FRESH))

    async def check(self, _request: Request, _token: Token) -> Response:
        """`POST /upstreams/check`: each provider with a key is asked what costs nothing."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._context.examine))
        # Whoever comes meanwhile gets the same, and whoever goes ends nothing.
        findings = await asyncio.shield(self._asking)
        return answer(wire.findings_of_providers(findings), headers=dict(FRESH))
