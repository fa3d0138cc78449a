"""Trainings: created, shown, listed, canceled."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.creating import FRESH, Creating, Wish
from safelight.api.operation import Operation
from safelight.api.paging import link, read_cursor, split
from safelight.api.predictions import canceled
from safelight.errors import NotFound, Untrainable
from safelight.ids import Reference
from safelight.prediction import Prediction
from safelight.registry import Runnable
from safelight.store import Query

NO_DESTINATION: Final = "The specified training destination does not exist"


class Trainings:
    """The endpoints of `/trainings` and `/models/.../versions/{id}/trainings`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._creating = Creating(context)

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        every, one = "/v1/trainings", "/v1/trainings/{id}"
        create = "/v1/models/{owner}/{name}/versions/{id}/trainings"
        return [
            Operation("trainings.create", "POST", create, self.create, Scope.WRITE),
            Operation("trainings.list", "GET", every, self.list, Scope.READ),
            Operation("trainings.get", "GET", one, self.get, Scope.READ),
            Operation("trainings.cancel", "POST", f"{one}/cancel", self.cancel, Scope.WRITE),
        ]

    async def create(self, request: Request, token: Token) -> Response:
        """`POST /models/{owner}/{name}/versions/{id}/trainings`; shown as a prediction is."""
        trained = await self._version(request, token)
        sent = await self._context.body(request)
        body = wire.read_training(sent)
        await self._check_destination(body.destination, token)
        runnable = trained.to_train()
        if runnable is None:
            raise Untrainable(trained.model.full_name)
        facts = {"destination": body.destination, "origin": self._context.origin(request)}
        wish = Wish(body=body.create, runnable=runnable, sent=sent, facts=facts)
        return await self._creating.create(request, token, wish)

    async def list(self, request: Request, token: Token) -> Response:
        """`GET /trainings`: newest first, 100 to a page."""
        position, is_backwards = read_cursor(request.query_params.get("cursor"))
        query = Query(
            account=token.account, position=position, is_backwards=is_backwards, trainings=True
        )
        page, following, previous = split(query, await self._context.store.list(query))
        path = self._context.origin(request) + request.url.path
        shown = wire.page(
            [self._shown(training, request) for training in page],
            link(path, request.query_params, following),
            link(path, request.query_params, previous),
        )
        return answer(shown, headers=FRESH)

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /trainings/{id}`."""
        return answer(self._shown(await self._named(request, token), request), headers=FRESH)

    async def cancel(self, request: Request, token: Token) -> Response:
        """`POST /trainings/{id}/cancel`: one that has ended is shown as it ended."""
        training = await self._named(request, token)
        return answer(self._shown(await canceled(self._context.store, training), request))

    async def _version(self, request: Request, token: Token) -> Runnable:
        path, library = request.path_params, self._context.library
        owner, name, version_id = path["owner"], path["name"], path["id"]
        version = await library.version(owner, name, version_id, token.account)
        return await library.resolve(Reference(owner, name, version.id), token.account)

    async def _check_destination(self, destination: str, token: Token) -> None:
        owner, _, name = destination.partition("/")
        if owner != token.account:
            raise NotFound(NO_DESTINATION)
        try:
            await self._context.store.models.get(owner, name)
        except NotFound:
            raise NotFound(NO_DESTINATION) from None

    async def _named(self, request: Request, token: Token) -> Prediction:
        training = await self._context.store.get(request.path_params["id"], token.account)
        if training.destination is None:
            raise NotFound
        return training

    def _shown(self, training: Prediction, request: Request) -> wire.Json:
        return wire.training(self._context.wire, training, self._context.origin(request))
