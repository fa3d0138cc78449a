"""Replicate's JSON, both ways: the only file that spells wire fields."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import quote

import msgspec

from safelight.account import Account, Mode
from safelight.capability import Capabilities
from safelight.errors import InvalidField, InvalidInput, Malformed, SafelightError
from safelight.model import Hardware, Model, Version
from safelight.prediction import FILE, Prediction, Status
from safelight.webhook import Event

Json = dict[str, Any]
encode: Final = msgspec.json.Encoder().encode

_TYPES: Final[Mapping[str, tuple[str, Any]]] = {
    "version": ("string", str),
    "input": ("object", dict),
    "webhook": ("string", str),
    "webhook_events_filter": ("array", list),
    "webhook_completed": ("string", (str, type(None))),
    "stream": ("boolean", (bool, type(None))),
}
_JSON_NAMES: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_EVENTS: Final = frozenset(event.value for event in Event)


class Create(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a prediction create."""

    version: str | None
    input: Json
    webhook: str | None = None
    webhook_events: frozenset[Event] | None = None


def read_json(body: bytes) -> object:
    """Any JSON.

    Raises:
        Malformed: It is none.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"The request body is not JSON: {_reason(error)}.") from error
    except RecursionError as error:
        raise Malformed("The request body is nested too deeply.") from error


def _reason(error: Exception) -> str:
    # msgspec takes half of a surrogate pair at the end of a string for the end of the input.
    if str(error) == "Input data was truncated":
        return "it ends too early, or a \\u escape is one half of a surrogate pair"
    return str(error)


def read_create(body: bytes, *, needs_version: bool) -> Create:
    """The body of a create.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body; every fault is named.
    """
    value = read_json(body)
    if not isinstance(value, dict):
        raise InvalidInput([_wrong_type("", "object", value)])
    fields = cast("Json", value)
    faults = list(_create_faults(fields, needs_version=needs_version))
    if faults:
        raise InvalidInput(faults)
    events = fields.get("webhook_events_filter")
    return Create(
        version=fields.get("version"),
        input=fields["input"],
        webhook=fields.get("webhook") or fields.get("webhook_completed"),
        webhook_events=None if events is None else frozenset(map(Event, events)),
    )


def _create_faults(fields: Json, *, needs_version: bool) -> Iterable[InvalidField]:
    for name in ("version", "input") if needs_version else ("input",):
        if name not in fields:
            yield InvalidField("required", "", f"{name} is required")
    for name, value in fields.items():
        if name not in _TYPES or (name == "version" and not needs_version):
            text = f"Additional property {name} is not allowed"
            yield InvalidField("additional_property_not_allowed", "", text)
        elif not isinstance(value, _TYPES[name][1]) and not (value is None and "webhook" in name):
            yield _wrong_type(name, _TYPES[name][0], value)
        elif name == "webhook_events_filter":
            yield from _event_faults(value)
        elif name.startswith("webhook") and not _is_web_url(value):
            yield InvalidField("format", name, "Does not match format 'uri'")


def _event_faults(events: Sequence[object] | None) -> Iterable[InvalidField]:
    for index, event in enumerate(events or ()):
        if not isinstance(event, str) or event not in _EVENTS:
            field = f"webhook_events_filter.{index}"
            known = ", ".join(f'"{name}"' for name in ("start", "output", "logs", "completed"))
            yield InvalidField("enum", field, f"{field} must be one of the following: {known}")


def _wrong_type(field: str, expected: str, value: object) -> InvalidField:
    given = _JSON_NAMES.get(type(value), "object")
    return InvalidField(
        "invalid_type", field, f"Invalid type. Expected: {expected}, given: {given}"
    )


def _is_web_url(text: str | None) -> bool:
    return text is None or text.startswith(("https://", "http://"))


def problem(error: SafelightError) -> bytes:
    """The problem document of an error."""
    document: Json = {"detail": error.detail, "status": error.status}
    if error.title is not None:
        document["title"] = error.title
    if isinstance(error, InvalidInput):
        document["invalid_fields"] = error.fields
    return encode(document) + b"\n"


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC, with microseconds."""
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


