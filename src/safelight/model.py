"""What can be run: models, versions, hardware, collections; the contract of their store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a model: an id of 64 hex digits and the schema it answers to."""

    id: str
    created_at: datetime
    cog_version: str
    openapi_schema: dict[str, Any]
    base: str | None = None
    """Of a stored version: the id of the version whose runner runs it; None for one in the box."""
    weights: str | None = None
    """The URL of what its base is to load."""

    @property
    def gives_files(self) -> bool:
        """Whether its output is a file, or a list of files."""
        output = self.openapi_schema["components"]["schemas"].get("Output", {})
        return output.get("items", output).get("format") == "uri"

    @property
    def gives_list(self) -> bool:
        """Whether its output is a list."""
        return "items" in self.openapi_schema["components"]["schemas"].get("Output", {})


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of a model tells of it, and may change."""

    description: str | None = None
    readme: str | None = None
    """Markdown."""
    github_url: str | None = None
    paper_url: str | None = None
    license_url: str | None = None
    weights_url: str | None = None


class Model(Telling, frozen=True, kw_only=True):
    """A model under its Replicate name."""

    owner: str
    name: str
    versions: tuple[Version, ...] = ()
    """Newest first; none yet when it has just been created."""
    is_official: bool = False
    created_at: datetime
    visibility: str = "public"
    cover_url: str | None = None
    """Of a stored model: wherever its owner says that it is."""
    cover: Path | None = None
    """Of a model in the box: a picture of our own."""
    examples: tuple[str, ...] = ()
    """Ids of predictions that show what it does; the first is the default one."""
    hardware: str = "cpu"

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def latest(self) -> Version | None:
        """The version that a bare name runs."""
        return self.versions[0] if self.versions else None

    def version(self, version_id: str) -> Version | None:
        """One version by its id; `latest` is the newest."""
        if version_id == "latest":
            return self.latest
        return next((version for version in self.versions if version.id == version_id), None)

    def is_visible_to(self, account: str) -> bool:
        """Whether that account may know that it exists."""
        return self.visibility == "public" or self.owner == account


class Hardware(msgspec.Struct, frozen=True):
    """Something a model can run on."""

    name: str
    sku: str


HARDWARE: Final = (Hardware(name="CPU", sku="cpu"),)
"""What models run on here."""
KNOWN_HARDWARE: Final = frozenset(
    {
        *("cpu", "cpu-small", "gpu-t4", "gpu-a40-small", "gpu-a40-large", "gpu-a40-large-2x"),
        *("gpu-l40s", "gpu-l40s-2x", "gpu-l40s-4x", "gpu-l40s-8x"),
        *("gpu-a100-large", "gpu-a100-large-2x", "gpu-a100-large-4x", "gpu-a100-large-8x"),
        *("gpu-h100", "gpu-h100-2x", "gpu-h100-4x", "gpu-h100-8x"),
    }
)
"""What may be asked for: Replicate's names too, so that scripts written for it run."""
README_IN_LISTS: Final = 4000
"""Characters: a thousand models with all of their readmes would be a gigabyte."""
EXAMPLES: Final = ":examples"
"""The account whose predictions are the examples, which everyone may see; no username is so."""


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Models that belong together."""

    slug: str
    """Its name in addresses."""
    name: str
    description: str
    full_description: str | None = None
    """Markdown."""
    models: tuple[str, ...]
    """Each as `owner/name`, in the order in which they are shown."""


class ModelStore(Protocol):
    """Keeps the models that accounts create, and their versions."""

    async def add(self, model: Model) -> None:
        """Keep a new model, without versions.

        Raises:
            Conflict: There is one by that name.
        """
        ...

    async def get(self, owner: str, name: str) -> Model:
        """One model with its versions.

        Raises:
            NotFound: None by that name.
        """
        ...

    async def list(self, account: str) -> Sequence[Model]:
        """All that this account may see, each with no version but its newest.

        Of a longer readme only the first `README_IN_LISTS` characters are there.
        """
        ...

    async def describe(self, owner: str, name: str, told: Mapping[str, str | None]) -> None:
        """Change what is told of a model: any of the fields of `Telling`.

        Raises:
            NotFound: None by that name.
        """
        ...

    async def remove(self, owner: str, name: str) -> None:
        """Forget a model.

        Raises:
            NotFound: None by that name.
            Conflict: It has versions.
        """
        ...

    async def add_version(self, owner: str, name: str, version: Version) -> None:
        """Give a model a new version; one with the same id is left as it is.

        Raises:
            NotFound: No model by that name.
        """
        ...

    async def version(self, version_id: str) -> tuple[Model, Version] | None:
        """A version by its id alone, and the model that it belongs to."""
        ...

    async def remove_version(self, owner: str, name: str, version_id: str) -> None:
        """Forget a version.

        Raises:
            NotFound: The model has none by that id.
            Conflict: Another version runs on it, or a deployment does.
        """
        ...
