"""Uploaded files: every form that clients send, and files as inputs."""

import base64
import hashlib
import io
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from PIL import Image
from tests.api.calls import ORIGIN, Api, Json, Running, problem
from tests.support.making import eventually

from safelight.account import ALL_SCOPES, Account, Scope, issue
from safelight.bootstrap import prepare_home
from safelight.engine import download_links

EDIT = "openai/gpt-image-2"
BOUNDARY = "----boundary7MA4YWxk"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
CONTENT = b"\x89PNG\r\n--\r\n------boundary\r\n\x00\xff"


def picture(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(file, "PNG")
    return file.getvalue()


def part(attributes: str, content: bytes, media_type: str | None = None) -> bytes:
    kind = f"Content-Type: {media_type}\r\n" if media_type else ""
    head = f"Content-Disposition: form-data; {attributes}\r\n{kind}\r\n"
    return f"--{BOUNDARY}\r\n{head}".encode() + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


FILE = part('name="content"; filename="cat.png"', CONTENT, "image/png")
BARE = part('name="content"', CONTENT)
BASE64 = b"Content-Transfer-Encoding: base64\r\n"


async def sent(api: Api, content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
    return await api.client.post(
        "/v1/files", content=content, headers={"content-type": MULTIPART} | headers
    )


async def uploaded(api: Api, *parts: bytes, **headers: str) -> Json:
    answer = await sent(api, body(*parts), **headers)
    assert answer.status_code == 201, answer.text
    shown: Json = answer.json()
    return shown


async def listed(api: Api) -> list[str]:
    return [file["id"] for file in (await api.client.get("/v1/files")).json()["results"]]


def blobs(api: Api) -> set[Path]:
    """All that is stored; the models' examples were there from the start."""
    return {path for path in (api.settings.home / "blobs").rglob("*") if path.is_file()}


async def has_left(api: Api, before: set[Path]) -> bool:
    """Whether there is anything new: a row, a blob or a temporary file."""
    temporary = list((api.settings.home / "engines").rglob("upload-*"))
    return bool(temporary or blobs(api) != before or await listed(api))


async def second_account(api: Api, scopes: frozenset[Scope] = ALL_SCOPES) -> dict[str, str]:
    """The header of a caller who speaks for another account."""
    secret = "r8_test_" + "b" * 32
    accounts = api.engine.store.accounts
    await accounts.add(Account(username="bob", name="Bob"))
    now = datetime.now(UTC)
    token = issue(secret, token_id="bob", name="", account="bob", now=now, scopes=scopes)
    await accounts.add_token(token)
    return {"authorization": f"Bearer {secret}"}


async def test_a_file_is_shown_as_clients_expect_it(api: Api) -> None:
    """Python's client refuses one that lacks a name or an ETag."""
    answer = await sent(api, body(FILE, part('name="metadata"', b'{"a": [1, null]}')))
    file = answer.json()
    md5, sha256 = hashlib.md5(CONTENT).hexdigest(), hashlib.sha256(CONTENT).hexdigest()  # noqa: S324 - the field is an MD5
    created, expires = (
        datetime.fromisoformat(file[f"{name}_at"]) for name in ("created", "expires")
    )
    assert expires - created == timedelta(hours=24)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
    assert file == {
        "id": file["id"],
        "name": "cat.png",
        "content_type": "image/png",
        "size": len(CONTENT),
        "etag": md5,
        "checksums": {"sha256": sha256, "md5": md5},
        "metadata": {"a": [1, None]},
        "created_at": file["created_at"],
        "expires_at": file["expires_at"],
        "urls": {"get": f"{ORIGIN}/v1/files/{file['id']}"},
    }
    assert answer.headers["location"] == file["urls"]["get"]
    assert (await api.client.get(file["urls"]["get"])).json() == file


@pytest.mark.parametrize(
    ("parts", "name", "kind", "metadata"),
    [
        pytest.param(
            (part('name="metadata"', b'{"who": "me"}'), FILE),
            *("cat.png", "image/png", {"who": "me"}),
            id="python-1",
        ),
        pytest.param(
            (part('name="content"; filename="upload"', CONTENT, "application/octet-stream"),),
            *("upload", "application/octet-stream", {}),
            id="python-2-run",
        ),
        pytest.param(
            (
                part('name="metadata[a]"', b"1"),
                part('name="metadata[b][c]"', b"x"),
                part('name="metadata[d][]"', b"y"),
                part('name="metadata[d][]"', b"z"),
                part('name="filename"', "k\u00e4tzchen.jpg".encode()),
                part('name="type"', b"image/jpeg"),
                FILE,
            ),
            *("k\u00e4tzchen.jpg", "image/jpeg", {"a": "1", "b": {"c": "x"}, "d": ["y", "z"]}),
            id="python-2-create",
        ),
        pytest.param(
            (
                part('name="content"; filename="buffer_1729"', CONTENT, "application/octet-stream"),
                part('name="metadata"; filename="blob"', b'{"a":1}', "application/json"),
            ),
            *("buffer_1729", "application/octet-stream", {"a": 1}),
            id="js",
        ),
        pytest.param(
            (FILE, part('name="metadata"', b'{"a":1}', "application/json")),
            *("cat.png", "image/png", {"a": 1}),
            id="curl",
        ),
        pytest.param((BARE,), "file", "application/octet-stream", {}, id="bare"),
        pytest.param(
            (BARE, part('name="metadata"', b""), part('name="filename"', b"")),
            *("file", "application/octet-stream", {}),
            id="empty fields",
        ),
        pytest.param(
            (
                part(
                    'name="content"; filename="../../a/b.txt"', CONTENT, "text/plain; charset=utf-8"
                ),
            ),
            *("b.txt", "text/plain; charset=utf-8", {}),
            id="path",
        ),
        pytest.param(
            (part('name="content"; filename="C:\\\\pictures\\\\cat.png"', CONTENT),),
            *("cat.png", "application/octet-stream", {}),
            id="windows",
        ),
        pytest.param(
            (part('name="content"; filename=".."', CONTENT, "nonsense"),),
            *("file", "application/octet-stream", {}),
            id="no name, no type",
        ),
        pytest.param(
            (part('name="other"', b"what is this"), FILE, part('name=""', b""), part("x=y", b"")),
            *("cat.png", "image/png", {}),
            id="unknown parts",
        ),
    ],
)
async def test_every_form_of_an_upload_is_understood(
    api: Api, parts: tuple[bytes, ...], name: str, kind: str, metadata: Json
) -> None:
    """As the clients send them, byte for byte."""
    file = await uploaded(api, *parts)
    assert (file["name"], file["content_type"], file["metadata"]) == (name, kind, metadata)
    assert file["checksums"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("length", [1, 2, 3, 17, 64])
async def test_a_body_may_come_in_pieces_of_any_length(api: Api, length: int) -> None:
    """Boundaries and headers fall between two of them."""
    whole = body(part('name="metadata"', b'{"a":1}'), FILE)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), length):
            yield whole[at : at + length]

    file = (await sent(api, pieces())).json()
    assert file["etag"] == hashlib.md5(CONTENT).hexdigest()  # noqa: S324 - the field is an MD5
    assert file["metadata"] == {"a": 1}


async def test_an_empty_file_is_a_file(api: Api) -> None:
    """It has a size of nothing."""
    file = await uploaded(api, part('name="content"; filename="empty"', b""))
    assert file["size"] == 0
    assert file["etag"] == "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("parts", "faults"),
    [
        ((), {"": "content is required"}),
        ((part('name="file"; filename="a"', CONTENT),), {"": "content is required"}),
        ((FILE, part('name="metadata"', b"[1]")), {"metadata": "must be a JSON object"}),
        ((FILE, part('name="metadata"', b"{")), {"metadata": "must be a JSON object"}),
        ((FILE, part('name="metadata"', b"\xff")), {"metadata": "must be a JSON object"}),
        ((FILE, part('name="metadata"', b'{"a":' * 9999)), {"metadata": "must be a JSON object"}),
        (
            (FILE, part('name="metadata[a]"', b"1"), part('name="metadata[a][b]"', b"1")),
            {"metadata": "[a] is given twice"},
        ),
        (
            (FILE, part('name="metadata[a]"', b"1"), part('name="metadata[a][]"', b"1")),
            {"metadata": "[a][] is given twice"},
        ),
        (
            (FILE, part('name="metadata"', b'{"a":1}'), part('name="metadata[a]"', b"1")),
            {"metadata": "[a] is given twice"},
        ),
        ((FILE, part(f'name="metadata{"[a]" * 30}"', b"1")), {"metadata": "levels deep"}),
        ((FILE, part('name="filename"', b"\xff")), {"filename": "not UTF-8"}),
        ((FILE, part('name="filename"', "ä".encode() * 128)), {"filename": "at most 255 bytes"}),
        ((FILE, part('name="filename"', b"a\x00b")), {"filename": "control characters"}),
        ((FILE, part('name="filename"', "a\x9b31m".encode())), {"filename": "control characters"}),
        ((FILE, part('name="filename"', "a\u2028b".encode())), {"filename": "control characters"}),
        (
            (FILE, part('name="metadata"', b'{"a": "%s"}' % (b"x" * 65_536))),
            {"metadata": "at most 65536 bytes"},
        ),
        (
            (FILE, part('name="metadata"', b'{"a":' * 21 + b"[]" + b"}" * 21)),
            {"metadata": "more than 20 levels"},
        ),
        ((FILE, part('name="type"', b"image")), {"type": "must be a media type"}),
        ((FILE, part('name="type"', b"a/b\r\nx: y")), {"type": "must be a media type"}),
        (
            (part('name="type"', b"image"), part('name="metadata"', b"1")),
            {"": "content is required", "metadata": "JSON object", "type": "media type"},
        ),
    ],
)
async def test_what_cannot_be_used_is_named_all_at_once(
    api: Api, parts: tuple[bytes, ...], faults: dict[str, str]
) -> None:
    """And nothing of it is kept."""
    before = blobs(api)
    found = problem(await sent(api, body(*parts)), 422)["invalid_fields"]
    assert {fault["field"] for fault in found} == faults.keys()
    for fault in found:
        assert faults[fault["field"]] in fault["description"]
    assert not await has_left(api, before)


