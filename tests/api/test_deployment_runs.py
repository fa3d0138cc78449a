"""Predictions through deployments, and who may do what with them."""

from typing import Any

import msgspec
import pytest
from tests.api.calls import ECHO, Api, Json, problem
from tests.api.deploying import ALL, APP, OTHER_VERSIONS, body, deployed, latest, run
from tests.api.others import made, stranger, with_version

from safelight.account import Scope


async def test_one_in_use_cannot_be_deleted(api: Api) -> None:
    """Until what came through it has ended; that stays."""
    await deployed(api)
    slow = await run(api, "[[timeout]]")
    document = problem(await api.client.delete(APP), 409)
    assert "1 of its predictions wait or run" in document["detail"]
    await api.client.post(f"/v1/predictions/{slow['id']}/cancel")
    assert (await api.client.delete(APP)).status_code == 204
    assert (await api.get(slow["id"]))["deployment"] == "app"


async def test_a_prediction_says_what_it_came_through(api: Api) -> None:
    """In the create, when it is got, and in the list; others do not say so."""
    await deployed(api)
    made = await run(api, prefer="wait=20")
    assert made["status"] == "succeeded"
    assert made["output"] == "hello"
    assert (made["model"], made["version"]) == (ECHO, latest(api))
    plain = await api.echo()
    assert "deployment" not in plain
    assert (await api.get(made["id"]))["deployment"] == "app"
    listed = (await api.client.get("/v1/predictions")).json()["results"]
    shown = {item["id"]: item.get("deployment") for item in listed}
    assert shown == {made["id"]: "app", plain["id"]: None}


async def test_a_deployment_runs_its_current_release(api: Api) -> None:
    """A prediction that was made before the update keeps its version."""
    versions = api.engine.registry.model("openai", "gpt-image-1").versions
    await deployed(api, model=OTHER_VERSIONS, version=versions[1].id)
    value = {"input": {"prompt": "[[timeout]]", "openai_api_key": "sk-something"}}
    first = (await api.post(f"{APP}/predictions", value)).json()
    await api.client.patch(APP, json={"version": versions[0].id})
    second = (await api.post(f"{APP}/predictions", value)).json()
    store = api.engine.store
    assert (await store.get(first["id"], None)).version == versions[1].id
    assert (await store.get(second["id"], None)).version == versions[0].id
    for shown in (first, second):
        await api.client.post(shown["urls"]["cancel"])


async def test_all_of_a_create_works_through_a_deployment(api: Api) -> None:
    """The wait, the deadline, the webhook."""
    await deployed(api)
    sent = {
        "input": {"prompt": "[[timeout]]"},
        "webhook": "https://hooks.test/a",
        "webhook_events_filter": ["start"],
    }
    headers = {"prefer": "wait=1", "cancel_after": "90s"}
    answer = await api.post(f"{APP}/predictions", sent, **headers)
    shown = answer.json()
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "wait=1"
    assert answer.headers["location"] == shown["urls"]["get"]
    assert shown["status"] == "starting"
    assert shown["deadline"] > shown["created_at"]
    assert shown["webhook"] == "https://hooks.test/a"
    await api.client.post(shown["urls"]["cancel"])


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        ({"input": {"prompt": "a"}, "version": ECHO}, {}, 422),
        ({"input": {}}, {}, 422),
        ({}, {}, 422),
        ({"input": {"prompt": "a"}, "webhook": "nonsense"}, {}, 422),
        ({"input": {"prompt": "a"}}, {"cancel_after": "soon"}, 422),
    ],
)
async def test_a_create_that_cannot_be_is_refused(
    api: Api, sent: Json, headers: dict[str, str], status: int
) -> None:
    """As on any other create; what is not made holds no deployment."""
    await deployed(api)
    problem(await api.post(f"{APP}/predictions", sent, **headers), status)
    assert (await api.client.delete(APP)).status_code == 204


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.READ, {"list", "get"}),
        (Scope.RUN, {"run"}),
        (Scope.WRITE, {"create", "update", "delete"}),
        (Scope.ADMIN, set[str]()),
    ],
)
async def test_each_operation_needs_its_scope(api: Api, scope: Scope, allowed: set[str]) -> None:
    """A token without it is told which one it lacks."""
    full = await stranger(api)
    await deployed(api, full)
    headers = await stranger(api, scopes=frozenset({scope}))
    path, client = f"{ALL}/stranger/app", api.client
    answers = {
        "list": await client.get(ALL, headers=headers),
        "get": await client.get(path, headers=headers),
        "create": await client.post(ALL, json=body(api, name="b"), headers=headers),
        "update": await client.patch(path, json={"max_instances": 2}, headers=headers),
        "run": await client.post(
            f"{path}/predictions", json={"input": {"prompt": "a"}}, headers=headers
        ),
        "delete": await client.delete(f"{ALL}/stranger/b", headers=headers),
    }
    assert {name for name, answer in answers.items() if answer.status_code < 300} == allowed
    for name, answer in answers.items():
        if name not in allowed:
            assert "lacks the scope" in problem(answer, 403)["detail"]


async def test_deployments_need_a_token(api: Api) -> None:
    """As all operations do."""
    for path in (ALL, APP):
        problem(await api.client.get(path, headers={"authorization": ""}), 401)


async def test_a_deployment_outlives_a_restart(running: Any) -> None:
    """With its releases."""
    async with running() as api:
        await deployed(api)
        await api.client.patch(APP, json={"max_instances": 3})
        before = (await api.client.get(APP)).json()
    async with running() as api:
        assert (await api.client.get(APP)).json() == before
        assert (await run(api, prefer="wait=20"))["output"] == "hello"


async def test_a_version_of_ones_own_can_be_deployed(api: Api) -> None:
    """And runs; meanwhile it cannot be deleted."""
    await made(api)
    version = await with_version(api, "safelight/mine")
    await deployed(api, model="safelight/mine", version=version.id)
    shown = await run(api, prefer="wait=20")
    assert (shown["model"], shown["output"]) == ("safelight/mine", "hello")
    path = f"/v1/models/safelight/mine/versions/{version.id}"
    assert "deployment" in problem(await api.client.delete(path), 409)["detail"]
    assert await api.get(shown["id"]) == shown
    assert (await api.client.delete(APP)).status_code == 204
    assert (await api.client.delete(path)).status_code == 202


async def test_a_deployment_of_a_version_that_is_gone_says_so(api: Api) -> None:
    """An update of Safelight may have taken the model away."""
    await deployed(api)
    deployment = await api.engine.store.deployments.get("safelight", "app")
    gone = msgspec.structs.replace(deployment.release, number=2, version="0" * 64)
    await api.engine.store.deployments.release("safelight", "app", gone)
    document = problem(await api.post(f"{APP}/predictions", {"input": {"prompt": "a"}}), 422)
    assert "does not exist" in document["detail"]


async def test_a_private_model_of_another_account_cannot_be_deployed(api: Api) -> None:
    """It is not told apart from one that is not there."""
    await made(api)
    version = await with_version(api, "safelight/mine")
    wanted = body(api) | {"model": "safelight/mine", "version": version.id}
    headers = await stranger(api)
    document = problem(await api.client.post(ALL, json=wanted, headers=headers), 422)
    assert document["title"] == "Invalid version or not permitted"
