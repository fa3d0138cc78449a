"""What every blob store promises: content by its hash, moved in, and on disk."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.faults import FAULTS

from safelight.blob import OUTPUT_FOLDER, Blob, BlobStore
from safelight.blobs.directory import DirectoryBlobs
from safelight.errors import NotFound, StoreUnavailable

OpenBlobs = Callable[[Path], BlobStore]


def open_directory(folder: Path) -> BlobStore:
    """A directory in the folder."""
    return DirectoryBlobs(folder / "blobs")


BLOBS: dict[str, OpenBlobs] = {"directory": open_directory}


@pytest.fixture(params=BLOBS)
def open_blobs(request: pytest.FixtureRequest) -> OpenBlobs:
    """One kind of blob store."""
    return BLOBS[request.param]


@pytest.fixture
def blobs(open_blobs: OpenBlobs, tmp_path: Path) -> BlobStore:
    """One blob store, empty."""
    return open_blobs(tmp_path)


def file(tmp_path: Path, content: bytes, name: str = "out.png") -> Path:
    """A file that a model wrote, in a folder with others."""
    folder = tmp_path / "outputs"
    folder.mkdir(exist_ok=True)
    (folder / "other").touch()
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [b"", b"x", b"picture" * 500_000])
async def test_content_is_found_by_its_hash(
    blobs: BlobStore, tmp_path: Path, content: bytes
) -> None:
    """SHA-256, in hex, with the size in bytes."""
    blob = await blobs.take(file(tmp_path, content))
    assert (blob.key, blob.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert blobs.path(blob.key).read_bytes() == content


async def test_what_is_known_of_a_file_is_not_found_out_again(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """Unless it cannot be true, by its size."""
    content = b"picture" * 500_000
    known = Blob(key=hashlib.sha256(content).hexdigest(), size=len(content))
    assert await blobs.take(file(tmp_path, content), known) == known
    assert blobs.path(known.key).read_bytes() == content

    other = await blobs.take(file(tmp_path, b"other"), known)
    assert (other.key, other.size) == (hashlib.sha256(b"other").hexdigest(), 5)


async def test_a_file_that_was_taken_is_gone(blobs: BlobStore, tmp_path: Path) -> None:
    """Moved, not copied."""
    path = file(tmp_path, b"x")
    await blobs.take(path)
    assert not path.exists()


async def test_equal_content_is_kept_once(blobs: BlobStore, tmp_path: Path) -> None:
    """Under one key, also when it comes many times at once."""
    files = [file(tmp_path, b"same", f"{n}.png") for n in range(20)]
    taken = await asyncio.gather(*map(blobs.take, files))
    assert len(set(taken)) == 1
    kept = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [b"same"]


@pytest.mark.parametrize("key", ["0" * 64, "", "x", "../outputs/other"])
async def test_a_key_that_names_nothing_is_not_found(
    blobs: BlobStore, tmp_path: Path, key: str
) -> None:
    """Nor does it lead out of the store."""
    file(tmp_path, b"x")
    with pytest.raises(NotFound):
        blobs.path(key)


async def test_another_store_on_the_same_place_finds_everything(
    blobs: BlobStore, open_blobs: OpenBlobs, tmp_path: Path
) -> None:
    """After a restart."""
    blob = await blobs.take(file(tmp_path, b"x"))
    assert open_blobs(tmp_path).path(blob.key).read_bytes() == b"x"


async def test_a_file_that_cannot_be_stored_stays_where_it_is(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """The place is taken by something else; the next try, once it is free, succeeds."""
    path = file(tmp_path, b"x")
    shelf = tmp_path / "blobs" / hashlib.sha256(b"x").hexdigest()[:2]
    shelf.write_bytes(b"in the way")
    with pytest.raises(StoreUnavailable, match=r"out\.png cannot be stored"):
        await blobs.take(path)
    assert path.read_bytes() == b"x"
    shelf.unlink()
    blob = await blobs.take(path)
    assert blobs.path(blob.key).read_bytes() == b"x"


async def test_a_file_that_is_not_there_is_the_models_fault(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """Trying again would not bring it."""
    with pytest.raises(FileNotFoundError):
        await blobs.take(tmp_path / "nothing.png")


async def test_whatever_step_fails_the_file_can_be_taken_later(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """A busy server runs out of open files at any moment; a paid picture must outlive it."""
    refused = 0
    for step in range(50):
        content = f"picture {step}".encode()
        path = file(tmp_path, content)
        FAULTS.begin(step)
        try:
            blob = await blobs.take(path)
        except StoreUnavailable:
            refused += 1
            blob = await blobs.take(path)
        assert blobs.path(blob.key).read_bytes() == content
        assert not path.exists()
        if not FAULTS.end():
            break
    assert 5 < refused < 50
    assert not list((tmp_path / "blobs").rglob("*.part"))


@pytest.mark.parametrize("tie", [os.symlink, os.link])
async def test_a_file_with_another_name_is_copied(
    blobs: BlobStore, tmp_path: Path, tie: Callable[[Path, Path], None]
) -> None:
    """Who changes or removes it under that name changes nothing that was taken."""
    original = tmp_path / "weights.bin"
    original.write_bytes(b"as it was")
    path = file(tmp_path, b"")
    path.unlink()
    tie(original, path)
    blob = await blobs.take(path)
    assert not path.exists()
    original.write_bytes(b"changed")
    assert blobs.path(blob.key).read_bytes() == b"as it was"
    original.unlink()
    assert blobs.path(blob.key).read_bytes() == b"as it was"


async def test_a_models_own_folder_is_left_to_it(blobs: BlobStore, tmp_path: Path) -> None:
    """It made one in its setup, say, and will write its next output there."""
    folder = tmp_path / "mine"
    folder.mkdir()
    path = folder / "out.png"
    path.write_bytes(b"x")
    await blobs.take(path)
    assert folder.is_dir()


async def test_a_folder_made_for_outputs_goes_with_the_last_of_them(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """Nothing of a finished run is left lying about."""
    folder = tmp_path / f"{OUTPUT_FOLDER}x1"
    folder.mkdir()
    files = [folder / "0.png", folder / "1.png"]
    for path in files:
        path.write_bytes(b"x")
    await blobs.take(files[0])
    assert folder.exists()
    await blobs.take(files[1])
    assert not folder.exists()


async def test_a_file_from_another_disk_is_moved_too(blobs: BlobStore, tmp_path: Path) -> None:
    """A temporary directory is often memory, where a rename does not reach."""
    memory = Path("/dev/shm")  # noqa: S108 - the point is where it lies
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:  # noqa: ASYNC240
        pytest.skip("there is no second disk here")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        files = [file(Path(folder), b"far", f"{n}.png") for n in range(4)]
        taken = await asyncio.gather(*map(blobs.take, files))
        assert not any(path.exists() for path in files)
    assert blobs.path(taken[0].key).read_bytes() == b"far"
    kept = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(kept) == 1


def aged(blobs: BlobStore, key: str, by: timedelta = timedelta(hours=2)) -> None:
    """Make a blob as old as if it had been taken that long ago."""
    then = (datetime.now(UTC) - by).timestamp()
    os.utime(blobs.path(key), (then, then))


async def untouched(blobs: BlobStore, since: datetime) -> set[str]:
    """The keys that are told in all portions together."""
    return {key async for keys in blobs.untouched_since(since) for key in keys}


async def test_what_was_not_taken_for_long_is_told(blobs: BlobStore, tmp_path: Path) -> None:
    """By when it was taken, not by when the model wrote it."""
    early = file(tmp_path, b"early", "early.png")
    os.utime(early, (0, 0))
    taken = await blobs.take(early)
    old = await blobs.take(file(tmp_path, b"old", "old.png"))
    aged(blobs, old.key)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert await untouched(blobs, an_hour_ago) == {old.key}
    assert await untouched(blobs, datetime.now(UTC) + timedelta(hours=1)) == {old.key, taken.key}


async def test_what_is_removed_is_gone_and_its_bytes_are_counted(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """What is gone already, or was never there, frees nothing."""
    blob = await blobs.take(file(tmp_path, b"12345"))
    aged(blobs, blob.key)
    now = datetime.now(UTC)
    assert await blobs.remove([blob.key, "0" * 64], now) == 5
    with pytest.raises(NotFound):
        blobs.path(blob.key)
    assert await blobs.remove([blob.key], now) == 0


async def test_what_was_taken_again_meanwhile_is_not_removed(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """Between the look and the removal somebody else has produced the same."""
    blob = await blobs.take(file(tmp_path, b"same"))
    aged(blobs, blob.key)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert await untouched(blobs, an_hour_ago) == {blob.key}
    await blobs.take(file(tmp_path, b"same"))
    assert await blobs.remove([blob.key], an_hour_ago) == 0
    assert blobs.path(blob.key).read_bytes() == b"same"


async def test_takes_and_removals_at_once_lose_nothing(
    blobs: BlobStore, open_blobs: OpenBlobs, tmp_path: Path
) -> None:
    """Two stores on one place: whatever the order, what was taken last is there afterwards."""
    other = open_blobs(tmp_path)
    blob = await blobs.take(file(tmp_path, b"same"))
    for number in range(50):
        aged(blobs, blob.key)
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        again = file(tmp_path, b"same", f"{number}.png")
        await asyncio.gather(blobs.take(again), other.remove([blob.key], an_hour_ago))
        assert blobs.path(blob.key).read_bytes() == b"same"


async def test_halves_of_broken_off_copies_are_cleared_away(
    blobs: BlobStore, tmp_path: Path
) -> None:
    """Old ones: a young one may still be being written."""
    blob = await blobs.take(file(tmp_path, b"x"))
    place = blobs.path(blob.key)
    halves = [place.with_suffix(f".{name}.part") for name in ("old", "young")]
    for half in halves:
        half.write_bytes(b"half")
    os.utime(halves[0], (0, 0))
    assert await untouched(blobs, datetime.now(UTC) - timedelta(hours=1)) == set()
    assert [half.exists() for half in halves] == [False, True]
    assert place.exists()
