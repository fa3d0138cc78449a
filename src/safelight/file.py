"""Uploaded files: what they are, the contract of the store that keeps them, and signed links."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from safelight.blob import Blob
from safelight.errors import NotFound
from safelight.page import Part

MISSING: Final = "File not found"
LONGEST_NAME: Final = 255
"""Bytes of UTF-8."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a caller has uploaded, to be used as an input."""

    id: str
    account: str
    name: str
    """A bare file name of 1 to LONGEST_NAME bytes."""
    media_type: str
    """As the caller says; what uses the file looks at the bytes instead."""
    metadata: Mapping[str, Any]
    blob: Blob
    md5: str
    """32 hex digits."""
    created_at: datetime
    expires_at: datetime | None = None
    """When it is gone; None for never."""


class FilePolicy(msgspec.Struct, frozen=True):
    """What an operator decides about uploads."""

    limit_bytes: int
    """The largest file."""
    kept_for: timedelta | None
    """How long each is kept; None for ever."""

    def end(self, now: datetime) -> datetime | None:
        """When what is uploaded now expires; None for never."""
        try:
            return None if self.kept_for is None else now + self.kept_for
        except OverflowError:  # longer than there are years
            return None


class FileQuery(Part, frozen=True, kw_only=True):
    """Which files to list, newest first."""

    account: str
    now: datetime
    """What has expired by then is not listed."""


class FileStore(Protocol):
    """Keeps what is known of uploaded files; their bytes are blobs.

    Each method raises `NotFound` with the text MISSING for a file that is not there, is another
    account's, or has expired.
    """

    async def add(self, file: File) -> None:
        """Make a file known. On return it is on disk."""
        ...

    async def get(self, file_id: str, account: str | None, now: datetime) -> File:
        """One file; of any account when that is None, for callers who hold a signed link."""
        ...

    async def list(self, query: FileQuery) -> Sequence[File]:
        """One page, newest first, of at most `limit + 1`: the last tells that more follow."""
        ...

    async def remove(self, file_id: str, account: str, now: datetime) -> None:
        """Forget a file; its blob stays for the collection of what nobody refers to."""
        ...

    async def remove_expired(self, now: datetime) -> frozenset[str]:
        """Forget all that has expired; gives the keys of their blobs."""
        ...

    async def keys(self) -> frozenset[str]:
        """The keys of all blobs that a file refers to, expired ones too."""
        ...


class DownloadLinks:
    """Signs and checks the queries that open a file's bytes without a token."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def signature(self, owner: str, file_id: str, expiry: int) -> str:
        """Base64 of an HMAC-SHA256 with the owner's own secret; *expiry* in Unix seconds."""
        secret = hmac.digest(self._key, owner.encode(), "sha256")
        mac = hmac.digest(secret, f"{owner} {file_id} {expiry}".encode(), "sha256")
        return base64.b64encode(mac).decode()

    def check(self, file_id: str, query: Mapping[str, str], now: datetime) -> str:
        """The owner of the file that `owner`, `expiry` and `signature` open.

        Raises:
            NotFound: They are not all there, do not fit, or have expired.
        """
        owner, expiry = query.get("owner", ""), query.get("expiry", "")
        if not (expiry.isascii() and expiry.isdigit() and len(expiry) < 13):
            raise NotFound(MISSING)
        # A `+` that was not escaped has become a space on its way.
        given = query.get("signature", "").replace(" ", "+").encode()
        right = self.signature(owner, file_id, int(expiry)).encode()
        if not hmac.compare_digest(given, right) or now.timestamp() >= int(expiry):
            raise NotFound(MISSING)
        return owner
