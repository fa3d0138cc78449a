"""Models that an account creates: made, changed, deleted, and who may see them."""

from typing import Any

import httpx
import pytest
from tests.api.calls import Api, Running, problem
from tests.api.others import made, names, stranger, wanted, with_version
from tests.api.test_models import MODELS

from safelight.account import Scope

FULL: dict[str, Any] = {
    "description": "Of my own",
    "github_url": "https://example.com/code",
    "paper_url": "https://example.com/paper",
    "license_url": "https://example.com/license",
    "weights_url": "https://example.com/weights.tar",
    "cover_image_url": "https://example.com/cover.png",
}


async def test_a_model_is_made(api: Api) -> None:
    """With all that is told of it, and without a version."""
    shown = await made(api, **FULL, readme="# Mine")
    assert FULL.items() <= shown.items()
    assert (shown["owner"], shown["name"]) == ("safelight", "mine")
    assert shown["visibility"] == "private"
    assert shown["is_official"] is False
    assert shown["latest_version"] is None
    assert shown["default_example"] is None
    assert (await api.client.get("/v1/models/safelight/mine")).json() == shown
    assert (await api.client.get("/v1/models/safelight/mine/readme")).text == "# Mine"
    assert (await api.client.get("/v1/models/safelight/mine/examples")).json()["results"] == []


@pytest.mark.parametrize("sku", ["cpu", "gpu-t4", "gpu-a40-large", "gpu-l40s", "gpu-h100"])
async def test_replicates_hardware_may_be_asked_for(api: Api, sku: str) -> None:
    """Scripts that were written for it run as they are."""
    await made(api, hardware=sku)


async def test_what_is_not_told_is_null(api: Api) -> None:
    """An empty text is nothing told."""
    shown = await made(api, description=None, github_url="")
    for key in FULL:
        assert shown[key] is None
    problem(await api.client.get("/v1/models/safelight/mine/readme"), 404)


async def test_a_model_is_kept_over_a_restart(running: Running) -> None:
    """It is in the database."""
    async with running() as api:
        shown = await made(api)
    async with running() as api:
        assert (await api.client.get("/v1/models/safelight/mine")).json() == shown


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"owner": 1}, "owner", "Invalid type. Expected: string, given: integer"),
    ({"name": ""}, "name", "Does not match pattern"),
    ({"name": "a/b"}, "name", "Does not match pattern"),
    ({"name": "Mine"}, "name", "Does not match pattern"),
    ({"name": "-a"}, "name", "Does not match pattern"),
    ({"name": "a" * 101}, "name", "String length must be less than or equal to 100"),
    ({"name": None}, "name", "Invalid type. Expected: string, given: null"),
    (
        {"visibility": "secret"},
        "visibility",
        'visibility must be one of the following: "private", "public"',
    ),
    ({"hardware": "abacus"}, "hardware", "hardware must be one of the following: "),
    ({"github_url": "javascript:alert(1)"}, "github_url", "Does not match format 'uri'"),
    ({"cover_image_url": ["a"]}, "cover_image_url", "Invalid type. Expected: string"),
    ({"colour": "red"}, "", "Additional property colour is not allowed"),
]


@pytest.mark.parametrize(("change", "field", "text"), BAD)
async def test_a_model_that_cannot_be_is_refused(
    api: Api, change: dict[str, Any], field: str, text: str
) -> None:
    """The field is named."""
    document = problem(await api.post("/v1/models", wanted(**change)), 422)
    (fault,) = document["invalid_fields"]
    assert fault["field"] == field
    assert fault["description"].startswith(text)


