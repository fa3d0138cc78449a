"""Calls to providers are counted and timed, by how they ended."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from tests.outbound.conftest import Site
from tests.outbound.pages import SHORT, SOON, fetched, free_port, page
from tests.support.making import eventually

from safelight.meter import Meter
from safelight.outbound.client import Client
from safelight.outbound.metered import Metered
from safelight.outgoing import NotSent, OutcomeUnknown


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """The real one."""
    async with Client() as opened:
        yield opened


def outcomes(meter: Meter) -> dict[tuple[str, ...], int]:
    """How many calls there were, by provider and outcome."""
    return {labels: sum(s.buckets) for labels, s in meter.upstream_calls.series.items()}


async def test_an_answer_is_counted_by_its_status(site: Site, client: Client) -> None:
    """And handed on as it is."""
    meter = Meter()
    metered = Metered(client, "acme", meter)
    for status in (200, 429, 503, 200):
        site.pages["/x"] = page(b"body", status)
        got = await metered.post(f"{site.url}/x", {}, b"", within=SOON, trusted=True)
        assert (got.status, got.body) == (status, b"body")
    assert outcomes(meter) == {
        ("acme", "succeeded"): 2,
        ("acme", "refused"): 1,
        ("acme", "failed"): 1,
    }


async def test_a_call_without_an_answer_is_counted_too(site: Site, client: Client) -> None:
    """Whether nothing was sent, or nobody knows, or nobody waits any more."""
    meter = Meter()
    metered = Metered(client, "acme", meter)

    async def hold(_request: web.Request) -> web.Response:
        await site.held.wait()
        return web.Response()

    site.pages["/slow"] = hold
    with pytest.raises(NotSent):
        await metered.post(f"http://127.0.0.1:{free_port()}/", {}, b"", within=SOON, trusted=True)
    with pytest.raises(OutcomeUnknown):
        await metered.post(f"{site.url}/slow", {}, b"", within=SHORT, trusted=True)
    asked = len(site.asked)
    calling = asyncio.create_task(
        metered.post(f"{site.url}/slow", {}, b"", within=SOON, trusted=True)
    )

    async def is_asked() -> bool:
        return len(site.asked) > asked

    assert await eventually(is_asked)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert outcomes(meter) == {
        ("acme", "not_sent"): 1,
        ("acme", "unknown"): 1,
        ("acme", "canceled"): 1,
    }


async def test_fetching_is_handed_on(site: Site) -> None:
    """It is no call that costs."""
    site.pages["/x"] = page(b"file")
    async with Client() as plain:
        metered = Metered(plain, "acme", Meter())
        got = await metered.fetch(
            f"{site.url}/x", limit_bytes=10, within=SOON, trusted_origin=site.url
        )
        assert got.content == b"file"
        with pytest.raises(Exception, match="127"):
            await fetched(plain, f"{site.url}/x")
