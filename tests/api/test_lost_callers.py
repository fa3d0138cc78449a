"""Callers who are gone without a word, read nothing, or never come to the point."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from tests.support.making import PATIENCE, eventually

from safelight.bootstrap import prepare_home
from safelight.engine import download_links
from safelight.server import LONGEST_HEAD, Addresses, serve
from safelight.settings import Settings, read_settings


@dataclass
class Served:
    """A server in this process that gives up after a second."""

    settings: Settings
    client: httpx.AsyncClient
    host: str
    port: int

    def link(self, name: str) -> str:
        """The query that opens a file."""
        links, owner = download_links(prepare_home(self.settings)), self.settings.account
        signature = links.signature(owner, name, 9_999_999_999)
        return urlencode({"owner": owner, "expiry": "9999999999", "signature": signature})

    def caller(self) -> socket.socket:
        """A connection of one who takes very little at a time."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect((self.host, self.port))
        return made


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """With nothing but defaults otherwise."""
    monkeypatch.setattr("safelight.server.GIVEN_UP_AFTER", timedelta(seconds=1))
    home = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_GRACE": "0s"}
    settings = read_settings(home | {"SAFELIGHT_PORT": "0"}, tmp_path)
    headers = {"authorization": f"Bearer {prepare_home(settings).test_token}"}
    started: asyncio.Future[Addresses] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(settings, started=started.set_result, is_private=True))
    url = httpx.URL((await asyncio.wait_for(started, PATIENCE)).http or "")
    assert url.port is not None
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE) as client:
        yield Served(settings, client, url.host, url.port)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


def open_files() -> int:
    """Of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux lets go of these")
async def test_one_who_never_reads_is_let_go(served: Served) -> None:
    """Neither the connection nor the file that it was being sent stays open."""
    content = {"content": ("a.bin", bytes(50_000_000))}
    name: str = (await served.client.post("/v1/files", files=content)).json()["id"]
    path = f"/v1/files/{name}/download?{served.link(name)}"
    before = open_files()
    callers = [served.caller() for _ in range(20)]
    for caller in callers:
        caller.sendall(f"GET {path} HTTP/1.1\r\nhost: {served.host}\r\n\r\n".encode())

    async def are_here() -> bool:
        return open_files() >= before + 3 * len(callers)

    async def are_gone() -> bool:
        return open_files() <= before + len(callers)

    await eventually(are_here)
    await eventually(are_gone)
    for caller in callers:
        caller.close()


@pytest.mark.parametrize(
    ("start", "filler"),
    [
        (b"GET /", b"x"),
        (b"GET / HTTP/1.1\r\nx: ", b"x"),
        (b"GET / HTTP/1.1\r\n", b"x: y\r\n"),
    ],
)
async def test_a_head_without_an_end_is_cut_off(
    served: Served, start: bytes, filler: bytes
) -> None:
    """All of it would be held in memory, for callers without a token too."""
    reader, writer = await asyncio.open_connection(served.host, served.port)
    writer.write(start)
    answered = asyncio.create_task(reader.read())
    with contextlib.suppress(OSError):
        for _ in range(1000):
            writer.write(filler * (LONGEST_HEAD // len(filler)))
            await writer.drain()
            if answered.done():
                break
    assert answered.done()
    with contextlib.suppress(OSError):
        assert b"too long" in await answered
    writer.close()


async def test_a_large_head_that_ends_is_read(served: Served) -> None:
    """Some proxies add a lot; and a body has its own limit."""
    headers = {"x-note": "n" * (LONGEST_HEAD - 2000)}
    for _ in range(3):
        answer = await served.client.post(
            "/v1/files", files={"content": ("a", bytes(3_000_000))}, headers=headers
        )
        assert answer.status_code == 201
