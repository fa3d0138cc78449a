"""Models, versions, hardware and accounts as Replicate shows them."""

from collections.abc import Sequence

from safelight.account import Account
from safelight.model import Hardware, Model, Version
from safelight.wire.encoding import Json, instant


def model(model: Model, runs: int) -> Json:
    """A model."""
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
        "weights_url": None,
        "run_count": runs,
        "cover_image_url": model.cover_image_url,
        "default_example": None,
        "latest_version": version(model.latest),
        "created_at": instant(model.created_at),
    }


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
