"""Models, versions, hardware and the account."""

from starlette.requests import Request
from starlette.responses import Response

from safelight.api.context import Context, answer
from safelight.model import HARDWARE


class Models:
    """The endpoints of `/models`, `/hardware` and `/account`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def list(self, request: Request) -> Response:
        """`GET /models`."""
        await self._context.caller(request)
        runs = await self._context.store.run_counts()
        shown = [
            self._context.wire.model(model, runs.get(model.full_name, 0))
            for model in self._context.registry.models
        ]
        return answer(self._context.wire.page(shown, None, None))

    async def get(self, request: Request) -> Response:
        """`GET /models/{owner}/{name}`."""
        await self._context.caller(request)
        model = self._context.registry.model(**_named(request))
        runs = await self._context.store.run_counts()
        return answer(self._context.wire.model(model, runs.get(model.full_name, 0)))

    async def list_versions(self, request: Request) -> Response:
        """`GET /models/{owner}/{name}/versions`: newest first."""
        await self._context.caller(request)
        model = self._context.registry.model(**_named(request))
        shown = [self._context.wire.version(version) for version in model.versions]
        return answer(self._context.wire.page(shown, None, None))

    async def get_version(self, request: Request) -> Response:
        """`GET /models/{owner}/{name}/versions/{id}`."""
        await self._context.caller(request)
        version = self._context.registry.version(
            **_named(request), version_id=request.path_params["id"]
        )
        return answer(self._context.wire.version(version))

    async def hardware(self, request: Request) -> Response:
        """`GET /hardware`."""
        await self._context.caller(request)
        return answer(self._context.wire.hardware(HARDWARE))

    async def account(self, request: Request) -> Response:
        """`GET /account`."""
        await self._context.caller(request)
        return answer(self._context.wire.account(self._context.account))


def _named(request: Request) -> dict[str, str]:
    return {"owner": request.path_params["owner"], "name": request.path_params["name"]}