@pytest.mark.parametrize(
    ("content", "kind", "status", "reason"),
    [
        (b"{}", "application/json", 415, "multipart/form-data"),
        (CONTENT, "", 415, "multipart/form-data"),
        (b"content=a", "application/x-www-form-urlencoded", 415, "-F content=@"),
        (body(FILE), "multipart/mixed; boundary=a", 415, "multipart/form-data"),
        (body(FILE), "multipart/form-data", 400, "names no boundary"),
        (body(FILE), f"multipart/form-data; boundary={'b' * 999}", 400, "Boundary length"),
        (body(FILE), "multipart/form-data; boundary=other", 400, "cannot be read"),
        (b"", MULTIPART, 400, "ends before its last boundary"),
        (FILE, MULTIPART, 400, "ends before its last boundary"),
        (FILE[:40], MULTIPART, 400, "ends before its last boundary"),
        (body(FILE, FILE), MULTIPART, 400, "two parts named content"),
        (body(*[part('name="a"', b"")] * 1001), MULTIPART, 400, "more than 1000 fields"),
        (body(part(f'name="{"a" * 9999}"', b"")), MULTIPART, 400, "header size"),
        (body(part('name="a"', bytes(1_000_001)), FILE), MULTIPART, 413, "over 1 MB"),
        (body(BARE.replace(b"\r\n", b"\r\n" + BASE64, 1)), MULTIPART, 400, "encoded as base64"),
    ],
)
async def test_a_body_that_is_no_upload_is_refused(
    api: Api, content: bytes, kind: str, status: int, reason: str
) -> None:
    """In words, and nothing of it is kept."""
    before = blobs(api)
    answer = await api.client.post("/v1/files", content=content, headers={"content-type": kind})
    assert reason in problem(answer, status)["detail"]
    assert not await has_left(api, before)


