"""The pictures in answers go to files while they come; nothing is left of what nobody takes."""

import asyncio
import base64
import gzip
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from tests.outbound.conftest import Site
from tests.outbound.pages import SOON, page
from tests.support.making import eventually

from safelight.outbound.client import Client
from safelight.outgoing import FetchFailed, OutcomeUnknown, Response
from safelight.spooled import Content

CONTENT = bytes(range(256)) * 4000
HEAD = b'{"data":[{"b64_json":"'
JSON = HEAD + base64.b64encode(CONTENT) + b'"}]}'
NAMES = {"b64_json"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are while a test runs."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """The real one."""
    async with Client() as opened:
        yield opened


def half(site: Site, *, then: str) -> None:
    """A page that sends half of its picture, and then waits or is cut."""

    async def send(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(JSON[: len(JSON) // 2])
        await site.held.wait()
        if then == "cut" and request.transport is not None:
            request.transport.abort()
        return answer

    site.pages["/"] = send


async def begun(folder: Path) -> None:
    """Wait until a file is there."""
    await eventually(lambda: asyncio.to_thread(lambda: list(folder.iterdir())))


async def gone(folder: Path) -> None:
    """Wait until no file is there."""
    await eventually(lambda: asyncio.to_thread(lambda: not list(folder.iterdir())))


async def post(client: Client, site: Site) -> Response:
    return await client.post(site.url, {}, b"", within=SOON, trusted=True, pictures=NAMES)


async def test_a_picture_in_json_is_in_a_file_and_its_number_in_the_json(
    site: Site, client: Client, folder: Path
) -> None:
    """Once the answer is let go of, nothing is left of it."""
    site.pages["/"] = page(JSON)
    response = await post(client, site)
    assert response.body == b'{"data":[{"b64_json":0}]}'
    (content,) = response.spooled
    assert not isinstance(content, bytes)
    assert (content.path.read_bytes(), content.path.parent) == (CONTENT, folder)
    del content, response
    await gone(folder)


async def test_a_picture_that_is_the_whole_answer_is_in_a_file(site: Site, client: Client) -> None:
    """Then there is no text."""
    site.pages["/"] = page(CONTENT, **{"content-type": "image/png"})
    response = await post(client, site)
    (content,) = response.spooled
    assert response.body == b""
    assert not isinstance(content, bytes)
    assert content.path.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [201, 400, 503])
async def test_an_answer_that_is_no_success_is_left_as_it_is(
    site: Site, client: Client, status: int
) -> None:
    """There is no picture to be had from it."""
    site.pages["/"] = page(JSON, status)
    response = await post(client, site)
    assert (response.body, response.spooled) == (JSON, ())


async def test_a_compressed_answer_is_read_too(site: Site, client: Client) -> None:
    """Nobody asked for one, but some send it."""
    site.pages["/"] = page(gzip.compress(JSON), **{"content-encoding": "gzip"})
    response = await post(client, site)
    (content,) = response.spooled
    assert not isinstance(content, bytes)
    assert content.path.read_bytes() == CONTENT


async def test_nothing_is_left_of_an_answer_that_is_cut(
    site: Site, client: Client, folder: Path
) -> None:
    """And nobody knows what became of the call."""
    half(site, then="cut")
    posting = asyncio.create_task(post(client, site))
    await begun(folder)
    site.held.set()
    with pytest.raises(OutcomeUnknown, match="cut"):
        await posting
    await gone(folder)


async def test_nothing_is_left_of_an_answer_that_nobody_waits_for(
    site: Site, client: Client, folder: Path
) -> None:
    """It is canceled in the middle of its picture."""
    half(site, then="wait")
    posting = asyncio.create_task(post(client, site))
    await begun(folder)
    posting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await posting
    await gone(folder)


async def test_a_stream_gives_its_text_while_a_picture_comes(site: Site, client: Client) -> None:
    """Each piece refers only to what is in `spooled` by then."""

    async def send(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"data: " + JSON + b"\n\ndata: ")
        await site.held.wait()
        await answer.write(JSON + b"\n\n")
        return answer

    site.pages["/"] = send
    text, counts = b"", list[int]()
    async with client.stream(
        site.url, {}, b"", within=SOON, trusted=True, pictures=NAMES
    ) as streamed:
        async for piece in streamed.pieces:
            text += piece
            counts.append(len(streamed.spooled))
            if text.endswith(b"\n\ndata: "):
                site.held.set()
    assert text == b'data: {"data":[{"b64_json":0}]}\n\ndata: {"data":[{"b64_json":1}]}\n\n'
    assert (counts[0] <= 1, counts[-1]) == (True, 2)


async def test_a_file_from_an_address_goes_to_a_file(
    site: Site, client: Client, folder: Path
) -> None:
    """Within the same limit as one that goes to memory; what is cut leaves nothing."""
    site.pages["/"] = page(CONTENT)

    async def spool(limit: int) -> Content:
        return await client.spool(site.url, limit_bytes=limit, within=SOON, trusted_origin=site.url)

    content = await spool(len(CONTENT))
    assert not isinstance(content, bytes)
    assert content.path.read_bytes() == CONTENT
    with pytest.raises(FetchFailed, match="is over"):
        await spool(len(CONTENT) - 1)
    del content
    half(site, then="cut")
    spooling = asyncio.create_task(spool(len(CONTENT) * 2))
    await begun(folder)
    site.held.set()
    with pytest.raises(FetchFailed, match="cut"):
        await spooling
    await gone(folder)


async def test_many_pictures_at_once_are_each_their_own(site: Site, client: Client) -> None:
    """They share threads and memory, and nothing else."""

    def picture(request: web.Request) -> web.Response:
        number = int(request.query["n"])
        content = base64.b64encode(CONTENT[number:])
        return web.Response(body=HEAD + content + b'"}]}')

    site.pages["/"] = picture
    responses = await asyncio.gather(
        *(
            client.post(f"{site.url}/?n={n}", {}, b"", within=SOON, trusted=True, pictures=NAMES)
            for n in range(40)
        )
    )
    for number, response in enumerate(responses):
        (content,) = response.spooled
        assert not isinstance(content, bytes)
        assert content.path.read_bytes() == CONTENT[number:]
