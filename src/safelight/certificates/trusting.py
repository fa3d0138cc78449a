"""Which authorities this machine trusts, gathered from where its TLS library looks."""

import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import certifi

_BLOCK: Final = re.compile(
    rb"-----BEGIN CERTIFICATE-----\s[\w+/=\s]+?-----END CERTIFICATE-----", re.ASCII
)


def system_roots(ours: Path) -> bytes:
    """The system's authorities as PEM, those of certifi where it has none; never from *ours*."""
    for candidate in _candidates():
        if candidate.is_relative_to(ours):
            # `safelight env` points the TLS library at our own bundle: reading that would keep
            # authorities for ever that the system has since dropped.
            continue
        if found := _certificates(candidate):
            return found
    return b""


def without(bundle: bytes, certificate: bytes) -> bytes:
    """*bundle* less one certificate and all repetitions."""
    drop = set(_blocks(certificate))
    blocks = dict.fromkeys(block for block in _blocks(bundle) if block not in drop)
    return b"".join(block + b"\n" for block in blocks)


def _candidates() -> Iterator[Path]:
    default = ssl.get_default_verify_paths()
    from_environment = os.environ.get(default.openssl_cafile_env)
    for name in (
        from_environment,
        default.openssl_cafile,
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
        default.openssl_capath,
        certifi.where(),
    ):
        if name:
            yield Path(name)


def _certificates(path: Path) -> bytes:
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return b"\n".join(block for file in files if file.is_file() for block in _blocks_of(file))
    except OSError:
        return b""


def _blocks_of(path: Path) -> list[bytes]:
    return _blocks(path.read_bytes())


def _blocks(text: bytes) -> list[bytes]:
    return _BLOCK.findall(text)