@pytest.mark.parametrize(("setting", "shown"), [("2MB", "2MB"), ("1000000", "1000000 bytes")])
async def test_a_file_over_the_limit_is_refused(running: Running, setting: str, shown: str) -> None:
    """In Replicate's words, before the end of it is read; one at the limit is taken."""
    async with running(SAFELIGHT_MAX_FILE=setting) as api:
        before, limit, asked = blobs(api), api.settings.max_file, 0

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal asked
            yield FILE[:-2]
            for _ in range(100):
                asked += 1
                yield bytes(limit // 4)

        answers = [
            await sent(api, body(part('name="content"', bytes(limit + 1)))),
            await sent(api, pieces()),
            await sent(api, b"", **{"content-length": str(limit + 3_000_000)}),
        ]
        for answer in answers:
            detail = problem(answer, 413)["detail"]
            assert detail == f"Files must be less than {shown} in size"
        assert asked < 10
        assert not await has_left(api, before)
        assert (await uploaded(api, part('name="content"', bytes(limit))))["size"] == limit


async def test_an_upload_needs_a_token_that_may_run(api: Api) -> None:
    """To look at a file a token needs to read, to delete one to write."""
    answer = await sent(api, body(FILE), authorization="")
    assert problem(answer, 401)
    bob = await second_account(api, frozenset({Scope.READ}))
    assert "`run`" in problem(await sent(api, body(FILE), **bob), 403)["detail"]
    answer = await api.client.delete("/v1/files/any", headers=bob)
    assert "`write`" in problem(answer, 403)["detail"]


async def test_files_are_listed_page_by_page(api: Api) -> None:
    """Newest first, a hundred to a page, and back again."""
    made = [(await uploaded(api, BARE))["id"] for _ in range(101)][::-1]
    first = (await api.client.get("/v1/files")).json()
    assert [file["id"] for file in first["results"]] == made[:100]
    assert first["previous"] is None
    assert first["next"].startswith(f"{ORIGIN}/v1/files?cursor=")
    second = (await api.client.get(first["next"])).json()
    assert [file["id"] for file in second["results"]] == made[100:]
    assert second["next"] is None
    back = (await api.client.get(second["previous"])).json()
    assert [file["id"] for file in back["results"]] == made[:100]
    assert problem(await api.client.get("/v1/files?cursor=none"), 404)


async def test_a_deleted_file_is_gone(api: Api) -> None:
    """An empty 204 the first time, 404 from then on."""
    path = f"/v1/files/{(await uploaded(api, FILE))['id']}"
    answer = await api.client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["content-type"].startswith("text/plain")
    for again in (await api.client.delete(path), await api.client.get(path)):
        assert problem(again, 404)["detail"] == "File not found"
    assert await listed(api) == []


async def test_a_file_is_not_there_for_another_account(api: Api) -> None:
    """The mode of a token makes no difference to what its account has."""
    file = await uploaded(api, FILE)
    path, bob = f"/v1/files/{file['id']}", await second_account(api)
    for answer in (
        await api.client.get(path, headers=bob),
        await api.client.delete(path, headers=bob),
    ):
        assert problem(answer, 404)["detail"] == "File not found"
    assert (await api.client.get("/v1/files", headers=bob)).json()["results"] == []
    assert (await api.client.get(path, headers=api.live)).json() == file


async def test_an_expired_file_is_gone(running: Running) -> None:
    """From lists and inputs too."""
    async with running(SAFELIGHT_FILE_EXPIRY="1ms") as api:
        file = await uploaded(api, part('name="content"', picture()))

        async def gone() -> httpx.Response | None:
            answer = await api.client.get(f"/v1/files/{file['id']}")
            return answer if answer.status_code == 404 else None

        assert problem(await eventually(gone), 404)["detail"] == "File not found"
        assert await listed(api) == []
        assert "not here, or no longer" in (await edited(api, file["urls"]["get"]))["error"]


async def test_a_file_that_is_kept_shows_an_end_far_away(running: Running) -> None:
    """Clients want an instant."""
    async with running(SAFELIGHT_FILE_EXPIRY="keep") as api:
        assert (await uploaded(api, FILE))["expires_at"] == "9999-01-01T00:00:00.000Z"


@pytest.mark.parametrize("name", ["bcwr-nothing", "nothing", "%00", "a" * 500])
async def test_a_name_that_was_never_given_is_not_found(api: Api, name: str) -> None:
    """Streams are at the same path, under names that begin differently."""
    assert problem(await api.client.get(f"/v1/files/{name}"), 404)


def link(api: Api, file_id: str, minutes: int = 5, **changes: str) -> str:
    """A signed link."""
    links, owner = download_links(prepare_home(api.settings)), api.settings.account
    expiry = int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp())
    signature = links.signature(owner, file_id, expiry)
    query = {"owner": owner, "expiry": str(expiry), "signature": signature} | changes
    return f"/v1/files/{file_id}/download?{urlencode(query)}"


