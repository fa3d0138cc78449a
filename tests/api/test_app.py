"""The surface as a whole: every path answers in JSON, errors are problem documents."""

import httpx
import pytest
from tests.api.calls import Api, problem


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/nope",
        "/v1/nope",
        "/v1/models/a",
        "/v1/models/a/b/c",
        "/v2/predictions",
    ],
)
async def test_an_unknown_route_is_a_problem_document(api: Api, path: str) -> None:
    """Clients read `detail` and put the body into their messages."""
    document = problem(await api.client.get(path), 404)
    assert document["detail"] == "The requested resource could not be found."


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"])
async def test_a_wrong_method_is_a_problem_document_and_names_the_right_ones(
    api: Api, method: str
) -> None:
    """All of them, though each has a route of its own."""
    answer = await api.client.request(method, "/v1/predictions")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_a_get_of_a_path_that_is_only_posted_to_is_refused(api: Api) -> None:
    """With the method that would do."""
    answer = await api.client.get("/v1/models/safelight/echo/predictions")
    problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["account", "hardware", "models", "predictions"])
async def test_v1_may_be_written_twice(api: Api, path: str) -> None:
    """The old Python client adds it to a base URL that the new one wants it in."""
    once = await api.client.get(f"/v1/{path}")
    twice = await api.client.get(f"/v1/v1/{path}")
    assert once.status_code == twice.status_code == 200
    assert once.json() == twice.json()


async def test_v1_is_not_written_three_times(api: Api) -> None:
    """No client does that."""
    problem(await api.client.get("/v1/v1/v1/account"), 404)


async def test_a_create_under_the_doubled_prefix_gives_plain_urls(api: Api) -> None:
    """What is handed out is what any client can open."""
    path = "/v1/v1/models/safelight/echo/predictions"
    shown = (await api.post(path, {"input": {"prompt": "a"}})).json()
    assert shown["urls"]["get"] == f"https://safelight.test/v1/predictions/{shown['id']}"
    assert (await api.client.get(shown["urls"]["get"])).status_code == 200


async def test_a_slash_at_the_end_leads_to_the_path_without_it(api: Api) -> None:
    """For the base URLs that people put together by hand."""
    answer = await api.client.get("/v1/account/", follow_redirects=True)
    assert answer.json()["username"] == "safelight"


async def test_health_needs_no_token(api: Api) -> None:
    """For whatever watches the server."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api.engine.app), base_url="http://localhost"
    ) as stranger:
        assert (await stranger.get("/healthz")).json() == {"status": "ok"}


async def test_bodies_end_with_a_newline(api: Api) -> None:
    """As Replicate's do, good ones and bad ones."""
    for path in ("/v1/account", "/v1/predictions/nope"):
        assert (await api.client.get(path)).text.endswith("}\n")
