"""The outermost layer: every request gets an id, is counted, timed and logged, come what may."""

import logging
import random
import re
import time
from collections.abc import Awaitable
from typing import Final
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from safelight.api.visit import KEY, Visit
from safelight.correlation import PREDICTION, REQUEST, request_id
from safelight.meter import Meter
from safelight.tracing import is_plugged_in, span

STREAM: Final = "streams.get"
"""The operation whose answers are listened to for as long as they last."""
_LONG: Final = re.compile(r"(?<=/)([\w-]{8})[\w-]{32,}")
"""Unguessable names in a path, which open what they name, and whole versions."""
_log: Final = logging.getLogger("safelight.access")


class Door:
    """Everybody comes in and goes out here."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, and its answer out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Made of no secret, and none itself: it only has to be told from others.
        given = _given(scope, b"x-request-id")
        visit = scope[KEY] = Visit(request_id(given, random.getrandbits(96)))
        here = REQUEST.set(visit.request_id), PREDICTION.set("")
        started = time.perf_counter()
        try:
            if is_plugged_in():
                await self._pass_traced(visit, scope, receive, send)
            else:
                await self._app(scope, receive, self._answering(visit, send))
        finally:
            self._meter.listeners -= visit.listens
            self._note(visit, scope, time.perf_counter() - started)
            REQUEST.reset(here[0])
            PREDICTION.reset(here[1])

    async def _pass_traced(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        with span("request", lambda: _given(scope, b"traceparent")) as traced:
            await self._app(scope, receive, self._answering(visit, send))
            traced(visit.operation, status=visit.status, request_id=visit.request_id)

    def _answering(self, visit: Visit, send: Send) -> Send:
        def answer(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                message["headers"] = [*message["headers"], *visit.headers()]
                if visit.operation == STREAM and visit.status == 200:
                    visit.listens = True
                    self._meter.listeners += 1
            return send(message)

        return answer

    def _note(self, visit: Visit, scope: Scope, seconds: float) -> None:
        self._meter.requests.observe(seconds, visit.operation, str(visit.status))
        if _log.isEnabledFor(logging.INFO):
            _log.info(
                "%s %s %d %.1f ms %s",
                scope["method"],
                shown_path(scope["path"]),
                visit.status,
                seconds * 1000,
                visit.token or "-",
            )


def shown_path(path: str) -> str:
    """A path as a log may hold it: on one line, without what would open a file or a stream."""
    return quote(_LONG.sub(r"\1...", path), safe="/:.,=@-_~!$'()*")


def _given(scope: Scope, header: bytes) -> bytes | None:
    for name, value in scope["headers"]:
        if name == header:
            return value
    return None
