"""What the doctor looks at: each check is a function from the site to its findings."""

import functools
import shutil
import socket
import sqlite3
import ssl
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from safelight.bootstrap import Home, prepare_home
from safelight.certificates import Certificates, prepare_certificates
from safelight.cli.finding import Running, find_server
from safelight.examination import Finding, State
from safelight.settings import InvalidSetting, Settings

_GIGABYTE: Final = 1024**3
_LITTLE, _TOO_LITTLE = 2 * _GIGABYTE, _GIGABYTE // 10
_PATIENCE: Final = 3.0


@dataclass(frozen=True)
class Site:
    """What the checks work with."""

    settings: Settings

    @functools.cached_property
    def home(self) -> Home:
        """HOME, made where missing."""
        return prepare_home(self.settings)

    @functools.cached_property
    def running(self) -> Running | None:
        """The server on this HOME."""
        return find_server(self.settings, self.home.live_token)


def check_home(site: Site) -> Iterator[Finding]:
    """HOME can be written (else `InvalidSetting` is raised), is private, and has room."""
    assert site.home
    path = site.settings.home
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        found = f"{path} is open to others (mode {mode:o})."
        yield Finding("home", State.HINT, found, f"Run: chmod 700 '{path}'")
    else:
        yield Finding("home", State.GOOD, f"{path}, open to you alone.")
    free = shutil.disk_usage(path).free
    found = f"{free / _GIGABYTE:.1f} GB free."
    if free > _LITTLE:
        yield Finding("disk", State.GOOD, found)
    else:
        state = State.BROKEN if free < _TOO_LITTLE else State.HINT
        yield Finding("disk", state, found, "Make room, or move SAFELIGHT_HOME to another disk.")


def check_database(site: Site) -> Iterator[Finding]:
    """The database can be read, and is not of a newer Safelight."""
    path = site.settings.database
    if not path.exists():
        yield Finding("database", State.GOOD, f"{path} will be made by the first start.")
        return
    scripts = (files("safelight.stores") / "migrations").iterdir()
    known = sum(script.name.endswith(".sql") for script in scripts)
    try:
        schema, count = _read_database(f"{path.as_uri()}?mode=ro")
    except sqlite3.Error as error:
        advice = "Restore it from a backup; `ls -l` tells whether it is yours to read."
        yield Finding("database", State.BROKEN, f"{path} cannot be read: {error}.", advice)
        return
    if schema > known:
        found = f"{path} has schema {schema}, this Safelight knows {known}."
        yield Finding("database", State.BROKEN, found, "Update Safelight.")
    else:
        yield Finding("database", State.GOOD, f"{path}, schema {schema}, {count} tables.")


def _read_database(uri: str) -> tuple[int, int]:
    connection = sqlite3.connect(uri, uri=True)
    try:
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        (count,) = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        ).fetchone()
        return schema, count
    finally:
        connection.close()


def check_ports(site: Site) -> Iterator[Finding]:
    """The server on this HOME runs, or could: its ports are free."""
    settings = site.settings
    if site.running:
        where = " and ".join(filter(None, (site.running.http, site.running.https)))
        yield Finding("server", State.GOOD, f"Runs at {where} (process {site.running.pid}).")
        return
    yield Finding("server", State.GOOD, "Does not run; start it with `safelight serve`.")
    for name, port in (("port", settings.port), ("tls_port", settings.tls_port)):
        if port == 0:
            continue
        if problem := _taken(settings.host, port):
            advice = f"Stop what uses it, or set SAFELIGHT_{name.upper()} to another."
            yield Finding(name, State.BROKEN, f"{settings.host}:{port}: {problem}.", advice)
        else:
            yield Finding(name, State.GOOD, f"{settings.host}:{port} is free.")


def _taken(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            return error.strerror
    return None


def check_certificates(site: Site) -> Iterator[Finding]:
    """The certificate can be used, and a client that trusts the bundle accepts the server."""
    if not site.settings.tls_port:
        advice = "The official clients then get outputs as plain URLs: set SAFELIGHT_TLS_PORT."
        yield Finding("https", State.HINT, "HTTPS is turned off.", advice)
        return
    try:
        certificates = prepare_certificates(site.settings, datetime.now(UTC))
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            certificates.chain, certificates.key
        )
    except (InvalidSetting, ssl.SSLError, OSError) as error:
        advice = "Correct SAFELIGHT_TLS_CERT and SAFELIGHT_TLS_KEY, or unset both."
        yield Finding("https", State.BROKEN, f"The certificate cannot be used: {error}", advice)
        return
    if not (site.running and site.running.https):
        yield Finding("https", State.GOOD, f"The certificate is ready: {certificates.chain}.")
        return
    if problem := _refused(site.running.https, certificates):
        found = f"A client that trusts {certificates.bundle} refuses the server: {problem}."
        yield Finding("https", State.BROKEN, found, "Restart the server: it renews certificates.")
    else:
        found = f"A client with the variables of `safelight env` trusts {site.running.https}."
        yield Finding("https", State.GOOD, found)


def _refused(origin: str, certificates: Certificates) -> str | None:
    context = ssl.create_default_context(cafile=certificates.bundle)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 and later do
    address = urlsplit(origin)
    host, port = address.hostname or "localhost", address.port or 443
    try:
        with (
            socket.create_connection((host, port), timeout=_PATIENCE) as connection,
            context.wrap_socket(connection, server_hostname=host),
        ):
            return None
    except OSError as error:
        return str(error)


CHECKS: Final[tuple[Callable[[Site], Iterator[Finding]], ...]] = (
    check_home,
    check_database,
    check_ports,
    check_certificates,
)
"""Of this machine, in this order: HOME comes first, since the others work in it."""
