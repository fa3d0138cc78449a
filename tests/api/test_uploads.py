"""Uploads over real connections: large ones, and those that break off."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from tests.serving import PATIENCE, Server, serving
from tests.support.making import eventually

MEGABYTE = 1_000_000
BOUNDARY = "b"
HEAD = b'--b\r\nContent-Disposition: form-data; name="content"; filename="a"\r\n\r\n'
END = b"\r\n--b--\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes files of sixty megabytes."""
    with serving(tmp_path_factory.mktemp("uploads"), SAFELIGHT_MAX_FILE="60MB") as started:
        yield started


@pytest.fixture
async def caller(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A caller in test mode."""
    headers = {
        "authorization": f"Bearer {server.test_token}",
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    async with httpx.AsyncClient(base_url=server.http, headers=headers, timeout=PATIENCE) as client:
        yield client


async def large(megabytes: int) -> AsyncIterator[bytes]:
    yield HEAD
    for number in range(megabytes):
        yield bytes([number]) * MEGABYTE
    yield END


def resident(server: Server, what: str) -> int:
    """Kilobytes of the server's memory: `VmRSS` now, `VmHWM` at most."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory use from /proc")
async def test_a_large_upload_takes_hardly_any_memory(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Fifty megabytes go to disk as they come."""
    assert (await caller.post("/v1/files", content=large(1))).status_code == 201
    before = resident(server, "VmRSS")
    answer = await caller.post("/v1/files", content=large(50))
    assert answer.json()["size"] == 50 * MEGABYTE
    assert resident(server, "VmHWM") - before < 25_000


async def test_a_file_over_the_limit_is_answered_while_it_is_sent(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """The caller gets to see why, and can go on with the same connection."""
    for content in (large(80), HEAD + bytes(80 * MEGABYTE) + END):
        answer = await caller.post("/v1/files", content=content)
        assert answer.status_code == 413
        assert answer.json()["detail"] == "Files must be less than 60MB in size"
    assert (await caller.get("/v1/account")).status_code == 200


async def test_an_upload_that_is_hung_up_on_leaves_nothing(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """No temporary file, no blob, no row."""

    def temporary() -> list[Path]:
        return list((server.home / "engines").rglob("upload-*"))

    async def is_written() -> bool:
        return any(path.stat().st_size > MEGABYTE for path in temporary())

    async def is_gone() -> bool:
        return not temporary()

    before = {path for path in (server.home / "blobs").rglob("*") if path.is_file()}
    rows = (await caller.get("/v1/files")).json()
    host, port = server.http.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /v1/files HTTP/1.1\r\nHost: {host}\r\nContent-Length: {50 * MEGABYTE}\r\n"
        f"Authorization: Bearer {server.test_token}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n".encode()
    )
    writer.write(HEAD + bytes(5 * MEGABYTE))
    await eventually(is_written)
    writer.close()
    await writer.wait_closed()
    await eventually(is_gone)
    assert (await caller.get("/v1/files")).json() == rows
    assert {path for path in (server.home / "blobs").rglob("*") if path.is_file()} == before


async def test_a_file_is_a_file_once_it_is_answered(
    server: Server, caller: httpx.AsyncClient, tmp_path: Path
) -> None:
    """A server that is killed outright the moment after still has it."""
    with serving(tmp_path) as doomed:
        token = {"authorization": f"Bearer {doomed.test_token}"}
        made = (
            await caller.post(f"{doomed.http}/v1/files", content=large(2), headers=token)
        ).json()
        doomed.process.kill()
        doomed.process.wait(PATIENCE)
    with serving(tmp_path) as risen:
        found = (await caller.get(f"{risen.http}/v1/files/{made['id']}", headers=token)).json()
        assert found["etag"] == made["etag"]
        key = made["checksums"]["sha256"]
        kept = risen.home / "blobs" / key[:2] / key[2:]
        assert kept.stat().st_size == 2 * MEGABYTE
