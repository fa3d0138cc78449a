"""The certificates in HOME/tls: made on first start, renewed before they expire."""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from safelight.bootstrap import made_once, write_private
from safelight.certificates.making import (
    Credential,
    is_for,
    is_fresh,
    issue,
    make_authority,
    may_vouch,
    read_credential,
)
from safelight.certificates.trusting import system_roots, without
from safelight.settings import InvalidSetting, Settings

_HOST_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_WILDCARDS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - never listened on here
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Certificates:
    """Where the certificates lie."""

    chain: Path
    """What the server shows."""
    key: Path
    """Its private key; ours is the same file as `chain`."""
    authority: Path | None
    """The local authority alone, for NODE_EXTRA_CA_CERTS; None with a certificate of one's own."""
    bundle: Path | None
    """The system's authorities and the local one, for SSL_CERT_FILE; None likewise."""


def prepare_certificates(settings: Settings, now: datetime) -> Certificates:
    """The certificates to serve with, made or renewed where need be; HOME exists.

    Raises:
        InvalidSetting: They cannot be read or written.
    """
    try:
        if settings.tls_cert or settings.tls_key:
            return _own(settings)
        return _local(settings, now)
    except OSError as error:
        raise InvalidSetting(f"{error.filename} cannot be used: {error.strerror}.") from error


def _own(settings: Settings) -> Certificates:
    if not settings.tls_cert or not settings.tls_key:
        raise InvalidSetting("SAFELIGHT_TLS_CERT and SAFELIGHT_TLS_KEY belong together: set both.")
    for path in (settings.tls_cert, settings.tls_key):
        with path.open("rb"):
            pass
    return Certificates(settings.tls_cert, settings.tls_key, None, None)


def _local(settings: Settings, now: datetime) -> Certificates:
    folder = settings.home / "tls"
    folder.mkdir(mode=0o700, exist_ok=True)
    authority = _authority(folder / "ca.key", settings, now)
    # A container's name changes with each start: that is no reason for a new authority, which
    # clients would have to be told of.
    names = [*_asked_names(settings), *_names([_machine()], authority)]
    _leaf(folder / "server.pem", authority, names, now)
    _keep(folder / "ca.pem", authority.certificate_pem)
    roots = without(system_roots(folder), authority.certificate_pem)
    _keep(folder / "bundle.pem", roots + authority.certificate_pem)
    return Certificates(
        folder / "server.pem", folder / "server.pem", folder / "ca.pem", folder / "bundle.pem"
    )


def _asked_names(settings: Settings) -> list[str]:
    public = urlsplit(settings.public_url or "").hostname
    asked = [name.lower() for name in (settings.host, public) if name and name not in _WILDCARDS]
    return list(dict.fromkeys([*_LOOPBACK, *_names(asked)]))


def _names(candidates: Iterable[str], authority: Credential | None = None) -> list[str]:
    """Those that a certificate can carry, and *authority* may vouch for."""
    return [
        name
        for name in candidates
        if (_is_address(name) or _HOST_NAME.fullmatch(name))
        and (authority is None or may_vouch(authority, [name]))
    ]


def _is_address(name: str) -> bool:
    try:
        return not getattr(ip_address(name), "scope_id", None)
    except ValueError:
        return False


def _machine() -> str:
    return socket.gethostname().lower()


def _authority(path: Path, settings: Settings, now: datetime) -> Credential:
    def make() -> bytes:
        return make_authority([*names, *_names([_machine()])], _machine(), now).pem

    # Key and certificate share one file, so that no crash or race leaves one of another pair.
    names = _asked_names(settings)
    kept = _credential(made_once(path, make))
    if kept and is_fresh(kept, now) and may_vouch(kept, names):
        return kept
    pem = make()
    write_private(path, pem)
    return read_credential(pem)


def _leaf(path: Path, authority: Credential, names: list[str], now: datetime) -> None:
    def make() -> bytes:
        return issue(authority, dict.fromkeys(names), now).pem

    kept = _credential(made_once(path, make))
    if not (kept and is_fresh(kept, now) and is_for(kept, authority, names)):
        write_private(path, make())


def _credential(pem: bytes) -> Credential | None:
    try:
        return read_credential(pem)
    except ValueError:
        return None


def _keep(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        write_private(path, content)