async def test_all_that_is_wrong_is_named_at_once(api: Api) -> None:
    """What is missing first."""
    answer = await api.post("/v1/models", {"name": "A", "description": 1, "x": 2})
    document = problem(answer, 422)
    assert [fault["field"] for fault in document["invalid_fields"]] == [
        *("", "", ""),
        *("name", "description", ""),
    ]
    assert document["detail"].startswith("- owner is required\n- visibility is required\n")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{"])
async def test_what_is_no_object_makes_no_model(api: Api, body: bytes) -> None:
    """Nor changes one."""
    await made(api)
    for method, path in (("POST", "/v1/models"), ("PATCH", "/v1/models/safelight/mine")):
        answer = await api.client.request(method, path, content=body)
        assert answer.status_code in {400, 422}
        problem(answer, answer.status_code)


async def test_a_model_belongs_to_who_makes_it(api: Api) -> None:
    """Nobody makes one for others."""
    document = problem(await api.post("/v1/models", wanted(owner="stranger")), 403)
    assert "safelight" in document["detail"]
    assert (await made(api, await stranger(api), owner="stranger"))["owner"] == "stranger"


@pytest.mark.parametrize("name", ["mine", "echo"])
async def test_a_name_can_be_taken_once(api: Api, name: str) -> None:
    """Those in the box are taken."""
    await made(api)
    document = problem(await api.post("/v1/models", wanted(name=name)), 409)
    assert f"safelight/{name}" in document["detail"]


async def patch(api: Api, told: object, name: str = "safelight/mine") -> httpx.Response:
    return await api.client.patch(f"/v1/models/{name}", json=told)


async def test_what_is_told_of_a_model_can_be_changed(api: Api) -> None:
    """What is not named stays; null takes away."""
    shown = await made(api, **FULL)
    changes = {"description": "New", "paper_url": None, "license_url": ""}
    answer = await patch(api, changes | {"readme": "# New"})
    expected = shown | {"description": "New", "paper_url": None, "license_url": None}
    assert answer.json() == expected
    assert (await api.client.get("/v1/models/safelight/mine")).json() == expected
    assert (await api.client.get("/v1/models/safelight/mine/readme")).text == "# New"
    assert (await patch(api, {})).json() == expected


@pytest.mark.parametrize("field", ["visibility", "name", "owner", "hardware", "cover_image_url"])
async def test_what_a_model_is_stays(api: Api, field: str) -> None:
    """Only what is told of it can be changed."""
    await made(api)
    document = problem(await patch(api, {field: "public", "readme": 1}), 422)
    assert len(document["invalid_fields"]) == 2


async def test_a_model_is_deleted(api: Api) -> None:
    """And its name is free again."""
    await made(api)
    answer = await api.client.delete("/v1/models/safelight/mine")
    assert (answer.status_code, answer.content) == (204, b"")
    problem(await api.client.get("/v1/models/safelight/mine"), 404)
    problem(await api.client.delete("/v1/models/safelight/mine"), 404)
    await made(api)


async def test_a_model_that_others_may_use_is_not_deleted(api: Api) -> None:
    """Nor one with versions."""
    await made(api, visibility="public")
    assert "private" in problem(await api.client.delete("/v1/models/safelight/mine"), 409)["detail"]
    await made(api, name="trained")
    await with_version(api, "safelight/trained")
    document = problem(await api.client.delete("/v1/models/safelight/trained"), 409)
    assert "versions" in document["detail"]


@pytest.mark.parametrize("name", MODELS)
async def test_a_model_in_the_box_stays_as_it_is(api: Api, name: str) -> None:
    """Also for an account of its owner's name."""
    assert "comes with" in problem(await patch(api, {"readme": "x"}, name), 403)["detail"]
    problem(await api.client.delete(f"/v1/models/{name}"), 403)


async def test_a_private_model_is_there_for_its_owner_alone(api: Api) -> None:
    """Others are told what they would be told of nothing."""
    await made(api)
    await with_version(api, "safelight/mine")
    theirs = await stranger(api)
    for method, path in (
        *(("GET", ""), ("PATCH", ""), ("DELETE", "")),
        *(("GET", "/readme"), ("GET", "/examples"), ("GET", "/versions")),
        *(("GET", "/versions/latest"), ("DELETE", f"/versions/{1:064x}")),
    ):
        answer = await api.client.request(
            method, f"/v1/models/safelight/mine{path}", headers=theirs, json={}
        )
        assert problem(answer, 404)["detail"] == "The requested resource could not be found."
    body = {"input": {"prompt": "a"}}
    path = "/v1/models/safelight/mine/predictions"
    problem(await api.client.post(path, json=body, headers=theirs), 404)
    body |= {"version": "safelight/mine"}
    problem(await api.client.post("/v1/predictions", json=body, headers=theirs), 422)
    assert "safelight/mine" not in names(await api.client.get("/v1/models", headers=theirs))
    assert "safelight/mine" in names(await api.client.get("/v1/models"))


async def test_a_public_model_can_be_seen_and_run_but_not_changed(api: Api) -> None:
    """By others."""
    await made(api, visibility="public")
    await with_version(api, "safelight/mine")
    theirs = await stranger(api)
    assert "safelight/mine" in names(await api.client.get("/v1/models", headers=theirs))
    shown = await api.run("safelight/mine", {"prompt": "a"}, **theirs)
    assert (shown["output"], shown["model"]) == ("a", "safelight/mine")
    path = "/v1/models/safelight/mine"
    problem(await api.client.patch(path, json={"readme": "x"}, headers=theirs), 403)
    problem(await api.client.delete(path, headers=theirs), 403)


async def test_a_model_without_a_version_cannot_be_run(api: Api) -> None:
    """Its creator is told so."""
    await made(api)
    problem(await api.create("safelight/mine", {"prompt": "a"}), 422)
    problem(await api.post("/v1/predictions", {"version": "safelight/mine", "input": {}}), 422)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("PATCH", "/safelight/echo"), ("DELETE", "/safelight/echo")],
)
async def test_changes_need_a_token_that_may_write(api: Api, method: str, path: str) -> None:
    """Reading needs one that may read."""
    reader = await stranger(api, scopes=frozenset({Scope.READ}))
    answer = await api.client.request(method, f"/v1/models{path}", json={}, headers=reader)
    assert "scope `write`" in problem(answer, 403)["detail"]
    assert (await api.client.get("/v1/models", headers=reader)).status_code == 200
