"""Replicate's own description of its API, and whether an answer is as it says."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import httpx
import jsonschema_rs

Json = dict[str, Any]

DOCUMENT: Final = Path(__file__).parents[1] / "contract" / "replicate-openapi.json"
REFUSALS: Final = frozenset({400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503})
"""What any operation may answer besides what is declared for it."""
BEYOND: Final = (
    r"/openapi\.json",
    r"/predictions/archive",
    r"DELETE /predictions/[^/]+",
    r"/tokens(/[^/]+)?",
    r"/streams/[^/]+",
    r"/models/[^/]+/[^/]+/estimate",
    r"/upstreams(/check)?",
    r"/usage",
    r"/webhooks/default/secret/rotate",
    r"/webhooks/deliveries(/[^/]+){0,2}",
)
"""Paths that the document leaves out: streams are known from `urls.stream`, others are ours.

With a method before it, a path has others there.
"""


@dataclass(frozen=True)
class Correction:
    """Where the document is wrong about what its own clients are sent."""

    pointer: str
    schema: Json
    reason: str


CORRECTIONS: Final = (
    Correction(
        "/components/schemas/schemas_prediction_response/properties/version",
        {"type": "string"},
        "`hidden` fits both branches of its oneOf, so that oneOf refuses it.",
    ),
    Correction(
        "/components/schemas/schemas_training_response/properties/output",
        {"type": "object", "nullable": True},
        "A training that has not ended has none; predictions say null, and so do trainings.",
    ),
)


class Broken(AssertionError):
    """An answer that is not as the document says."""


async def check_response(response: httpx.Response) -> None:
    """An event hook for an HTTP client: every answer that it gets is checked.

    Raises:
        Broken: It is not as the document says.
    """
    if not _is_stream(response):
        _check_read(response, await response.aread())


def check_response_now(response: httpx.Response) -> None:
    """The same for a client that blocks.

    Raises:
        Broken: It is not as the document says.
    """
    if not _is_stream(response):
        _check_read(response, response.read())


def _is_stream(response: httpx.Response) -> bool:
    # A stream is at a path of files, which the document has, and it is no file.
    return response.headers.get("content-type", "").startswith("text/event-stream")


def _check_read(response: httpx.Response, body: bytes) -> None:
    kind = response.headers.get("content-type", "")
    path = response.request.url.path
    check_answer(response.request.method, path, response.status_code, kind, body)


def check_answer(method: str, path: str, status: int, kind: str, body: bytes) -> None:
    """Compare an answer with the operation that it belongs to; *kind* is its content type.

    Raises:
        Broken: It is not as the document says.
    """
    if not path.startswith("/v1/") or status in {206, 304, 307}:
        return
    here = f"{method} {path} answered {status}"
    inner = re.sub(r"^(/v1){1,2}", "", path)
    operation = operation_of("get" if method == "HEAD" else method.lower(), inner)
    if status >= 400:
        _check_refusal(here, operation, status, kind, body)
    elif operation is None:
        asked = (inner, f"{method} {inner}")
        if not any(re.fullmatch(known, one) for known in BEYOND for one in asked):
            raise Broken(f"{here}, which is no operation.")
    elif method != "HEAD":
        _check_success(here, operation, status, kind, body)


def operation_of(method: str, path: str) -> Json | None:
    """The operation at a path without `/v1`; a path in words goes before one with a blank."""
    fitting = [known for known in _document()["paths"] if _fits(known, path)]
    operations = (_document()["paths"][known].get(method) for known in fitting)
    return next((found for found in operations if found is not None), None)


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) is not None


def _check_refusal(here: str, operation: Json | None, status: int, kind: str, body: bytes) -> None:
    declared = set() if operation is None else operation["responses"].keys()
    if status not in REFUSALS and str(status) not in declared:
        raise Broken(f"{here}, which no client expects.")
    if kind != "application/problem+json":
        raise Broken(f"{here} as {kind!r}, not as a problem document.")
    if body:  # HEAD has none
        faults = "; ".join(_faults(_PROBLEM, json.loads(body)))
        if faults or json.loads(body)["status"] != status:
            raise Broken(f"{here} with a problem document that is none: {faults or body!r}")


def _check_success(here: str, operation: Json, status: int, kind: str, body: bytes) -> None:
    declared: Json | None = operation["responses"].get(str(status))
    if declared is None:
        raise Broken(f"{here}; declared are {', '.join(operation['responses'])}.")
    contents: Mapping[str, Json] = declared.get("content", {})
    plain = kind.partition(";")[0].strip()
    if not contents and body:
        raise Broken(f"{here} with a body where there should be none: {body[:200]!r}")
    if contents and plain not in contents:
        raise Broken(f"{here} as {kind!r}; declared are {', '.join(contents)}.")
    if plain == "application/json" and contents:
        pointer = json.dumps(contents[plain]["schema"])
        if faults := "; ".join(_faults(pointer, json.loads(body))):
            raise Broken(f"{here}, and {operation['operationId']} is otherwise: {faults}")


_PROBLEM: Final = json.dumps(
    {
        "type": "object",
        "required": ["detail", "status"],
        "properties": {
            "detail": {"type": "string", "minLength": 1},
            "status": {"type": "integer"},
            "title": {"type": "string", "minLength": 1},
            "invalid_fields": {"type": "array", "minItems": 1},
            "retry_after": {"type": "number", "minimum": 0},
        },
    }
)


def _faults(schema: str, value: object) -> list[str]:
    errors = _validator(schema).iter_errors(value)
    return ["/".join(map(str, error.instance_path)) + f": {error.message}" for error in errors]


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    root = json.loads(schema) | {"components": _document()["components"]}
    return jsonschema_rs.Draft202012Validator(root, validate_formats=True)


@cache
def _document() -> Json:
    document: Json = json.loads(DOCUMENT.read_bytes())
    for correction in CORRECTIONS:
        *parents, last = correction.pointer.lstrip("/").split("/")
        place = document
        for name in parents:
            place = place[name]
        assert last in place, f"The document has no {correction.pointer}."
        place[last] = correction.schema
    return cast("Json", _without_nullable(document))


def _without_nullable(node: object) -> object:
    """The document in JSON Schema's own words: `nullable` is OpenAPI 3.0's, and it is 3.1."""
    if isinstance(node, list):
        return [_without_nullable(item) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    fields = {name: _without_nullable(item) for name, item in cast("Json", node).items()}
    if fields.pop("nullable", False) is True:
        return {"anyOf": [fields, {"type": "null"}]}
    return fields
