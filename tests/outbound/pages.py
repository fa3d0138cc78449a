"""Short ways to put pages on a site and to fetch them."""

import socket
from collections.abc import Callable
from datetime import timedelta

from aiohttp import web

from safelight.outbound.client import Client

SOON = timedelta(seconds=10)
SHORT = timedelta(milliseconds=150)
Page = Callable[[web.Request], web.Response]


def page(content: bytes = b"hello", status: int = 200, **headers: str) -> Page:
    return lambda _: web.Response(body=content, status=status, headers=headers)


def redirect(location: str, status: int = 302) -> Page:
    return page(b"", status, location=location)


async def fetched(client: Client, url: str, limit_bytes: int = 1000) -> bytes:
    return (await client.fetch(url, limit_bytes=limit_bytes, within=SOON)).content


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
