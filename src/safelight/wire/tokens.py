"""Tokens: what is shown of them, and the body that makes one."""

from collections.abc import Iterator
from typing import Final

import msgspec

from safelight.account import Mode, Scope, Token
from safelight.errors import InvalidField
from safelight.ledger import Standing
from safelight.wire.encoding import Json, instant
from safelight.wire.fields import Field, at_most, one_of, read_fields
from safelight.wire.usage import standing

_LONGEST_NAME: Final = 200
_SCOPES: Final = ", ".join(f'"{scope}"' for scope in Scope)


class TokenCreate(msgspec.Struct, frozen=True, kw_only=True):
    """The body that makes a token; what is None is as the asking token has it."""

    name: str
    mode: Mode | None = None
    scopes: frozenset[Scope] | None = None


def _known_scopes(name: str, value: list[object]) -> Iterator[InvalidField]:
    if not value:
        yield InvalidField("array_min_items", name, "Array must have at least 1 items")
    for index, scope in enumerate(value[: len(Scope) * 2]):
        if not isinstance(scope, str) or scope not in set(Scope):
            field = f"{name}.{index}"
            text = f"{field} must be one of the following: {_SCOPES}"
            yield InvalidField("enum", field, text)


_FIELDS: Final = {
    "name": Field(str, [at_most(_LONGEST_NAME)]),
    "mode": Field(str, [one_of(Mode)]),
    "scopes": Field(list, [_known_scopes]),
}


def read_token(body: bytes) -> TokenCreate:
    """The body of a create.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body; every fault is named.
    """
    fields = read_fields(body, _FIELDS)
    mode, scopes = fields.get("mode"), fields.get("scopes")
    return TokenCreate(
        name=fields.get("name") or "",
        mode=None if mode is None else Mode(mode),
        scopes=None if scopes is None else frozenset(map(Scope, scopes)),
    )


def token(token: Token, limit: Standing | None, *, asks: bool) -> Json:
    """A token, but for its secret; *asks* when it is the one that the request came with."""
    return {
        "id": token.id,
        "name": token.name,
        "hint": token.hint,
        "mode": token.mode.value,
        "scopes": [scope.value for scope in Scope if scope in token.scopes],
        "created_at": instant(token.created_at),
        "revoked_at": None if token.revoked_at is None else instant(token.revoked_at),
        "current": asks,
        "spend_limit": None if limit is None else standing(limit),
    }


def created_token(shown: Json, secret: str) -> Json:
    """A token that has just been made, with its secret: this once."""
    return {**shown, "token": secret}
