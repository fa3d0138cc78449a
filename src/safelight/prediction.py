"""The lifecycle: a prediction is one frozen value, and its moves follow one table."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from safelight.account import Mode
from safelight.blob import OutputFile
from safelight.errors import Conflict
from safelight.webhook import Event


class Status(StrEnum):
    """Where a prediction is; docs/lifecycle.md draws it."""

    STARTING = "starting"
    """Put there by the create; a worker takes it out as soon as there is room for it."""
    PROCESSING = "processing"
    """Put there by the worker just before it enters the runner; its end takes it out."""
    SUCCEEDED = "succeeded"
    """Put there by the worker with the final output; stays."""
    FAILED = "failed"
    """Put there by the worker with an error, also after a crash or the maximum run time; stays."""
    CANCELED = "canceled"
    """Put there by the caller's cancel, or by a deadline that struck while it ran; stays."""
    ABORTED = "aborted"
    """Put there by a deadline that struck before it ran; stays."""

    is_terminal: bool
    """Nothing can follow."""


TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    Status.STARTING: frozenset({Status.PROCESSING, Status.FAILED, Status.CANCELED, Status.ABORTED}),
    Status.PROCESSING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
    Status.ABORTED: frozenset(),
}
for _status, _following in TRANSITIONS.items():
    _status.is_terminal = not _following  # looked up once: it is asked a dozen times a prediction


def queue_of(room: str, mode: Mode, *, own_key: bool = False) -> str:
    """Where those wait that run in a model's room: nobody waits for a limit that binds others."""
    if mode is Mode.TEST:
        return f"{room} (test)"
    return f"{room} (own key)" if own_key else room


class Waiting(NamedTuple):
    """Where a prediction stands that has not started."""

    place: int
    """1 for the next of its queue."""
    reason: str | None
    """Why there is no room now; None if there is."""


FILE: Final = "$file"
"""In `output`, `{"$file": 2}` stands for the third of `files`; only the wire spells URLs."""
PARTIAL: Final = "$partial"
"""In `output`, `{"$partial": 0}` stands for the first of `partials`."""


