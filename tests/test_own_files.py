"""Which URLs are files of this server, and for whom."""

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from safelight.blobs.directory import DirectoryBlobs
from safelight.capability import Capabilities
from safelight.errors import NotFound
from safelight.file import DownloadLinks, File
from safelight.ids import prediction_id
from safelight.outgoing import Fetched, FetchFailed
from safelight.own_files import OwnFiles
from safelight.stores.sqlite import SqliteStore

LINKS = DownloadLinks(b"d" * 32)
ID = prediction_id(b"\x01" * 23)
SOON = timedelta(seconds=5)
CONTENT = b"picture"


class Elsewhere:
    """The rest of the world: it answers with what it was asked for."""

    async def fetch(self, url: str, **_limits: Any) -> Fetched:
        return Fetched(f"fetched {url}".encode(), "text/plain")


@pytest.fixture
async def own_files(tmp_path: Path) -> AsyncIterator[OwnFiles]:
    """Those of a store with one uploaded file, which is ann's."""
    store, blobs = SqliteStore(tmp_path / "safelight.db"), DirectoryBlobs(tmp_path / "blobs")
    with tempfile.NamedTemporaryFile(dir=tmp_path, delete=False) as file:
        file.write(CONTENT)
    uploaded = File(
        id=ID,
        account="ann",
        name="cat.png",
        media_type="image/png",
        metadata={},
        blob=await blobs.take(Path(file.name)),
        md5="d" * 32,
        created_at=datetime.now(UTC),
    )
    await store.files.add(uploaded)
    yield OwnFiles(store, blobs, Capabilities(b"c" * 32), LINKS)
    await store.close()


async def read(own_files: OwnFiles, url: str, account: str = "ann", limit: int = 100) -> bytes:
    fetcher = own_files.seen_by(account, Elsewhere())
    return (await fetcher.fetch(url, limit_bytes=limit, within=SOON)).content


def link(file_id: str = ID, minutes: int = 5, **changes: str) -> str:
    expiry = int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp())
    signature = LINKS.signature("ann", file_id, expiry)
    query = {"owner": "ann", "expiry": str(expiry), "signature": signature} | changes
    return f"https://a.test/v1/files/{file_id}/download?{urlencode(query)}"


@pytest.mark.parametrize(
    "origin",
    [
        *("https://a.test/v1", "http://127.0.0.1:1/v1/v1", "https://api.replicate.com/v1"),
        "http://ann:secret@a.test:99999/v1",
    ],
)
async def test_an_uploaded_file_is_known_by_its_path(own_files: OwnFiles, origin: str) -> None:
    """Whatever host it was seen under: a proxy or a tunnel may have another name for us."""
    assert await read(own_files, f"{origin}/files/{ID}") == CONTENT


@pytest.mark.parametrize(("file_id", "account"), [(ID, "bob"), (ID[:-1] + "z", "ann")])
async def test_a_file_that_is_not_ones_own_is_never_fetched(
    own_files: OwnFiles, file_id: str, account: str
) -> None:
    """Nor is one that is not there: both look alike."""
    with pytest.raises(FetchFailed, match="the file is not here, or no longer"):
        await read(own_files, f"https://a.test/v1/files/{file_id}", account)


async def test_a_signed_link_opens_a_file_to_whoever_has_it(own_files: OwnFiles) -> None:
    """That is what it was signed for."""
    assert await read(own_files, link(), account="bob") == CONTENT


@pytest.mark.parametrize("changes", [{"signature": "x"}, {"expiry": "1"}, {"owner": "bob"}])
async def test_a_bad_link_to_a_file_of_ours_is_never_fetched(
    own_files: OwnFiles, changes: dict[str, str]
) -> None:
    """Not even for its owner."""
    with pytest.raises(FetchFailed, match="not here, or no longer"):
        await read(own_files, link(**changes))


async def test_a_lapsed_link_opens_nothing(own_files: OwnFiles) -> None:
    """Its signature was right."""
    with pytest.raises(FetchFailed, match="not here, or no longer"):
        await read(own_files, link(minutes=-1))


@pytest.mark.parametrize(
    "url",
    [
        link(ID[:-1] + "z"),
        f"https://a.test/v2/files/{ID}",
        "https://a.test/v1/files/cat.png",
        f"https://a.test/v1/files/{ID}/more",
        "https://a.test/outputs/nothing/of-ours.png",
        f"http://[/v1/files/{ID}",
        f"http://\u2100/v1/files/{ID}",
        f"https://a.test/v1/files/%30{ID[1:]}",
    ],
)
async def test_what_is_not_ours_is_fetched(own_files: OwnFiles, url: str) -> None:
    """Another server's signed link among them, and what is no address: who fetches it says so."""
    assert await read(own_files, url) == f"fetched {url}".encode()


async def test_a_file_over_the_limit_is_not_read(own_files: OwnFiles) -> None:
    """The limit is that of inputs, which may be lower than that of uploads."""
    with pytest.raises(FetchFailed, match="larger than"):
        await read(own_files, f"https://a.test/v1/files/{ID}", limit=3)


async def test_a_file_whose_bytes_are_lost_is_not_here(own_files: OwnFiles, tmp_path: Path) -> None:
    """Its row alone is of no use."""
    for path in (tmp_path / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(FetchFailed, match="not here, or no longer"):
        await read(own_files, f"https://a.test/v1/files/{ID}")


async def test_a_capability_that_is_not_ours_opens_no_output(own_files: OwnFiles) -> None:
    """It has to carry our MAC."""
    with pytest.raises(NotFound):
        await own_files.find("0" * 49, "out.png")
