"""Server-sent events of one prediction, opened by the unguessable name in `urls.stream`."""

import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from safelight import wire
from safelight.api.context import Context
from safelight.errors import NotFound, Stopping
from safelight.prediction import Prediction, Status

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_EVENT_ID: Final = re.compile(r"\d{1,20}:(\d{1,9})")
_LOOK_AGAIN: Final = timedelta(milliseconds=500)
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
_DONE: Final = {
    Status.SUCCEEDED: b"{}",
    Status.FAILED: b'{"reason":"error"}',
    Status.CANCELED: b'{"reason":"canceled"}',
    Status.ABORTED: b'{"reason":"canceled"}',
}


class Streams:
    """The endpoint of `/files/bcwr-...`; needs no token."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def get(self, request: Request) -> Response:
        """Each output as it comes, from the first or after `Last-Event-ID`; then `done`."""
        prediction_id = self._context.capabilities.read_stream(request.path_params["capability"])
        if prediction_id is None:
            raise NotFound
        prediction = await self._context.store.get(prediction_id, None)
        seen = _EVENT_ID.fullmatch(request.headers.get("last-event-id", ""))
        after = int(seen[1]) + 1 if seen else 0
        events = self._events(prediction, self._context.origin(request), after)
        return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)

    async def _events(self, prediction: Prediction, origin: str, sent: int) -> AsyncIterator[bytes]:
        yield b": hi\n\n"
        while True:
            outputs = self._context.wire.output_urls(prediction, origin)
            for output in outputs[sent:]:
                yield _event("output", output, sent)
                sent += 1
            if prediction.status.is_terminal:
                break
            try:
                ended = await self._context.store.ended(prediction.id, _LOOK_AGAIN)
            except Stopping:  # the client comes back with its Last-Event-ID
                return
            prediction = ended or await self._context.store.get(prediction.id, None)
        if prediction.status is Status.FAILED and sent <= len(outputs):
            detail = wire.encode({"detail": prediction.error}).decode()
            yield _event("error", detail, len(outputs))
        yield _event("done", _DONE[prediction.status].decode(), len(outputs) + 1)


def _event(name: str, data: str, number: int) -> bytes:
    lines = "".join(f"data: {line}\n" for line in _LINE_END.split(data))
    return f"event: {name}\nid: {int(time.time())}:{number}\n{lines}\n".encode()
