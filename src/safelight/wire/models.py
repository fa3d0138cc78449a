"""Models, versions, hardware and accounts as Replicate shows them; the bodies of models."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from safelight.account import Account
from safelight.model import KNOWN_HARDWARE, Hardware, Model, Version
from safelight.wire.encoding import Json, instant
from safelight.wire.fields import Field, at_most, matching, one_of, read_fields, web_url

_TEXT: Final = Field(str, [at_most(10_000)])
_URL: Final = Field(str, [web_url])
_CHANGES: Final[Mapping[str, Field]] = {
    "description": _TEXT,
    "readme": Field(str, [at_most(1_000_000)]),
    "github_url": _URL,
    "paper_url": _URL,
    "license_url": _URL,
    "weights_url": _URL,
}
_NEW: Final[Mapping[str, Field]] = {
    "owner": Field(str, is_required=True),
    "name": Field(
        str, [matching("[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"), at_most(100)], is_required=True
    ),
    "visibility": Field(str, [one_of(("public", "private"))], is_required=True),
    "hardware": Field(str, [one_of(KNOWN_HARDWARE)], is_required=True),
    "cover_image_url": _URL,
    **_CHANGES,
}


def read_new_model(body: bytes, now: datetime) -> Model:
    """The body of a create.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body; every fault is named.
    """
    fields = _told(read_fields(body, _NEW))
    cover = fields.pop("cover_image_url", None)
    return Model(**fields, cover_url=cover, created_at=now)


def read_model_changes(body: bytes) -> Mapping[str, str | None]:
    """The body of an update, by the fields of `Telling`; raises as `read_new_model` does."""
    return _told(read_fields(body, _CHANGES))


def _told(fields: Json) -> dict[str, Any]:
    """An empty text tells as little as null."""
    return {name: value or None for name, value in fields.items()}


def model(model: Model, runs: int, origin: str, example: Json | None) -> Json:
    """A model; *example* is a prediction as it is shown."""
    return {
        "url": f"https://replicate.com/{model.full_name}",
        "owner": model.owner,
        "name": model.name,
        "description": model.description,
        "visibility": model.visibility,
        "is_official": model.is_official,
        "github_url": model.github_url,
        "paper_url": model.paper_url,
        "license_url": model.license_url,
        "weights_url": model.weights_url,
        "run_count": runs,
        "cover_image_url": _cover(model, origin),
        "default_example": example,
        "latest_version": None if model.latest is None else version(model.latest),
        "created_at": instant(model.created_at),
    }


def _cover(model: Model, origin: str) -> str | None:
    if model.cover is None:
        return model.cover_url
    return f"{origin}/covers/{model.full_name}{model.cover.suffix}"


def version(version: Version) -> Json:
    """A version."""
    return {
        "id": version.id,
        "created_at": instant(version.created_at),
        "cog_version": version.cog_version,
        "openapi_schema": version.openapi_schema,
    }


def hardware(hardware: Sequence[Hardware]) -> list[Json]:
    """All hardware: a bare array."""
    return [{"name": item.name, "sku": item.sku} for item in hardware]


def account(account: Account) -> Json:
    """An account; addresses that it has not are left out."""
    shown = {"type": account.type, "username": account.username, "name": account.name}
    if account.github_url is not None:
        shown["github_url"] = account.github_url
    if account.avatar_url is not None:
        shown["avatar_url"] = account.avatar_url
    return shown
