"""Versions of models: those in the box, and those of one's own."""

from typing import Any

import pytest
from tests.api.calls import ECHO, SKETCH, Api, problem
from tests.api.others import made, stranger, with_version
from tests.api.test_models import MODELS

from safelight.account import Scope

MINE = "/v1/models/safelight/mine"


@pytest.mark.parametrize("name", MODELS)
async def test_every_listed_version_can_be_got_by_its_id(api: Api, name: str) -> None:
    """The Python client does so after each run of a version, and fails on a 404."""
    model = (await api.client.get(f"/v1/models/{name}")).json()
    page = (await api.client.get(f"/v1/models/{name}/versions")).json()
    assert page["results"][0] == model["latest_version"], "newest first"
    for version in page["results"]:
        one = await api.client.get(f"/v1/models/{name}/versions/{version['id']}")
        assert one.json() == version
    created = [version["created_at"] for version in page["results"]]
    assert created == sorted(created, reverse=True)


async def test_latest_is_a_version(api: Api) -> None:
    """By that name too."""
    latest = (await api.client.get(f"/v1/models/{ECHO}/versions/latest")).json()
    model = (await api.client.get(f"/v1/models/{ECHO}")).json()
    assert latest == model["latest_version"]


@pytest.mark.parametrize(
    "path",
    [
        "safelight/nope/versions",
        "safelight/nope/versions/latest",
        f"safelight/echo/versions/{'0' * 64}",
        "safelight/echo/versions/hidden",
    ],
)
async def test_what_does_not_exist_is_not_found(api: Api, path: str) -> None:
    """Neither to get nor to delete."""
    problem(await api.client.get(f"/v1/models/{path}"), 404)


async def test_a_version_of_one_model_is_not_another_models(api: Api) -> None:
    """Even though the id exists."""
    latest = (await api.client.get(f"/v1/models/{ECHO}/versions/latest")).json()["id"]
    problem(await api.client.get(f"/v1/models/{SKETCH}/versions/{latest}"), 404)


async def test_a_model_without_versions_lists_none(api: Api) -> None:
    """And has no latest one."""
    await made(api)
    assert (await api.client.get(f"{MINE}/versions")).json()["results"] == []
    problem(await api.client.get(f"{MINE}/versions/latest"), 404)


async def test_a_stored_version_is_shown_and_run_like_any_other(api: Api) -> None:
    """In every spelling, and under its own name."""
    await made(api)
    older = await with_version(api, "safelight/mine", 1)
    newer = await with_version(api, "safelight/mine", 2)
    page = (await api.client.get(f"{MINE}/versions")).json()
    assert [version["id"] for version in page["results"]] == [newer.id, older.id]
    model = (await api.client.get(MINE)).json()
    assert model["latest_version"] == page["results"][0]
    assert (await api.client.get(f"{MINE}/versions/latest")).json() == page["results"][0]
    for spelling in (older.id, f"safelight/mine:{older.id}"):
        body = {"version": spelling, "input": {"prompt": "a"}}
        shown = (await api.post("/v1/predictions", body, prefer="wait=20")).json()
        ran = (shown["model"], shown["version"], shown["output"])
        assert ran == ("safelight/mine", older.id, "a")
    assert (await api.run("safelight/mine", {"prompt": "b"}))["version"] == newer.id
    assert (await api.client.get(MINE)).json()["run_count"] == 3


async def test_a_version_goes_with_all_that_it_has_made(api: Api) -> None:
    """Its predictions stay on record, without input, output, logs and files."""
    await made(api, visibility="public")
    version = await with_version(api, "safelight/mine", runs_on=SKETCH)
    value = {"prompt": "a", "width": 256, "height": 256}
    shown = await api.run("safelight/mine", value)
    other = await api.run(SKETCH, value)
    answer = await api.client.delete(f"{MINE}/versions/{version.id}")
    assert (answer.status_code, answer.content) == (202, b"")
    removed = await api.get(shown["id"])
    gone: dict[str, Any] = {"input": {}, "output": None, "logs": "", "data_removed": True}
    assert removed == shown | gone
    for url in shown["output"]:
        problem(await api.client.get(url), 404)
    assert (await api.client.get(other["output"][0])).status_code == 200
    assert await api.get(other["id"]) == other
    problem(await api.client.get(f"{MINE}/versions/{version.id}"), 404)
    problem(await api.create("safelight/mine", value), 422)
    assert (await api.client.get(MINE)).json()["latest_version"] is None


