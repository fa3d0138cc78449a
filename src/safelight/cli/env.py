"""`safelight env`: the environment that points a client at this server."""

import os
import shlex
from datetime import UTC, datetime

import click

from safelight.bootstrap import prepare_home
from safelight.certificates import Certificates, prepare_certificates
from safelight.cli.failing import Failure
from safelight.cli.finding import Running, current_settings, find_server
from safelight.settings import Settings


@click.command
@click.option("--test", is_flag=True, help="With the test token: no key, no network, no cost.")
def command(*, test: bool) -> None:
    """Print the `export` lines that point a client at this server.

    Use it as `eval "$(safelight env)"`; in fish, `safelight env | source`.
    """
    settings = current_settings()
    home = prepare_home(settings)
    running = find_server(settings, home.live_token)
    if running is None and settings.port == 0:
        raise Failure("no server runs, and with port 0 only a running one knows where it is.")
    has_https = settings.tls_port != 0 if running is None else running.https is not None
    certificates = prepare_certificates(settings, datetime.now(UTC)) if has_https else None
    token = home.test_token if test else home.live_token
    for name, value in environment(settings, running, certificates, token).items():
        click.echo(f"export {name}={_quoted(value)}")
    if certificates is None:
        click.echo("safelight: HTTPS is off: clients get outputs as plain URLs.", err=True)


def environment(
    settings: Settings, running: Running | None, certificates: Certificates | None, token: str
) -> dict[str, str]:
    """The variables that the official clients, curl and their TLS libraries read."""
    variables = {
        "REPLICATE_BASE_URL": f"{_origin(settings, running)}/v1",
        "REPLICATE_API_TOKEN": token,
    }
    if certificates and certificates.bundle and certificates.authority:
        bundle = str(certificates.bundle)
        variables |= {
            "SSL_CERT_FILE": bundle,
            "NODE_EXTRA_CA_CERTS": str(certificates.authority),
            "REQUESTS_CA_BUNDLE": bundle,
        }
        if "CURL_CA_BUNDLE" in os.environ:  # it would win over SSL_CERT_FILE
            variables["CURL_CA_BUNDLE"] = bundle
    return variables


def _origin(settings: Settings, running: Running | None) -> str:
    if settings.tls_cert and settings.public_url:
        return settings.public_url.rstrip("/")  # the name that one's own certificate is for
    if running:
        return running.https or running.http
    scheme, port = ("https", settings.tls_port) if settings.tls_port else ("http", settings.port)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - read, not listened on
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _quoted(value: str) -> str:
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
