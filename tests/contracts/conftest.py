"""A store of each kind, closed when its test is over."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.contracts.stores import STORES, Opener

from safelight.store import Store


@pytest.fixture(params=STORES)
async def another(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens one more store on the same rows."""
    async with AsyncExitStack() as stack:

        async def open_another() -> Store:
            store = await STORES[request.param](tmp_path)
            stack.push_async_callback(store.close)
            return store

        yield open_another


@pytest.fixture
async def store(another: Opener) -> Store:
    """One store, empty."""
    return await another()
