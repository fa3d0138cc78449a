"""Deployments: a name of the account's own, behind which the version that runs can change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from safelight.errors import InvalidField, InvalidInput
from safelight.page import Part

NAME: Final = r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?"
"""How it may be called."""
MOST_MIN_INSTANCES: Final = 5
MOST_MAX_INSTANCES: Final = 20


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a release asks for; kept and shown, while all releases run on this machine.

    Raises:
        InvalidInput: It asks for a minimum above its maximum.
    """

    hardware: str
    """A SKU, Replicate's or ours."""
    min_instances: int
    max_instances: int

    def __post_init__(self) -> None:
        if self.min_instances > self.max_instances:
            text = f"Must be less than or equal to max_instances, which is {self.max_instances}"
            raise InvalidInput([InvalidField("number_lte", "min_instances", text)])


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One state of a deployment; each change makes the next."""

    number: int
    """From 1."""
    model: str
    """`owner/name`."""
    version: str
    """64 hex digits."""
    created_at: datetime
    created_by: str
    """The username of an account."""
    configuration: Configuration

    def followed_by(
        self, version: str, configuration: Configuration, *, created_by: str, now: datetime
    ) -> "Release":
        """The next release; the model stays."""
        return Release(
            number=self.number + 1,
            model=self.model,
            version=version,
            created_at=now,
            created_by=created_by,
            configuration=configuration,
        )


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment as it is now."""

    owner: str
    """The username of an account."""
    name: str
    created_at: datetime
    release: Release

    @property
    def id(self) -> str:
        """Its place in lists."""
        return self.name


class DeploymentStore(Protocol):
    """Keeps deployments and all their releases."""

    async def add(self, deployment: Deployment) -> None:
        """Keep a new deployment with its first release.

        Raises:
            Conflict: The account has one by that name.
        """
        ...

    async def get(self, owner: str, name: str) -> Deployment:
        """One deployment.

        Raises:
            NotFound: None by that name.
        """
        ...

    async def list(self, owner: str, part: Part) -> Sequence[Deployment]:
        """All of an account, newest first, of at most `limit + 1` rows."""
        ...

    async def release(self, owner: str, name: str, release: Release) -> None:
        """Make *release* the current one.

        Raises:
            NotFound: No deployment by that name.
            StaleWrite: The current one is not that before *release*.
        """
        ...

    async def releases(self, owner: str, name: str) -> Sequence[Release]:
        """All of a deployment, newest first; none when there is no such deployment."""
        ...

    async def remove(self, owner: str, name: str) -> None:
        """Forget a deployment and its releases.

        Raises:
            NotFound: None by that name.
            Conflict: Predictions that came through it wait or run.
        """
        ...
