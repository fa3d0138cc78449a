"""The models in the box: from a reference to the model, its version and its runner."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from safelight.account import Mode
from safelight.errors import InvalidVersion, NotFound
from safelight.ids import Reference
from safelight.model import Model, Version
from safelight.runner import Runner
from safelight.schema import InputSchema


class Trainer(msgspec.Struct, frozen=True):
    """What trains a version, and what that is given."""

    inputs: InputSchema
    runners: Mapping[Mode, Runner]


class Runnable(msgspec.Struct, frozen=True):
    """A version and all that is needed to run it."""

    model: Model
    version: Version
    inputs: InputSchema
    runners: Mapping[Mode, Runner]
    trainer: Trainer | None = None
    shares: str | None = None
    """See `Prediction.shares`."""

    def to_train(self) -> "Runnable | None":
        """The same version with its trainer in place of what runs it; None when it has none."""
        trainer = self.trainer
        if trainer is None:
            return None
        queue = _training_queue(self.model)
        return Runnable(self.model, self.version, trainer.inputs, trainer.runners, shares=queue)


class Registry:
    """What can be run without asking the database."""

    def __init__(self, runnables: Sequence[Runnable]) -> None:
        self._by_version = {runnable.version.id: runnable for runnable in runnables}
        runners = {one.model.full_name: one.runners for one in runnables}
        runners |= {
            _training_queue(one.model): one.trainer.runners
            for one in runnables
            if one.trainer is not None
        }
        self._concurrency = {
            (room, mode): runner.concurrency
            for room, by_mode in runners.items()
            for mode, runner in by_mode.items()
        }
        self._models = {runnable.model.full_name: runnable.model for runnable in runnables}

    async def setup(self) -> None:
        """Make every runner ready."""
        runnables = list(self._by_version.values())
        all_of_them = [*runnables, *(r.trainer for r in runnables if r.trainer is not None)]
        runners = [runner for one in all_of_them for runner in one.runners.values()]
        for runner in dict.fromkeys(runners):
            await runner.setup()

    @property
    def models(self) -> Sequence[Model]:
        """All models, newest first."""
        return sorted(self._models.values(), key=lambda model: model.created_at, reverse=True)

    def has(self, owner: str, name: str) -> bool:
        """Whether the model is in the box."""
        return f"{owner}/{name}" in self._models

    def model(self, owner: str, name: str) -> Model:
        """One model.

        Raises:
            NotFound: None by that name.
        """
        try:
            return self._models[f"{owner}/{name}"]
        except KeyError:
            raise NotFound from None

    def version(self, owner: str, name: str, version_id: str) -> Version:
        """One version of a model; `latest` is the newest.

        Raises:
            NotFound: No such model or version.
        """
        version = self.model(owner, name).version(version_id)
        if version is None:
            raise NotFound
        return version

    def resolve(self, reference: Reference | None) -> Runnable:
        """What a create's `version` means, in any spelling.

        Raises:
            InvalidVersion: Nothing here goes by it.
        """
        if reference is None:
            raise InvalidVersion
        try:
            if reference.owner is None or reference.name is None:
                return self._by_version[reference.version or ""]
            wanted = reference.version or "latest"
            return self._by_version[self.version(reference.owner, reference.name, wanted).id]
        except (KeyError, NotFound):
            raise InvalidVersion from None

    def runnable(self, version_id: str) -> Runnable | None:
        """The version with that id, if it is (still) here."""
        return self._by_version.get(version_id)

    def concurrency(self) -> Mapping[tuple[str, Mode], int]:
        """How many runs each takes at once, by their room (see `Prediction.room`) and mode."""
        return self._concurrency

    def checked_input(
        self, runnable: Runnable, value: object
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The input with its secrets redacted, and the secrets.

        Raises:
            InvalidInput: It does not fit; every bad field is named.
        """
        return runnable.inputs.split_secrets(runnable.inputs.check(value))


def _training_queue(model: Model) -> str:
    """Trainings, which may take hours, leave the room of the model's predictions alone."""
    return f"{model.full_name} trainings"
