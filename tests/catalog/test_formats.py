"""Pictures in the format that was asked for."""

import io

import pytest
from PIL import Image
from tests.support.contents import content_of

from safelight.catalog.formats import in_format
from safelight.upstream import Format, Picture


def picture(kind: str, mode: str = "RGB") -> Picture:
    """A small picture, encoded."""
    content = io.BytesIO()
    Image.new(mode, (8, 6), "red").save(content, kind)
    return Picture(content.getvalue(), f"image/{kind}")


async def test_what_fits_is_left_to_the_byte() -> None:
    """Encoding anew would cost time, and the provenance that providers embed."""
    given = (picture("webp"), picture("webp"))

    assert (await in_format(given, "webp", 80)) == given


@pytest.mark.parametrize("wanted", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
async def test_another_format_is_encoded_anew(wanted: Format, mode: str) -> None:
    """A provider that answers PNG serves a caller who asked for something else."""
    (converted,) = await in_format([picture("png", mode)], wanted, None)

    assert converted.media_type == f"image/{wanted}"
    with Image.open(io.BytesIO(content_of(converted))) as image:
        assert (image.format, image.size) == (wanted.upper(), (8, 6))


async def test_a_vector_stays_a_vector() -> None:
    """SVG is neither decoded nor made."""
    given = (Picture(b"<svg/>", "image/svg+xml"),)

    assert (await in_format(given, "png", None)) == given
