"""The whole API in this process, on a HOME of its own."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.api.calls import ORIGIN, PATIENCE, Api, Running
from tests.support.checking import check_response
from tests.support.own_checking import check_own, own_document

from safelight.bootstrap import prepare_home
from safelight.catalog.listing import ENTRIES, Entry
from safelight.engine import running_engine
from safelight.examination import Finding
from safelight.runners.capture import capture_output
from safelight.settings import Settings, read_settings


def find_nothing(_settings: Settings) -> Sequence[Finding]:
    """No provider is asked."""
    return ()


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """Starts engines on one HOME, with the models and the environment that are given."""

    @asynccontextmanager
    async def start(
        entries: Sequence[Entry] = ENTRIES,
        examine: Callable[[Settings], Sequence[Finding]] = find_nothing,
        **environment: str,
    ) -> AsyncIterator[Api]:
        home = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_GRACE": "0s"}
        settings = read_settings(home | environment, tmp_path)
        tokens = prepare_home(settings)
        check_by_own = check_own(await own_document())
        async with (
            running_engine(settings, entries, examine=examine) as engine,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(engine.app, raise_app_exceptions=False),
                base_url=ORIGIN,
                headers={"authorization": f"Bearer {tokens.test_token}"},
                timeout=PATIENCE * 3,
                event_hooks={"response": [check_response, check_by_own]},
            ) as client,
        ):
            yield Api(engine, settings, client, tokens.live_token, tokens.test_token)

    return start


@pytest.fixture
async def api(running: Running) -> AsyncIterator[Api]:
    """An engine with nothing but defaults."""
    async with running() as started:
        yield started


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Have models print to their predictions: pytest put its own stdout back after the set-up."""
    capture_output()
