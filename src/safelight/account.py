"""Accounts, the tokens that speak for them, and what these may do."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

import msgspec

from safelight import ids


class Mode(StrEnum):
    """What a token's predictions run on."""

    LIVE = "live"
    """Real upstreams, real keys, real money."""
    TEST = "test"
    """The sketch: no key, no network, no cost."""


class Scope(StrEnum):
    """What a token may be used for; each stands for itself, none includes another."""

    READ = "read"
    """See predictions, files, models, deployments, trainings."""
    RUN = "run"
    """Create and cancel predictions; upload files."""
    WRITE = "write"
    """Create, change and delete models, versions, deployments and files; train."""
    ADMIN = "admin"
    """Make, see and revoke tokens; the webhook secret and deliveries; ask providers about keys."""


ALL_SCOPES: Final = frozenset(Scope)
_USERNAME: Final = re.compile(r"[a-z0-9_-]{1,64}")
_RESERVED: Final = frozenset(
    {
        "examples",  # owns the examples, which every account may see: nobody speaks for it
        *("collections", "compare", "covers", "deployments", "enter", "files", "outputs", "p"),
        *("predictions", "tokens", "upstreams", "usage", "v1", "webhooks"),
    }
)
"""Nobody's; most of them begin the addresses of pages, as models do by their owners."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns predictions and tokens."""

    username: str
    name: str
    type: str = "user"
    """`user` or `organization`."""
    github_url: str | None = None
    avatar_url: str | None = None


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An API token as stored: never the token itself, only its hash and its last characters."""

    id: str
    hash: bytes
    """SHA-256 of the token: tokens carry 128 random bits and more, so no salt is needed."""
    hint: str
    name: str
    account: str
    mode: Mode
    scopes: frozenset[Scope] = ALL_SCOPES
    created_at: datetime
    revoked_at: datetime | None = None


class NewToken(NamedTuple):
    """A fresh token: what its holder keeps, and what is stored of it."""

    secret: str
    stored: Token


class AccountStore(Protocol):
    """Keeps accounts and their tokens."""

    async def add(self, account: Account) -> None:
        """Make an account known.

        Raises:
            Conflict: There is one by that username, and it is not the same.
        """
        ...

    async def get(self, username: str) -> Account:
        """One account.

        Raises:
            NotFound: None by that username.
        """
        ...

    async def list(self) -> Sequence[Account]:
        """All accounts, by username."""
        ...

    async def add_token(self, token: Token) -> None:
        """Make a token known; a token with the same hash is left as it is."""
        ...

    async def token(self, token_hash: bytes) -> Token | None:
        """The token with that hash, unless revoked."""
        ...

    async def tokens(self, account: str) -> Sequence[Token]:
        """All tokens of an account, revoked ones too, oldest first."""
        ...

    async def revoke_token(self, token_id: str, account: str, now: datetime) -> None:
        """End a token; one that has ended stays as it ended.

        Raises:
            NotFound: None by that id in that account.
        """
        ...


def check_username(text: str) -> str:
    """The text, if an account may go by it.

    Raises:
        ValueError: It may not; the message says why.
    """
    if _USERNAME.fullmatch(text) is None:
        raise ValueError("a username is 1 to 64 lower-case letters, digits, `-` and `_`")
    if text in _RESERVED:
        raise ValueError("the name is reserved")
    return text


def token_hash(token: str) -> bytes:
    """What is stored of a token, 32 bytes."""
    return hashlib.sha256(token.encode()).digest()


def token_mode(token: str) -> Mode:
    """A token says in its own prefix what it runs on."""
    return Mode.TEST if token.startswith("r8_test_") else Mode.LIVE


def new_token(  # noqa: PLR0913 - what a token is, each by name
    random: bytes,
    *,
    mode: Mode,
    name: str,
    account: str,
    now: datetime,
    scopes: frozenset[Scope] = ALL_SCOPES,
) -> NewToken:
    """A token from 32 random bytes."""
    secret = ids.api_token(random, test=mode is Mode.TEST)
    token_id = token_hash(secret).hex()[:12]
    stored = issue(secret, token_id=token_id, name=name, account=account, now=now, scopes=scopes)
    return NewToken(secret, stored)


def issue(  # noqa: PLR0913 - what a token is, each by name
    secret: str,
    *,
    token_id: str,
    name: str,
    account: str,
    now: datetime,
    scopes: frozenset[Scope] = ALL_SCOPES,
) -> Token:
    """The stored form of a fresh token."""
    return Token(
        id=token_id,
        hash=token_hash(secret),
        hint=secret[-4:],
        name=name,
        account=account,
        mode=token_mode(secret),
        scopes=scopes,
        created_at=now,
    )