async def test_a_signed_link_gives_the_bytes_without_a_token(api: Api) -> None:
    """Whole or in part, as bytes and nothing else, whatever the upload said they are."""
    evil = part('name="content"; filename="ä.html"', CONTENT, "text/html")
    url = link(api, (await uploaded(api, evil))["id"])
    for headers in ({}, {"authorization": ""}, {"authorization": "Bearer nonsense"}):
        answer = await api.client.get(url, headers=headers)
        assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    ranged = await api.client.get(url, headers={"range": "bytes=1-3"})
    assert (ranged.status_code, ranged.content) == (206, CONTENT[1:4])
    head = await api.client.head(url)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(CONTENT)))


async def test_a_link_that_is_not_right_finds_nothing(api: Api) -> None:
    """Unknown, lapsed, tampered with, deleted: they look alike."""
    file_id = (await uploaded(api, FILE))["id"]
    good = link(api, file_id)
    wrong = [
        f"/v1/files/{file_id}/download",
        link(api, file_id, minutes=-1),
        link(api, file_id, signature="nonsense"),
        link(api, file_id, owner="bob"),
        link(api, file_id, expiry="soon"),
        link(api, "0" * 26),
        good.replace(file_id, "0" * 26),
    ]
    await api.client.delete(f"/v1/files/{file_id}")
    for url in [*wrong, good]:
        assert problem(await api.client.get(url), 404)["detail"] == "File not found"


