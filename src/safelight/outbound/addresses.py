"""Which network addresses outgoing calls may reach."""

import ipaddress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Self

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What `ipaddress` calls global and is not somewhere else's server.
_NOT_PUBLIC = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's wire server, which hands out credentials
    ipaddress.ip_network("2001::/23"),  # Teredo and other wrappers of IPv4
    ipaddress.ip_network("2002::/16"),  # 6to4, the same
    ipaddress.ip_network("3fff::/20"),  # documentation
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Say whether an address is a server on the internet.

    Not so: private, loopback, link-local, multicast, unspecified and reserved ones, and those
    that wrap any of them in IPv6.
    """
    plain = unwrap(address)
    if isinstance(plain, IPv6Address) and plain not in _GLOBAL_UNICAST:
        return False
    listed = any(plain in network for network in _NOT_PUBLIC)
    return plain.is_global and not plain.is_multicast and not listed


def unwrap(address: Address) -> Address:
    """Give the IPv4 address inside an IPv4-mapped or NAT64 one, which is where packets go."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


@dataclass(frozen=True, slots=True)
class Allow:
    """Hosts and networks that may be reached although they are not public."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `localhost,10.0.0.0/8,::1`.

        Raises:
            ValueError: An entry is neither a host name nor an address nor a network.
        """
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in filter(None, (part.strip().lower() for part in text.split(","))):
            network = _network(entry)
            if network is not None:
                networks.append(network)
            elif set("/:@*[] ") & set(entry):
                raise ValueError(
                    f"{entry!r} is no host, address or network: write for instance"
                    " localhost,10.0.0.0/8 (without scheme and port)."
                )
            else:
                hosts.add(entry.rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def permits_host(self, host: str) -> bool:
        """Say whether a name is allowed, wherever it leads."""
        return host.lower().rstrip(".") in self.hosts

    def permits(self, address: Address) -> bool:
        """Say whether an address may be reached: it is public, or in one of the networks."""
        plain = unwrap(address)
        return is_public(address) or any(plain in network for network in self.networks)


def _network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


LOOPBACK = Allow.parse("localhost,127.0.0.0/8,::1")
"""This machine only: what a server that listens on loopback may reach besides the internet."""
