"""Predictions: create, get, list, cancel."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.creating import FRESH, Creating, Wish
from safelight.api.operation import Operation
from safelight.api.paging import link, read_cursor, split
from safelight.errors import InvalidVersion, Malformed, StaleWrite
from safelight.ids import Reference, read_reference
from safelight.prediction import Prediction, Status, Waiting
from safelight.store import Query, Store

_WEB_WINDOW: Final = timedelta(days=14)
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
        """`GET /predictions`: newest first, 100 to a page."""
        query = _read_query(request, token.account)
        page, following, previous = split(query, await self._context.store.list(query))
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


def _read_query(request: Request, account: str) -> Query:
    parameters = request.query_params
    source = parameters.get("source")
    if source not in (None, "web"):
        raise Malformed(f'source can only be "web", not {source!r}; leave it out for everything.')
    position, is_backwards = read_cursor(parameters.get("cursor"))
    after = _read_moment(parameters.get("created_after"), "created_after")
    if source == "web":
        window = datetime.now(UTC) - _WEB_WINDOW
        after = window if after is None else max(after, window)
    return Query(
        account=account,
        created_after=after,
        created_before=_read_moment(parameters.get("created_before"), "created_before"),
        source=source,
        position=position,
        is_backwards=is_backwards,
    )


def _read_moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Malformed(
            f"{name} must be an ISO 8601 date-time such as 2025-01-31T00:00:00Z."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
