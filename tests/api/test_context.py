"""Who is calling, how much they may send, and under which origin they reach us."""

import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.api.calls import ECHO, Api, Running, problem

CREATE = f"/v1/models/{ECHO}/predictions"
ASKING = [
    ("GET", "/v1/account"),
    ("GET", "/v1/hardware"),
    ("GET", "/v1/models"),
    ("GET", f"/v1/models/{ECHO}"),
    ("GET", f"/v1/models/{ECHO}/versions"),
    ("GET", f"/v1/models/{ECHO}/versions/latest"),
    ("GET", "/v1/predictions"),
    ("GET", "/v1/predictions/nope"),
    ("POST", "/v1/predictions/nope/cancel"),
    ("POST", "/v1/predictions"),
    ("POST", CREATE),
]


@pytest.mark.parametrize(("method", "path"), ASKING)
async def test_without_a_token_nothing_is_told(api: Api, method: str, path: str) -> None:
    """Not even whether the thing exists."""
    del api.client.headers["authorization"]
    document = problem(await api.client.request(method, path), 401)
    assert document["title"] == "Unauthenticated"
    assert document["detail"] == "You did not pass an authentication token"


@pytest.mark.parametrize(("method", "path"), ASKING)
async def test_with_a_wrong_token_nothing_is_told(api: Api, method: str, path: str) -> None:
    """The answer says that there was one."""
    headers = {"authorization": "Bearer r8_0000000000000000000000000000000000000"}
    document = problem(await api.client.request(method, path, headers=headers), 401)
    assert document["detail"] == "Invalid or expired API token."


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwdw==", "r8_nothing"])
async def test_a_header_that_is_no_bearer_token_counts_as_none(api: Api, header: str) -> None:
    """There is nothing in it that could be right or wrong."""
    document = problem(await api.client.get("/v1/account", headers={"authorization": header}), 401)
    assert document["detail"] == "You did not pass an authentication token"


async def test_a_token_that_is_not_text_is_wrong(api: Api) -> None:
    """Header bytes can be anything."""
    problem(await api.client.get("/v1/account", headers={"authorization": b"Bearer \xff\xfe"}), 401)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "token", "Token "])
async def test_both_scheme_words_are_accepted(api: Api, scheme: str) -> None:
    """Old snippets say `Token`."""
    headers = {"authorization": f"{scheme} {api.test_token}"}
    assert (await api.client.get("/v1/account", headers=headers)).status_code == 200


async def test_the_token_decides_the_mode(api: Api) -> None:
    """Only what was made in test mode says so."""
    assert (await api.echo())["test"] is True
    assert "test" not in await api.echo(**api.live)


async def test_a_body_over_the_limit_is_refused_by_its_announced_length(running: Running) -> None:
    """The answer names the limit and the way around it."""
    async with running(SAFELIGHT_MAX_BODY="2MB") as api:
        document = problem(await api.create(ECHO, {"prompt": "x" * 3_000_000}), 413)
        assert "larger than 2 MB (SAFELIGHT_MAX_BODY)" in document["detail"]
        assert "by URL" in document["detail"]
        assert (await api.client.get("/v1/predictions")).json()["results"] == []


async def test_a_body_over_the_limit_is_refused_without_an_announced_length(
    running: Running,
) -> None:
    """A chunked body is read no further than the limit."""
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"input": {"prompt": "'
        for _ in range(1000):
            sent += 1
            yield b"x" * 1000

    async with running(SAFELIGHT_MAX_BODY="10000") as api:
        answer = await api.client.post(CREATE, content=chunks())
        assert "transfer-encoding" in answer.request.headers
        document = problem(answer, 413)
        assert "larger than 0.00954 MB" in document["detail"]


async def test_a_body_just_within_the_limit_is_taken(running: Running) -> None:
    """The limit is inclusive."""
    body = b'{"input":{"prompt":"' + b"x" * 100 + b'"}}'
    async with running(SAFELIGHT_MAX_BODY=str(len(body))) as api:
        assert (await api.client.post(CREATE, content=body)).status_code == 201
        problem(await api.client.post(CREATE, content=body + b" "), 413)


async def test_a_prompt_of_50_mb_is_refused_and_not_kept(api: Api) -> None:
    """It is within the limit of a body, and beyond what any model reads."""
    body = b'{"input":{"prompt":"' + b"x" * 50_000_000 + b'"}}'
    tracemalloc.start()
    try:
        document = problem(await api.client.post(CREATE, content=body), 422)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    text = "String length must be less than or equal to 1048576"
    assert document["detail"] == f"- input.prompt: {text}\n"
    assert document["invalid_fields"] == [
        {"type": "string_lte", "field": "input.prompt", "description": text}
    ]
    assert most < 250_000_000, "the body, its text, and not much more"


async def test_urls_take_the_origin_of_the_request(api: Api) -> None:
    """Scheme, host and port: what one can open depends on where one came from."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api.engine.app),
        base_url="http://10.1.2.3:8484",
        headers=api.client.headers,
    ) as neighbour:
        shown = (await neighbour.post(CREATE, json={"input": {"prompt": "a"}})).json()
    assert all(url.startswith("http://10.1.2.3:8484/") for url in shown["urls"].values())
    assert (await api.get(shown["id"]))["urls"]["get"].startswith("https://safelight.test/v1/")


async def test_a_public_url_wins_over_the_origin_of_the_request(running: Running) -> None:
    """Behind a proxy the request knows less than its operator."""
    async with running(SAFELIGHT_PUBLIC_URL="https://pictures.example/") as api:
        shown = await api.echo()
        assert shown["urls"]["get"] == f"https://pictures.example/v1/predictions/{shown['id']}"
