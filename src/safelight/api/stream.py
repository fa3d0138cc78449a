"""Server-sent events of one prediction, opened by the unguessable name in `urls.stream`."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from safelight import wire
from safelight.api.context import Context
from safelight.errors import NotFound
from safelight.prediction import Prediction, Status

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
        """Each output as it comes, from the first; then `done`."""
        prediction_id = self._context.capabilities.read_stream(request.path_params["capability"])
        if prediction_id is None:
            raise NotFound
        prediction = await self._context.store.get(prediction_id, None)
        events = self._events(prediction, self._context.origin(request))
        return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)

    async def _events(self, prediction: Prediction, origin: str) -> AsyncIterator[bytes]:
        yield b": hi\n\n"
        sent = 0
        while True:
            for output in self._context.wire.output_urls(prediction, origin)[sent:]:
                yield _event("output", output, sent)
                sent += 1
            if prediction.status.is_terminal:
                break
            ended = await self._context.store.ended(prediction.id, _LOOK_AGAIN)
            prediction = ended or await self._context.store.get(prediction.id, None)
        if prediction.status is Status.FAILED:
            detail = wire.encode({"detail": prediction.error}).decode()
            yield _event("error", detail, sent)
        yield _event("done", _DONE[prediction.status].decode(), sent + 1)


def _event(name: str, data: str, number: int) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\nid: {int(time.time())}:{number}\n{lines}\n".encode()
