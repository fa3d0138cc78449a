"""Accounts and tokens on SQLite."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from safelight.account import Account, Mode, Scope, Token
from safelight.errors import Conflict, NotFound
from safelight.stores.database import Database
from safelight.stores.rows import micros, moment

LOOK_AGAIN: Final = 1.0
"""Seconds after which a revocation by another process is noticed."""

_ACCOUNT: Final = "SELECT username, name, type, github_url, avatar_url FROM accounts"
_ADD: Final = "INSERT INTO accounts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_TOKEN: Final = (
    "SELECT id, hash, hint, name, account, mode, created_at, revoked_at, scopes FROM tokens"  # noqa: S105 - a statement
)
_ADD_TOKEN: Final = """
    INSERT INTO tokens (id, hash, hint, name, account, mode, created_at, scopes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""  # noqa: S105 - a statement
_REVOKE: Final = (
    "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND account = ?"
)


class SqliteAccounts:
    """Implements `safelight.account.AccountStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._known: dict[bytes, tuple[Token, float]] = {}

    async def add(self, account: Account) -> None:
        """See `AccountStore.add`."""
        a = account
        row = (a.username, a.name, a.type, a.github_url, a.avatar_url)
        if await self._database.execute(_ADD, row) == 0 and await self.get(a.username) != a:
            raise Conflict(f"There is an account named {a.username} already.")

    async def get(self, username: str) -> Account:
        """See `AccountStore.get`."""
        row = self._database.row(f"{_ACCOUNT} WHERE username = ?", (username,))
        if row is None:
            raise NotFound(f"There is no account named {username}.")
        return _account_from(row)

    async def list(self) -> Sequence[Account]:
        """See `AccountStore.list`."""
        return [_account_from(row) for row in self._database.rows(f"{_ACCOUNT} ORDER BY username")]

    async def add_token(self, token: Token) -> None:
        """See `AccountStore.add_token`."""
        t = token
        created = micros(t.created_at)
        row = (t.id, t.hash, t.hint, t.name, t.account, t.mode, created, ",".join(sorted(t.scopes)))
        await self._database.execute(_ADD_TOKEN, row)

    async def token(self, token_hash: bytes) -> Token | None:
        """See `AccountStore.token`; another process's revocation is noticed within a second."""
        now = self._loop.time()
        known = self._known.get(token_hash)
        if known is None or known[1] < now:
            row = self._database.row(
                f"{_TOKEN} WHERE hash = ? AND revoked_at IS NULL", (token_hash,)
            )
            if row is None:
                self._known.pop(token_hash, None)
                return None
            known = (_token_from(row), now + LOOK_AGAIN)
            self._known[token_hash] = known
        return known[0]

    async def tokens(self, account: str) -> Sequence[Token]:
        """See `AccountStore.tokens`."""
        rows = self._database.rows(
            f"{_TOKEN} WHERE account = ? ORDER BY created_at, id", (account,)
        )
        return [_token_from(row) for row in rows]

    async def revoke_token(self, token_id: str, account: str, now: datetime) -> None:
        """See `AccountStore.revoke_token`."""
        if await self._database.execute(_REVOKE, (micros(now), token_id, account)) == 0:
            raise NotFound(f"There is no token {token_id}.")
        self._known.clear()


def _account_from(row: tuple[Any, ...]) -> Account:
    username, name, kind, github_url, avatar_url = row
    return Account(
        username=username, name=name, type=kind, github_url=github_url, avatar_url=avatar_url
    )


def _token_from(row: tuple[Any, ...]) -> Token:
    token_id, token_hash, hint, name, account, mode, created_at, revoked_at, names = row
    scopes: str = names
    return Token(
        id=token_id,
        hash=token_hash,
        hint=hint,
        name=name,
        account=account,
        mode=Mode(mode),
        scopes=frozenset(Scope(name) for name in scopes.split(",") if name),
        created_at=moment(created_at),
        revoked_at=None if revoked_at is None else moment(revoked_at),
    )
