"""Python's official client, 1.0.7: uploaded files."""

import hashlib
import io
from pathlib import Path

import httpx
import pytest
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.file import File
from tests.clients.pictures import form, picture

EDIT = "openai/gpt-image-2"


def _check(file: File, name: str, kind: str, content: bytes) -> None:
    assert file.name == name
    assert file.content_type == kind
    assert file.size == len(content)
    assert file.checksums["sha256"] == hashlib.sha256(content).hexdigest()
    assert file.etag
    assert file.urls["get"].endswith(f"/v1/files/{file.id}")
    assert file.expires_at is not None
    assert file.expires_at > file.created_at


def test_a_file_is_created_from_a_path_a_handle_and_bytes(client: Client, tmp_path: Path) -> None:
    """The name and the type are those that the client finds out."""
    path, content = tmp_path / "cat.png", picture()
    path.write_bytes(content)
    for given in (path, str(path)):
        _check(client.files.create(given), "cat.png", "image/png", content)
    with path.open("rb") as handle:
        _check(client.files.create(handle), "cat.png", "image/png", content)
    bare = client.files.create(io.BytesIO(content))
    _check(bare, "file", "application/octet-stream", content)
    named = client.files.create(
        io.BytesIO(content), filename="ä cat.jpg", content_type="image/jpeg", metadata={"a": [1]}
    )
    _check(named, "ä cat.jpg", "image/jpeg", content)
    assert named.metadata == {"a": [1]}


def test_a_file_can_be_got_listed_and_deleted(client: Client) -> None:
    """Newest first; once deleted it is gone everywhere."""
    older = client.files.create(io.BytesIO(b"one"))
    newer = client.files.create(io.BytesIO(b"two"))
    assert client.files.get(older.id) == older
    listed = [file.id for file in client.files.list()]
    assert listed.index(newer.id) < listed.index(older.id)
    assert client.files.delete(older.id) is True
    assert older.id not in [file.id for file in client.files.list()]
    for ask in (client.files.get, client.files.delete):
        with pytest.raises(ReplicateError) as caught:
            ask(older.id)
        assert caught.value.status == 404
    assert client.files.get(newer.id) == newer


async def test_the_same_asynchronously(client: Client, tmp_path: Path) -> None:
    """The same requests."""
    path = tmp_path / "cat.png"
    path.write_bytes(picture())
    made = await client.files.async_create(path, metadata={"who": "me"})
    _check(made, "cat.png", "image/png", picture())
    assert await client.files.async_get(made.id) == made
    assert made in await client.files.async_list()
    assert await client.files.async_delete(made.id) is True
    with pytest.raises(ReplicateError):
        await client.files.async_get(made.id)


def test_a_files_address_gives_its_facts(client: Client) -> None:
    """JSON, to its owner only: the bytes are for models."""
    made = client.files.create(io.BytesIO(b"one"))
    assert client._client.get(made.urls["get"]).json()["size"] == 3
    assert httpx.get(made.urls["get"], trust_env=True).status_code == 401


def test_open_files_are_uploaded_and_used_as_inputs(client: Client, tmp_path: Path) -> None:
    """Handles, paths and bytes, within a list."""
    path = tmp_path / "logo.png"
    path.write_bytes(picture())
    before = {file.id for file in client.files.list()}
    with path.open("rb") as handle:
        output = client.run(
            EDIT,
            input={"prompt": "a", "input_images": [handle, path, io.BytesIO(picture("blue"))]},
        )
    assert form(output[0].read()) == "WEBP"
    after = {file.id for file in client.files.list()}
    assert len(after - before) == 3


async def test_open_files_are_uploaded_asynchronously(client: Client, tmp_path: Path) -> None:
    """The same, by the other path through the client."""
    path = tmp_path / "logo.png"
    path.write_bytes(picture())
    output = await client.async_run(EDIT, input={"prompt": "a", "input_images": [path]})
    assert form(await output[0].aread()) == "WEBP"


def test_a_file_that_is_no_picture_fails_the_run_in_words(client: Client) -> None:
    """It is accepted as a file, and refused as an image."""
    made = client.files.create(io.BytesIO(b"no picture"))
    prediction = client.models.predictions.create(
        EDIT, {"prompt": "a", "input_images": [made.urls["get"]]}, wait=True
    )
    assert prediction.status == "failed"
    assert prediction.error


def test_a_deleted_file_fails_the_run_in_words(client: Client) -> None:
    """The error names the input."""
    made = client.files.create(io.BytesIO(picture()))
    client.files.delete(made.id)
    value = {"prompt": "a", "input_images": [made.urls["get"]]}
    prediction = client.models.predictions.create(EDIT, value, wait=True)
    assert prediction.status == "failed"
    assert prediction.error is not None
    assert prediction.error.startswith("input.input_images.0: ")
