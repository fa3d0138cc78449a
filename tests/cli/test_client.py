"""The commands' own HTTP client: lists page by page, and every refusal in words."""

import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from safelight.cli.client import Client, Refused
from safelight.cli.failing import Failure


async def _answer(request: web.Request) -> web.StreamResponse:
    origin = f"http://{request.host}"
    pages = {
        "1": {"results": [{"n": 1}, {"n": 2}], "next": f"{origin}/v1/list?page=2"},
        "2": {"results": [{"n": 3}], "next": None},
    }
    problem = {
        "title": "Input validation failed",
        "detail": "- input: prompt is required\n",
        "invalid_fields": [
            {"type": "required", "field": "input", "description": "prompt is required"},
            {"type": "enum", "field": "input.size", "description": "must be small"},
        ],
    }
    if request.path == "/v1/list":
        return web.json_response(pages[request.query.get("page", "1")])
    if request.path == "/v1/invalid":
        return web.json_response(problem, status=422)
    if request.path == "/v1/plain":
        return web.json_response({"detail": "Not today."}, status=503)
    if request.path == "/v1/html":
        return web.Response(text="<h1>Bad gateway</h1>", content_type="text/html", status=502)
    return web.json_response({"token": request.headers["authorization"], "at": request.path})


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    """A client of a real server on this machine."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", _answer)
    async with (
        TestServer(app) as server,
        Client(str(server.make_url("")), "r8_secret", "https://pictures.example") as client,
    ):
        yield client


async def test_the_token_goes_with_each_request(client: Client) -> None:
    """As the official clients send it."""
    assert await client.get("/v1/account") == {"token": "Bearer r8_secret", "at": "/v1/account"}


async def test_a_list_is_followed_to_its_end(client: Client) -> None:
    """Pages name the next one by an absolute URL."""
    assert [item["n"] async for item in client.all("/v1/list")] == [1, 2, 3]


async def test_invalid_fields_are_listed(client: Client) -> None:
    """Under the names that the command line uses for them."""
    with pytest.raises(Refused) as caught:
        await client.post("/v1/invalid", {})
    assert caught.value.status == 422
    assert caught.value.message.splitlines() == [
        "Input validation failed:",
        "  prompt is required",
        "  size: must be small",
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [("/v1/plain", "Not today."), ("/v1/html", "the server answered 502.")],
)
async def test_any_refusal_becomes_one_line(path: str, message: str, client: Client) -> None:
    """Also one that is no problem document, as proxies send."""
    with pytest.raises(Refused) as caught:
        await client.get(path)
    assert caught.value.message == message


async def test_a_file_that_cannot_be_read_is_named(client: Client, tmp_path: Path) -> None:
    """Nothing is sent."""
    with pytest.raises(Failure, match=r"a\.png cannot be read: No such file"):
        await client.upload(tmp_path / "a.png")


async def test_own_urls_are_known_under_the_public_origin_too(client: Client) -> None:
    """That origin may not be reachable from here; the path is fetched from the server itself."""
    assert client.own_path("https://pictures.example/outputs/a/b.png") == "/outputs/a/b.png"
    assert client.own_path("https://pictures.example.com/outputs/a/b.png") is None
    assert client.own_path("any text") is None


async def test_a_server_that_does_not_answer_is_told_how_to_start() -> None:
    """Connection refused is not a traceback."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{closed.getsockname()[1]}"
    async with Client(origin, "r8_secret") as client:
        with pytest.raises(Failure, match="safelight serve"):
            await client.get("/v1/account")
