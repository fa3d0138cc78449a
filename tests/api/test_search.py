"""Search: `QUERY /models` and `GET /search`."""

import httpx
import pytest
from tests.api.calls import Api, problem
from tests.api.others import made, names, stranger

IMAGEN = "google/imagen-4-fast"


async def query(api: Api, body: str | bytes, **headers: str) -> httpx.Response:
    return await api.client.request("QUERY", "/v1/models", content=body, headers=headers)


@pytest.mark.parametrize("body", ["imagen", '"imagen"', " imagen\n", '"im\\u0061gen"', "IMAGEN"])
@pytest.mark.parametrize("kind", ["text/plain", "application/json", ""])
async def test_clients_may_put_quotes_around_what_they_search(
    api: Api, body: str, kind: str
) -> None:
    """Whatever they call it; the best comes first."""
    headers = {"content-type": kind} if kind else {}
    answer = await api.client.request("QUERY", "/v1/models", content=body, headers=headers)
    assert names(answer)[0] == IMAGEN


async def test_what_is_found_is_a_page_of_whole_models(api: Api) -> None:
    """As they are shown by themselves."""
    page = (await query(api, "sketch")).json()
    assert (page["next"], page["previous"]) == (None, None)
    first = page["results"][0]
    assert first == (await api.client.get("/v1/models/safelight/sketch")).json()


@pytest.mark.parametrize("body", ["zzzzzz", "", '""', '"', "';--", "\x00"])
async def test_what_nothing_answers_to_is_an_empty_page(api: Api, body: str) -> None:
    """Not an error."""
    assert names(await query(api, body)) == []


async def test_what_is_not_text_is_refused(api: Api) -> None:
    """As any body that cannot be read."""
    problem(await query(api, b"\xff\xfe"), 400)


async def test_private_models_are_found_by_their_owner_alone(api: Api) -> None:
    """By name, description or readme."""
    await made(api, name="quokka", description="A small marsupial")
    for text in ("quokka", "marsupial"):
        assert names(await query(api, text)) == ["safelight/quokka"]
        assert names(await query(api, text, **await stranger(api))) == []


async def search(api: Api, text: str, **parameters: str) -> httpx.Response:
    return await api.client.get("/v1/search", params={"query": text, **parameters})


async def test_a_search_finds_models_and_collections(api: Api) -> None:
    """With a score each, and the collections that a model is in as its tags."""
    found = (await search(api, "sketch")).json()
    assert found.keys() == {"query", "models", "collections", "pages"}
    assert (found["query"], found["pages"]) == ("sketch", [])
    first = found["models"][0]
    assert first["model"] == (await api.client.get("/v1/models/safelight/sketch")).json()
    assert "sketching" in first["metadata"]["tags"]
    scores = [one["metadata"]["score"] for one in found["models"]]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    (collection,) = [one for one in found["collections"] if one["slug"] == "sketching"]
    assert collection["models"] == ["safelight/sketch"]


@pytest.mark.parametrize("parameters", [{}, {"query": ""}, {"query": " "}, {"limit": "1"}])
async def test_a_search_for_nothing_is_refused(api: Api, parameters: dict[str, str]) -> None:
    """In Replicate's words."""
    answer = await api.client.get("/v1/search", params=parameters)
    assert problem(answer, 400)["detail"] == 'Query parameter "query" is required'


async def test_the_limit_is_of_models_alone(api: Api) -> None:
    """Collections are all shown."""
    many = (await search(api, "image")).json()
    assert len(many["models"]) > 1
    few = (await search(api, "image", limit="1")).json()
    assert few["models"] == many["models"][:1]
    assert few["collections"] == many["collections"]


@pytest.mark.parametrize("limit", ["0", "51", "-1", "x", "", "1.5", "9" * 30, "²"])
async def test_a_limit_that_is_none_is_refused(api: Api, limit: str) -> None:
    """It is said what it may be."""
    assert "from 1 to 50" in problem(await search(api, "a", limit=limit), 400)["detail"]


async def test_nothing_found_is_no_error(api: Api) -> None:
    """The lists are empty."""
    found = (await search(api, "zzzzzz")).json()
    assert (found["models"], found["collections"]) == ([], [])
