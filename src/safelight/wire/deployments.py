"""Deployments, both ways."""

from dataclasses import replace
from typing import Final

import msgspec

from safelight.account import Account
from safelight.deployment import (
    MOST_MAX_INSTANCES,
    MOST_MIN_INSTANCES,
    NAME,
    Configuration,
    Deployment,
)
from safelight.errors import InvalidField, InvalidInput
from safelight.ids import VERSION_ID
from safelight.model import KNOWN_HARDWARE
from safelight.wire.encoding import Json, instant
from safelight.wire.fields import Field, between, matching, one_of, read_fields
from safelight.wire.models import account

_TYPES: Final = {
    "name": Field(str, (matching(NAME),)),
    "model": Field(str, (matching(r"[^/:\s]+/[^/:\s]+"),)),
    "version": Field(str, (matching(VERSION_ID.pattern),)),
    "hardware": Field(str, (one_of(KNOWN_HARDWARE),)),
    "min_instances": Field(int, (between(0, MOST_MIN_INSTANCES),)),
    "max_instances": Field(int, (between(0, MOST_MAX_INSTANCES),)),
}
_CREATE: Final = {name: replace(field, is_required=True) for name, field in _TYPES.items()}
_CHANGE: Final = {name: _TYPES[name] for name in _TYPES if name not in {"name", "model"}}


class DeploymentCreate(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a create."""

    name: str
    model: str
    version: str
    configuration: Configuration


class DeploymentChange(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an update: what it leaves out stays."""

    version: str | None = None
    hardware: str | None = None
    min_instances: int | None = None
    max_instances: int | None = None


def read_deployment(body: bytes) -> DeploymentCreate:
    """The body of a create.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body; every fault is named.
    """
    fields = read_fields(body, _CREATE)
    return DeploymentCreate(
        name=fields["name"],
        model=fields["model"],
        version=fields["version"],
        configuration=Configuration(
            hardware=fields["hardware"],
            min_instances=fields["min_instances"],
            max_instances=fields["max_instances"],
        ),
    )


def read_deployment_change(body: bytes) -> DeploymentChange:
    """The body of an update; raises as `read_deployment` does."""
    change = DeploymentChange(**read_fields(body, _CHANGE))
    if change == DeploymentChange():
        text = f"At least one of {', '.join(_CHANGE)} is required"
        raise InvalidInput([InvalidField("required", "", text)])
    return change


def deployment(deployment: Deployment, created_by: Account) -> Json:
    """A deployment."""
    release = deployment.release
    configuration = release.configuration
    return {
        "owner": deployment.owner,
        "name": deployment.name,
        "current_release": {
            "number": release.number,
            "model": release.model,
            "version": release.version,
            "created_at": instant(release.created_at),
            "created_by": account(created_by),
            "configuration": {
                "hardware": configuration.hardware,
                "min_instances": configuration.min_instances,
                "max_instances": configuration.max_instances,
            },
        },
    }
