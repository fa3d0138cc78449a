"""Seals the secret inputs of waiting predictions."""

import secrets

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safelight.errors import RunFailed


class Vault:
    """AES-256-GCM under the key in SAFELIGHT_HOME; what is sealed opens for one prediction."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, inputs: dict[str, str], prediction_id: str) -> bytes:
        """Secret inputs by name, encrypted: a nonce of 12 bytes, then the ciphertext."""
        nonce = secrets.token_bytes(12)
        plain = msgspec.json.encode(inputs)
        return nonce + self._cipher.encrypt(nonce, plain, prediction_id.encode())

    def open(self, sealed: bytes, prediction_id: str) -> dict[str, str]:
        """The secret inputs again.

        Raises:
            RunFailed: The key in SAFELIGHT_HOME is not the one they were sealed with, or they
                are damaged.
        """
        try:
            plain = self._cipher.decrypt(sealed[:12], sealed[12:], prediction_id.encode())
        except (InvalidTag, ValueError):  # the latter when hardly anything is left
            raise RunFailed(
                "The secret inputs cannot be read: the key in SAFELIGHT_HOME has changed "
                "since the prediction was created. Create it again."
            ) from None
        return msgspec.json.decode(plain, type=dict[str, str])
