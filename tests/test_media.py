"""Media: types and sizes from bytes, and data URIs as people write them."""

import base64
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from safelight.media import EXTENSIONS, dimensions, extension, parse_data_uri, sniff

PIXELS = (70, 33)
FORMS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}


def encoded(form: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, PIXELS).save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_tells_its_type_and_size(form: str) -> None:
    """What Pillow wrote is recognised, and its header gives the size."""
    content = encoded(form)
    assert (sniff(content), dimensions(content)) == (FORMS[form], PIXELS)


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("WEBP", "RGBA", {"lossless": True}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGB", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
        ("JPEG", "L", {"progressive": True}),
        ("JPEG", "CMYK", {"comment": b"a comment" * 500}),
        ("TIFF", "L", {"compression": "tiff_lzw"}),
        ("PNG", "P", {}),
    ],
)
def test_the_variants_of_a_format_tell_their_size_too(form: str, mode: str, options: dict) -> None:
    """Lossless, extended, progressive and palette files have headers of their own."""
    assert dimensions(encoded(form, mode, **options)) == PIXELS


def test_big_endian_tiff_tells_its_size() -> None:
    """TIFF comes in two byte orders."""
    entries = b"".join(
        tag.to_bytes(2) + b"\x00\x04\x00\x00\x00\x01" + value.to_bytes(4)
        for tag, value in ((256, 70), (257, 33))
    )
    assert dimensions(b"MM\x00*\x00\x00\x00\x08\x00\x02" + entries) == PIXELS


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"PK\x03\x04....", "application/zip"),
        (b"<svg xmlns='x'/>", "image/svg+xml"),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><!-- a --><svg/>", "image/svg+xml"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomavc1", None),
        (b"<?xml version='1.0'?><html/>", None),
        (b"<html><svg/></html>", None),
        (b"BM", None),
        (b"", None),
        (b"hello", None),
    ],
)
def test_other_bytes_are_told_apart(content: bytes, media_type: str | None) -> None:
    """Only what the bytes prove counts, and these have no pixels."""
    assert (sniff(content), dimensions(content)) == (media_type, None)


def test_unknown_types_have_a_neutral_extension() -> None:
    """A name always has an extension."""
    assert (extension("image/jpeg"), extension("text/x-unknown")) == (".jpg", ".bin")


@settings(deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_a_header_cut_anywhere_is_no_crash(form: str, data: st.DataObject) -> None:
    """A truncated picture has its size, or none."""
    content = encoded(form)
    cut = content[: data.draw(st.integers(0, len(content)))]
    assert dimensions(cut) in {None, PIXELS}


@settings(deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.binary(max_size=200))
def test_rubbish_after_a_signature_is_no_crash(form: str, rubbish: bytes) -> None:
    """Whatever follows the first bytes, an answer comes back."""
    size = dimensions(encoded(form)[:16] + rubbish)
    assert size is None or min(size) > 0


PNG = encoded("PNG")
TEXT = base64.b64encode(PNG).decode()
LINES = "\r\n".join(TEXT[at : at + 76] for at in range(0, len(TEXT), 76))


@pytest.mark.parametrize(
    "uri",
    [
        f"data:image/png;base64,{TEXT}",
        f"DATA:image/jpeg;charset=utf-8;BASE64,{TEXT}",
        f"data:;base64,{TEXT}",
        f"data:application/octet-stream,{TEXT}",
        f"data:,{TEXT}",
        f"data:application/octet-stream;base64,{LINES}\n",
        f"  data:image/png;base64,{TEXT.rstrip('=')}",
        "data:image/png;base64," + TEXT.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        "data:image/png;base64," + TEXT.replace("+", "-").replace("/", "_"),
        "data:image/png," + "".join(f"%{byte:02X}" for byte in PNG),
    ],
)
def test_a_sloppy_data_uri_is_read_all_the_same(uri: str) -> None:
    """Each form found in the wild gives the same bytes."""
    assert parse_data_uri(uri).content == PNG


@pytest.mark.parametrize(
    ("uri", "content"),
    [
        ("data:text/plain,hello%20you", b"hello you"),
        ("data:,true", b"true"),
        ("data:application/json,null", b"null"),
        ("data:text/plain;base64,aGk", b"hi"),
        ("data:application/octet-stream,aGVsbG8gd29ybGQ=", b"hello world"),
        ("data:image/png;base64,", b""),
    ],
)
def test_text_is_not_taken_for_base64(uri: str, content: bytes) -> None:
    """Without the marker, base64 is assumed only for what is declared or proves to be binary."""
    assert parse_data_uri(uri).content == content


@pytest.mark.parametrize(
    "uri", ["data:image/png;base64", "data:image/png;base64,*", "data:;base64,A"]
)
def test_a_broken_data_uri_says_what_is_wrong(uri: str) -> None:
    """The reason is fit for a sentence."""
    with pytest.raises(ValueError, match=r"^it has no comma|^its data is not base64"):
        parse_data_uri(uri)


def test_every_type_that_is_told_has_an_extension() -> None:
    """The two tables agree."""
    assert set(FORMS.values()) <= set(EXTENSIONS)
