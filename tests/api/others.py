"""Other accounts beside the caller's, and models of one's own."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
from tests.api.calls import ECHO, Api, Json

from safelight.account import ALL_SCOPES, Account, Scope, issue
from safelight.ids import api_token
from safelight.model import Version


async def stranger(
    api: Api, username: str = "stranger", scopes: frozenset[Scope] = ALL_SCOPES
) -> dict[str, str]:
    """The header of a caller with an account of that name, in test mode."""
    secret = api_token(secrets.token_bytes(32), test=True)
    accounts = api.engine.store.accounts
    await accounts.add(Account(username=username, name=username))
    facts: dict[str, Any] = {"token_id": f"token-{secret[-8:]}", "account": username}
    now = datetime.now(UTC)
    await accounts.add_token(issue(secret, name="theirs", now=now, scopes=scopes, **facts))
    return {"authorization": f"Bearer {secret}"}


def wanted(**changes: Any) -> Json:
    """The body that makes a model."""
    usual = {"owner": "safelight", "name": "mine", "visibility": "private", "hardware": "cpu"}
    return usual | changes


async def made(api: Api, headers: dict[str, str] | None = None, **changes: Any) -> Json:
    """A model of one's own."""
    answer = await api.client.post("/v1/models", json=wanted(**changes), headers=headers)
    assert answer.status_code == 201, answer.text
    shown: Json = answer.json()
    return shown


async def with_version(
    api: Api, full_name: str, number: int = 1, runs_on: str = ECHO, **facts: Any
) -> Version:
    """A new version of a stored model, run by a model in the box."""
    latest = api.engine.registry.model(*runs_on.split("/")).latest
    assert latest is not None
    usual = {
        "id": f"{number:064x}",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        "base": latest.id,
    }
    version = msgspec.structs.replace(latest, **usual | facts)
    owner, name = full_name.split("/")
    await api.engine.store.models.add_version(owner, name, version)
    return version


def names(answer: httpx.Response) -> list[str]:
    """The models on a page."""
    assert answer.status_code == 200, answer.text
    return [f"{model['owner']}/{model['name']}" for model in answer.json()["results"]]
