"""Signatures of webhooks by the Standard Webhooks specification, and the secrets behind them."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from safelight.errors import RunFailed, SecretLost
from safelight.outbox import OutboxStore
from safelight.vault import Vault

PREFIX: Final = "whsec_"
"""The only underscore of a secret: official clients split it there."""
_BYTES: Final = 24
_FIELD: Final = "key"


def new_secret(random: bytes) -> str:
    """A signing secret from 24 random bytes, in base64 that needs no padding."""
    return PREFIX + base64.b64encode(random).decode()


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of an HMAC over id, Unix seconds and body.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mac = hmac.new(key, f"{message}.{timestamp}.".encode(), hashlib.sha256)
    mac.update(body)
    return "v1," + base64.b64encode(mac.digest()).decode()


class Signing:
    """Signs for each account with its own secrets, which lie sealed in the store."""

    def __init__(self, outbox: OutboxStore, vault: Vault) -> None:
        self._outbox = outbox
        self._vault = vault

    async def secret(self, account: str, now: datetime) -> str:
        """The account's secret, made on first use.

        Raises:
            SecretLost: It cannot be opened.
        """
        return (await self._valid(account, now))[0]

    async def rotate(self, account: str, overlap: timedelta, now: datetime) -> str:
        """A new secret; what it replaces goes on signing beside it for that long."""
        secret = self._fresh()
        await self._outbox.replace_secret(account, self._seal(account, secret), now + overlap)
        return secret

    async def headers(
        self, account: str, message: str, body: bytes, now: datetime
    ) -> dict[str, str]:
        """What goes with a request: its id, the time, and a signature for each valid secret.

        Raises:
            SecretLost: No secret of the account can be opened.
        """
        timestamp = int(now.timestamp())
        signed = [
            signature(secret, message, timestamp, body)
            for secret in await self._valid(account, now)
        ]
        return {
            "webhook-id": message,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(signed),
        }

    async def _valid(self, account: str, now: datetime) -> list[str]:
        """Newest first, and never none."""
        stored = await self._outbox.secrets(account, now)
        if not stored:
            await self._outbox.add_secret(account, self._seal(account, self._fresh()))
            stored = await self._outbox.secrets(account, now)
        opened = [self._open(account, secret.sealed) for secret in stored]
        found = [secret for secret in opened if secret is not None]
        if not found:
            raise SecretLost
        return found

    def _fresh(self) -> str:
        return new_secret(secrets.token_bytes(_BYTES))

    def _seal(self, account: str, secret: str) -> bytes:
        return self._vault.seal({_FIELD: secret}, _purpose(account))

    def _open(self, account: str, sealed: bytes) -> str | None:
        try:
            return self._vault.open(sealed, _purpose(account))[_FIELD]
        except RunFailed:
            return None


def _purpose(account: str) -> str:
    """What a sealed secret is bound to, instead of a prediction's id."""
    return f"webhooks of {account}"
