"""Minting ids; reading model references."""

import base64
import re
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

_ALPHABET: Final = b"0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS: Final = _ALPHABET * 8
"""A letter for each byte: 256 is 8 times 32, so random bytes make uniform letters."""
_STEP: Final = 64
"""Milliseconds of one beginning of an id: 7 letters of them are 69 years."""
VERSION_ID: Final = re.compile(r"[0-9a-f]{64}")
_MODEL: Final = re.compile(r"([^/:\s]+)/([^/:\s]+)(?::(.+))?")


def prediction_id(random: bytes) -> str:
    """26 lower-case Crockford characters in the shape of Replicate's ids, from 23 random bytes."""
    text = random.translate(_LETTERS).decode()
    return f"{text[:10]}r{text[10:12]}0c{text[12:]}"


def in_order(moment: datetime, noise: bytes) -> bytes:
    """23 bytes for an id: 7 that rise with time, and 16 of *noise*.

    Ids of one moment are neighbours in an index: many are written with one page of it.
    """
    return _rising(int(moment.timestamp() * 1000) // _STEP) + noise


@lru_cache(maxsize=2)
def _rising(steps: int) -> bytes:
    return bytes(steps >> shift & 31 for shift in range(30, -1, -5))


def api_token(random: bytes, *, test: bool) -> str:
    """A bearer token of 40 characters: `r8_...`, or `r8_test_...`, from 32 random bytes."""
    prefix = "r8_test_" if test else "r8_"
    letters = base64.b64encode(random, altchars=b"Aa").decode().rstrip("=")
    return (prefix + letters)[:40]


class Reference(msgspec.Struct, frozen=True):
    """How a caller names a model: `owner/name`, `owner/name:version`, or a bare version."""

    owner: str | None
    name: str | None
    version: str | None
    """64 hex digits, `latest`, or None; anything else names nothing."""

    @property
    def model(self) -> str | None:
        """`owner/name`, when the caller named the model."""
        return None if self.owner is None else f"{self.owner}/{self.name}"


def read_reference(text: str) -> Reference | None:
    """Read a model reference in any of Replicate's spellings; None when it is none of them."""
    if VERSION_ID.fullmatch(text):
        return Reference(None, None, text)
    match = _MODEL.fullmatch(text)
    return Reference(match[1], match[2], match[3]) if match else None
