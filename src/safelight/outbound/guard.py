"""The guard: names are resolved here, and a connection goes to an address that was checked."""

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from safelight.outbound.addresses import Allow


class Refused(OSError):
    """The address is private and not allowed. The text does not say which address it is."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} is not a public address; if Safelight may reach it,"
            " name it in SAFELIGHT_ALLOW_PRIVATE_URLS"
        )


class Guard(AbstractResolver):
    """Resolves a name to those of its addresses that may be reached.

    The connector connects to what this returns and asks nobody else, so that a name cannot answer
    with one address to the check and with another to the connection.
    """

    def __init__(self, allow: Allow, inner: AbstractResolver) -> None:
        self._allow = allow
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve; raise Refused when no address is left."""
        found = await self._inner.resolve(host, port, family)
        if self._allow.permits_host(host):
            return found
        kept = [one for one in found if self._allow.permits(ipaddress.ip_address(one["host"]))]
        if not kept:
            raise Refused(host)
        return kept

    async def close(self) -> None:
        """Close the resolver underneath."""
        await self._inner.close()


def check_literal(url: URL, allow: Allow) -> None:
    """Check a host that is an address: the connector takes those without asking the resolver.

    It takes for one whatever has a colon or only digits and dots, such as `127.1` or `2130706433`,
    which the system then reads as 127.0.0.1. Those that are not written in full are refused.

    Raises:
        Refused: The address may not be reached.
    """
    host = url.raw_host or ""
    if ":" not in host and not host.replace(".", "").isdigit():
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise Refused(host) from None
    if not allow.permits(address) and not allow.permits_host(host):
        raise Refused(host)