async def edited(api: Api, *images: str, **headers: str) -> Json:
    return await api.run(EDIT, {"prompt": "a", "input_images": list(images)}, **headers)


async def test_uploaded_files_are_inputs_by_their_urls(api: Api) -> None:
    """Among others, under any host, and with the version prefix twice."""
    red, blue = [
        (await uploaded(api, part('name="content"', picture(colour))))["urls"]["get"]
        for colour in ("red", "blue")
    ]
    inline = "data:image/png;base64," + base64.b64encode(picture("lime")).decode()
    doubled = blue.replace("/v1/", "/v1/v1/").replace(ORIGIN, "http://10.0.0.1:9")
    shown = await edited(api, red, inline, doubled)
    assert shown["status"] == "succeeded", shown["error"]
    assert shown["input"]["input_images"] == [red, inline, doubled]


@pytest.mark.parametrize("is_cold", [False, True])
async def test_a_large_file_is_given_whole(api: Api, *, is_cold: bool) -> None:
    """In many pieces, whether it is in memory already or has to come from the disk."""
    content = os.urandom(3_000_001)
    url = link(api, (await uploaded(api, part('name="content"', content)))["id"])
    if is_cold:
        key = hashlib.sha256(content).hexdigest()
        forgotten(api.settings.home / "blobs" / key[:2] / key[2:])
    answer = await api.client.get(url)
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))


def forgotten(path: Path) -> None:
    """Have the system keep nothing of a file in memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


async def test_an_empty_file_is_given(api: Api) -> None:
    """It has a length like any other."""
    url = link(api, (await uploaded(api, part('name="content"', b"")))["id"])
    answer = await api.client.get(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "0"


async def test_a_signed_link_is_an_input(api: Api) -> None:
    """It is read from disk: nothing answers at that host."""
    file = await uploaded(api, part('name="content"', picture()))
    shown = await edited(api, f"http://10.0.0.1:9{link(api, file['id'])}")
    assert shown["status"] == "succeeded", shown["error"]


async def test_an_input_that_is_anothers_file_fails_the_prediction(api: Api) -> None:
    """As does one that is gone; the error names the input."""
    mine = await uploaded(api, part('name="content"', picture()))
    bob = await second_account(api)
    shown = await api.run(EDIT, {"prompt": "a", "input_images": [mine["urls"]["get"]]}, **bob)
    await api.client.delete(f"/v1/files/{mine['id']}")
    for failed in (shown, await edited(api, mine["urls"]["get"])):
        assert failed["status"] == "failed"
        assert failed["error"] == "input.input_images.0: the file is not here, or no longer"


async def test_a_file_is_judged_by_its_bytes(api: Api) -> None:
    """A picture may be called anything; a text that is called a picture is none."""
    lying = part('name="content"; filename="a.txt"', picture(), "text/plain")
    assert (await edited(api, (await uploaded(api, lying))["urls"]["get"]))["status"] == "succeeded"
    fake = part('name="content"; filename="a.png"', b"hello", "image/png")
    shown = await edited(api, (await uploaded(api, fake))["urls"]["get"])
    assert "input.input_images.0: the file holds no image" in shown["error"]


async def test_the_same_bytes_are_stored_once(api: Api) -> None:
    """Under two names; deleting one leaves the other."""
    before = blobs(api)
    one, other = await uploaded(api, FILE), await uploaded(api, FILE)
    assert one["id"] != other["id"]
    assert [path.read_bytes() for path in blobs(api) - before] == [CONTENT]
    await api.client.delete(f"/v1/files/{one['id']}")
    assert (await api.client.get(link(api, other["id"]))).content == CONTENT


async def test_a_full_disk_refuses_the_upload(api: Api, tmp_path: Path) -> None:
    """503, and nothing of it is kept."""
    place = api.settings.home / "blobs"
    place.rename(tmp_path / "away")
    place.write_bytes(b"")
    assert "cannot be stored" in problem(await sent(api, body(FILE)), 503)["detail"]
    assert not list((api.settings.home / "engines").rglob("upload-*"))
    assert await listed(api) == []
