"""Models, versions, hardware and the account."""

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.operation import Operation
from safelight.model import HARDWARE


class Models:
    """The endpoints of `/models`, `/hardware` and `/account`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        model = "/v1/models/{owner}/{name}"
        versions = f"{model}/versions"
        return [
            Operation("models.list", "GET", "/v1/models", self.list, Scope.READ),
            Operation("models.get", "GET", model, self.get, Scope.READ),
            Operation("models.versions.list", "GET", versions, self.list_versions, Scope.READ),
            Operation(
                "models.versions.get", "GET", f"{versions}/{{id}}", self.get_version, Scope.READ
            ),
            Operation("hardware.list", "GET", "/v1/hardware", self.hardware, None),
            Operation("account.get", "GET", "/v1/account", self.account, None),
        ]

    async def list(self, _request: Request, _token: Token) -> Response:
        """`GET /models`."""
        runs = await self._context.store.run_counts()
        shown = [
            wire.model(model, runs.get(model.full_name, 0))
            for model in self._context.registry.models
        ]
        return answer(wire.page(shown, None, None))

    async def get(self, request: Request, _token: Token) -> Response:
        """`GET /models/{owner}/{name}`."""
        model = self._context.registry.model(**_named(request))
        runs = await self._context.store.run_counts()
        return answer(wire.model(model, runs.get(model.full_name, 0)))

    async def list_versions(self, request: Request, _token: Token) -> Response:
        """`GET /models/{owner}/{name}/versions`: newest first."""
        model = self._context.registry.model(**_named(request))
        shown = [wire.version(version) for version in model.versions]
        return answer(wire.page(shown, None, None))

    async def get_version(self, request: Request, _token: Token) -> Response:
        """`GET /models/{owner}/{name}/versions/{id}`."""
        version = self._context.registry.version(
            **_named(request), version_id=request.path_params["id"]
        )
        return answer(wire.version(version))

    async def hardware(self, _request: Request, _token: Token) -> Response:
        """`GET /hardware`."""
        return answer(wire.hardware(HARDWARE))

    async def account(self, _request: Request, token: Token) -> Response:
        """`GET /account`."""
        return answer(wire.account(await self._context.store.accounts.get(token.account)))


def _named(request: Request) -> dict[str, str]:
    return {"owner": request.path_params["owner"], "name": request.path_params["name"]}
