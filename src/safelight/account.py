"""Accounts, and the tokens that speak for them."""

import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec


class Mode(StrEnum):
    """What a token's predictions run on."""

    LIVE = "live"
    """Real upstreams, real keys, real money."""
    TEST = "test"
    """The sketch: no key, no network, no cost."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns predictions and tokens."""

    username: str
    name: str
    type: str = "user"
    github_url: str | None = None


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An API token as stored: never the token itself, only its hash and its last characters."""

    id: str
    hash: bytes
    """SHA-256 of the token: tokens carry 128 random bits and more, so no salt is needed."""
    hint: str
    name: str
    account: str
    mode: Mode
    created_at: datetime
    revoked_at: datetime | None = None


def token_hash(token: str) -> bytes:
    """What is stored of a token, 32 bytes."""
    return hashlib.sha256(token.encode()).digest()


def token_mode(token: str) -> Mode:
    """A token says in its own prefix what it runs on."""
    return Mode.TEST if token.startswith("r8_test_") else Mode.LIVE


def issue(secret: str, *, token_id: str, name: str, account: str, now: datetime) -> Token:
    """The stored form of a fresh token."""
    return Token(
        id=token_id,
        hash=token_hash(secret),
        hint=secret[-4:],
        name=name,
        account=account,
        mode=token_mode(secret),
        created_at=now,
    )
