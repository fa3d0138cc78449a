"""Predictions as Replicate shows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast
from urllib.parse import quote

from safelight.account import Mode
from safelight.blob import OutputFile
from safelight.capability import Capabilities
from safelight.prediction import FILE, PARTIAL, Prediction, Status, Waiting
from safelight.wire.encoding import Json, encode, instant, page


class Wire:
    """Renders what is stored as Replicate shows it, under the origin that the caller used."""

    def __init__(self, capabilities: Capabilities, *, shows_aborted: bool) -> None:
        self._capabilities = capabilities
        self._shows_aborted = shows_aborted

    def prediction(
        self, prediction: Prediction, origin: str, waiting: Waiting | None = None
    ) -> Json:
        """A prediction; what it does not have yet is left out, not null."""
        p = prediction
        shown: Json = {
            "id": p.id,
            "model": p.model,
            "version": "hidden" if p.hidden and p.destination is None else p.version,
            "input": dict(sorted(p.input.items())),
            "logs": p.logs,
            "output": self._output(p, origin),
            "data_removed": p.data_removed,
            "error": p.error,
            "source": p.source,
            "status": self._status(p.status),
            "created_at": instant(p.created_at)[:23] + "Z",
        }
        if p.deployment is not None:
            shown["deployment"] = p.deployment
        if p.started_at is not None:
            shown["started_at"] = instant(p.started_at)
        if p.completed_at is not None:
            shown["completed_at"] = instant(p.completed_at)
        if p.deadline is not None:
            shown["deadline"] = instant(p.deadline)
        shown["urls"] = self._urls(p, origin)
        if p.status.is_terminal:
            shown["metrics"] = dict(sorted(p.metrics.items()))
        if p.webhook is not None:
            shown["webhook"] = p.webhook
            if p.webhook_events is not None:
                shown["webhook_events_filter"] = sorted(p.webhook_events)
        if p.mode is Mode.TEST:
            shown["test"] = True
        if waiting is not None:
            shown["queue"] = {"place": waiting.place, "reason": waiting.reason}
        return shown

    def page(
        self,
        predictions: Iterable[Prediction],
        origin: str,
        following: str | None,
        previous: str | None,
    ) -> Iterator[bytes]:
        """A page of a list, encoded piece by piece: large inputs make it hundreds of megabytes."""
        yield encode(page((), following, previous)).removesuffix(b"]}")
        for number, prediction in enumerate(predictions):
            yield b"," * (number > 0) + encode(self.prediction(prediction, origin))
        yield b"]}\n"

    def statuses(self) -> Mapping[str, frozenset[Status]]:
        """What each status that is shown may stand for."""
        shown: dict[str, frozenset[Status]] = {}
        for status in Status:
            name = self._status(status)
            shown[name] = shown.get(name, frozenset()) | {status}
        return shown

    def streamed(self, prediction: Prediction, origin: str) -> list[tuple[int, str]]:
        """What a stream sends of the output, numbered: unfinished pictures come first.

        Who comes when it has ended is told of finished ones alone, under the same numbers.
        """
        p, shown = prediction, list[str]()
        if p.status is Status.PROCESSING:
            shown += self._urls_of(p, p.partials, origin)
        first = len(p.partials) - len(shown)
        output = None if p.is_unfinished else self._output(p, origin)
        if output is not None:
            items = cast("list[object]", output) if isinstance(output, list) else [output]
            shown += [one if isinstance(one, str) else encode(one).decode() for one in items]
        return list(enumerate(shown, first))

    def _status(self, status: Status) -> str:
        if status is Status.ABORTED and not self._shows_aborted:
            return Status.CANCELED.value
        return status.value

    def _urls(self, prediction: Prediction, origin: str) -> Json:
        api = f"{origin}/v1/predictions/{prediction.id}"
        urls = {"cancel": f"{api}/cancel", "get": api}
        if prediction.destination is None:
            streams = "streams" if prediction.streams_text else "files"
            stream = self._capabilities.stream(prediction.id)
            urls["stream"] = f"{origin}/v1/{streams}/{stream}"
        urls["web"] = f"{origin}/p/{prediction.id}"
        return urls

    def _output(self, prediction: Prediction, origin: str) -> object:
        p = prediction
        sign, files = (PARTIAL, p.partials) if p.is_unfinished else (FILE, p.files)
        return _with_urls(p.output, sign, self._urls_of(p, files, origin)) if files else p.output

    def _urls_of(self, p: Prediction, files: Sequence[OutputFile], origin: str) -> list[str]:
        opened = self._capabilities.output(p.id)
        return [f"{origin}/outputs/{opened}/{quote(file.name)}" for file in files]


def _with_urls(value: object, sign: str, urls: Sequence[str]) -> object:
    if isinstance(value, list):
        return [_with_urls(item, sign, urls) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        fields = cast("Json", value)
        if fields.keys() == {sign}:
            return urls[fields[sign]]
        return {name: _with_urls(item, sign, urls) for name, item in fields.items()}
    return value
