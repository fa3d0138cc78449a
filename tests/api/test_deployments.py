"""Deployments over HTTP: made, shown, listed, changed, deleted; each refusal."""

import asyncio

import pytest
from tests.api.calls import ECHO, Api, Json, problem
from tests.api.deploying import ALL, APP, OTHER_VERSIONS, body, deployed, fields, latest
from tests.api.others import stranger


async def names(api: Api, headers: dict[str, str] | None = None) -> list[str]:
    answer = await api.client.get(ALL, headers=headers)
    assert answer.status_code == 200
    return [shown["name"] for shown in answer.json()["results"]]


async def test_a_deployment_is_made_and_shown(api: Api) -> None:
    """Its first release has the number 1 and whoever made it."""
    shown = await deployed(api, hardware="gpu-t4", max_instances=20, min_instances=5)
    release = shown["current_release"]
    created_at = release.pop("created_at")
    assert created_at.endswith("Z")
    assert release == {
        "number": 1,
        "model": ECHO,
        "version": latest(api),
        "created_by": {"type": "user", "username": "safelight", "name": "safelight"},
        "configuration": {"hardware": "gpu-t4", "min_instances": 5, "max_instances": 20},
    }
    assert (shown["owner"], shown["name"]) == ("safelight", "app")
    got = (await api.client.get(APP)).json()
    assert got["current_release"].pop("created_at") == created_at
    assert got == shown


@pytest.mark.parametrize(
    "name", ["name", "model", "version", "hardware", "min_instances", "max_instances"]
)
async def test_each_field_is_needed(api: Api, name: str) -> None:
    """The one that is missing is named."""
    answer = await api.post(ALL, body(api, **{name: ...}))
    assert fields(answer) == {f"{name} is required"}
    assert await names(api) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "../secrets"),
        ("name", "Upper"),
        ("name", "-app"),
        ("name", "a" * 65),
        ("name", 5),
        ("name", None),
        ("model", "echo"),
        ("model", "a/b/c"),
        ("version", "latest"),
        ("version", "A" * 64),
        ("hardware", "abacus"),
        ("min_instances", -1),
        ("min_instances", 6),
        ("min_instances", "1"),
        ("min_instances", True),
        ("max_instances", 21),
        ("max_instances", 1.5),
        ("max_instances", None),
        ("min_instances", 2),
    ],
)
async def test_a_field_that_cannot_be_is_named(api: Api, name: str, value: object) -> None:
    """And nothing is made."""
    assert fields(await api.post(ALL, body(api, **{name: value}))) == {name}
    assert await names(api) == []


async def test_every_fault_is_named_at_once(api: Api) -> None:
    """Unknown fields too."""
    wrong = body(api, name=..., hardware="abacus", min_instances=9, colour="red")
    assert fields(await api.post(ALL, wrong)) == {
        "name is required",
        "Additional property colour is not allowed",
        "hardware",
        "min_instances",
    }


@pytest.mark.parametrize(
    ("sent", "status"), [(b"", 400), (b"{", 400), (b"[]", 422), (b"null", 422), (b'"a"', 422)]
)
async def test_what_is_no_body_is_refused(api: Api, sent: bytes, status: int) -> None:
    """In a create and in an update."""
    await deployed(api)
    problem(await api.client.post(ALL, content=sent), status)
    problem(await api.client.patch(APP, content=sent), status)


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "0" * 64},
        {"model": "nope/nope", "version": "0" * 64},
        {"model": "safelight/sketch"},
    ],
)
async def test_the_version_must_be_one_of_the_model(api: Api, wrong: Json) -> None:
    """One of another model, or of none, is refused."""
    document = problem(await api.post(ALL, body(api, **wrong)), 422)
    assert document["title"] == "Invalid version or not permitted"
    assert await names(api) == []


async def test_a_name_is_taken_once(api: Api) -> None:
    """In one account; the first one stays."""
    first = await deployed(api)
    problem(await api.post(ALL, body(api, max_instances=7)), 409)
    assert (await api.client.get(APP)).json() == first
    theirs = await deployed(api, await stranger(api))
    assert theirs["owner"] == theirs["current_release"]["created_by"]["username"] == "stranger"


async def test_deployments_are_listed_newest_first(api: Api) -> None:
    """Each account sees its own."""
    headers = await stranger(api)
    await deployed(api, headers, name="theirs")
    for name in ("a", "b", "c"):
        await deployed(api, name=name)
    assert await names(api) == ["c", "b", "a"]
    assert await names(api, headers) == ["theirs"]


