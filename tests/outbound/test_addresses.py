"""Addresses: what is public, and what an allow-list adds."""

from ipaddress import ip_address

import pytest

from safelight.outbound.addresses import LOOPBACK, Allow, is_public


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.255.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2001:0:808:808::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "100::1",
    ],
)
def test_an_address_that_is_not_on_the_internet_is_not_public(text: str) -> None:
    """Every block that leads to this machine, its network or nowhere is known."""
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_on_the_internet_is_public(text: str) -> None:
    """Wrapped ones count by what is inside, so that networks with NAT64 work."""
    assert is_public(ip_address(text))


def test_a_network_in_the_list_permits_its_addresses_wrapped_or_not() -> None:
    """A private network is named once, for both families."""
    allow = Allow.parse("10.0.0.0/8, fd00::/8")
    for text in ("10.9.8.7", "::ffff:10.9.8.7", "fd12::3", "8.8.8.8"):
        assert allow.permits(ip_address(text))
    assert not allow.permits(ip_address("192.168.0.1"))


def test_a_host_in_the_list_is_known_in_any_spelling() -> None:
    """Names have no case, and may end in a dot."""
    allow = Allow.parse("Files.Internal.")
    assert allow.permits_host("files.INTERNAL")
    assert not allow.permits_host("other.files.internal")


def test_loopback_is_this_machine_only() -> None:
    """The default for a server on loopback lets nothing else in."""
    assert LOOPBACK.permits(ip_address("127.0.0.1"))
    assert LOOPBACK.permits(ip_address("::1"))
    assert LOOPBACK.permits_host("localhost")
    assert not LOOPBACK.permits(ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "text", ["http://x", "host:80", "*.internal", "10.0.0.0/33", "[::1]", "a b"]
)
def test_an_entry_that_is_no_host_is_answered_with_an_example(text: str) -> None:
    """A setting that would never match is refused when it is read."""
    with pytest.raises(ValueError, match=r"localhost,10.0.0.0/8"):
        Allow.parse(text)
