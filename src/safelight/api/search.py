"""Search: models by their names and words, and the collections that they are in."""

import asyncio
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.models import PAGE
from safelight.api.operation import Operation
from safelight.api.showing import shown_models
from safelight.errors import Malformed
from safelight.model import Collection, Model
from safelight.search import Document, ranked

_USUAL: Final = 20
_MOST: Final = 50


class Search:
    """`QUERY /models` and `GET /search`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = asyncio.Lock()
        """Among thousands of models a search takes a while: one at a time is enough."""

    def operations(self) -> list[Operation]:
        """What is answered here."""
        return [
            Operation("models.search", "QUERY", "/v1/models", self.models, Scope.READ),
            Operation("search", "GET", "/v1/search", self.everything, Scope.READ),
        ]

    async def models(self, request: Request, token: Token) -> Response:
        """`QUERY /models`: one page, the best first; the body is what to look for."""
        query = wire.read_search(await self._context.body(request))
        found = [model for model, _ in await self._found(query, token)]
        shown = await shown_models(self._context, request, found[:PAGE])
        return answer(wire.found_models(shown))

    async def everything(self, request: Request, token: Token) -> Response:
        """`GET /search`: models with their scores, and collections."""
        query = request.query_params.get("query", "")
        if not query.strip():
            raise Malformed('Query parameter "query" is required')
        limit = _read_limit(request.query_params.get("limit", str(_USUAL)))
        found = (await self._found(query, token))[:limit]
        shown = await shown_models(self._context, request, [model for model, _ in found])
        everywhere = self._context.library.collections
        models = [
            wire.found_model(
                one, score, [c.slug for c in everywhere if model.full_name in c.models]
            )
            for one, (model, score) in zip(shown, found, strict=True)
        ]
        return answer(wire.findings(query, models, _found_collections(query, everywhere)))

    async def _found(self, query: str, token: Token) -> list[tuple[Model, float]]:
        models = {m.full_name: m for m in await self._context.library.models(token.account)}
        documents = [
            Document(key=name, name=name, text=model.description or "", extra=model.readme or "")
            for name, model in models.items()
        ]
        async with self._turn:
            found = await asyncio.to_thread(ranked, query, documents)
        return [(models[document.key], score) for document, score in found]


def _found_collections(query: str, collections: Sequence[Collection]) -> list[Collection]:
    by_slug = {collection.slug: collection for collection in collections}
    documents = [Document(key=c.slug, name=c.name, text=c.description) for c in collections]
    return [by_slug[document.key] for document, _ in ranked(query, documents)]


def _read_limit(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= _MOST:
        return int(text)
    raise Malformed(f"limit must be a whole number from 1 to {_MOST}.")
