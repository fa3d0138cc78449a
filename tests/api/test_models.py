"""Models, versions, hardware, account."""

import pytest
from tests.api.calls import ECHO, Api, problem

MODELS = [
    "openai/gpt-image-1",
    "openai/gpt-image-2",
    "google/imagen-4-fast",
    "jigsawstack/image-generation",
    "safelight/sketch",
    "safelight/echo",
]
OFFICIAL = MODELS[:3]


async def test_all_models_are_on_one_page(api: Api) -> None:
    """With the keys that page readers need."""
    page = (await api.client.get("/v1/models")).json()
    assert page.keys() == {"next", "previous", "results"}
    assert {f"{model['owner']}/{model['name']}" for model in page["results"]} == set(MODELS)
    assert page["next"] is None
    assert page["previous"] is None


@pytest.mark.parametrize("name", MODELS)
async def test_a_model_is_complete(api: Api, name: str) -> None:
    """The Python client demands most of these keys."""
    model = (await api.client.get(f"/v1/models/{name}")).json()
    assert f"{model['owner']}/{model['name']}" == name
    assert model["url"].endswith(name)
    assert model["visibility"] == "public"
    assert model["is_official"] is (name in OFFICIAL)
    assert model["description"]
    assert model["run_count"] == 0
    for key in ("github_url", "paper_url", "license_url", "cover_image_url", "default_example"):
        assert key in model
    version = model["latest_version"]
    assert len(version["id"]) == 64
    assert version["cog_version"]
    assert {"Input", "Output"} <= version["openapi_schema"]["components"]["schemas"].keys()


async def test_runs_are_counted(api: Api) -> None:
    """Of the model that ran, not of the others."""
    await api.run(ECHO, {"prompt": "a"})
    await api.run(ECHO, {"prompt": "a"})
    counts = {
        m["name"]: m["run_count"] for m in (await api.client.get("/v1/models")).json()["results"]
    }
    assert counts["echo"] == 2
    assert counts["sketch"] == 0


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
        "/v1/models/safelight/nope",
        "/v1/models/nope/echo",
        "/v1/models/safelight/nope/versions",
        "/v1/models/safelight/nope/versions/latest",
        f"/v1/models/safelight/echo/versions/{'0' * 64}",
        "/v1/models/safelight/echo/versions/hidden",
        "/v1/models/safelight/%00",
    ],
)
async def test_what_does_not_exist_is_not_found(api: Api, path: str) -> None:
    """Owner, name or version."""
    problem(await api.client.get(path), 404)


async def test_a_version_of_one_model_is_not_another_models(api: Api) -> None:
    """Even though the id exists."""
    latest = (await api.client.get(f"/v1/models/{ECHO}/versions/latest")).json()["id"]
    problem(await api.client.get(f"/v1/models/safelight/sketch/versions/{latest}"), 404)


async def test_hardware_is_a_bare_array(api: Api) -> None:
    """It has no pages."""
    hardware = (await api.client.get("/v1/hardware")).json()
    assert {"name": "CPU", "sku": "cpu"} in hardware


async def test_the_account_has_a_name(api: Api) -> None:
    """The Python client demands it."""
    account = (await api.client.get("/v1/account")).json()
    assert account == {
        "type": "user",
        "username": "safelight",
        "name": "safelight",
        "github_url": None,
    }
