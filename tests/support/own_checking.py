"""The server's own description of its API, and whether an answer is as it says."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import httpx
import jsonschema_rs
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp
from tests.support.checking import Broken

from safelight.engine import running_engine
from safelight.settings import read_settings

Json = dict[str, Any]

_ROUTING: Final = frozenset({307, 404, 405})
"""How a path or a method that does not exist is answered; 307 leads to one without a slash."""


def routes_of(app: ASGIApp) -> list[Route]:
    """All routes, whatever layers lie around them."""
    inner: Any = app
    while not isinstance(inner, Starlette):
        inner = next(
            getattr(inner, name) for name in ("_api", "_app", "app") if hasattr(inner, name)
        )
    return cast("list[Route]", inner.routes)


async def own_document() -> Json:
    """What `GET /openapi.json` answers, whatever the settings and the models are."""
    global _known  # noqa: PLW0603 - asked for once, before any engine that is tested
    if _known is None:
        with TemporaryDirectory() as folder:
            settings = read_settings({"SAFELIGHT_HOME": folder}, Path(folder))
            async with running_engine(settings, ()) as engine:
                transport = httpx.ASGITransport(engine.app)
                async with httpx.AsyncClient(transport=transport, base_url="http://own") as client:
                    _known = (await client.get("/openapi.json")).json()
    assert _known is not None
    return _known


def check_own(document: Json) -> Callable[[httpx.Response], Awaitable[None]]:
    """An event hook for an HTTP client: every answer that it gets is checked.

    It raises `Broken` when one is not as the document says.
    """
    description = _description(json.dumps(document))

    async def check(response: httpx.Response) -> None:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            description.check(response, await response.aread())

    return check


_known: Json | None = None


@dataclass(frozen=True)
class _Description:
    document: Json

    def check(self, response: httpx.Response, body: bytes) -> None:
        method, path = response.request.method, response.request.url.path
        operation = self.operation(method, path)
        here = f"{method} {path} answered {response.status_code}"
        if operation is None or response.status_code == 405:
            if response.status_code not in _ROUTING:
                raise Broken(f"{here}, and is no operation of our own document.")
            return
        declared = operation["responses"].get(str(response.status_code))
        if declared is None:
            raise Broken(f"{here}; our own document says {', '.join(operation['responses'])}.")
        self._check_body(here, self._resolved(declared), response, body)

    def operation(self, method: str, path: str) -> Json | None:
        """The most exact of those that fit."""
        wanted = {"HEAD": "get", "QUERY": "x-query"}.get(method, method.lower())
        inner = re.sub(r"^(/v1){1,2}(?=/)", "", path)
        for pattern, template in self._patterns:
            item = self.document["paths"][template]
            if wanted in item and pattern.fullmatch(inner):
                found: Json = item[wanted]
                return found
        return None

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        def inexact(template: str) -> tuple[int, int]:
            literal = re.sub(r"\{\w+\}", "", template)
            return template.count("{"), -len(literal)

        templates = sorted(self.document["paths"], key=inexact)
        return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(t))), t) for t in templates]

    def _check_body(self, here: str, declared: Json, response: httpx.Response, body: bytes) -> None:
        contents: Json = declared.get("content", {})
        if response.request.method == "HEAD":
            return
        if body and not contents:
            raise Broken(f"{here} with a body where our own document has none.")
        if not contents:
            return
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind not in contents and "*/*" not in contents:
            raise Broken(f"{here} as {kind!r}; our own document says {', '.join(contents)}.")
        if kind.endswith("json") and kind in contents:
            faults = self._validator(json.dumps(contents[kind]["schema"])).iter_errors(
                json.loads(body)
            )
            told = [f"{'/'.join(map(str, f.instance_path))}: {f.message}" for f in faults]
            if told:
                raise Broken(f"{here}, and our own document says otherwise: {'; '.join(told)}")

    def _resolved(self, node: Json) -> Json:
        if "$ref" not in node:
            return node
        found = self.document
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    def _validator(self, schema: str) -> jsonschema_rs.Draft202012Validator:
        return _validator(schema, self._components)

    @cached_property
    def _components(self) -> str:
        return json.dumps({"schemas": _closed(self.document["components"]["schemas"])})


def _closed(node: object) -> object:
    """The schemas, none of which takes a property that it does not name: or they would rot."""
    if isinstance(node, list):
        return [_closed(item) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    fields = {name: _closed(item) for name, item in cast("Json", node).items()}
    if fields.get("type") == "object" and "properties" in fields:
        fields.setdefault("additionalProperties", False)
    return fields


@cache
def _description(text: str) -> _Description:
    # No dataclass field is hashed: one text, one description.
    return _Description(json.loads(text))


@cache
def _validator(schema: str, components: str) -> jsonschema_rs.Draft202012Validator:
    root = json.loads(schema) | {"components": json.loads(components)}
    return jsonschema_rs.Draft202012Validator(root, validate_formats=True)
