"""Server-sent events of one prediction, opened by the unguessable name in `urls.stream`."""

import asyncio
import re
import secrets
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from safelight import wire
from safelight.api.context import Context
from safelight.errors import MethodNotAllowed, NotFound
from safelight.following import Following, Listener
from safelight.prediction import Prediction, Status

HEARTBEAT: Final = timedelta(seconds=15)
"""After so long without an event a comment is sent, so that no proxy takes the stream for dead."""
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_EVENT_ID: Final = re.compile(r"\d{1,20}:(\d{1,10})")
_ERROR: Final = 1_000_000_000
"""The sequence of `error`, and before that of `done`: beyond that of any output, because how many
outputs there were is forgotten when a prediction fails or is canceled."""
_DONE: Final = _ERROR + 1
_AT_ONCE: Final = 65_536
"""Bytes in one write, or one event: one who reads slowly holds no more than that."""
_ORIGIN: Final = f"origin-{secrets.token_hex(16)}"
"""Stands in a transcript for the origin of whoever listens: no model can have said it."""
_CORS: Final = {"access-control-allow-origin": "*"}  # its name is all that a stream asks for
_HEADERS: Final = _CORS | {
    "cache-control": "no-store",
    "content-type": "text/event-stream",
    "x-accel-buffering": "no",
}
_REASONS: Final = {
    Status.SUCCEEDED: "{}",
    Status.FAILED: '{"reason":"error"}',
    Status.CANCELED: '{"reason":"canceled"}',
    Status.ABORTED: '{"reason":"canceled"}',
}


class Streams:
    """The endpoint of `/files/bcwr-...` and `/streams/bcwr-...`; needs no token."""

    def __init__(self, context: Context, heartbeat: timedelta = HEARTBEAT) -> None:
        self._context = context
        self._heartbeat = heartbeat
        self._following = Following(context.store)
        self._transcripts: WeakValueDictionary[str, _Transcript] = WeakValueDictionary()

    async def get(self, request: Request) -> Response:
        """Each output as it comes, from the first or after `Last-Event-ID`; then `done`.

        204 for one who has had `done`: the standard's way to tell a client to stop coming back.
        """
        prediction = await self._opened("bcwr-" + request.path_params["capability"])
        if request.method != "GET":  # Starlette lets HEAD in wherever GET may go
            problem = wire.problem(MethodNotAllowed("Method not allowed for this path."))
            return Response(problem, 405, {"allow": "GET"}, "application/problem+json")
        transcript = self._transcript(prediction.id)
        last = request.headers.get("last-event-id", "")
        if transcript.ends_with(last, prediction):
            return Response(status_code=204, headers=_CORS)
        origin = self._context.origin(request).encode()
        said = _Stream(transcript, origin, _sequence_after(last), self._heartbeat)
        return _Streaming(said, self._following, prediction)

    async def _opened(self, capability: str) -> Prediction:
        prediction_id = self._context.capabilities.read_stream(capability)
        if prediction_id is None:
            raise NotFound
        prediction = await self._following.newest(prediction_id)
        if prediction.data_removed:
            raise NotFound
        return prediction

    def _transcript(self, prediction_id: str) -> "_Transcript":
        transcript = self._transcripts.get(prediction_id)
        if transcript is None:
            transcript = self._transcripts[prediction_id] = _Transcript(self._context.wire)
        return transcript


def _sequence_after(last_event_id: str) -> int:
    """Where one who has had that event goes on; one who cannot say gets all."""
    had = _EVENT_ID.fullmatch(last_event_id)
    number = int(had[1]) if had else -1
    return number + 1 if number < _DONE else 0


class _Event(NamedTuple):
    number: int
    id: str
    """The same for everyone, whenever they come: `<unix seconds>:<sequence>`."""
    text: bytes


class _Transcript:
    """What a prediction's stream says, rendered once for all its listeners."""

    def __init__(self, shown: wire.Wire) -> None:
        self._wire = shown
        self._prediction: Prediction | None = None
        self._events: list[_Event] = []

    def after(self, number: int, prediction: Prediction) -> Sequence[_Event]:
        """Some of the events from that number on, as of the newest state of the prediction."""
        self._catch_up(prediction)
        first = bisect_left(self._events, number, key=lambda event: event.number)
        last, size = first, 0
        while last < len(self._events) and size < _AT_ONCE:
            size += len(self._events[last].text)
            last += 1
        return self._events[first:last]

    def ends_with(self, event_id: str, prediction: Prediction) -> bool:
        """Whether that is the id of its `done`."""
        self._catch_up(prediction)
        return prediction.status.is_terminal and self._events[-1].id == event_id

    def _catch_up(self, prediction: Prediction) -> None:
        known, self._prediction = self._prediction, prediction
        if prediction is known:
            return
        outputs = self._wire.streamed(prediction, _ORIGIN)
        is_new_run = known is not None and known.started_at != prediction.started_at
        last = self._events[-1].number if self._events else -1
        if is_new_run or not outputs or outputs[-1][0] < last:
            self._events.clear()
            last = -1
        began = prediction.started_at or prediction.created_at
        for number, output in outputs:
            if number > last:
                self._say("output", began.timestamp(), number, output)
        if prediction.status.is_terminal:
            self._say_end(prediction)

    def _say_end(self, prediction: Prediction) -> None:
        moment = (prediction.completed_at or prediction.created_at).timestamp()
        if prediction.status is Status.FAILED:
            detail = wire.encode({"detail": prediction.error}).decode()
            self._say("error", moment, _ERROR, detail)
        self._say("done", moment, _DONE, _REASONS[prediction.status])

    def _say(self, name: str, moment: float, number: int, data: str) -> None:
        event_id = f"{int(moment)}:{number}"
        lines = "".join(f"data: {line}\n" for line in _LINE_END.split(data))
        text = f"event: {name}\nid: {event_id}\n{lines}\n".encode()
        self._events.append(_Event(number, event_id, text))


class _Stream(NamedTuple):
    """What one listener is sent."""

    transcript: _Transcript
    origin: bytes
    first: int
    heartbeat: timedelta

    async def chunks(self, listener: Listener) -> AsyncIterator[bytes]:
        """Until `done`, or until the listener is closed: then the client comes back."""
        yield b": hi\n\n"
        number = self.first
        while True:
            while events := self.transcript.after(number, listener.prediction):
                number = events[-1].number + 1
                said = b"".join(event.text for event in events)
                yield said.replace(_ORIGIN.encode(), self.origin)
            if number > _DONE:
                return
            is_news = await listener.changed(self.heartbeat)
            if not listener.is_open:
                return
            if not is_news:
                yield b": still here\n\n"


class _Streaming(StreamingResponse):
    """Sends to one who listens; one who leaves is forgotten at once."""

    def __init__(self, stream: _Stream, following: Following, prediction: Prediction) -> None:
        super().__init__((), headers=_HEADERS)
        self._stream = stream
        self._following = following
        self._prediction = prediction

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's form
        with self._following.listening(self._prediction) as listener:
            leaving = asyncio.create_task(_left(receive))
            leaving.add_done_callback(lambda _left: listener.close())
            self.body_iterator = self._stream.chunks(listener)
            try:
                await self.stream_response(send)
            finally:
                leaving.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
