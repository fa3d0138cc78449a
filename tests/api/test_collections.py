"""Collections of models."""

from tests.api.calls import SKETCH, Api, Running, problem

from safelight.catalog.listing import ENTRIES


async def test_collections_are_listed_without_their_models(api: Api) -> None:
    """A name, a slug, a description; on one page."""
    page = (await api.client.get("/v1/collections")).json()
    assert page.keys() == {"next", "previous", "results"}
    assert page["results"]
    for item in page["results"]:
        assert item.keys() == {"name", "slug", "description"}


async def test_every_collection_has_whole_models(api: Api) -> None:
    """As they are shown by themselves."""
    for item in (await api.client.get("/v1/collections")).json()["results"]:
        one = (await api.client.get(f"/v1/collections/{item['slug']}")).json()
        assert item.items() <= one.items()
        assert one["full_description"]
        assert one["models"]
        for model in one["models"]:
            path = f"/v1/models/{model['owner']}/{model['name']}"
            assert (await api.client.get(path)).json() == model


async def test_a_collection_that_is_not_there_is_not_found(api: Api) -> None:
    """By exactly its slug."""
    for slug in ("nope", "Official", "%00"):
        problem(await api.client.get(f"/v1/collections/{slug}"), 404)


async def test_a_collection_has_only_models_that_are_here(running: Running) -> None:
    """And is not here without one."""
    sketch = [entry for entry in ENTRIES if entry.full_name == SKETCH]
    async with running(sketch) as api:
        listed = (await api.client.get("/v1/collections")).json()["results"]
        assert {"sketching", "try-it-first"} <= {item["slug"] for item in listed}
        assert "official" not in {item["slug"] for item in listed}
        problem(await api.client.get("/v1/collections/official"), 404)
        one = (await api.client.get("/v1/collections/try-it-first")).json()
        assert [model["name"] for model in one["models"]] == ["sketch"]
