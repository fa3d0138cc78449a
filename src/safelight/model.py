"""What can be run: models, their versions, hardware."""

from datetime import datetime
from typing import Any, Final

import msgspec


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a model: an id of 64 hex digits and the schema it answers to."""

    id: str
    created_at: datetime
    cog_version: str
    openapi_schema: dict[str, Any]


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model under its Replicate name."""

    owner: str
    name: str
    description: str
    versions: tuple[Version, ...]
    """Newest first; never empty."""
    is_official: bool = False
    created_at: datetime
    visibility: str = "public"
    github_url: str | None = None
    paper_url: str | None = None
    license_url: str | None = None
    cover_image_url: str | None = None

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def latest(self) -> Version:
        """The version that a bare name runs."""
        return self.versions[0]


class Hardware(msgspec.Struct, frozen=True):
    """Something a model can run on."""

    name: str
    sku: str


HARDWARE: Final = (Hardware(name="CPU", sku="cpu"),)
