"""Input pictures for OpenAI: sent as they are, unless the API would refuse them."""

import io

import pytest
from PIL import ExifTags, Image
from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY
from tests.standins.pictures import paint, with_credentials
from tests.upstreams.failing import failure

from safelight.outbound.client import Client
from safelight.upstream import ImageRequest
from safelight.upstreams.openai import OpenAI, OpenAIConfig
from safelight.upstreams.openai_inputs import parts


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def turned(form: str) -> bytes:
    """A red and a blue half, and the word that it lies on its side."""
    picture = Image.new("RGB", (64, 32), "blue")
    picture.paste("red", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return encoded(picture, form, exif=exif)


@pytest.mark.parametrize(
    "content",
    [
        with_credentials(paint()),
        paint(form="jpeg"),
        paint(form="webp"),
        encoded(Image.new("RGBA", (8, 8)), "png"),
        encoded(Image.new("L", (8, 8)), "png"),
    ],
)
async def test_an_ordinary_picture_is_sent_to_the_byte(content: bytes) -> None:
    """With what its file tells of where it comes from."""
    (part,) = await parts([content])
    assert part.content == content


@pytest.mark.parametrize(
    ("content", "media_type", "mode"),
    [
        (encoded(Image.new("CMYK", (8, 8)), "jpeg"), "image/jpeg", "RGB"),
        (encoded(Image.new("P", (8, 8)), "png"), "image/png", "RGB"),
        (encoded(Image.new("P", (8, 8)), "png", transparency=0), "image/png", "RGBA"),
        (
            encoded(
                Image.new("RGB", (8, 8)),
                "mpo",
                save_all=True,
                append_images=[Image.new("RGB", (8, 8))],
            ),
            "image/jpeg",
            "RGB",
        ),
    ],
)
async def test_a_picture_that_the_api_refuses_is_encoded_anew(
    content: bytes, media_type: str, mode: str
) -> None:
    """Printing inks, palettes, and the two pictures in one of some cameras."""
    (part,) = await parts([content])
    with Image.open(io.BytesIO(part.content)) as picture:
        assert (picture.mode, picture.format) == (mode, media_type.partition("/")[2].upper())
    assert (part.media_type, part.content != content) == (media_type, True)


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
async def test_a_picture_on_its_side_is_put_upright(form: str) -> None:
    """The model does not read the word about it."""
    (part,) = await parts([turned(form)])
    with Image.open(io.BytesIO(part.content)) as picture:
        assert picture.size == (32, 64)
        assert picture.getexif().get(ExifTags.Base.Orientation, 1) == 1
        red, _, blue = picture.convert("RGB").getpixel((16, 8))
        assert red > blue


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([paint(), b"hello"], "Input image 2 is no image; OpenAI reads PNG, JPEG and WebP."),
        ([paint(form="gif")], "Input image 1 is image/gif; OpenAI reads PNG, JPEG and WebP."),
        ([paint()[:20]], "Input image 1 cannot be read"),
        ([turned("jpeg")[:200]], "Input image 1 cannot be read"),
        ([paint()] * 17, "OpenAI takes at most 16 input images, not 17. Send fewer."),
        (
            [paint() + bytes(50_000_000)],
            "Input image 1 has 50.0 MB; OpenAI takes less than 50 MB. Send a smaller one.",
        ),
    ],
)
async def test_what_it_cannot_take_is_refused_before_it_costs(
    client: Client, openai: OpenAIStandIn, images: list[bytes], message: str
) -> None:
    """Nothing is sent."""
    ours = OpenAI(OpenAIConfig(base_url=openai.base_url, key=KEY), client)
    request = ImageRequest(model="gpt-image-2", prompt="p", images=tuple(images))
    error = await failure(ours, request)
    assert error.detail.startswith(message)
    assert error.did_no_work
    assert openai.seen == []


async def test_sixteen_pictures_are_taken(client: Client, openai: OpenAIStandIn) -> None:
    """In their order, each with a name of its own."""
    ours = OpenAI(OpenAIConfig(base_url=openai.base_url, key=KEY), client)
    images = tuple(paint((16 * n, 16)) for n in range(1, 17))
    await ours.generate(ImageRequest(model="gpt-image-2", prompt="p", images=images))
    assert [file[3] for file in openai.forms[0].files] == list(images)
    assert len({file[1] for file in openai.forms[0].files}) == 16
