"""Deployments: made, shown, changed, deleted and run."""

from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.creating import Creating, Wish
from safelight.api.operation import Operation
from safelight.api.paging import link, read_part, split
from safelight.deployment import Deployment, Release
from safelight.errors import NotFound, StaleWrite
from safelight.ids import Reference
from safelight.registry import Runnable


class Deployments:
    """The endpoints of `/deployments`; those of other accounts are not found."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store.deployments
        self._creating = Creating(context)

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        every, one = "/v1/deployments", "/v1/deployments/{owner}/{name}"
        runs = f"{one}/predictions"
        return [
            Operation("deployments.predictions.create", "POST", runs, self.run, Scope.RUN),
            Operation("deployments.list", "GET", every, self.list, Scope.READ),
            Operation("deployments.get", "GET", one, self.get, Scope.READ),
            Operation("deployments.create", "POST", every, self.create, Scope.WRITE),
            Operation("deployments.update", "PATCH", one, self.update, Scope.WRITE),
            Operation("deployments.delete", "DELETE", one, self.delete, Scope.WRITE),
        ]

    async def list(self, request: Request, token: Token) -> Response:
        """`GET /deployments`: newest first, 100 to a page."""
        part = read_part(request.query_params)
        rows = await self._store.list(token.account, part)
        page, following, previous = split(part, rows)
        path = self._context.origin(request) + request.url.path
        shown = wire.page(
            [await self._shown(deployment) for deployment in page],
            link(path, request.query_params, following),
            link(path, request.query_params, previous),
        )
        return answer(shown)

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /deployments/{owner}/{name}`."""
        return answer(await self._shown(await self._named(request, token)))

    async def create(self, request: Request, token: Token) -> Response:
        """`POST /deployments`: its first release."""
        body = wire.read_deployment(await self._context.body(request))
        await self._runnable(body.model, body.version, token)
        now = datetime.now(UTC)
        release = Release(
            number=1,
            model=body.model,
            version=body.version,
            created_at=now,
            created_by=token.account,
            configuration=body.configuration,
        )
        owner = token.account
        made = Deployment(owner=owner, name=body.name, created_at=now, release=release)
        await self._store.add(made)
        return answer(await self._shown(made))

    async def update(self, request: Request, token: Token) -> Response:
        """`PATCH /deployments/{owner}/{name}`: its next release."""
        body = await self._context.body(request)
        deployment = await self._named(request, token)
        change = wire.read_deployment_change(body)
        while True:
            if change.version is not None:
                await self._runnable(deployment.release.model, change.version, token)
            changed = _changed(deployment, change, token)
            try:
                await self._store.release(changed.owner, changed.name, changed.release)
            except StaleWrite:  # it has just been changed: change what it is now
                deployment = await self._named(request, token)
            else:
                return answer(await self._shown(changed))

    async def delete(self, request: Request, token: Token) -> Response:
        """`DELETE /deployments/{owner}/{name}`: when nothing of it waits or runs."""
        deployment = await self._named(request, token)
        await self._store.remove(deployment.owner, deployment.name)
        return Response(status_code=204)

    async def run(self, request: Request, token: Token) -> Response:
        """`POST /deployments/{owner}/{name}/predictions`: of its current release."""
        deployment = await self._named(request, token)
        sent = await self._context.body(request)
        body = wire.read_create(sent, needs_version=False)
        release = deployment.release
        runnable = await self._runnable(release.model, release.version, token)
        facts = {"deployment": deployment.name}
        wish = Wish(body=body, runnable=runnable, sent=sent, facts=facts)
        return await self._creating.create(request, token, wish)

    async def _named(self, request: Request, token: Token) -> Deployment:
        owner, name = request.path_params["owner"], request.path_params["name"]
        if owner != token.account:
            raise NotFound
        return await self._store.get(owner, name)

    async def _runnable(self, model: str, version: str, token: Token) -> Runnable:
        owner, _, name = model.partition("/")
        reference = Reference(owner, name, version)
        return await self._context.library.resolve(reference, token.account)

    async def _shown(self, deployment: Deployment) -> wire.Json:
        created_by = await self._context.store.accounts.get(deployment.release.created_by)
        return wire.deployment(deployment, created_by)


def _changed(deployment: Deployment, change: wire.DeploymentChange, token: Token) -> Deployment:
    now = deployment.release
    told = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not None
    }
    version = told.pop("version", now.version)
    release = now.followed_by(
        version,
        msgspec.structs.replace(now.configuration, **told),
        created_by=token.account,
        now=datetime.now(UTC),
    )
    return msgspec.structs.replace(deployment, release=release)
