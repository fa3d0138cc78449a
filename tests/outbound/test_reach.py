"""Where the client goes and where it does not: addresses, names, redirects, schemes."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.outbound.conftest import Names, Site
from tests.outbound.pages import SOON, fetched, free_port, page, redirect

from safelight.outbound.addresses import LOOPBACK, Allow
from safelight.outbound.client import Client
from safelight.outgoing import FetchFailed, NotSent


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "127。0。0。1",
        "①②⑦.0.0.1",
    ],
)
async def test_no_spelling_of_this_machine_is_reached(site: Site, host: str) -> None:
    """Every way to write loopback that some resolver or URL parser takes is refused."""
    site.pages["/"] = page()
    async with Client() as client:
        with pytest.raises(FetchFailed):
            await fetched(client, f"http://{host}:{site.port}/")
        with pytest.raises(NotSent):
            await client.post(f"http://{host}:{site.port}/", {}, b"x", within=SOON)
    assert site.asked == []


async def test_a_refusal_says_which_setting_would_allow_it(site: Site) -> None:
    """The way out is in the message."""
    async with Client() as client:
        with pytest.raises(FetchFailed, match=r"127.0.0.1 .*SAFELIGHT_ALLOW_PRIVATE_URLS"):
            await fetched(client, site.url)
        with pytest.raises(NotSent, match=r"localhost .*SAFELIGHT_ALLOW_PRIVATE_URLS"):
            await client.post(f"http://localhost:{site.port}", {}, b"", within=SOON)


async def test_a_name_that_leads_to_loopback_is_refused(site: Site) -> None:
    """Any name can have a private address; the refusal does not tell which."""
    names = Names({"cdn.example": [["127.0.0.1", "10.0.0.1", "fe80::1"]]})
    async with Client(resolver=names) as client:
        with pytest.raises(FetchFailed, match=r"cdn.example") as caught:
            await fetched(client, f"http://cdn.example:{site.port}/")
    assert "127.0.0.1" not in str(caught.value)
    assert site.asked == []


async def test_an_allowed_name_may_lead_anywhere(site: Site) -> None:
    """A host in the list is the operator's word."""
    site.pages["/"] = page()
    names = Names({"files.internal": [["127.0.0.1"]]})
    async with Client(Allow.parse("files.internal"), resolver=names) as client:
        assert await fetched(client, f"http://files.internal:{site.port}/") == b"hello"


async def test_a_name_that_changes_its_address_is_checked_anew(site: Site) -> None:
    """Rebinding wins nothing: the address that was checked is the one connected to."""
    site.pages["/"] = page(connection="close")
    names = Names({"flip.example": [["127.0.0.1"], ["127.0.0.2"]]})
    allow = Allow.parse("127.0.0.1")
    async with Client(allow, resolver=names) as client:
        assert await fetched(client, f"http://flip.example:{site.port}/") == b"hello"
    assert names.asked == ["flip.example"]
    async with Client(allow, resolver=names) as client:
        with pytest.raises(FetchFailed, match=r"not a public address"):
            await fetched(client, f"http://flip.example:{site.port}/")


async def test_refused_addresses_of_a_name_are_left_out(site: Site) -> None:
    """A name with one good address is reached there, and only there."""
    site.pages["/"] = page()
    names = Names({"both.example": [["10.255.255.1", "127.0.0.1", "::1"]]})
    async with Client(Allow.parse("127.0.0.1"), resolver=names) as client:
        assert await fetched(client, f"http://both.example:{site.port}/") == b"hello"


async def test_a_pooled_trusted_connection_does_not_serve_checked_calls(site: Site) -> None:
    """What the operator may reach, an input may not, even while a connection is open."""
    site.pages["/"] = page()
    async with Client() as client:
        await client.post(site.url + "/", {}, b"", within=SOON, trusted=True)
        with pytest.raises(FetchFailed):
            await fetched(client, site.url + "/")
    assert len(site.asked) == 1


