"""Cog models for tests, and a worker that runs them on a real store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import cog
from tests.support.making import PATIENCE, eventually, made

from safelight.account import Mode
from safelight.blobs.directory import DirectoryBlobs
from safelight.capability import Capabilities
from safelight.library import Library
from safelight.model import Model, Version
from safelight.prediction import Prediction, Status
from safelight.queueing import Queueing
from safelight.registry import Registry, Runnable
from safelight.runners.capture import capture_output
from safelight.runners.inline import InlineRunner
from safelight.schema import InputSchema, openapi_schema
from safelight.stores.sqlite import SqliteStore
from safelight.training import Trainings
from safelight.vault import Vault
from safelight.wire import Wire
from safelight.worker import Worker

VAULT: Final = Vault(b"v" * 32)
WIRE: Final = Wire(Capabilities(b"c" * 32), shows_aborted=True)
LONG: Final = timedelta(minutes=30)


async def no_fetch(account: str, name: str, url: str, folder: Path) -> Path:
    """No model here takes files."""
    raise AssertionError(account, name, url, folder)


def runnable(
    runner: type[cog.BaseRunner], name: str, number: int = 0, *, is_repeatable: bool = False
) -> Runnable:
    """A Cog model as `acme/name`, with one version."""
    document = openapi_schema(runner)
    schema = InputSchema(document)
    version = Version(
        id=f"{number:064x}",
        created_at=datetime(2025, 1, 1 + number, tzinfo=UTC),
        cog_version="0.23.1",
        openapi_schema=document,
    )
    model = Model(
        owner="acme",
        name=name,
        description="",
        versions=(version,),
        created_at=version.created_at,
    )
    inline = InlineRunner(runner(), schema, no_fetch, is_repeatable=is_repeatable)
    return Runnable(model, version, schema, {Mode.LIVE: inline, Mode.TEST: inline})


@dataclass(frozen=True)
class Bench:
    """A store, and the models that workers on it can run."""

    store: SqliteStore
    registry: Registry
    blobs: DirectoryBlobs

    async def create(self, name: str, **facts: Any) -> Prediction:
        """Accept a prediction of `acme/name`, as the API does; secrets are told from inputs."""
        model = self.registry.model("acme", name)
        found = self.registry.runnable(model.latest.id)
        assert found is not None
        inputs, secrets = found.inputs.split_secrets(facts.pop("input", {}))
        now = datetime.now(UTC)
        usual = {"model": model.full_name, "version": model.latest.id, "created_at": now}
        prediction = made(**usual | facts, input=inputs)
        sealed = VAULT.seal(secrets, prediction.id) if secrets else None
        await self.store.insert(prediction, sealed)
        return prediction

    async def end_of(self, prediction: Prediction) -> Prediction:
        """The prediction as it ended."""
        now = await self.store.get(prediction.id, None)
        if now.status.is_terminal:
            return now
        ended = await self.store.ended(prediction.id, timedelta(seconds=PATIENCE))
        assert ended is not None, f"{prediction.model} has not ended"
        return ended

    async def run(self, name: str, **inputs: Any) -> Prediction:
        """Create, and wait for the end."""
        return await self.end_of(await self.create(name, input=inputs))

    async def until(self, prediction: Prediction, status: Status) -> Prediction:
        """Wait for a status."""

        async def look() -> Prediction | None:
            found = await self.store.get(prediction.id, None)
            return found if found.status is status else None

        return await eventually(look)

    def worker(
        self,
        owner: str = "w1",
        running: int = 100,
        run_time: timedelta = LONG,
        vault: Vault = VAULT,
    ) -> Worker:
        """A worker that does not work yet."""
        library = Library(self.registry, self.store.models)
        return Worker(
            owner=owner,
            store=self.store,
            library=library,
            blobs=self.blobs,
            vault=vault,
            queueing=Queueing(library.concurrency(), running),
            run_time=run_time,
            trainings=Trainings(library, WIRE),
        )

    @asynccontextmanager
    async def working(self, **facts: Any) -> AsyncIterator[Worker]:
        """A worker at work; on leaving it is stopped as a dying server stops it."""
        capture_output()  # not before the test runs: until then pytest swaps stdout
        worker = self.worker(**facts)
        task = asyncio.create_task(worker.work())
        try:
            yield worker
        finally:
            assert not task.done(), "the worker has died"
            await worker.finish(timedelta())
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
