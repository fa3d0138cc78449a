"""Models by reference; one that is not there is answered with names that come close."""

import difflib
from http import HTTPStatus

from safelight.cli.client import Client, Json, Refused
from safelight.cli.failing import Failure
from safelight.ids import Reference


async def get_model(client: Client, reference: Reference) -> Json:
    """The model that *reference* names.

    Raises:
        Failure: There is none; the message has names that come close.
    """
    return await _get(client, reference, _path(reference))


async def get_version(client: Client, reference: Reference) -> Json:
    """The version that *reference* names, by default the latest; raises as `get_model` does."""
    if reference.version in (None, "latest"):
        latest: Json | None = (await get_model(client, reference))["latest_version"]
        if latest is None:
            raise Failure(f"{reference.model} has no version yet, so that it cannot be run.")
        return latest
    return await _get(client, reference, f"{_path(reference)}/versions/{reference.version}")


def _path(reference: Reference) -> str:
    return f"/v1/models/{reference.owner}/{reference.name}"


async def _get(client: Client, reference: Reference, path: str) -> Json:
    try:
        return await client.get(path)
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        raise Failure(await _missing(client, reference)) from refused


async def _missing(client: Client, reference: Reference) -> str:
    names = [f"{model['owner']}/{model['name']}" async for model in client.all("/v1/models")]
    if reference.model in names:
        return f"{reference.model} has no version {reference.version}; leave it out for the latest."
    close = difflib.get_close_matches(reference.model or "", names, 3, 0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else "`safelight models list` has all."
    return f"there is no model {reference.model}. {hint}"