async def test_redirects_are_followed_five_times(site: Site) -> None:
    """Relative and absolute ones, each status."""
    for step, status in enumerate((301, 302, 303, 307, 308)):
        site.pages[f"/{step}"] = redirect(f"/{step + 1}", status)
    site.pages["/5"] = page(b"there")
    site.pages["/more"] = redirect(f"{site.url}/0")
    async with Client(LOOPBACK) as client:
        assert await fetched(client, f"{site.url}/0") == b"there"
        with pytest.raises(FetchFailed, match=r"more than 5 redirects"):
            await fetched(client, f"{site.url}/more")


@pytest.mark.parametrize(
    "location", ["http://127.0.0.2:{port}/secret", "//localhost:{port}/secret", "http://0/"]
)
async def test_a_redirect_to_a_private_address_is_refused(site: Site, location: str) -> None:
    """Each hop is checked like the first."""
    site.pages["/"] = redirect(location.format(port=site.port))
    site.pages["/secret"] = page()
    names = Names({"good.example": [["127.0.0.1"]], "localhost": [["127.0.0.9"]]})
    async with Client(Allow.parse("good.example"), resolver=names) as client:
        with pytest.raises(FetchFailed, match=r"not a public address"):
            await fetched(client, f"http://good.example:{site.port}/")
    assert site.asked == ["/"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", ""])
async def test_a_redirect_to_another_scheme_is_refused(site: Site, location: str) -> None:
    """Only the web is fetched from."""
    site.pages["/"] = redirect(location)
    async with Client(LOOPBACK) as client:
        with pytest.raises(FetchFailed, match=r"redirect"):
            await fetched(client, site.url)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "/etc/passwd", "", "http://", "http://[", "x"]
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    """The message says how one begins, or that it cannot be read."""
    async with Client(LOOPBACK) as client:
        with pytest.raises(FetchFailed, match=r"cannot be fetched"):
            await fetched(client, url)
        with pytest.raises(NotSent):
            await client.post(url, {}, b"", within=SOON)


async def test_a_redirect_from_https_to_http_is_refused(site: Site, tmp_path: Path) -> None:
    """What began private stays private."""
    server, client_tls = certificates(tmp_path)

    async def down(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"location": f"{site.url}/plain"})

    runner = web.AppRunner(web.Application())
    runner.app.router.add_get("/", down)
    site.pages["/plain"] = page()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}/"
    async with Client(LOOPBACK, tls=client_tls) as client:
        with pytest.raises(FetchFailed, match=r"from https to http"):
            await fetched(client, url)
    async with Client(LOOPBACK) as client:
        with pytest.raises(FetchFailed, match=r"certificate or TLS"):
            await fetched(client, url)
        with pytest.raises(NotSent, match=r"certificate or TLS"):
            await client.post(url, {}, b"", within=SOON)
    await runner.cleanup()
    assert site.asked == []


async def test_proxies_of_the_environment_are_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve names where nothing checks them."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    site.pages["/"] = page()
    async with Client(LOOPBACK) as client:
        assert await fetched(client, site.url) == b"hello"


async def test_a_trusted_origin_is_only_that_origin(site: Site) -> None:
    """Another port, or a redirect away from it, is checked."""
    site.pages["/"] = page()
    site.pages["/away"] = redirect(f"http://127.0.0.1:{free_port()}/")
    async with Client() as client:
        got = await client.fetch(
            f"{site.url}/", limit_bytes=10, within=SOON, trusted_origin=f"{site.url}/v1"
        )
        assert got.content == b"hello"
        for url, origin in ((f"{site.url}/away", site.url), (site.url, "http://127.0.0.1:1")):
            with pytest.raises(FetchFailed, match=r"not a public address"):
                await client.fetch(url, limit_bytes=10, within=SOON, trusted_origin=origin)


def certificates(place: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1: contexts of its server, and of a client that knows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.DNSName("127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = place / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cafile=str(file))
    client.check_hostname = False
    return server, client
