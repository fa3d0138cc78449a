"""The local authority: clients that trust it accept the server, strictly."""

import os
import shutil
import socket
import ssl
import stat
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509

from safelight.certificates import Certificates, prepare_certificates
from safelight.certificates.making import (
    Credential,
    is_for,
    issue,
    make_authority,
    may_vouch,
    read_credential,
)
from safelight.certificates.trusting import system_roots, without
from safelight.settings import InvalidSetting, Settings, read_settings

NOW = datetime.now(UTC)


def settings_in(home: Path, **variables: str) -> Settings:
    home.mkdir(exist_ok=True)
    return read_settings({"SAFELIGHT_HOME": str(home), **variables}, home)


def names_in(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(name.value) for name in extension.value}


class _Greeter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def https_server(certificates: Certificates) -> Generator[int]:
    """A real HTTPS server with these certificates; gives its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.chain, certificates.key)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Greeter) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def shake_hands(port: int, name: str, authorities: Path) -> None:
    context = ssl.create_default_context(cafile=authorities)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as connection,
        context.wrap_socket(connection, server_hostname=name),
    ):
        pass


def client_environment(certificates: Certificates) -> dict[str, str]:
    """Only what `safelight env` would set, whatever this machine has set already."""
    kept = {name: value for name, value in os.environ.items() if "CERT" not in name}
    kept.pop("CURL_CA_BUNDLE", None)
    return kept | {
        "SSL_CERT_FILE": str(certificates.bundle),
        "NODE_EXTRA_CA_CERTS": str(certificates.authority),
    }


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "pictures.example"])
def test_a_strict_client_accepts_every_name(name: str, tmp_path: Path) -> None:
    """Python 3.13's strictness holds for the bundle, for loopback and the configured host."""
    settings = settings_in(tmp_path / "home", SAFELIGHT_HOST="pictures.example")
    certificates = prepare_certificates(settings, NOW)
    assert certificates.bundle is not None
    with https_server(certificates) as port:
        shake_hands(port, name, certificates.bundle)


def test_a_client_without_the_bundle_refuses(tmp_path: Path) -> None:
    """The certificate is worth nothing to those who were not told of the authority."""
    certificates = prepare_certificates(settings_in(tmp_path / "home"), NOW)
    roots = tmp_path / "roots.pem"
    roots.write_bytes(system_roots(tmp_path / "home"))
    with https_server(certificates) as port, pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(port, "localhost", roots)


@pytest.mark.parametrize(
    "command",
    [
        ["curl", "-sS", "{url}"],
        [
            "node",
            "-e",
            "fetch('{url}').then(r => r.text()).then(t => process.stdout.write(t))",
        ],
    ],
    ids=["curl", "node"],
)
def test_other_clients_accept_it(command: list[str], tmp_path: Path) -> None:
    """Their own TLS libraries take the authority with its name constraints."""
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    certificates = prepare_certificates(settings_in(tmp_path / "home"), NOW)
    with https_server(certificates) as port:
        arguments = [part.format(url=f"https://localhost:{port}/") for part in command[1:]]
        done = subprocess.run(
            [program, *arguments],
            env=client_environment(certificates),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, "hello"), done.stderr


def test_an_authority_cannot_imitate_a_public_site(tmp_path: Path) -> None:
    """A stolen key signs for local names and the configured one, and nothing else."""
    authority = make_authority(["localhost"], "ann", NOW)
    leaf = issue(authority, ["api.replicate.com"], NOW)
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    stolen = Certificates(tmp_path / "leaf.pem", tmp_path / "leaf.pem", None, None)
    with (
        https_server(stolen) as port,
        pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"),
    ):
        shake_hands(port, "api.replicate.com", tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost", True),
        ("box.local", True),
        ("192.168.1.20", True),
        ("fd00::7", True),
        ("pictures.example", True),
        ("a.pictures.example", True),
        ("203.0.113.5", True),
        ("203.0.113.6", False),
        ("example.com", False),
        ("notlocalhost", False),
    ],
)
def test_an_authority_vouches_for_local_and_asked_names(name: str, *, expected: bool) -> None:
    """Local domains and networks always, others only when the authority was made for them."""
    authority = make_authority(["pictures.example", "203.0.113.5"], "ann", NOW)
    assert may_vouch(authority, [name]) is expected


