"""Models: those in the box, and those that accounts create; hardware and the account."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.operation import Operation
from safelight.api.paging import link, read_cursor, split
from safelight.api.showing import examples_of, shown_model, shown_models
from safelight.errors import Conflict, Forbidden, Malformed, NotFound
from safelight.model import HARDWARE, Model
from safelight.page import Part

PAGE: Final = 25
_BY_CREATION: Final = "model_created_at"
_SORTS: Final = (_BY_CREATION, "latest_version_created_at")
_DIRECTIONS: Final = ("asc", "desc")
_MOST_EXAMPLES: Final = 100


class Models:
    """The endpoints of `/models`, `/hardware` and `/account`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        all_, one = "/v1/models", "/v1/models/{owner}/{name}"
        return [
            Operation("models.list", "GET", all_, self.list, Scope.READ),
            Operation("models.create", "POST", all_, self.create, Scope.WRITE),
            Operation("models.get", "GET", one, self.get, Scope.READ),
            Operation("models.update", "PATCH", one, self.update, Scope.WRITE),
            Operation("models.delete", "DELETE", one, self.delete, Scope.WRITE),
            Operation("models.readme.get", "GET", f"{one}/readme", self.readme, Scope.READ),
            Operation("models.examples.list", "GET", f"{one}/examples", self.examples, Scope.READ),
            Operation("hardware.list", "GET", "/v1/hardware", self.hardware, None),
            Operation("account.get", "GET", "/v1/account", self.account, None),
        ]

    async def list(self, request: Request, token: Token) -> Response:
        """`GET /models`: 25 to a page, in the order that is asked for."""
        sort_by = _choice(request.query_params, "sort_by", _SORTS, _SORTS[1])
        direction = _choice(request.query_params, "sort_direction", _DIRECTIONS, "desc")
        position, is_backwards = read_cursor(request.query_params.get("cursor"))
        part = Part(limit=PAGE, position=position, is_backwards=is_backwards)
        places = [_place(m, sort_by) for m in await self._context.library.models(token.account)]
        places.sort(key=_Place.key, reverse=direction == "desc")
        rows = _rows(part, places, is_ascending=direction == "asc")
        page, following, previous = split(part, rows)
        path = self._context.origin(request) + request.url.path
        shown = await shown_models(self._context, request, [place.model for place in page])
        return answer(
            wire.page(
                shown,
                link(path, request.query_params, following),
                link(path, request.query_params, previous),
            )
        )

    async def create(self, request: Request, token: Token) -> Response:
        """`POST /models`: a model of the caller's own, without a version."""
        model = wire.read_new_model(await self._context.body(request), datetime.now(UTC))
        if model.owner != token.account:
            raise Forbidden(f"The owner must be {token.account}, whose token this is.")
        if self._context.library.is_in_the_box(model.owner, model.name):
            raise Conflict(f"There is a model {model.full_name} already.")
        await self._context.store.models.add(model)
        return answer(await shown_model(self._context, request, model), 201)

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /models/{owner}/{name}`."""
        return answer(await shown_model(self._context, request, await self._model(request, token)))

    async def update(self, request: Request, token: Token) -> Response:
        """`PATCH /models/{owner}/{name}`: what is told of it."""
        model = await self._context.library.own(**named(request), account=token.account)
        told = wire.read_model_changes(await self._context.body(request))
        await self._context.store.models.describe(model.owner, model.name, told)
        return answer(await shown_model(self._context, request, await self._model(request, token)))

    async def delete(self, request: Request, token: Token) -> Response:
        """`DELETE /models/{owner}/{name}`: private ones without versions."""
        model = await self._context.library.own(**named(request), account=token.account)
        if model.visibility == "public":
            raise Conflict("Only private models can be deleted: others may be using this one.")
        await self._context.store.models.remove(model.owner, model.name)
        return Response(status_code=204)

    async def readme(self, request: Request, token: Token) -> Response:
        """`GET /models/{owner}/{name}/readme`: Markdown, as text."""
        model = await self._model(request, token)
        if model.readme is None:
            raise NotFound("This model has no readme.")
        return Response(model.readme, media_type="text/plain")

    async def examples(self, request: Request, token: Token) -> Response:
        """`GET /models/{owner}/{name}/examples`: predictions, the default example first."""
        found = await examples_of(
            self._context, await self._model(request, token), most=_MOST_EXAMPLES
        )
        origin = self._context.origin(request)
        shown = [self._context.wire.prediction(prediction, origin) for prediction in found]
        return answer(wire.page(shown, None, None))

    async def hardware(self, _request: Request, _token: Token) -> Response:
        """`GET /hardware`."""
        return answer(wire.hardware(HARDWARE))

    async def account(self, _request: Request, token: Token) -> Response:
        """`GET /account`."""
        return answer(wire.account(await self._context.store.accounts.get(token.account)))

    async def _model(self, request: Request, token: Token) -> Model:
        return await self._context.library.model(**named(request), account=token.account)


class _Place(msgspec.Struct, frozen=True):
    """Where a model stands in the list."""

    created_at: datetime
    id: str
    model: Model

    def key(self) -> tuple[datetime, str]:
        return self.created_at, self.id


def _place(model: Model, sort_by: str) -> _Place:
    """A model without a version is as new as itself."""
    moment = model.created_at
    if sort_by != _BY_CREATION and model.latest is not None:
        moment = model.latest.created_at
    # In digits, as an owner's name may have what a cursor may not.
    return _Place(moment, model.full_name.encode().hex(), model)


def _rows(part: Part, places: Sequence[_Place], *, is_ascending: bool) -> Sequence[_Place]:
    """The page, and one more if there is one more."""
    here = part.position
    if here is None:
        return places[: part.limit + 1]
    wants_greater = is_ascending is not part.is_backwards
    beyond = [
        place for place in places if (place.key() > here if wants_greater else place.key() < here)
    ]
    return beyond[-part.limit - 1 :] if part.is_backwards else beyond[: part.limit + 1]


def _choice(query: QueryParams, name: str, known: Sequence[str], usual: str) -> str:
    value = query.get(name, usual)
    if value not in known:
        raise Malformed(f"{name} must be one of: {', '.join(known)}.")
    return value


def named(request: Request) -> dict[str, str]:
    """The model that the path names."""
    return {"owner": request.path_params["owner"], "name": request.path_params["name"]}
