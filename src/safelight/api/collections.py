"""Collections of models."""

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.operation import Operation
from safelight.api.showing import shown_models
from safelight.errors import NotFound


class Collections:
    """The endpoints of `/collections`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        one = "/v1/collections/{slug}"
        return [
            Operation("collections.list", "GET", "/v1/collections", self.list, Scope.READ),
            Operation("collections.get", "GET", one, self.get, Scope.READ),
        ]

    async def list(self, _request: Request, _token: Token) -> Response:
        """`GET /collections`."""
        shown = [wire.collection(collection) for collection in self._context.library.collections]
        return answer(wire.page(shown, None, None))

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /collections/{slug}`: with its models."""
        for collection in self._context.library.collections:
            if collection.slug == request.path_params["slug"]:
                break
        else:
            raise NotFound
        names = [name.split("/", 1) for name in collection.models]
        library = self._context.library
        models = [await library.model(owner, name, token.account) for owner, name in names]
        shown = await shown_models(self._context, request, models)
        return answer(wire.whole_collection(collection, shown))
