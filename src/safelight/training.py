"""Trainings: predictions that, when they succeed, leave a new version on their destination."""

import hashlib
from typing import Final, cast

import msgspec

from safelight.errors import RunFailed
from safelight.library import Library
from safelight.model import Version
from safelight.prediction import FILE, Prediction
from safelight.wire import Wire

NO_WEIGHTS: Final = "The trainer returned no weights."
NO_DESTINATION: Final = "The destination {destination} is no longer here."


class Trainings:
    """Makes versions of what trainers return."""

    def __init__(self, library: Library, wire: Wire) -> None:
        self._library = library
        self._wire = wire

    async def outcome(self, ended: Prediction) -> tuple[Prediction, Version | None]:
        """How one that succeeded is to be stored, and the version that it leaves, if it trained.

        Raises:
            RunFailed: What the trainer returned is, or has, no weights.
        """
        if ended.destination is None:
            return ended, None
        version_id = _version_id(ended)
        output = {
            "version": f"{ended.destination}:{version_id}",
            "weights": _weights(ended.output),
        }
        ended = msgspec.structs.replace(ended, output=output)
        base = await self._library.runnable(ended.version)
        assert base is not None, "it has just run"
        assert ended.completed_at is not None, "it has ended"
        version = Version(
            id=version_id,
            created_at=ended.completed_at,
            cog_version=base.version.cog_version,
            openapi_schema=base.version.openapi_schema,
            base=base.version.id,
            weights=self._wire.prediction(ended, ended.origin)["output"]["weights"],
        )
        return ended, version


def _version_id(training: Prediction) -> str:
    """The same whenever it is asked for: a training that runs twice leaves one version."""
    return hashlib.sha256(f"safelight training {training.id}".encode()).hexdigest()


def _weights(output: object) -> object:
    """A file or a URL: as `weights` of what a trainer returned, or all that it returned.

    Raises:
        RunFailed: There is none.
    """
    if isinstance(output, str) and output:
        return output
    if isinstance(output, dict):
        fields = cast("dict[str, object]", output)
        if FILE in fields:
            return fields
        if "weights" in fields:
            return _weights(fields["weights"])
    raise RunFailed(NO_WEIGHTS)
