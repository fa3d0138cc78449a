"""All models that can be run here: those in the box, and those that accounts have created."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from safelight.account import Mode
from safelight.errors import Forbidden, InvalidVersion, NotFound
from safelight.ids import Reference
from safelight.model import Collection, Model, ModelStore, Version
from safelight.registry import Registry, Runnable
from safelight.runner import Report, Runner

WEIGHTS_INPUT: Final = "replicate_weights"
"""The input by which a model that can be trained takes what its training made."""


class Library:
    """From references to models, as far as an account may see them.

    The models in the box are in memory, come first, and cost no query.
    """

    def __init__(
        self, registry: Registry, stored: ModelStore, collections: Sequence[Collection] = ()
    ) -> None:
        self._registry = registry
        self._stored = stored
        here = (_of_those_here(collection, registry) for collection in collections)
        self.collections = [collection for collection in here if collection.models]
        """In the order in which they are shown, each with models that are here."""

    async def model(self, owner: str, name: str, account: str) -> Model:
        """One model.

        Raises:
            NotFound: None by that name that this account may see.
        """
        if self.is_in_the_box(owner, name):
            return self._registry.model(owner, name)
        model = await self._stored.get(owner, name)
        if not model.is_visible_to(account):
            raise NotFound
        return model

    async def own(self, owner: str, name: str, account: str) -> Model:
        """A model that this account may change.

        Raises:
            NotFound: None by that name that it may see.
            Forbidden: It is another's, or comes with Safelight.
        """
        model = await self.model(owner, name, account)
        if self.is_in_the_box(owner, name):
            raise Forbidden(f"{model.full_name} comes with Safelight, and stays as it is.")
        if model.owner != account:
            raise Forbidden(f"{model.full_name} is not yours to change.")
        return model

    def is_in_the_box(self, owner: str, name: str) -> bool:
        """Whether it comes with Safelight."""
        return self._registry.has(owner, name)

    def cover(self, owner: str, name: str) -> Path | None:
        """The picture of a model in the box, if it has one."""
        return self._registry.model(owner, name).cover if self._registry.has(owner, name) else None

    async def models(self, account: str) -> Sequence[Model]:
        """All that this account may see; of stored ones as `ModelStore.list` has them."""
        return [*self._registry.models, *await self._stored.list(account)]

    async def version(self, owner: str, name: str, version_id: str, account: str) -> Version:
        """One version of a model; `latest` is the newest.

        Raises:
            NotFound: No such model or version that this account may see.
        """
        model = await self.model(owner, name, account)
        version = model.version(version_id)
        if version is None:
            raise NotFound
        return version

    async def resolve(self, reference: Reference | None, account: str) -> Runnable:
        """What a create's `version` means, in any spelling.

        Raises:
            InvalidVersion: Nothing that this account may see, and that can be run, goes by it.
        """
        try:
            return self._registry.resolve(reference)
        except InvalidVersion:
            found = None if reference is None else await self._find(reference, account)
        if found is None:
            raise InvalidVersion
        return found

    async def runnable(self, version_id: str) -> Runnable | None:
        """The version with that id, whoever's it is, if it (still) can be run."""
        found = self._registry.runnable(version_id)
        if found is not None:
            return found
        stored = await self._stored.version(version_id)
        return None if stored is None else await self._on_its_base(*stored)

    def concurrency(self) -> Mapping[tuple[str, Mode], int]:
        """How many runs each model in the box takes at once, by their room and mode.

        Runs of a stored model take the room of its base.
        """
        return self._registry.concurrency()

    def checked_input(
        self, runnable: Runnable, value: object
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """See `Registry.checked_input`."""
        return self._registry.checked_input(runnable, value)

    async def _find(self, reference: Reference, account: str) -> Runnable | None:
        version_id = reference.version or "latest"
        if reference.owner is not None and reference.name is not None:
            try:
                model = await self._stored.get(reference.owner, reference.name)
            except NotFound:
                return None
            version = model.version(version_id)
        else:
            stored = await self._stored.version(version_id)
            if stored is None:
                return None
            model, version = stored
        if version is None or not model.is_visible_to(account):
            return None
        return await self._on_its_base(model, version)

    async def _on_its_base(self, model: Model, version: Version) -> Runnable | None:
        base = None if version.base is None else await self.runnable(version.base)
        if base is None:
            return None
        runners = base.runners
        if version.weights is not None and base.inputs.has(WEIGHTS_INPUT):
            runners = {mode: Weighted(r, version.weights) for mode, r in base.runners.items()}
        shares = base.shares or base.model.full_name
        return Runnable(model, version, base.inputs, runners, shares=shares)


def _of_those_here(collection: Collection, registry: Registry) -> Collection:
    models = tuple(name for name in collection.models if registry.has(*name.split("/", 1)))
    return msgspec.structs.replace(collection, models=models)


class Weighted:
    """Implements `safelight.runner.Runner`: a base's, with weights unless the caller gave some."""

    def __init__(self, base: Runner, weights: str) -> None:
        self._base = base
        self._weights = weights

    @property
    def concurrency(self) -> int:
        """See `Runner.concurrency`."""
        return self._base.concurrency

    @property
    def is_repeatable(self) -> bool:
        """See `Runner.is_repeatable`."""
        return self._base.is_repeatable

    async def setup(self) -> None:
        """See `Runner.setup`: its base is ready."""

    async def run(self, inputs: Mapping[str, Any], report: Report, account: str) -> object:
        """See `Runner.run`."""
        return await self._base.run({WEIGHTS_INPUT: self._weights, **inputs}, report, account)
