"""File inputs: what becomes of data URIs and addresses, good and bad."""

import base64
import io
import struct
import zlib

import pytest
from aiohttp import web
from PIL import Image
from tests.outbound.conftest import Site

from safelight.outbound.addresses import LOOPBACK
from safelight.outbound.client import Client
from safelight.outbound.inputs import InputRejected, Inputs


def picture(form: str = "png") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6)).save(out, form)
    return out.getvalue()


def data_uri(content: bytes, declared: str = "application/octet-stream") -> str:
    return f"data:{declared};base64,{base64.b64encode(content).decode()}"


def huge_png(width: int, height: int) -> bytes:
    """A valid header with no picture behind it, which a decoder would make room for."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + chunk + struct.pack(">I", zlib.crc32(chunk))


async def test_the_type_is_told_from_the_bytes_not_from_the_declaration(site: Site) -> None:
    """A WebP declared as PNG is a WebP, in a data URI and on the web."""
    webp = picture("webp")
    site.pages["/pics/My%20Cat.png"] = site.pages["/pics/My Cat.png"] = lambda _: web.Response(
        body=webp, content_type="image/png"
    )
    async with Client(LOOPBACK) as client:
        inputs = Inputs(client)
        sent = await inputs.image("image", data_uri(webp, "image/png"))
        got = await inputs.image("image", f"{site.url}/pics/My%20Cat.png?token=s3cret")
    assert (sent.content, sent.media_type, sent.filename) == (webp, "image/webp", "input.webp")
    assert (got.content, got.media_type, got.filename) == (webp, "image/webp", "My-Cat.webp")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("data:image/png;base64,!!", "the data URI cannot be read: its data is not base64"),
        (data_uri(b"hello", "image/png"), "holds no image: its bytes are of no known type"),
        (data_uri(b""), "holds no image: it is empty"),
        (data_uri(b"%PDF-1.4", "image/png"), "holds no image: its bytes are pdf"),
        (data_uri(b"<svg/>", "image/png"), "holds no image: its bytes are svg"),
        (data_uri(picture()[:18]), "holds no image: it ends before"),
        ("data:image/png", "no comma"),
        ("http://10.0.0.1/a.png", "SAFELIGHT_ALLOW_PRIVATE_URLS"),
        ("ftp://example.com/a.png", "does not begin with http"),
        ("/home/me/a.png", "does not begin with http"),
        ("", "does not begin with http"),
    ],
)
async def test_what_is_no_image_is_refused_by_name(value: str, message: str) -> None:
    """Every message begins with the input it is about."""
    async with Client() as client:
        with pytest.raises(InputRejected, match=r"^input.images.2: ") as caught:
            await Inputs(client).image("images.2", value)
    assert message in str(caught.value)


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (8001, 8000)])
async def test_a_decompression_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    """Nothing is decoded to find out."""
    async with Client() as client:
        with pytest.raises(InputRejected, match=rf"{width} x {height} .* 64 megapixels"):
            await Inputs(client).image("image", data_uri(huge_png(width, height)))
        assert await Inputs(client).image("image", data_uri(huge_png(8000, 8000)))


async def test_a_file_over_the_limit_is_refused_from_either_source(site: Site) -> None:
    """The cap counts bytes after decoding."""
    site.pages["/big"] = lambda _: web.Response(body=b"x" * 101)
    async with Client(LOOPBACK) as client:
        inputs = Inputs(client, limit_bytes=100)
        assert len((await inputs.file("file", data_uri(b"x" * 100))).content) == 100
        for value in (data_uri(b"x" * 101), "data:," + "x" * 500, f"{site.url}/big"):
            with pytest.raises(InputRejected, match=r"^input.file: .*(more than|over)"):
                await inputs.file("file", value)


async def test_a_long_data_uri_is_decoded_whole() -> None:
    """Off the event loop, with the same result."""
    content = b"%PDF-" + bytes(2_000_000)
    async with Client() as client:
        file = await Inputs(client).file("document", data_uri(content))
    assert (file.content, file.filename) == (content, "input.pdf")


async def test_other_files_keep_the_type_that_is_claimed_for_them(site: Site) -> None:
    """Where bytes cannot tell, the sender is believed, except about images."""
    site.pages["/a"] = lambda _: web.Response(body=b"a,b", content_type="text/csv")
    async with Client(LOOPBACK) as client:
        inputs = Inputs(client)
        assert (await inputs.file("file", f"{site.url}/a")).media_type == "text/csv"
        lied = await inputs.file("file", data_uri(b"abc", "image/png"))
    assert (lied.media_type, lied.filename) == ("application/octet-stream", "input.bin")
