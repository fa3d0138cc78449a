"""Archives of predictions: what is in them, and what is refused before anything is sent."""

import asyncio
import json
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile

import pytest
from tests.api.calls import ECHO, Api, Json, problem
from tests.api.others import stranger
from tests.support.making import made

from safelight.blob import OutputFile
from safelight.prediction import FILE, Status

PATH: Final = "/v1/predictions/archive"


async def with_files(api: Api, folder: Path, files: dict[str, bytes], **facts: Any) -> str:
    """A prediction of the caller's that gave these files; its id."""
    kept: list[OutputFile] = []
    for number, (name, content) in enumerate(files.items()):
        path = folder / f"{number}"
        path.write_bytes(content)
        blob = await api.engine.blobs.take(path)
        kept.append(OutputFile(name=name, media_type="application/octet-stream", blob=blob))
    usual: dict[str, Any] = {
        "account": "safelight",
        "status": Status.SUCCEEDED,
        "output": [{FILE: number} for number in range(len(kept))],
    }
    prediction = made(**usual | facts, files=tuple(kept))
    await api.engine.store.restore([prediction])
    return prediction.id


async def unpacked(api: Api, ids: list[str]) -> dict[str, bytes]:
    """What is in the archive, by name, in its order."""
    answer = await api.post(PATH, {"ids": ids})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {one.compress_type for one in archive.infolist()} == {ZIP_STORED}
        return {name: archive.read(name) for name in archive.namelist()}


async def test_each_prediction_has_a_folder(api: Api, tmp_path: Path) -> None:
    """With its record as GET shows it, and its files, in the order that was asked for."""
    large = bytes(range(256)) * 4096
    one = await with_files(api, tmp_path, {"out.png": b"png", "ünï.bin": large})
    two = await with_files(api, tmp_path, {"out.png": b"other"}, model="acme/other")
    found = await unpacked(api, [two, one, two])
    records = {name: found.pop(name) for name in list(found) if name.endswith("prediction.json")}
    assert found == {
        f"other-{two}/out.png": b"other",
        f"img-{one}/out.png": b"png",
        f"img-{one}/ünï.bin": large,
    }
    assert list(records) == [f"other-{two}/prediction.json", f"img-{one}/prediction.json"]
    assert json.loads(records[f"img-{one}/prediction.json"]) == await api.get(one)


async def test_what_has_no_files_has_its_record(api: Api, tmp_path: Path) -> None:
    """As long as one of them has files."""
    text = (await api.run(ECHO, {"prompt": "hello"}))["id"]
    one = await with_files(api, tmp_path, {"prediction.json": b"the model's own"})
    found = await unpacked(api, [text, one])
    assert found.keys() == {
        f"echo-{text}/prediction.json",
        f"img-{one}/_prediction.json",
        f"img-{one}/prediction.json",
    }
    assert found[f"img-{one}/prediction.json"] == b"the model's own"


async def test_the_file_has_a_good_name(api: Api, tmp_path: Path) -> None:
    """That of the prediction, when there is but one."""
    one = await with_files(api, tmp_path, {"a": b"a"})
    two = await with_files(api, tmp_path, {"a": b"a"})
    answer = await api.post(PATH, {"ids": [one]})
    assert answer.headers["content-disposition"] == f'attachment; filename="img-{one}.zip"'
    answer = await api.post(PATH, {"ids": [one, two]})
    name = answer.headers["content-disposition"]
    assert name.startswith('attachment; filename="predictions-20')
    assert name.endswith('.zip"')


async def test_it_is_sent_as_it_is_written(api: Api, tmp_path: Path) -> None:
    """Piece by piece: no piece is a whole file, and no length is announced."""
    one = await with_files(api, tmp_path, {"large": b"x" * 5_000_000})
    sizes: list[int] = []

    async def send(message: Any) -> None:
        sizes.append(len(message.get("body", b"")))
        if message["type"] == "http.response.start":
            assert b"content-length" not in dict(message["headers"])

    await api.engine.app(*_request(api, [one]), send)
    assert max(sizes) < 600_000
    assert sum(sizes) > 5_000_000


async def test_a_caller_who_goes_leaves_nothing_behind(api: Api, tmp_path: Path) -> None:
    """The download just ends, and the next one is whole."""
    one = await with_files(api, tmp_path, {"large": b"x" * 5_000_000})
    began = asyncio.Event()

    async def send(message: Any) -> None:
        if message.get("body"):
            began.set()
            await asyncio.Event().wait()

    download = asyncio.create_task(_call(api, one, send))
    await began.wait()
    download.cancel()
    await asyncio.gather(download, return_exceptions=True)
    assert len(await unpacked(api, [one])) == 2


async def _call(api: Api, prediction: str, send: Any) -> None:
    await api.engine.app(*_request(api, [prediction]), send)


def _request(api: Api, ids: list[str]) -> tuple[Any, Any]:
    sent: list[Any] = [{"type": "http.request", "body": json.dumps({"ids": ids}).encode()}]

    async def receive() -> Any:
        if sent:
            return sent.pop()
        await asyncio.Event().wait()
        raise AssertionError

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "POST",
        "scheme": "https",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {api.test_token}".encode())],
    }
    return scope, receive


async def test_what_is_not_there_is_named_before_anything_is_sent(api: Api, tmp_path: Path) -> None:
    """What another account has is not there."""
    mine = await with_files(api, tmp_path, {"a": b"a"})
    theirs = await with_files(api, tmp_path, {"a": b"a"}, account="you")
    detail = problem(await api.post(PATH, {"ids": ["nothing", mine, theirs]}), 404)["detail"]
    assert f"nothing, {theirs}." in detail
    assert mine not in detail
    many = [f"nothing{n}" for n in range(50)]
    assert "and 30 more" in problem(await api.post(PATH, {"ids": many}), 404)["detail"]
    headers = await stranger(api)
    problem(await api.client.post(PATH, json={"ids": [mine]}, headers=headers), 404)


async def test_a_file_that_was_lost_is_noticed_before_anything_is_sent(
    api: Api, tmp_path: Path
) -> None:
    """Rather than in the middle of the download."""
    one = await with_files(api, tmp_path, {"a": b"a"})
    (file,) = (await api.engine.store.get(one, None)).files
    api.engine.blobs.path(file.blob.key).unlink()
    problem(await api.post(PATH, {"ids": [one]}), 404)


async def test_nothing_to_download_is_told(api: Api) -> None:
    """Instead of a file of records."""
    text = (await api.run(ECHO, {"prompt": "hello"}))["id"]
    document = problem(await api.post(PATH, {"ids": [text]}), 422)
    assert document["title"] == "Nothing to download"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"ids": []}, "ids"),
        ({"ids": ["x"] * 1001}, "ids"),
        ({"ids": "x"}, "ids"),
        ({"ids": ["x", 7]}, "ids.1"),
        ({"ids": ["x"], "all": True}, ""),
    ],
)
async def test_a_body_that_is_none_is_refused(api: Api, body: Json, field: str) -> None:
    """The field is named."""
    document = problem(await api.post(PATH, body), 422)
    assert [fault["field"] for fault in document["invalid_fields"]] == [field]