async def test_what_still_runs_on_a_deleted_version_is_canceled(api: Api) -> None:
    """Its data goes, too."""
    await made(api)
    version = await with_version(api, "safelight/mine")
    shown = (await api.create("safelight/mine", {"prompt": "[[delay: 1m]]"})).json()
    await api.until(shown["id"], "processing")
    assert (await api.client.delete(f"{MINE}/versions/{version.id}")).status_code == 202
    ended = await api.get(shown["id"])
    assert (ended["status"], ended["data_removed"], ended["input"]) == ("canceled", True, {})


@pytest.mark.parametrize("name", MODELS)
async def test_a_version_in_the_box_stays(api: Api, name: str) -> None:
    """Whoever asks."""
    latest = (await api.client.get(f"/v1/models/{name}/versions/latest")).json()["id"]
    problem(await api.client.delete(f"/v1/models/{name}/versions/{latest}"), 403)
    assert (await api.client.get(f"/v1/models/{name}/versions/{latest}")).status_code == 200


async def test_only_the_owner_deletes_a_version(api: Api) -> None:
    """Even of a public model; and with a token that may write."""
    await made(api, visibility="public")
    version = await with_version(api, "safelight/mine")
    path = f"{MINE}/versions/{version.id}"
    problem(await api.client.delete(path, headers=await stranger(api)), 403)
    reader = await stranger(api, "safelight", frozenset({Scope.READ, Scope.RUN}))
    problem(await api.client.delete(path, headers=reader), 403)
    assert (await api.client.get(path)).status_code == 200


async def test_a_version_is_deleted_once(api: Api) -> None:
    """Then it is not found."""
    await made(api)
    version = await with_version(api, "safelight/mine")
    path = f"{MINE}/versions/{version.id}"
    assert (await api.client.delete(path)).status_code == 202
    problem(await api.client.delete(path), 404)


async def test_a_version_that_another_runs_on_is_not_deleted(api: Api) -> None:
    """Its predictions keep their data."""
    await made(api)
    first = await with_version(api, "safelight/mine", 1)
    await with_version(api, "safelight/mine", 2, base=first.id)
    body = {"version": first.id, "input": {"prompt": "a"}}
    shown = (await api.post("/v1/predictions", body, prefer="wait=20")).json()
    problem(await api.client.delete(f"{MINE}/versions/{first.id}"), 409)
    assert await api.get(shown["id"]) == shown
    assert (await api.run("safelight/mine", {"prompt": "b"}))["output"] == "b"


async def test_what_others_have_made_is_not_taken_from_them(api: Api) -> None:
    """Whoever has run a public model keeps the pictures, and so the version stays."""
    await made(api, visibility="public")
    version = await with_version(api, "safelight/mine", runs_on=SKETCH)
    theirs = await stranger(api)
    value = {"prompt": "a", "width": 256, "height": 256}
    shown = await api.run("safelight/mine", value, **theirs)
    refused = await api.client.delete(f"{MINE}/versions/{version.id}")
    assert "Others have run" in problem(refused, 409)["detail"]
    assert (await api.client.get(shown["output"][0])).status_code == 200
    again = await api.client.get(f"/v1/predictions/{shown['id']}", headers=theirs)
    assert again.json() == shown


async def test_a_version_is_deleted_by_its_id_alone(api: Api) -> None:
    """What is the latest now may be another a moment later."""
    await made(api)
    await with_version(api, "safelight/mine")
    problem(await api.client.delete(f"{MINE}/versions/latest"), 404)
    assert (await api.client.get(f"{MINE}/versions/latest")).status_code == 200


async def test_a_delete_that_was_cut_off_is_finished_by_the_next(api: Api) -> None:
    """The server died after the version was gone, and before what it had made was."""
    await made(api)
    version = await with_version(api, "safelight/mine")
    shown = await api.run("safelight/mine", {"prompt": "a"})
    await api.engine.store.models.remove_version("safelight", "mine", version.id)
    path = f"{MINE}/versions/{version.id}"
    assert (await api.client.delete(path)).status_code == 202
    assert (await api.get(shown["id"]))["data_removed"] is True
    problem(await api.client.delete(path), 404)
