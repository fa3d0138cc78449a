"""Versions of models: list, get, delete."""

from contextlib import suppress
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.models import named
from safelight.api.operation import Operation
from safelight.errors import Conflict, NotFound, StaleWrite
from safelight.store import Store


class Versions:
    """The endpoints of `/models/{owner}/{name}/versions`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        all_ = "/v1/models/{owner}/{name}/versions"
        one = f"{all_}/{{id}}"
        return [
            Operation("models.versions.list", "GET", all_, self.list, Scope.READ),
            Operation("models.versions.get", "GET", one, self.get, Scope.READ),
            Operation("models.versions.delete", "DELETE", one, self.delete, Scope.WRITE),
        ]

    async def list(self, request: Request, token: Token) -> Response:
        """`GET /models/{owner}/{name}/versions`: newest first."""
        model = await self._context.library.model(**named(request), account=token.account)
        shown = [wire.version(version) for version in model.versions]
        return answer(wire.page(shown, None, None))

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /models/{owner}/{name}/versions/{id}`."""
        version = await self._context.library.version(
            **named(request), version_id=request.path_params["id"], account=token.account
        )
        return answer(wire.version(version))

    async def delete(self, request: Request, token: Token) -> Response:
        """`DELETE /models/{owner}/{name}/versions/{id}`: and what it was given and has made."""
        model = await self._context.library.own(**named(request), account=token.account)
        version_id, store = request.path_params["id"], self._context.store
        made = await store.of_version(model.full_name, version_id)
        is_here = version_id in {version.id for version in model.versions}
        if is_here:
            if set(made.values()) - {token.account}:
                raise Conflict("Others have run this version: what it made for them is theirs.")
            await store.models.remove_version(model.owner, model.name, version_id)
            made = await store.of_version(model.full_name, version_id)
        # Where the version is gone already, this is what a delete that was cut off has left.
        own = [name for name, account in made.items() if account == token.account]
        if not (is_here or own):
            raise NotFound
        for prediction_id in own:
            await _remove_data(store, prediction_id)
        return Response(status_code=202)


async def _remove_data(store: Store, prediction_id: str) -> None:
    """What has not ended is canceled first."""
    prediction = await store.get(prediction_id, None)
    while not prediction.status.is_terminal:
        with suppress(StaleWrite):  # it has just moved: look again
            await store.save(prediction.cancel(datetime.now(UTC)), was=prediction.status)
        prediction = await store.get(prediction_id, None)
    await store.remove_data(prediction.remove_data())
