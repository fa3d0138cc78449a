"""Predictions: create, get, list, cancel, delete."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.creating import FRESH, Creating, Wish
from safelight.api.narrowing import read_filter, read_query
from safelight.api.operation import Operation
from safelight.api.paging import link, split, split_found
from safelight.errors import Conflict, Forbidden, InvalidVersion, NotFound, StaleWrite
from safelight.ids import Reference, read_reference
from safelight.prediction import Prediction, Status, Waiting
from safelight.store import Store

_FARTHEST: Final = 1000
"""Places are counted up to this one, which stands for all behind it."""
_AT_ONCE: Final = 1_000_000
"""Bytes of a page up to which it is made on the loop, in a millisecond or two."""
_JSON: Final = "application/json; charset=UTF-8"


class Predictions:
    """The endpoints of `/predictions` and `/models/{owner}/{name}/predictions`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._creating = Creating(context)

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        one, model = "/v1/predictions/{id}", "/v1/models/{owner}/{name}"
        return [
            Operation("predictions.create", "POST", "/v1/predictions", self.create, Scope.RUN),
            Operation(
                "models.predictions.create",
                "POST",
                f"{model}/predictions",
                self.create_for_model,
                Scope.RUN,
            ),
            Operation("predictions.get", "GET", one, self.get, Scope.READ),
            Operation("predictions.list", "GET", "/v1/predictions", self.list, Scope.READ),
            Operation("predictions.cancel", "POST", f"{one}/cancel", self.cancel, Scope.RUN),
            Operation("predictions.delete", "DELETE", one, self.delete, Scope.WRITE),
        ]

    async def create(self, request: Request, token: Token) -> Response:
        """`POST /predictions`: the body's `version` names what to run."""
        sent = await self._context.body(request)
        body = wire.read_create(sent, needs_version=True)
        runnable = await self._context.library.resolve(
            read_reference(body.version or ""), token.account
        )
        wish = Wish(body=body, runnable=runnable, sent=sent)
        return await self._creating.create(request, token, wish)

    async def create_for_model(self, request: Request, token: Token) -> Response:
        """`POST /models/{owner}/{name}/predictions`: the path names what to run."""
        owner, name = request.path_params["owner"], request.path_params["name"]
        library = self._context.library
        try:
            runnable = await library.resolve(Reference(owner, name, None), token.account)
        except InvalidVersion:
            await library.model(owner, name, token.account)  # it has none, or is not there at all
            raise
        sent = await self._context.body(request)
        body = wire.read_create(sent, needs_version=False)
        wish = Wish(body=body, runnable=runnable, sent=sent)
        return await self._creating.create(request, token, wish)

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /predictions/{id}`."""
        prediction = await self._context.store.get(request.path_params["id"], token.account)
        shown = self._context.wire.prediction(
            prediction, self._context.origin(request), await self._waiting(prediction)
        )
        return answer(shown, headers=FRESH)

    async def list(self, request: Request, token: Token) -> Response:
        """`GET /predictions`: newest first, 100 to a page.

        Filtered, a page may hold fewer, or none, although others follow.
        """
        query = read_query(request.query_params, token.account)
        wanted = read_filter(request.query_params, self._context.wire)
        store = self._context.store
        if wanted is None:
            page, following, previous = split(query, await store.list(query))
        else:
            page, following, previous = split_found(query, await store.find(query, wanted))
        origin = self._context.origin(request)
        path = origin + request.url.path
        pieces = self._context.wire.page(
            page,
            origin,
            link(path, request.query_params, following),
            link(path, request.query_params, previous),
        )
        return _paged(pieces)

    async def cancel(self, request: Request, token: Token) -> Response:
        """`POST /predictions/{id}/cancel`: one that has ended is shown as it ended."""
        prediction = await self._context.store.get(request.path_params["id"], token.account)
        return answer(self._shown(await canceled(self._context.store, prediction), request))

    async def delete(self, request: Request, token: Token) -> Response:
        """`DELETE /predictions/{id}`: it is forgotten, with its files; what it cost stays."""
        store = self._context.store
        prediction = await store.get(request.path_params["id"], token.account)
        _check_deletable(prediction, token)
        try:
            await store.forget(prediction)
        except StaleWrite:  # somebody else was quicker
            raise NotFound from None
        return Response(status_code=204)

    async def _waiting(self, prediction: Prediction) -> Waiting | None:
        """Where it stands in its queue, if it has not started."""
        if prediction.status is not Status.STARTING:
            return None
        place = await self._context.store.place(prediction, _FARTHEST)
        return Waiting(place, self._context.queueing.reason(prediction))

    def _shown(self, prediction: Prediction, request: Request) -> wire.Json:
        return self._context.wire.prediction(prediction, self._context.origin(request))


async def canceled(store: Store, prediction: Prediction) -> Prediction:
    """A prediction after its caller wished it to end: canceled, unless it had ended before."""
    while not prediction.status.is_terminal:
        ended = prediction.cancel(datetime.now(UTC))
        try:
            await store.save(ended, was=prediction.status)
        except StaleWrite:  # it has just moved: look again
            prediction = await store.get(prediction.id, prediction.account)
        else:
            return ended
    return prediction


def _check_deletable(prediction: Prediction, token: Token) -> None:
    if prediction.account != token.account:
        raise Forbidden(f"{prediction.id} is an example that comes with Safelight, and stays.")
    if prediction.destination is not None:
        raise Conflict(
            f"{prediction.id} is a training, and stays on record. What it made is deleted as a"
            f" version of {prediction.destination}."
        )
    if not prediction.status.is_terminal:
        raise Conflict(
            f"Prediction {prediction.id} is {prediction.status}. Cancel it first: POST"
            f" /v1/predictions/{prediction.id}/cancel."
        )


def _paged(pieces: Iterator[bytes]) -> Response:
    """At once, unless it is large: then each piece in a thread, once the last is on its way."""
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        begun.append(piece)
        size += len(piece)
        if size > _AT_ONCE:
            return StreamingResponse(chain(begun, pieces), headers=FRESH, media_type=_JSON)
    return Response(b"".join(begun), headers=FRESH, media_type=_JSON)