async def test_cursors_lead_through_all_deployments_and_back(api: Api) -> None:
    """100 to a page, by whatever name."""
    for number in range(101):
        await deployed(api, name=f"app.{number:03d}_x-y")
    first = (await api.client.get(ALL)).json()
    second = (await api.client.get(first["next"])).json()
    assert [len(page["results"]) for page in (first, second)] == [100, 1]
    assert second["results"][0]["name"] == "app.000_x-y"
    assert (first["previous"], second["next"]) == (None, None)
    back = (await api.client.get(second["previous"])).json()
    assert back["results"] == first["results"]
    problem(await api.client.get(f"{ALL}?cursor=nonsense"), 404)


async def test_an_update_changes_what_it_names(api: Api) -> None:
    """The rest stays; each is a release with the next number."""
    versions = api.engine.registry.model("openai", "gpt-image-1").versions
    await deployed(api, model=OTHER_VERSIONS, version=versions[1].id)
    changes: list[Json] = [
        {"version": versions[0].id},
        {"hardware": "gpu-a40-large"},
        {"max_instances": 20, "min_instances": None},
        {"min_instances": 5},
        {"min_instances": 0, "max_instances": 0},
    ]
    for number, change in enumerate(changes, 2):
        answer = await api.client.patch(APP, json=change)
        assert answer.status_code == 200, answer.text
        assert answer.json()["current_release"]["number"] == number
        assert (await api.client.get(APP)).json() == answer.json()
    release = (await api.client.get(APP)).json()["current_release"]
    assert release["model"] == OTHER_VERSIONS
    assert release["version"] == versions[0].id
    assert release["configuration"] == {
        "hardware": "gpu-a40-large",
        "min_instances": 0,
        "max_instances": 0,
    }
    kept = await api.engine.store.deployments.releases("safelight", "app")
    assert [one.number for one in kept] == [6, 5, 4, 3, 2, 1]
    assert kept[-1].version == versions[1].id


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, "At least one of version, hardware, min_instances, max_instances is required"),
        ({"name": "b"}, "Additional property name is not allowed"),
        ({"model": ECHO}, "Additional property model is not allowed"),
        ({"version": "latest"}, "version"),
        ({"hardware": "abacus"}, "hardware"),
        ({"min_instances": 2}, "min_instances"),
        ({"max_instances": -1}, "max_instances"),
    ],
)
async def test_an_update_that_cannot_be_changes_nothing(api: Api, change: Json, named: str) -> None:
    """Among them a minimum above the maximum that stays."""
    before = await deployed(api)
    assert fields(await api.client.patch(APP, json=change)) == {named}
    assert (await api.client.get(APP)).json() == before


async def test_an_update_to_a_version_of_another_model_is_refused(api: Api) -> None:
    """A deployment is of one model."""
    before = await deployed(api)
    change = {"version": latest(api, "safelight/sketch")}
    problem(await api.client.patch(APP, json=change), 422)
    assert (await api.client.get(APP)).json() == before


async def test_updates_at_once_are_all_made(api: Api) -> None:
    """One after the other, none on top of another."""
    await deployed(api, max_instances=20)
    answers = await asyncio.gather(
        *(api.client.patch(APP, json={"max_instances": number}) for number in range(1, 9))
    )
    numbers = sorted(answer.json()["current_release"]["number"] for answer in answers)
    assert numbers == list(range(2, 10))


async def test_of_another_account_a_deployment_does_not_exist(api: Api) -> None:
    """Whatever is asked of it."""
    theirs = await stranger(api)
    await deployed(api)
    run_body = {"input": {"prompt": "a"}}
    for path in (APP, f"{ALL}/stranger/app", f"{ALL}/nobody/app"):
        problem(await api.client.get(path, headers=theirs), 404)
        problem(await api.client.patch(path, json={"max_instances": 3}, headers=theirs), 404)
        problem(await api.client.delete(path, headers=theirs), 404)
        answer = await api.client.post(f"{path}/predictions", json=run_body, headers=theirs)
        problem(answer, 404)
    assert (await api.client.get(APP)).json()["current_release"]["number"] == 1


async def test_a_deleted_deployment_is_gone(api: Api) -> None:
    """Its name is free again."""
    await deployed(api)
    answer = await api.client.delete(APP)
    assert (answer.status_code, answer.content) == (204, b"")
    problem(await api.client.get(APP), 404)
    problem(await api.client.delete(APP), 404)
    problem(await api.post(f"{APP}/predictions", {"input": {"prompt": "a"}}), 404)
    assert (await deployed(api))["current_release"]["number"] == 1