SOURCE: Final = "safelight.source"
"""Where the pages say, in what a request carries inside the server, that a create is theirs."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of a model, from the request to its end; secrets are already redacted in `input`."""

    id: str
    account: str
    token: str
    """The id of the token that created it."""
    model: str
    """`owner/name`."""
    version: str
    """64 hex digits, also for official models."""
    hidden: bool = False
    """Official models do not show their version."""
    deployment: str | None = None
    """The name of the deployment that it was created through."""
    destination: str | None = None
    """Of a training: the model, as `owner/name`, that gets the new version."""
    shares: str | None = None
    """Whose room it takes, when that is not its model's own: its base's, or the trainer's."""
    origin: str = ""
    """Under which the caller reached us; kept where something is sent later, such as webhooks."""
    streams_text: bool = False
    """Its output is no files: clients tell by the address of the stream."""
    mode: Mode = Mode.LIVE
    status: Status = Status.STARTING
    own_key: bool = False
    """The caller brought a key for a provider, which has an allowance of its own there."""
    streamed: bool = False
    """Its caller looks on: where the provider can, unfinished pictures are shown, at a price."""
    source: str = "api"
    input: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    output: Any = None
    files: tuple[OutputFile, ...] = ()
    partials: tuple[OutputFile, ...] = ()
    """The unfinished pictures that were shown; their blobs are not kept for longer than it runs."""
    logs: str = ""
    error: str | None = None
    metrics: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    estimate: Decimal | None = None
    """What it may cost at the most, in US dollars: held against spend limits until it ends."""
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    deadline: datetime | None = None
    webhook: str | None = None
    webhook_events: frozenset[Event] | None = None
    data_removed: bool = False

    @property
    def queue(self) -> str:
        """What it waits in, with all that take the same room; see `queue_of`."""
        return queue_of(self.room, self.mode, own_key=self.own_key)

    @property
    def room(self) -> str:
        """Whose runs are counted with its own, those in the same mode."""
        return self.shares or self.model

    @property
    def is_unfinished(self) -> bool:
        """Whether its output is an unfinished picture."""
        newest: object = {PARTIAL: len(self.partials) - 1}
        is_running = self.status is Status.PROCESSING
        return is_running and bool(self.partials) and self.output in (newest, [newest])

    def start(self, now: datetime) -> "Prediction":
        """The runner is about to be entered: from here on money may be spent."""
        return self._move(Status.PROCESSING, started_at=now)

    def restart(self, now: datetime) -> "Prediction":
        """Run a running prediction once more, after a crash; what it had reported is void."""
        return self._while_processing(
            started_at=now, output=None, files=(), partials=(), logs="", metrics={}
        )

    def log(self, text: str) -> "Prediction":
        """Append to the logs of a running prediction."""
        return self._while_processing(logs=self.logs + text)

    def produce(self, output: object, files: tuple[OutputFile, ...]) -> "Prediction":
        """Show output, partial or whole, of a running prediction."""
        return self._while_processing(output=output, files=files)

    def preview(self, partials: tuple[OutputFile, ...], *, in_list: bool) -> "Prediction":
        """Show the last of these unfinished pictures as the output, until there is another."""
        newest = {PARTIAL: len(partials) - 1}
        return self._while_processing(output=[newest] if in_list else newest, partials=partials)

    def measure(self, metrics: dict[str, Any]) -> "Prediction":
        """Set the metrics that the model recorded."""
        return self._while_processing(metrics=metrics)

    def succeed(self, now: datetime) -> "Prediction":
        """The runner returned; output and logs are whole."""
        return self._move(Status.SUCCEEDED, completed_at=now, metrics=self._timed(now))

    def fail(self, now: datetime, error: str) -> "Prediction":
        """It ended without output, and *error* says why."""
        return self._end_empty(Status.FAILED, now, error)

    def cancel(self, now: datetime) -> "Prediction":
        """The caller, or a deadline during the run, ended it."""
        return self._end_empty(Status.CANCELED, now, None)

    def abort(self, now: datetime) -> "Prediction":
        """Its deadline struck before it ran; it never ran and costs nothing."""
        return self._end_empty(Status.ABORTED, now, None)

    def remove_data(self) -> "Prediction":
        """Forget what went in and what came out of a prediction that has ended; the record stays.

        Raises:
            Conflict: It has not ended.
        """
        if not self.status.is_terminal:
            raise Conflict(f"Prediction {self.id} is {self.status}: its data is still needed.")
        return msgspec.structs.replace(
            self, input={}, output=None, files=(), partials=(), logs="", data_removed=True
        )

    def _end_empty(self, status: Status, now: datetime, error: str | None) -> "Prediction":
        return self._move(
            status,
            completed_at=now,
            error=error,
            output=None,
            files=(),
            partials=(),
            metrics=self._timed(now),
        )

    def _timed(self, now: datetime) -> dict[str, Any]:
        ran = now - self.started_at if self.started_at else timedelta()
        total = now - self.created_at
        return self.metrics | {
            "predict_time": ran.total_seconds(),
            "total_time": total.total_seconds(),
        }

    def _while_processing(self, **changes: object) -> "Prediction":
        if self.status is not Status.PROCESSING:
            raise Conflict(f"Prediction {self.id} is {self.status}, not processing.")
        return msgspec.structs.replace(self, **changes)

    def _move(self, status: Status, **changes: object) -> "Prediction":
        if status not in TRANSITIONS[self.status]:
            raise Conflict(f"Prediction {self.id} is {self.status} and cannot become {status}.")
        logs = self.logs.removesuffix("\n") if status.is_terminal else self.logs
        return msgspec.structs.replace(self, status=status, logs=logs, **changes)
