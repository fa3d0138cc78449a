"""X.509 as a value: makes the authority and its certificates, and judges those there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

RENEWAL: Final = timedelta(days=30)
"""A certificate is replaced this long before it expires."""
_AUTHORITY_LIFE: Final = timedelta(days=3650)
_LEAF_LIFE: Final = timedelta(days=820)
"""Apple's clients refuse more than 825 days, also from a private authority."""
_CLOCK_SKEW: Final = timedelta(days=1)

# What the authority may vouch for: were its key stolen, no public site could be imitated.
_LOCAL_DOMAINS: Final = ("localhost", "local", "internal", "home.arpa", "test")
_LOCAL_NETWORKS: Final = tuple(
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)


@dataclass(frozen=True)
class Credential:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """Key and certificate, the form that a TLS server loads."""
        return self.key_pem + self.certificate_pem

    @property
    def certificate_pem(self) -> bytes:
        """The certificate alone; it is no secret."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key alone."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def read_credential(pem: bytes) -> Credential:
    """The inverse of `Credential.pem`.

    Raises:
        ValueError: It is not that.
    """
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is not an elliptic curve's")  # noqa: TRY004 - callers expect one kind
    return Credential(x509.load_pem_x509_certificate(pem), key)


def make_authority(names: Iterable[str], machine: str, now: datetime) -> Credential:
    """A self-signed authority for *names* and whatever else is local."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Safelight"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Safelight on {machine}"[:64]),
        ]
    )
    usage = _key_usage(is_authority=True)
    builder = (
        _builder(key.public_key(), name, name, now, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
    )
    return Credential(builder.sign(key, hashes.SHA256()), key)


def issue(authority: Credential, names: Iterable[str], now: datetime) -> Credential:
    """A server's certificate for *names* (host names and IP addresses)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Safelight server")])
    issuer = authority.certificate
    life = min(_LEAF_LIFE, issuer.not_valid_after_utc - now)
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _builder(key.public_key(), name, issuer.subject, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
        )
    )
    return Credential(builder.sign(authority.key, hashes.SHA256()), key)


def is_fresh(credential: Credential, now: datetime) -> bool:
    """It will not expire soon."""
    return credential.certificate.not_valid_after_utc - now > RENEWAL


def may_vouch(authority: Credential, names: Iterable[str]) -> bool:
    """The authority's constraints permit all *names*."""
    extension = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = extension.value.permitted_subtrees or []
    return all(any(_covers(tree, _general_name(name)) for tree in permitted) for name in names)


def is_for(leaf: Credential, authority: Credential, names: Iterable[str]) -> bool:
    """*authority* issued *leaf*, for exactly *names*."""
    try:
        leaf.certificate.verify_directly_issued_by(authority.certificate)
    except Exception:  # noqa: BLE001 - each way of not fitting has an exception of its own
        return False
    extension = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return set(extension.value) == {_general_name(name) for name in names}


def _builder(
    public_key: ec.EllipticCurvePublicKey,
    subject: x509.Name,
    issuer: x509.Name,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _permitted(names: Iterable[str]) -> list[x509.GeneralName]:
    local: list[x509.GeneralName] = [x509.DNSName(domain) for domain in _LOCAL_DOMAINS]
    local += [x509.IPAddress(network) for network in _LOCAL_NETWORKS]
    wanted = (_general_name(name) for name in names)
    return local + [
        _as_subtree(name) for name in wanted if not any(_covers(tree, name) for tree in local)
    ]


def _as_subtree(name: x509.GeneralName) -> x509.GeneralName:
    return x509.IPAddress(ip_network(name.value)) if isinstance(name, x509.IPAddress) else name


def _covers(tree: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(tree, x509.DNSName) and isinstance(name, x509.DNSName):
        return name.value == tree.value or name.value.endswith(f".{tree.value}")
    if isinstance(tree, x509.IPAddress) and isinstance(name, x509.IPAddress):
        network = tree.value
        return isinstance(network, IPv4Network | IPv6Network) and name.value in network
    return False
