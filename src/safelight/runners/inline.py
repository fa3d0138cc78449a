"""Runs Cog runners on this event loop: for models that wait on something else."""

import asyncio
import inspect
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import cog

from safelight.runner import ProducedFile, Report
from safelight.runners.capture import CURRENT
from safelight.schema import InputSchema

Fetch = Callable[[str, str, str, Path], Awaitable[Path]]
"""Brings a file input of an account (then its name, and its URL or data URI) into a folder; raises
RunFailed."""


class _Scope:
    """What Cog gives a model to record metrics with, bound to the prediction at hand."""

    def record_metric(self, key: str, value: object, mode: str = "replace") -> None:
        report = CURRENT.get()
        if report is not None:
            report.metric(key, value, mode)


class InlineRunner:
    """Implements `safelight.runner.Runner` for one instance of a Cog runner with an async `run`."""

    def __init__(
        self,
        model: cog.BaseRunner,
        schema: InputSchema,
        fetch: Fetch,
        *,
        is_repeatable: bool,
    ) -> None:
        self._model = _recording(model)
        self._run: Callable[..., Any] = model.run if _defines_run(model) else model.predict
        if not (inspect.iscoroutinefunction(self._run) or inspect.isasyncgenfunction(self._run)):
            raise TypeError(
                f"{type(model).__name__}.run is not async and would hold up the server."
            )
        self._schema = schema
        self._fetch = fetch
        self._needs_preparing = bool(schema.file_names or schema.secret_names)
        self._is_repeatable = is_repeatable
        # A worker counts by model; versions that accounts have trained share their base's runner.
        self._room = asyncio.Semaphore(self.concurrency)

    @property
    def concurrency(self) -> int:
        """See `Runner.concurrency`; what the model declares with `@cog.concurrent`."""
        return cast("int", getattr(self._run, "__cog_concurrent_max__", 1))

    @property
    def is_repeatable(self) -> bool:
        """See `Runner.is_repeatable`."""
        return self._is_repeatable

    async def setup(self) -> None:
        """See `Runner.setup`."""
        outcome = cast("Callable[[], object]", self._model.setup)()
        if inspect.isawaitable(outcome):
            await outcome

    async def run(self, inputs: Mapping[str, Any], report: Report, account: str) -> object:
        """See `Runner.run`."""
        async with self._room:
            return await self._run_now(inputs, report, account)

    async def _run_now(self, inputs: Mapping[str, Any], report: Report, account: str) -> object:
        arguments = self._schema.complete(dict(inputs))
        if not self._needs_preparing:
            return await self._enter(arguments, report)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="inputs-"))
        try:
            bring = partial(self._bring, account, folder)
            return await self._enter(await self._prepare(arguments, bring), report)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _enter(self, arguments: Mapping[str, Any], report: Report) -> object:
        entered = CURRENT.set(report)
        try:
            outcome = self._run(**arguments)
            if inspect.isawaitable(outcome):
                return _plain(await outcome)
            return await _collect(cast("AsyncIterator[object]", outcome), report)
        finally:
            CURRENT.reset(entered)

    async def _prepare(
        self, arguments: Mapping[str, Any], bring: Callable[[str, str], Awaitable[cog.Path]]
    ) -> dict[str, Any]:
        prepared = dict(arguments)
        for name in self._schema.secret_names:
            if prepared.get(name) is not None:
                prepared[name] = cog.Secret(prepared[name])
        for name in self._schema.file_names:
            value = prepared.get(name)
            if isinstance(value, list):
                urls = enumerate(cast("list[str]", value))
                prepared[name] = [await bring(f"{name}.{n}", url) for n, url in urls]
            elif value is not None:
                prepared[name] = await bring(name, value)
        return prepared

    async def _bring(self, account: str, folder: Path, name: str, url: str) -> cog.Path:
        return cog.Path(await self._fetch(account, name, url, folder))


def _defines_run(model: cog.BaseRunner) -> bool:
    return type(model).run is not cog.BaseRunner.run


def _recording(model: cog.BaseRunner) -> cog.BaseRunner:
    # Cog's own scope speaks to coglet; outside it, record_metric would be a silent no-op.
    scope = _Scope()

    class Recording(type(model)):
        @property
        def scope(self) -> _Scope:
            return scope

        def record_metric(self, key: str, value: object, mode: str = "replace") -> None:
            scope.record_metric(key, value, mode)

    Recording.__name__ = type(model).__name__
    model.__class__ = Recording
    return model


async def _collect(items: AsyncIterator[object], report: Report) -> list[object]:
    collected: list[object] = []
    async for item in items:
        collected.append(_plain(item))
        await report.output(collected[-1])
    return collected


def _plain(value: object) -> object:
    """What a model returned as JSON with `ProducedFile` leaves."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Path):
        return ProducedFile(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return {str(key): _plain(item) for key, item in pairs}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("list[object]", value)]
    if isinstance(value, cog.BaseModel):
        return {name: _plain(item) for name, item in vars(value).items()}
    raise TypeError(f"A model returned {type(value).__name__}, which is neither JSON nor a file.")
