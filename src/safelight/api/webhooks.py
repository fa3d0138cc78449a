"""Webhooks: the signing secret, and what became of each delivery."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.operation import Operation
from safelight.api.paging import link, read_part, split

_SECRET = {"cache-control": "no-store"}


class Webhooks:
    """The endpoints of `/webhooks`; only the secret's GET is Replicate's."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._outbox = context.store.outbox

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        secret, every = "/v1/webhooks/default/secret", "/v1/webhooks/deliveries"
        one, again = f"{every}/{{id}}", f"{every}/{{id}}/replay"
        rotation = f"{secret}/rotate"
        return [
            Operation("webhooks.default.secret.get", "GET", secret, self.secret, Scope.ADMIN),
            Operation("webhooks.default.secret.rotate", "POST", rotation, self.rotate, Scope.ADMIN),
            Operation("webhooks.deliveries.list", "GET", every, self.list, Scope.ADMIN),
            Operation("webhooks.deliveries.get", "GET", one, self.get, Scope.ADMIN),
            Operation("webhooks.deliveries.replay", "POST", again, self.replay, Scope.ADMIN),
        ]

    async def secret(self, _request: Request, token: Token) -> Response:
        """`GET /webhooks/default/secret`: made on first use, and the same ever after."""
        secret = await self._context.signing.secret(token.account, datetime.now(UTC))
        return answer(wire.signing_secret(secret), headers=_SECRET)

    async def rotate(self, request: Request, token: Token) -> Response:
        """`POST /webhooks/default/secret/rotate`: the old one signs on for a while."""
        overlap = wire.read_rotation(await self._context.body(request))
        signing = self._context.signing
        secret = await signing.rotate(token.account, overlap, datetime.now(UTC))
        return answer(wire.signing_secret(secret), headers=_SECRET)

    async def list(self, request: Request, token: Token) -> Response:
        """`GET /webhooks/deliveries`: newest first, 100 to a page."""
        part = read_part(request.query_params)
        prediction = request.query_params.get("prediction")
        rows = await self._outbox.list(token.account, part, prediction)
        page, following, previous = split(part, rows)
        last = await self._outbox.last_attempts([delivery.id for delivery in page])
        path = self._context.origin(request) + request.url.path
        shown = wire.page(
            [wire.delivery(delivery, last=last.get(delivery.id)) for delivery in page],
            link(path, request.query_params, following),
            link(path, request.query_params, previous),
        )
        return answer(shown)

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /webhooks/deliveries/{id}`: with its attempts."""
        delivery = await self._outbox.get(request.path_params["id"], token.account)
        return answer(wire.delivery(delivery, await self._outbox.attempts(delivery.id)))

    async def replay(self, request: Request, token: Token) -> Response:
        """`POST /webhooks/deliveries/{id}/replay`: it is sent again at once."""
        name, now = request.path_params["id"], datetime.now(UTC)
        delivery = await self._outbox.replay(name, token.account, now)
        return answer(wire.delivery(delivery), 202)
