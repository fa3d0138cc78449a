"""`GET /openapi.json`: what is served here, as an OpenAPI 3.1 document."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from safelight import wire
from safelight.account import Scope
from safelight.api.context import answer
from safelight.api.operation import Operation

_FOLDER: Final = files("safelight.api") / "description"
_ROOT: Final = "/v1"
_METHODS: Final = frozenset({"GET", "POST", "PATCH", "DELETE"})
"""Those that 3.1 has a place for; any other stands as `x-` and its name."""
_ALWAYS: Final = (401, 429, 500, 503)
"""What every operation may answer that needs a token."""
_WITH_BODY: Final = (400, 413, 422)
_INFO: Final = {
    "title": "Safelight",
    "summary": "Replicate's HTTP API on your own keys, or on no key at all.",
    "description": (
        "Every path is also served with its `/v1` twice. A method that a path has not got is "
        "answered with 405. `QUERY /models` stands as `x-query`, because OpenAPI 3.1 has no place "
        "for that method."
    ),
}


@dataclass(frozen=True)
class _Entry:
    """An operation, with a token or without."""

    name: str
    method: str
    path: str
    is_open: bool = False
    needs: Scope | None = None


class Document:
    """The endpoint of `/openapi.json`; needs no token."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self.opened: Sequence[Route] = ()
        """What needs no token; looked at when the document is made, and this is a part of it."""

    @cached_property
    def content(self) -> wire.Json:
        """The document; made when it is first asked for."""
        guarded = [_Entry(o.name, o.method, o.path, needs=o.needs) for o in self._operations]
        opened = [_Entry(r.name, "GET", r.path, is_open=True) for r in self.opened]
        paths: dict[str, wire.Json] = {}
        ids: set[str] = set()
        for entry in [*guarded, *opened]:
            _put(paths, entry, _described(entry, ids))
        return {
            "openapi": "3.1.0",
            "info": {**_INFO, "version": version("safelight")},
            "servers": [{"url": _ROOT}],
            "paths": dict(sorted(paths.items())),
            "components": _components(),
        }

    async def get(self, _request: Request) -> Response:
        """`GET /openapi.json`, and the same below `/v1`."""
        return answer(self.content)


def _put(paths: dict[str, wire.Json], entry: _Entry, described: wire.Json) -> None:
    is_inside = entry.path.startswith(f"{_ROOT}/")
    item = paths.setdefault(entry.path.removeprefix(_ROOT) if is_inside else entry.path, {})
    if not is_inside:
        item["servers"] = [{"url": "/"}]
    name = entry.method.lower()
    item[name if entry.method in _METHODS else f"x-{name}"] = described


def _described(entry: _Entry, ids: set[str]) -> wire.Json:
    known = _read("operations")[entry.name]
    described: wire.Json = {
        "operationId": _new_id(entry, ids),
        "summary": known["summary"],
        "security": [] if entry.is_open else [{"token": []}],
        "parameters": [_reference("parameters", n) for n in _parameters(known, entry.path)],
        "responses": dict(_answers(known["answers"])) | dict(_refusals(known, entry)),
    }
    if entry.needs is not None:
        described["x-scope"] = entry.needs.value
    if "body" in known:
        content = dict(_contents(known["body"]))
        described["requestBody"] = {"required": "body_is_optional" not in known, "content": content}
    return described


def _new_id(entry: _Entry, ids: set[str]) -> str:
    """Its name; its path as well, where the same is served at two."""
    words = re.findall(r"\w+", entry.path)
    new = entry.name if entry.name not in ids else "-".join([entry.name, *words])
    ids.add(new)
    return new


def _parameters(known: wire.Json, path: str) -> list[str]:
    return [*re.findall(r"\{(\w+)\}", path), *known.get("parameters", ())]


def _answers(answers: Mapping[str, wire.Json]) -> Iterable[tuple[str, wire.Json]]:
    for status, told in answers.items():
        shown: wire.Json = {"description": told["description"]}
        if "content" in told:
            shown["content"] = dict(_contents(told["content"]))
        yield status, shown


def _contents(schemas: Mapping[str, str]) -> Iterable[tuple[str, wire.Json]]:
    for kind, schema in schemas.items():
        yield kind, {"schema": _reference("schemas", schema)}


def _refusals(known: wire.Json, entry: _Entry) -> Iterable[tuple[str, wire.Json]]:
    statuses: set[int] = {500, *known.get("refuses", ())}
    if not entry.is_open:
        statuses.update(_ALWAYS)
    if entry.needs is not None:
        statuses.add(403)
    if "{" in entry.path or "Cursor" in known.get("parameters", ()):
        statuses.add(404)
    if "body" in known:
        statuses.update(_WITH_BODY)
    return ((str(status), _reference("responses", str(status))) for status in sorted(statuses))


def _components() -> wire.Json:
    refusals = {
        status: {
            "description": text,
            "content": {"application/problem+json": {"schema": _reference("schemas", "Problem")}},
        }
        for status, text in _read("refusals").items()
    }
    return {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "parameters": _read("parameters"),
        "responses": refusals,
        "schemas": _read("schemas"),
    }


def _reference(kind: str, name: str) -> wire.Json:
    return {"$ref": f"#/components/{kind}/{name}"}


@cache
def _read(name: str) -> dict[str, Any]:
    return msgspec.json.decode((_FOLDER / f"{name}.json").read_bytes(), type=dict[str, Any])