def test_a_credential_survives_its_file() -> None:
    """Key and certificate are read back from one PEM file."""
    authority = make_authority(["localhost"], "ann", NOW)
    read = read_credential(authority.pem)
    assert read.certificate == authority.certificate
    assert read.key_pem == authority.key_pem


def test_a_certificate_of_another_authority_is_not_for_us() -> None:
    """Same names, same issuer's name, another key."""
    ours, theirs = (make_authority(["localhost"], "ann", NOW) for _ in range(2))
    leaf = issue(theirs, ["localhost"], NOW)
    assert is_for(leaf, theirs, ["localhost"])
    assert not is_for(leaf, ours, ["localhost"])
    assert not is_for(leaf, theirs, ["localhost", "other"])


def test_files_are_private_and_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """What clients were told to trust stays."""
    settings = settings_in(tmp_path / "home")
    prepare_certificates(settings, NOW)
    folder = tmp_path / "home" / "tls"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before.keys() == {"ca.key", "ca.pem", "server.pem", "bundle.pem"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert b"PRIVATE" not in before["ca.pem"] + before["bundle.pem"]
    prepare_certificates(settings, NOW)
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_certificate_is_renewed_before_it_expires(tmp_path: Path) -> None:
    """Thirty days ahead, under the same authority, so that clients notice nothing."""
    settings = settings_in(tmp_path / "home")
    first = prepare_certificates(settings, NOW)
    leaf, authority = first.chain.read_bytes(), (tmp_path / "home/tls/ca.pem").read_bytes()
    prepare_certificates(settings, NOW + timedelta(days=780))
    assert first.chain.read_bytes() == leaf
    prepare_certificates(settings, NOW + timedelta(days=795))
    assert first.chain.read_bytes() != leaf
    assert (tmp_path / "home/tls/ca.pem").read_bytes() == authority


def test_an_authority_is_renewed_before_it_expires(tmp_path: Path) -> None:
    """After ten years the bundle holds the new one alone."""
    settings = settings_in(tmp_path / "home")
    first = prepare_certificates(settings, NOW)
    assert first.authority is not None
    assert first.bundle is not None
    old = first.authority.read_bytes()
    prepare_certificates(settings, NOW + timedelta(days=3640))
    assert first.authority.read_bytes() != old
    assert first.authority.read_bytes() in first.bundle.read_bytes()
    assert old not in first.bundle.read_bytes()


def test_a_new_host_gets_a_new_certificate(tmp_path: Path) -> None:
    """A local name under the same authority; a public one needs an authority made for it."""
    home = tmp_path / "home"
    first = prepare_certificates(settings_in(home), NOW)
    assert first.authority is not None
    authority = first.authority.read_bytes()
    prepare_certificates(settings_in(home, SAFELIGHT_HOST="10.1.2.3"), NOW)
    assert "10.1.2.3" in names_in(first.chain)
    assert first.authority.read_bytes() == authority
    public = settings_in(home, SAFELIGHT_PUBLIC_URL="https://pictures.example:8443")
    prepare_certificates(public, NOW)
    assert {"pictures.example", "localhost", "127.0.0.1", "::1"} <= names_in(first.chain)
    assert first.authority.read_bytes() != authority


def test_another_machine_name_keeps_the_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container is named anew at each start, and its clients keep trusting it."""
    settings = settings_in(tmp_path / "home")
    monkeypatch.setattr(socket, "gethostname", lambda: "first")
    certificates = prepare_certificates(settings, NOW)
    assert certificates.authority is not None
    authority = certificates.authority.read_bytes()
    assert "first" in names_in(certificates.chain)
    monkeypatch.setattr(socket, "gethostname", lambda: "second")
    prepare_certificates(settings, NOW)
    assert certificates.authority.read_bytes() == authority
    assert "first" not in names_in(certificates.chain)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "fe80::1%eth0", "höst", "a" * 70])
def test_a_host_that_no_certificate_can_name_is_left_out(host: str, tmp_path: Path) -> None:
    """Wildcards, zones and odd names do not keep the server from starting."""
    certificates = prepare_certificates(settings_in(tmp_path / "home", SAFELIGHT_HOST=host), NOW)
    assert host not in names_in(certificates.chain)


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    """An authority whose key cannot be read is of no use to anybody."""
    settings = settings_in(tmp_path / "home")
    certificates = prepare_certificates(settings, NOW)
    for name in ("ca.key", "server.pem"):
        (tmp_path / "home/tls" / name).write_bytes(b"damaged")
    prepare_certificates(settings, NOW)
    authority: Credential = read_credential((tmp_path / "home/tls/ca.key").read_bytes())
    leaf = read_credential(certificates.chain.read_bytes())
    leaf.certificate.verify_directly_issued_by(authority.certificate)


def test_ones_own_certificate_is_used_as_it_is(tmp_path: Path) -> None:
    """Then there is no local authority to be trusted, and none is made."""
    own = tmp_path / "own.pem"
    own.write_bytes(b"anything: the server loads it")
    certificates = prepare_certificates(
        settings_in(tmp_path / "home", SAFELIGHT_TLS_CERT=str(own), SAFELIGHT_TLS_KEY=str(own)),
        NOW,
    )
    assert certificates == Certificates(own, own, None, None)
    assert not (tmp_path / "home" / "tls").exists()


@pytest.mark.parametrize(
    "variables",
    [
        {"SAFELIGHT_TLS_CERT": "/nowhere.pem"},
        {"SAFELIGHT_TLS_KEY": "/nowhere.pem"},
        {"SAFELIGHT_TLS_CERT": "/nowhere.pem", "SAFELIGHT_TLS_KEY": "/nowhere.pem"},
    ],
)
def test_half_a_certificate_or_a_missing_one_is_refused(
    variables: dict[str, str], tmp_path: Path
) -> None:
    """The message tells what is missing."""
    with pytest.raises(InvalidSetting, match=r"set both|nowhere\.pem cannot be used"):
        prepare_certificates(settings_in(tmp_path / "home", **variables), NOW)


def test_the_bundle_is_the_systems_authorities_and_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client with the bundle still reaches the public web, also behind a company's authority."""
    company = make_authority(["localhost"], "company", NOW).certificate_pem
    (tmp_path / "company.pem").write_bytes(company + company)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    certificates = prepare_certificates(settings_in(tmp_path / "home"), NOW)
    assert certificates.authority is not None
    assert certificates.bundle is not None
    ours = certificates.authority.read_bytes()
    assert certificates.bundle.read_bytes() == company + ours


def test_the_bundle_is_not_made_from_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `safelight env` was evaluated, the TLS library's default is our own bundle."""
    settings = settings_in(tmp_path / "home")
    certificates = prepare_certificates(settings, NOW)
    assert certificates.bundle is not None
    first = certificates.bundle.read_bytes()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.bundle))
    assert b"-----BEGIN" in system_roots(certificates.bundle.parent)
    prepare_certificates(settings, NOW)
    assert certificates.bundle.read_bytes().count(b"BEGIN") > 1
    assert without(first, b"") == certificates.bundle.read_bytes()


def test_repetitions_are_dropped_from_a_bundle() -> None:
    """Directories of authorities hold each one under several names."""
    one, two = (make_authority(["localhost"], "ann", NOW).certificate_pem for _ in range(2))
    assert without(b"# comment\n" + one + two + one, b"") == one + two
    assert without(one + two, two) == one
