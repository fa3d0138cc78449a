"""Files as inputs: refused where the text is no file, failed where the file is no picture."""

import base64
import io
import struct
import time
import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from PIL import Image
from tests.api.calls import SKETCH, Api, Json, Running, problem


def _png(width: int = 32, height: int = 32) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return file.getvalue()


def _uri(content: bytes, declared: str = "image/png") -> str:
    return f"data:{declared};base64,{base64.b64encode(content).decode()}"


def _bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 900 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def _painted(api: Api, *images: str) -> Json:
    value = {"prompt": "a", "width": 256, "height": 256, "input_images": list(images)}
    return await api.run(SKETCH, value)


@pytest.fixture
async def elsewhere() -> AsyncIterator[str]:
    """A web server on loopback that has one picture, and one redirect to it."""
    app = web.Application()

    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=_png(), content_type="text/plain")

    async def away(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/picture.png")

    app.router.add_get("/picture.png", picture)
    app.router.add_get("/away", away)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cat.png",
        "./cat.png",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://example.com/cat.png",
        "C:\\cat.png",
        "@cat.png",
        "https://",
        "data:image/png;base64",
        "javascript:alert(1)",
    ],
)
async def test_what_is_no_file_is_refused(api: Api, text: str) -> None:
    """Neither a web address nor a data URI; every one of them is named."""
    answer = await api.create(SKETCH, {"prompt": "a", "input_images": [text, _uri(_png()), text]})
    assert problem(answer, 422)["detail"] == (
        "- input.input_images.0: Does not match format 'uri'\n"
        "- input.input_images.2: Does not match format 'uri'\n"
    )


@pytest.mark.parametrize(
    "declared", ["text/plain", "application/octet-stream", "image/jpeg", "", "nonsense"]
)
async def test_a_data_uri_that_lies_about_its_type_works(api: Api, declared: str) -> None:
    """The bytes tell what they are."""
    assert (await _painted(api, _uri(_png(), declared)))["status"] == "succeeded"


async def test_a_data_uri_as_shells_make_it_works(api: Api) -> None:
    """With line breaks, and without `;base64`."""
    wrapped = base64.encodebytes(_png(200, 200)).decode()
    assert "\n" in wrapped.strip()
    for text in (
        f"data:application/octet-stream,{wrapped}",
        f"data:image/png;base64,{wrapped}",
        f"DATA:image/png;BASE64,{wrapped}",
    ):
        assert (await _painted(api, text))["status"] == "succeeded"


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        (_uri(b"hello, I am a picture"), "holds no image: its bytes are of no known type"),
        (_uri(b""), "holds no image: it is empty"),
        (_uri(b"%PDF-1.7"), "holds no image: its bytes are pdf"),
        (_uri(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "holds no image: its bytes are svg"),
        (_uri(_png()[:20]), "ends before its size is told"),
        ("data:image/png;base64,%%%", "its data is not base64"),
    ],
)
async def test_a_file_that_is_no_picture_fails_the_prediction(
    api: Api, uri: str, reason: str
) -> None:
    """Whatever it was declared as; the error names the input."""
    shown = await _painted(api, _uri(_png()), uri)
    assert shown["status"] == "failed"
    assert shown["error"].startswith("input.input_images.1: ")
    assert reason in shown["error"]


async def test_a_picture_that_breaks_off_fails_the_prediction(api: Api) -> None:
    """Its header was good."""
    shown = await _painted(api, _uri(_png(200, 200)[:100]))
    assert shown["status"] == "failed"
    assert "not a picture that can be read" in shown["error"]


async def test_a_decompression_bomb_fails_fast(api: Api) -> None:
    """It is not decoded to find out."""
    bomb = _bomb()
    assert len(bomb) < 5_000
    began = time.monotonic()
    shown = await _painted(api, _uri(bomb))
    assert time.monotonic() - began < 2
    assert shown["status"] == "failed"
    assert shown["error"] == (
        "input.input_images.0: the image has 30000 x 30000 pixels;"
        " 64 megapixels are the most. Send a smaller one."
    )


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]", "172.16.0.1", "100.64.0.1"]
)
async def test_a_private_address_is_refused(api: Api, host: str) -> None:
    """The error names the setting that would allow it."""
    shown = await _painted(api, f"http://{host}/latest/meta-data")
    assert shown["status"] == "failed"
    assert "is not a public address" in shown["error"]
    assert "SAFELIGHT_ALLOW_PRIVATE_URLS" in shown["error"]


async def test_loopback_is_refused_where_others_can_call(running: Running, elsewhere: str) -> None:
    """On a server that listens to the network; in every spelling of the address."""
    async with running(SAFELIGHT_HOST="0.0.0.0") as api:
        port = elsewhere.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0.0.0.0"):
            shown = await _painted(api, f"http://{host}:{port}/picture.png")
            assert shown["status"] == "failed", host
            assert "is not a public address" in shown["error"]


async def test_loopback_is_allowed_where_only_we_can_call(api: Api, elsewhere: str) -> None:
    """Redirects are followed, and the declared type is not believed."""
    for path in ("picture.png", "away"):
        shown = await _painted(api, f"{elsewhere}/{path}")
        assert shown["status"] == "succeeded", shown["error"]


async def test_loopback_is_allowed_by_the_setting(running: Running, elsewhere: str) -> None:
    """By host or network."""
    async with running(SAFELIGHT_HOST="0.0.0.0", SAFELIGHT_ALLOW_PRIVATE_URLS="127.0.0.1") as api:
        shown = await _painted(api, f"{elsewhere}/picture.png")
        assert shown["status"] == "succeeded", shown["error"]


async def test_a_file_that_is_not_there_fails_the_prediction(api: Api, elsewhere: str) -> None:
    """The error says what its server said."""
    shown = await _painted(api, f"{elsewhere}/nothing.png")
    assert shown["status"] == "failed"
    assert "404" in shown["error"]


async def test_file_inputs_are_shown_as_they_were_sent(api: Api) -> None:
    """Data URIs included."""
    uri = _uri(_png())
    assert (await _painted(api, uri))["input"]["input_images"] == [uri]
