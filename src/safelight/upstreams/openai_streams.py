"""OpenAI's answer as a stream: unfinished pictures are shown, finished ones are kept."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from safelight.outgoing import OutcomeUnknown, Streamed
from safelight.spooled import Content
from safelight.upstream import Fault, ImageResult, OnPartial, Picture, UpstreamError, Usage
from safelight.upstreams.calls import Call, picture
from safelight.upstreams.openai_answers import (
    OPENAI,
    Event,
    added,
    decoded,
    events,
    read_usage,
    shown,
)
from safelight.upstreams.openai_failures import Problem, fault_of, tell
from safelight.upstreams.pauses import allowance_pause, asked_pause
from safelight.upstreams.scrub import scrub

_log: Final = logging.getLogger("safelight.upstreams")


@dataclass(slots=True)
class Painting:
    """One call's pictures, as they come."""

    call: Call
    model: str
    count: int
    on_partial: OnPartial
    request_id: str | None = None
    _pictures: list[Picture] = field(default_factory=list[Picture])
    _usages: list[Usage] = field(default_factory=list[Usage])
    _finished: int = 0
    _spoiled: UpstreamError | None = None
    _has_begun: bool = False

    async def follow(self, streamed: Streamed) -> ImageResult:
        """Read until every picture is there; what follows the last one is not waited for.

        When the stream breaks off, the pictures that have come by then are what was bought.

        Raises:
            UpstreamError: It ended without one.
        """
        self.request_id = streamed.headers.get("x-request-id")
        error = await self._read(streamed)
        if not self._pictures:
            raise error
        if len(self._pictures) < self.count:
            print(f"{len(self._pictures)} of {self.count} pictures came: {error.detail}")
        return ImageResult(
            pictures=tuple(self._pictures),
            upstream=f"openai:{self.model}",
            # What only some of its events tell is not what the call used.
            usage=added(self._usages) if len(self._usages) == self._finished else None,
            request_id=self.request_id,
            next_call_in=allowance_pause(streamed.headers),
        )

    async def _read(self, streamed: Streamed) -> UpstreamError:
        """Take in the events; the error is what is to be said if there was no picture."""
        try:
            async for event in events(streamed.pieces):
                if event.type == "error" or event.error is not None:
                    return self._broken(event.error or Problem())
                await self._take(event, streamed.spooled)
                if len(self._pictures) == self.count:
                    break
        except UpstreamError as error:
            return error
        except OutcomeUnknown as error:
            return OPENAI.unknown(str(error), self.request_id)
        return self._spoiled or OPENAI.unknown("its answer holds no picture", self.request_id)

    async def _take(self, event: Event, spooled: Sequence[Content]) -> None:
        if event.is_completed:
            self._finished += 1
            self._keep(event, spooled)
            usage = read_usage(event.usage)
            if usage is not None:
                self._usages.append(usage)
        elif event.is_partial:
            self._has_begun = True
            await self._show(event, spooled)

    def _keep(self, event: Event, spooled: Sequence[Content]) -> None:
        """Leave out what is no picture: the others are paid for."""
        try:
            content = decoded(event.b64_json, spooled, self.request_id)
            self._pictures.append(picture(OPENAI, content, self.request_id))
        except UpstreamError as error:
            self._spoiled = error

    async def _show(self, event: Event, spooled: Sequence[Content]) -> None:
        unfinished = shown(event, spooled)
        if unfinished is None:
            return
        try:
            await self.on_partial(unfinished)
        except Exception:  # noqa: BLE001 - what is paid for is not lost for a preview
            _log.exception("an unfinished picture could not be shown")

    def _broken(self, problem: Problem) -> UpstreamError:
        """An error within the stream: what has begun may be billed."""
        without_code = Fault.REFUSED if problem.is_the_callers else Fault.DOWN
        fault = fault_of(problem) or without_code
        tell(problem, fault, self.request_id)
        did_no_work = not (self._has_begun or problem.may_be_billed or fault is Fault.DOWN)
        message = problem.message or ""
        if fault not in {Fault.RETIRED, Fault.REFUSED}:
            return OPENAI.failure(
                fault,
                self.request_id,
                did_no_work=did_no_work,
                retry_after=asked_pause({}, message) if fault is Fault.BUSY else None,
            )
        said = scrub(message, self.call.key) or "it gave no reason."
        return UpstreamError(
            f"OpenAI ended its answer: {said}",
            fault,
            did_no_work=did_no_work,
            request_id=self.request_id,
        )
