"""Opens the store of this HOME for commands that work on it, with or without a server."""

import contextlib
from collections.abc import AsyncGenerator

from safelight.account import Account
from safelight.bootstrap import prepare_home
from safelight.errors import Conflict
from safelight.settings import Settings
from safelight.store import Store
from safelight.stores.sqlite import SqliteStore


@contextlib.asynccontextmanager
async def opened_store(settings: Settings) -> AsyncGenerator[Store]:
    """The store, in which the account of the settings is known, as it is after a first start."""
    prepare_home(settings)
    store = SqliteStore(settings.database)
    try:
        with contextlib.suppress(Conflict):  # it has been given another name since
            await store.accounts.add(Account(username=settings.account, name=settings.account))
        yield store
    finally:
        await store.close()