class Wire:
    """Renders what is stored as Replicate shows it, under the origin that the caller used."""

    def __init__(self, capabilities: Capabilities, *, shows_aborted: bool) -> None:
        self._capabilities = capabilities
        self._shows_aborted = shows_aborted

    def prediction(self, prediction: Prediction, origin: str) -> Json:
        """A prediction; what it does not have yet is left out, not null."""
        p = prediction
        shown: Json = {
            "id": p.id,
            "model": p.model,
            "version": "hidden" if p.hidden else p.version,
            "input": dict(sorted(p.input.items())),
            "logs": p.logs,
            "output": self._output(p, origin),
            "data_removed": p.data_removed,
            "error": p.error,
            "source": p.source,
            "status": self._status(p.status),
            "created_at": p.created_at.isoformat(timespec="milliseconds")[:-6] + "Z",
        }
        if p.started_at is not None:
            shown["started_at"] = instant(p.started_at)
        if p.completed_at is not None:
            shown["completed_at"] = instant(p.completed_at)
        if p.deadline is not None:
            shown["deadline"] = instant(p.deadline)
        shown["urls"] = self._urls(p.id, origin)
        if p.status.is_terminal:
            shown["metrics"] = dict(sorted(p.metrics.items()))
        if p.webhook is not None:
            shown["webhook"] = p.webhook
            if p.webhook_events is not None:
                shown["webhook_events_filter"] = sorted(p.webhook_events)
        if p.mode is Mode.TEST:
            shown["test"] = True
        return shown

    def page(self, items: Sequence[Json], following: str | None, previous: str | None) -> Json:
        """One page of a list."""
        return {"next": following, "previous": previous, "results": items}

    def model(self, model: Model, runs: int) -> Json:
        """A model."""
        return {
            "url": f"https://replicate.com/{model.full_name}",
            "owner": model.owner,
            "name": model.name,
            "description": model.description,
            "visibility": model.visibility,
            "is_official": model.is_official,
            "github_url": model.github_url,
            "paper_url": model.paper_url,
            "license_url": model.license_url,
            "weights_url": None,
            "run_count": runs,
            "cover_image_url": model.cover_image_url,
            "default_example": None,
            "latest_version": self.version(model.latest),
            "created_at": instant(model.created_at),
        }

    def version(self, version: Version) -> Json:
        """A version."""
        return {
            "id": version.id,
            "created_at": instant(version.created_at),
            "cog_version": version.cog_version,
            "openapi_schema": version.openapi_schema,
        }

    def hardware(self, hardware: Sequence[Hardware]) -> list[Json]:
        """All hardware: a bare array."""
        return [{"name": item.name, "sku": item.sku} for item in hardware]

    def account(self, account: Account) -> Json:
        """An account."""
        return {
            "type": account.type,
            "username": account.username,
            "name": account.name,
            "github_url": account.github_url,
        }

    def output_urls(self, prediction: Prediction, origin: str) -> list[str]:
        """The output as a list of strings, as a stream sends it."""
        output = self._output(prediction, origin)
        if output is None:
            return []
        items = cast("list[object]", output) if isinstance(output, list) else [output]
        return [item if isinstance(item, str) else encode(item).decode() for item in items]

    def _status(self, status: Status) -> str:
        if status is Status.ABORTED and not self._shows_aborted:
            return Status.CANCELED.value
        return status.value

    def _urls(self, prediction_id: str, origin: str) -> Json:
        api = f"{origin}/v1/predictions/{prediction_id}"
        return {
            "cancel": f"{api}/cancel",
            "get": api,
            "stream": f"{origin}/v1/files/{self._capabilities.stream(prediction_id)}",
            "web": f"{origin}/p/{prediction_id}",
        }

    def _output(self, prediction: Prediction, origin: str) -> object:
        if not prediction.files:
            return prediction.output
        opened = self._capabilities.output(prediction.id)
        urls = [f"{origin}/outputs/{opened}/{quote(file.name)}" for file in prediction.files]
        return _with_urls(prediction.output, urls)


def _with_urls(value: object, urls: Sequence[str]) -> object:
    if isinstance(value, list):
        return [_with_urls(item, urls) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        fields = cast("Json", value)
        if fields.keys() == {FILE}:
            return urls[fields[FILE]]
        return {name: _with_urls(item, urls) for name, item in fields.items()}
    return value
