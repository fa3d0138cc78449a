"""Tokens: listed, made and revoked by a token of the same account."""

import secrets
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Mode, Scope, Token, new_token
from safelight.api.context import Context, answer
from safelight.api.creating import FRESH
from safelight.api.operation import Operation
from safelight.errors import Forbidden
from safelight.ledger import Standing


class Tokens:
    """The endpoints of `/tokens`, which Replicate does not have."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._accounts = context.store.accounts

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        every = "/v1/tokens"
        return [
            Operation("tokens.list", "GET", every, self.list, Scope.ADMIN),
            Operation("tokens.create", "POST", every, self.create, Scope.ADMIN),
            Operation("tokens.delete", "DELETE", f"{every}/{{id}}", self.delete, Scope.ADMIN),
        ]

    async def list(self, _request: Request, token: Token) -> Response:
        """`GET /tokens`: all on one page, newest first, revoked ones too."""
        found = await self._accounts.tokens(token.account)
        limits = await self._limits(token, [one.id for one in found])
        shown = [
            wire.token(one, limits.get(one.id), asks=one.id == token.id) for one in reversed(found)
        ]
        return answer(wire.page(shown, None, None), headers=dict(FRESH))

    async def create(self, request: Request, token: Token) -> Response:
        """`POST /tokens`: its secret is in this answer, and nowhere ever after."""
        asked = wire.read_token(await self._context.body(request))
        mode = asked.mode or token.mode
        scopes = token.scopes if asked.scopes is None else asked.scopes
        await self._check(token, mode, scopes)
        secret, new = new_token(
            secrets.token_bytes(32),
            mode=mode,
            name=asked.name,
            account=token.account,
            now=datetime.now(UTC),
            scopes=scopes,
        )
        await self._accounts.add_token(new)
        shown = wire.created_token(wire.token(new, None, asks=False), secret)
        return answer(shown, 201, dict(FRESH))

    async def delete(self, request: Request, token: Token) -> Response:
        """`DELETE /tokens/{id}`: it opens nothing from now on; it may be the one that asks."""
        now = datetime.now(UTC)
        await self._accounts.revoke_token(request.path_params["id"], token.account, now)
        return Response(status_code=204)

    async def _check(self, token: Token, mode: Mode, scopes: frozenset[Scope]) -> None:
        """A token gives no more than it has.

        Raises:
            Forbidden: It would.
        """
        if more := [scope.value for scope in Scope if scope in scopes - token.scopes]:
            lacking = ", ".join(f"`{scope}`" for scope in more)
            raise Forbidden(f"A token can only give scopes that it has; this one lacks {lacking}.")
        if mode is not Mode.LIVE:
            return
        if token.mode is not Mode.LIVE:
            raise Forbidden(
                "A test token makes test tokens only. Ask with a live token, or use"
                " `safelight tokens create` on the server's machine."
            )
        if await self._limits(token, [token.id]):
            raise Forbidden(
                "This token has a spend limit, which a live token made by it would not have. Ask"
                " with another, or use `safelight tokens create` on the server's machine."
            )

    async def _limits(self, token: Token, ids: "list[str]") -> dict[str, Standing]:
        now = datetime.now(UTC)
        standings = await self._context.store.ledger.standings(token.account, ids, now)
        return {one.token: one for one in standings if one.token is not None}
