"""Deployments as tests make and run them."""

from typing import Any

import httpx
from tests.api.calls import ECHO, Api, Json, problem

ALL = "/v1/deployments"
APP = f"{ALL}/safelight/app"
OTHER_VERSIONS = "openai/gpt-image-1"


def latest(api: Api, model: str = ECHO) -> str:
    owner, name = model.split("/")
    version = api.engine.registry.model(owner, name).latest
    assert version is not None
    return version.id


def body(api: Api, **changes: Any) -> Json:
    usual = {
        "name": "app",
        "model": ECHO,
        "version": latest(api),
        "hardware": "cpu",
        "min_instances": 0,
        "max_instances": 1,
    }
    return {name: value for name, value in (usual | changes).items() if value is not ...}


async def deployed(api: Api, headers: dict[str, str] | None = None, **changes: Any) -> Json:
    answer = await api.client.post(ALL, json=body(api, **changes), headers=headers)
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def run(api: Api, prompt: str = "hello", path: str = APP, **headers: str) -> Json:
    answer = await api.post(f"{path}/predictions", {"input": {"prompt": prompt}}, **headers)
    assert answer.status_code == 201, answer.text
    shown: Json = answer.json()
    return shown


def fields(answer: httpx.Response) -> set[str]:
    """The fields, or beginnings of texts, that a 422 complains about."""
    faults = problem(answer, 422)["invalid_fields"]
    return {fault["field"] or fault["description"] for fault in faults}
