"""Trainings that are refused, and who may do what with them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.api.calls import ECHO, Api, Json, Running, problem
from tests.api.others import made, stranger
from tests.api.training import (
    ALL,
    CREATE,
    MINE,
    MODELS,
    STYLER,
    body,
    create,
    listed,
    trained,
)

from safelight.account import Scope


@pytest.fixture
async def api(running: Running) -> AsyncIterator[Api]:
    """An engine that has a model which can be trained, and a destination for its trainings."""
    async with running(MODELS) as started:
        await made(started)
        yield started


@pytest.mark.parametrize(
    "destination",
    [
        "safelight/nope",
        "stranger/theirs",
        "tests/styler",
        "safelight/echo",
        "mine",
        "",
        "/",
        "a/b/c",
    ],
)
async def test_a_destination_must_be_a_model_of_ones_own(api: Api, destination: str) -> None:
    """In Replicate's words, whether there is none or it is another account's."""
    await made(api, await stranger(api), owner="stranger", name="theirs", visibility="public")
    document = problem(await api.post(CREATE, body(destination=destination)), 404)
    assert document["detail"] == "The specified training destination does not exist"
    assert await listed(api) == []


@pytest.mark.parametrize(
    "path",
    [
        f"tests/nope/versions/{STYLER.version}",
        f"nope/styler/versions/{STYLER.version}",
        f"tests/styler/versions/{'0' * 64}",
        "tests/styler/versions/nonsense",
    ],
)
async def test_what_is_trained_must_be_there(api: Api, path: str) -> None:
    """Model and version."""
    problem(await api.post(f"/v1/models/{path}/trainings", body()), 404)


async def test_a_model_without_a_trainer_says_so(api: Api) -> None:
    """None in the box has one, nor has what a training left."""
    left = (await trained(api))["output"]["version"].partition(":")[2]
    latest = api.engine.registry.model(*ECHO.split("/")).latest
    assert latest is not None
    for name, version in ((ECHO, latest.id), (MINE, left)):
        answer = await api.post(f"/v1/models/{name}/versions/{version}/trainings", body())
        document = problem(answer, 422)
        assert document["title"] == "Training not possible"
        assert document["detail"].startswith(f"{name} cannot be trained")


def fields(answer: httpx.Response) -> set[str]:
    """The fields, or beginnings of texts, that a 422 complains about."""
    faults = problem(answer, 422)["invalid_fields"]
    return {
        fault["field"] if fault["type"] != "required" else fault["description"] for fault in faults
    }


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, {"destination is required", "input is required"}),
        ({"destination": 5, "input": []}, {"destination", "input"}),
        ({"destination": None, "input": {}}, {"destination"}),
        ({"destination": MINE, "input": {}}, {"style is required"}),
        ({"destination": MINE, "input": {"style": 5}}, {"input.style"}),
        (body(webhook="nonsense"), {"webhook"}),
        (body(webhook_events_filter=["never"]), {"webhook_events_filter.0"}),
    ],
)
async def test_every_fault_of_a_body_is_named(api: Api, sent: Json, named: set[str]) -> None:
    """And nothing is made."""
    assert fields(await api.post(CREATE, sent)) == named
    assert await listed(api) == []


@pytest.mark.parametrize(("sent", "status"), [(b"", 400), (b"{", 400), (b"[]", 422)])
async def test_what_is_no_body_is_refused(api: Api, sent: bytes, status: int) -> None:
    """With a problem document."""
    problem(await api.client.post(CREATE, content=sent), status)


async def test_unknown_fields_of_a_body_are_ignored(api: Api) -> None:
    """As Replicate does, only here."""
    await trained(api, colour="red", version="x", stream=True)


async def test_of_another_account_a_training_does_not_exist(api: Api) -> None:
    """Neither listed, nor got, nor canceled, nor a destination."""
    theirs = await stranger(api)
    training = await create(api, "hang")
    assert await listed(api, **theirs) == []
    path = f"{ALL}/{training['id']}"
    problem(await api.client.get(path, headers=theirs), 404)
    problem(await api.client.post(f"{path}/cancel", headers=theirs), 404)
    problem(await api.client.post(CREATE, json=body(), headers=theirs), 404)
    problem(await api.client.get(f"{ALL}/nope"), 404)
    problem(await api.client.post(f"{ALL}/nope/cancel"), 404)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.READ, {"list", "get"}),
        (Scope.WRITE, {"create", "cancel"}),
        (Scope.RUN, set[str]()),
        (Scope.ADMIN, set[str]()),
    ],
)
async def test_each_operation_needs_its_scope(api: Api, scope: Scope, allowed: set[str]) -> None:
    """To train is to write: it leaves a version."""
    training = await create(api, "hang")
    headers = await stranger(api, "safelight", frozenset({scope}))
    path, client = f"{ALL}/{training['id']}", api.client
    answers = {
        "list": await client.get(ALL, headers=headers),
        "get": await client.get(path, headers=headers),
        "create": await client.post(CREATE, json=body(), headers=headers),
        "cancel": await client.post(f"{path}/cancel", headers=headers),
    }
    assert {name for name, answer in answers.items() if answer.status_code < 300} == allowed
    for name, answer in answers.items():
        if name not in allowed:
            assert "lacks the scope" in problem(answer, 403)["detail"]
