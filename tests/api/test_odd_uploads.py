"""Uploads from callers who stall, never end or compress, and links that are asked for again."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest
from tests.api.calls import Api, Running, problem

from safelight.bootstrap import prepare_home
from safelight.engine import download_links

MULTIPART = "multipart/form-data; boundary=b"
HEAD = b'--b\r\nContent-Disposition: form-data; name="content"; filename="a.txt"\r\n\r\n'
WHOLE = HEAD + b"hello\r\n--b--\r\n"


async def sent(api: Api, content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
    """The answer to an upload; header names are written with underscores."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return await api.client.post(
        "/v1/files", content=content, headers={"content-type": MULTIPART} | named
    )


async def is_empty(api: Api) -> bool:
    """Whether no upload has left anything."""
    listed = (await api.client.get("/v1/files")).json()["results"]
    return not listed and not list((api.settings.home / "engines").rglob("upload-*"))


async def test_an_upload_that_stalls_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller whose network is gone never says so; its file must not lie there for ever."""
    monkeypatch.setattr("safelight.api.uploads._STALLED", timedelta(milliseconds=20))

    async def pieces() -> AsyncIterator[bytes]:
        yield HEAD + bytes(2_000_000)
        await asyncio.Event().wait()

    async with asyncio.timeout(20):
        answer = await sent(api, pieces())
    assert "No more of the body has come" in problem(answer, 400)["detail"]
    assert await is_empty(api)


async def test_a_body_that_goes_on_after_its_end_is_refused(running: Running) -> None:
    """The file is small; what follows it has no end."""
    async with running(SAFELIGHT_MAX_FILE="1MB") as api:
        asked = 0

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal asked
            yield WHOLE
            for _ in range(100):
                asked += 1
                yield bytes(1_000_000)

        answer = await sent(api, pieces())
        assert "too much in the body beside the file" in problem(answer, 413)["detail"]
        assert asked < 10
        assert await is_empty(api)


@pytest.mark.parametrize("content", [WHOLE, gzip.compress(WHOLE)])
async def test_a_compressed_body_is_refused(api: Api, content: bytes) -> None:
    """Whether it is or not: what was meant cannot be known."""
    answer = await sent(api, content, content_encoding="gzip")
    assert "Content-Encoding" in problem(answer, 415)["detail"]
    assert await is_empty(api)
    assert (await sent(api, WHOLE, content_encoding="identity")).status_code == 201


@pytest.mark.parametrize("piece", [b"\r\n--c", b"\r\n--bX", b"\r\n--b-", b"\r", b"\r\n-", b"--b--"])
async def test_content_that_is_full_of_half_boundaries_is_kept_as_it_is(
    api: Api, piece: bytes
) -> None:
    """Byte for byte, however it is cut."""
    content = b"." + piece * 1000 + b"."
    whole = HEAD + content + b"\r\n--b--\r\n"

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 7):
            yield whole[at : at + 7]

    file = (await sent(api, pieces())).json()
    link = _link(api, file["id"])
    assert (await api.client.get(link)).content == content


async def test_who_has_a_linked_file_already_is_not_sent_it_again(api: Api) -> None:
    """As long as the link opens it."""
    link = _link(api, (await sent(api, WHOLE)).json()["id"])
    first = await api.client.get(link)
    known = {"if-none-match": first.headers["etag"]}
    again = await api.client.get(link, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    problem(await api.client.get(link.replace("signature", "sign"), headers=known), 404)


async def test_a_link_neither_shows_when_the_bytes_came_nor_opens_a_page(api: Api) -> None:
    """The same bytes may be another account's, and may be a page with a script."""
    headers = (await api.client.get(_link(api, (await sent(api, WHOLE)).json()["id"]))).headers
    assert "last-modified" not in headers
    assert "sandbox" in headers["content-security-policy"]


def _link(api: Api, file_id: str) -> str:
    links, owner = download_links(prepare_home(api.settings)), api.settings.account
    expiry = int((datetime.now(UTC) + timedelta(minutes=5)).timestamp())
    signature = links.signature(owner, file_id, expiry)
    query = {"owner": owner, "expiry": expiry, "signature": signature}
    return f"/v1/files/{file_id}/download?{urlencode(query)}"
