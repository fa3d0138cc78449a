"""A client for the running server, else for an engine of our own on the same data."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial

from safelight.bootstrap import prepare_home
from safelight.cli.client import Client
from safelight.cli.failing import Failure
from safelight.cli.finding import find_server
from safelight.engine import running_engine
from safelight.server import Addresses, serve
from safelight.settings import Settings


@contextlib.asynccontextmanager
async def connected(
    settings: Settings, *, test: bool = False, runs: bool = False, sends: bool = False
) -> AsyncGenerator[Client]:
    """A client that speaks for the first live token, or for the first test token.

    Without *runs*, an engine of our own only shows and writes down: looking at a list must not set
    going, and pay for, what waits in it. Nor, without *runs* or *sends*, does it send webhooks.

    Raises:
        InvalidSetting: HOME cannot be used.
        Failure: The engine did not start.
    """
    home = prepare_home(settings)
    token = home.test_token if test else home.live_token
    running = find_server(settings, home.live_token)
    async with contextlib.AsyncExitStack() as stack:
        if running:
            origin = running.http
        else:
            origin = await stack.enter_async_context(_own_engine(settings, runs=runs, sends=sends))
        yield await stack.enter_async_context(Client(origin, token, settings.public_url))


@contextlib.asynccontextmanager
async def _own_engine(settings: Settings, *, runs: bool, sends: bool) -> AsyncGenerator[str]:
    """An engine in this process while the context lasts; gives its origin."""
    private = replace(
        settings,
        host="127.0.0.1",
        port=0,
        tls_port=0,
        public_url=None,
        log_level="error",
        max_running=settings.max_running if runs else 0,
    )
    started: asyncio.Future[Addresses] = asyncio.get_running_loop().create_future()
    engine = partial(running_engine, sends=runs or sends)
    serving = asyncio.create_task(
        serve(private, started=started.set_result, engine=engine, is_private=True)
    )
    try:
        await asyncio.wait((serving, started), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        addresses = await started
        if addresses.http is None:
            raise Failure("the engine did not start.")
        yield addresses.http
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
