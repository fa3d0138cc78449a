"""Models: lists of them, and those in the box; hardware, account."""

import hashlib

import pytest
from tests.api.calls import ECHO, ORIGIN, SKETCH, Api, Running, problem
from tests.api.others import made, names, stranger, with_version

from safelight.model import EXAMPLES

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
    for key in ("github_url", "paper_url", "license_url", "weights_url"):
        assert key in model
    assert model["cover_image_url"] == f"{ORIGIN}/covers/{name}.webp"
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


@pytest.mark.parametrize(
    "path",
    [
        *("/safelight/nope", "/nope/echo", "/safelight/%00", "/Safelight/echo"),
        *("/safelight/nope/readme", "/safelight/nope/examples"),
    ],
)
async def test_what_does_not_exist_is_not_found(api: Api, path: str) -> None:
    """Owner or name, and whatever belongs to it."""
    problem(await api.client.get(f"/v1/models{path}"), 404)


@pytest.mark.parametrize("name", MODELS)
async def test_a_model_shows_an_example(api: Api, name: str) -> None:
    """A prediction that everyone can get, and whose files open."""
    model = (await api.client.get(f"/v1/models/{name}")).json()
    example = model["default_example"]
    assert (example["model"], example["status"], example["error"]) == (name, "succeeded", None)
    assert {"id", "input", "output", "metrics", "created_at", "version"} <= example.keys()
    assert await api.get(example["id"]) == example
    got = await api.client.get(f"/v1/predictions/{example['id']}", headers=await stranger(api))
    assert got.json() == example
    for url in example["output"] if isinstance(example["output"], list) else ():
        file = await api.client.get(url, headers={"authorization": ""})
        assert file.status_code == 200
        assert file.content


async def test_examples_are_a_page_of_predictions(api: Api) -> None:
    """The default one first; nobody's list of predictions has them."""
    page = (await api.client.get(f"/v1/models/{SKETCH}/examples")).json()
    model = (await api.client.get(f"/v1/models/{SKETCH}")).json()
    assert page["results"][0] == model["default_example"]
    assert (page["next"], page["previous"]) == (None, None)
    assert (await api.client.get("/v1/predictions")).json()["results"] == []
    assert model["run_count"] == 0


async def test_an_example_is_kept_once(running: Running) -> None:
    """However often the server starts."""
    ids = []
    for _ in range(2):
        async with running() as api:
            model = (await api.client.get(f"/v1/models/{SKETCH}")).json()
            ids.append(model["default_example"]["id"])
            example = await api.engine.store.get(ids[-1], EXAMPLES)
            assert example.account == EXAMPLES
    assert ids[0] == ids[1]


async def test_an_example_cannot_be_canceled(api: Api) -> None:
    """It has ended."""
    example = (await api.client.get(f"/v1/models/{SKETCH}")).json()["default_example"]
    answer = await api.client.post(f"/v1/predictions/{example['id']}/cancel")
    assert answer.json() == example


async def test_a_cover_is_a_picture_that_needs_no_token(api: Api) -> None:
    """Known by its content, and not sent twice."""
    url = (await api.client.get(f"/v1/models/{SKETCH}")).json()["cover_image_url"]
    answer = await api.client.get(url, headers={"authorization": ""})
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    etag = answer.headers["etag"]
    assert etag == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    again = await api.client.get(url, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["safelight/nope.webp", "safelight/echo.png", "..%2f/echo.webp"])
async def test_there_are_no_other_covers(api: Api, path: str) -> None:
    """Nor anything else by such a path."""
    problem(await api.client.get(f"/covers/{path}"), 404)


@pytest.mark.parametrize("name", MODELS)
async def test_a_readme_is_text(api: Api, name: str) -> None:
    """Markdown."""
    answer = await api.client.get(f"/v1/models/{name}/readme")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "#" in answer.text


async def walk(api: Api, query: str = "") -> list[list[str]]:
    """The pages of the list, by following `next`; and back, by `previous`."""
    pages, back = [], []
    url: str | None = f"/v1/models{query}"
    while url:
        answer = await api.client.get(url)
        pages.append(names(answer))
        last, url = url, answer.json()["next"]
    url = last
    while url:
        answer = await api.client.get(url)
        back.insert(0, names(answer))
        url = answer.json()["previous"]
    assert back == pages
    return pages


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("sort_by", ["model_created_at", "latest_version_created_at"])
async def test_a_long_list_has_pages_of_25(api: Api, sort_by: str, direction: str) -> None:
    """Each model once, in either direction; the order is kept from page to page."""
    mine = [f"safelight/m{number:02d}" for number in range(50)]
    for name in mine:
        await made(api, name=name.split("/")[1])
    pages = await walk(api, f"?sort_by={sort_by}&sort_direction={direction}")
    assert [len(page) for page in pages] == [25, 25, 6]
    flat = [name for page in pages for name in page]
    assert set(flat) == {*MODELS, *mine}
    ours = [name for name in flat if name in mine]
    assert ours == (mine if direction == "asc" else mine[::-1])


async def test_the_list_goes_by_the_newest_version_unless_told_otherwise(api: Api) -> None:
    """Or by the model itself."""
    for number, name in enumerate(("old", "new")):
        await made(api, name=name)
        await with_version(api, f"safelight/{name}", number + 1)
    facts = {"created_at": (await api.engine.store.models.get("safelight", "new")).created_at}
    await with_version(api, "safelight/old", 7, **facts)
    by_version = names(await api.client.get("/v1/models"))
    assert by_version.index("safelight/old") < by_version.index("safelight/new")
    by_model = names(await api.client.get("/v1/models?sort_by=model_created_at"))
    assert by_model.index("safelight/new") < by_model.index("safelight/old")


@pytest.mark.parametrize(
    "query", ["sort_by=name", "sort_by=", "sort_direction=up", "sort_by=%00&sort_direction=asc"]
)
async def test_an_order_that_there_is_not_is_refused(api: Api, query: str) -> None:
    """With those that there are."""
    assert "must be one of" in problem(await api.client.get(f"/v1/models?{query}"), 400)["detail"]


async def test_a_cursor_that_is_none_is_not_found(api: Api) -> None:
    """As in other lists."""
    problem(await api.client.get("/v1/models?cursor=x"), 404)


async def test_hardware_is_a_bare_array(api: Api) -> None:
    """It has no pages."""
    hardware = (await api.client.get("/v1/hardware")).json()
    assert {"name": "CPU", "sku": "cpu"} in hardware


async def test_the_account_has_a_name(api: Api) -> None:
    """The Python client demands it."""
    account = (await api.client.get("/v1/account")).json()
    assert account == {"type": "user", "username": "safelight", "name": "safelight"}
