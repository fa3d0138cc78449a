"""Input pictures for OpenAI: sent as they are, unless the API would refuse them."""

import io

import pytest
from PIL import ExifTags, Image
from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY
from tests.standins.pictures import SVG, paint, with_credentials
from tests.upstreams.failing import failure

from safelight.media import extension, sniff
from safelight.outbound.client import Client
from safelight.upstream import ImageRequest, UpstreamError
from safelight.upstreams.openai import OpenAI, OpenAIConfig
from safelight.upstreams.openai_inputs import parts

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


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
        encoded(Image.new("LA", (8, 8)), "png"),
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
        (encoded(Image.new("1", (8, 8)), "png"), "image/png", "RGB"),
        (encoded(Image.new("I;16", (8, 8)), "png"), "image/png", "RGB"),
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
    """Printing inks, palettes, odd depths, and the two pictures in one of some cameras."""
    (part,) = await parts([content])
    with Image.open(io.BytesIO(part.content)) as picture:
        assert (picture.mode, picture.format) == (mode, media_type.partition("/")[2].upper())
    assert (part.media_type, part.content != content) == (media_type, True)
    assert part.filename == f"image-0{extension(media_type)}"


def red(form: str, **options: object) -> bytes:
    return encoded(Image.new("RGB", (8, 8), "red"), form, **options)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (red("gif"), "image/png"),
        (red("bmp"), "image/png"),
        (red("tiff"), "image/png"),
        (red("avif"), "image/jpeg"),
        (red("gif", save_all=True, append_images=[Image.new("RGB", (8, 8))]), "image/png"),
        (red("webp", save_all=True, append_images=[Image.new("RGB", (8, 8))]), "image/png"),
        (red("png", save_all=True, append_images=[Image.new("RGB", (8, 8))]), "image/png"),
    ],
    ids=["gif", "bmp", "tiff", "avif", "moving gif", "moving webp", "moving png"],
)
async def test_a_picture_of_another_kind_is_sent_as_one_that_the_api_reads(
    content: bytes, media_type: str
) -> None:
    """Of one that moves, the first frame."""
    (part,) = await parts([content])
    assert part.media_type == sniff(part.content) == media_type
    with Image.open(io.BytesIO(part.content)) as picture:
        assert (picture.size, getattr(picture, "n_frames", 1)) == ((8, 8), 1)
        r, g, b = picture.convert("RGB").getpixel((4, 4))
        assert (r > 240, g < 15, b < 15) == (True, True, True)


async def test_a_picture_of_another_kind_stays_transparent() -> None:
    """What was left open is what the model is to fill."""
    for form in ("gif", "tiff", "avif"):
        (part,) = await parts([encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), form)])
        with Image.open(io.BytesIO(part.content)) as picture:
            assert picture.mode == "RGBA"
            assert picture.getpixel((4, 4))[3] == 0


async def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    """They are scaled, not cut off."""
    grey = Image.new("I;16", (8, 8), 0x8000)
    (part,) = await parts([encoded(grey, "png")])
    with Image.open(io.BytesIO(part.content)) as picture:
        assert picture.convert("L").getpixel((4, 4)) == 0x80


async def test_as_many_pixels_as_nobody_needs_are_not_unpacked() -> None:
    """A small file can be a large picture."""
    with pytest.raises(UpstreamError, match="Input image 1 has 72 megapixels"):
        await parts([encoded(Image.new("P", (9_000, 8_000)), "png")])


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
        ([SVG], "Input image 1 is image/svg+xml; OpenAI reads PNG, JPEG and WebP."),
        ([HEIC], "Input image 1 is image/heic; OpenAI reads PNG, JPEG and WebP."),
        ([b"%PDF-1.7"], "Input image 1 is application/pdf; OpenAI reads PNG, JPEG and WebP."),
        ([paint(form="gif")[:12]], "Input image 1 cannot be read"),
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


async def test_a_photograph_of_many_pixels_is_unpacked_at_half_its_size() -> None:
    """It lies on its side, so it is encoded anew; cameras have more pixels than models see."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    (part,) = await parts([encoded(Image.new("L", (9_000, 8_000)), "jpeg", exif=exif)])
    with Image.open(io.BytesIO(part.content)) as picture:
        assert picture.size == (4_000, 4_500)
