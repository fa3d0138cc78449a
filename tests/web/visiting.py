"""Callers of pages that are not yet anybody: from this machine, from elsewhere, by any name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from tests.api.calls import PATIENCE, Api

HERE = "http://127.0.0.1:8700"
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@asynccontextmanager
async def calling(
    api: Api, origin: str = HERE, address: str = "127.0.0.1", **headers: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at an address, which calls the server by this origin."""
    transport = httpx.ASGITransport(
        api.engine.app, raise_app_exceptions=False, client=(address, 50_000)
    )
    named = HTML | {name.replace("_", "-"): text for name, text in headers.items()}
    async with httpx.AsyncClient(
        transport=transport, base_url=origin, timeout=PATIENCE, headers=named
    ) as client:
        yield client


def link(api: Api) -> str:
    """The printed link."""
    return f"/enter?ticket={api.engine.ticket}"
