"""What each model asks of its upstream."""

from typing import Any

import pytest

from safelight.catalog.google.imagen_4_fast import Imagen4Fast
from safelight.catalog.jigsawstack.image_generation import ImageGeneration
from safelight.catalog.openai.gpt_image_1 import GptImage1
from safelight.catalog.openai.gpt_image_2 import GptImage2
from safelight.upstream import ImageRequest

KEY = {"openai_api_key": "sk-1"}


async def test_gpt_image_1_passes_its_inputs_on(run: Any, recorder: Any) -> None:
    """Every field of the page reaches the upstream under its neutral name."""
    await run(
        GptImage1,
        recorder,
        **KEY,
        prompt="a cat",
        aspect_ratio="3:2",
        number_of_images=2,
        quality="high",
        background="transparent",
        output_compression=70,
        moderation="low",
        user_id="u1",
    )
    assert recorder.requests == [
        ImageRequest(
            model="gpt-image-1",
            prompt="a cat",
            count=2,
            size=(1536, 1024),
            aspect_ratio="3:2",
            format="webp",
            compression=70,
            quality="high",
            background="transparent",
            moderation="low",
            user="u1",
        )
    ]
    assert recorder.keys == ["sk-1"]


async def test_a_png_goes_without_compression(run: Any, recorder: Any) -> None:
    """The provider refuses one, and the default is 90."""
    await run(GptImage1, recorder, **KEY, prompt="x", output_format="png")
    assert recorder.requests[0].compression is None


async def test_an_empty_user_is_no_user(run: Any, recorder: Any) -> None:
    """A form sends empty strings for fields left blank."""
    await run(GptImage2, recorder, prompt="x", user_id="")
    assert recorder.requests[0].user is None


@pytest.mark.parametrize(
    ("model", "with_images", "fidelity"),
    [
        (None, True, "high"),
        (None, False, None),
        ("gpt-image-1.5", True, "high"),
        ("gpt-image-2", True, None),
    ],
)
async def test_input_fidelity_is_asked_only_of_edits_by_models_that_know_it(  # noqa: PLR0917 - a table's columns and fixtures
    run: Any,
    recorder: Any,
    picture_urls: list[str],
    model: str | None,
    with_images: bool,
    fidelity: str | None,
) -> None:
    """gpt-image-2 refuses it, also when it answers for gpt-image-1."""
    images = {"input_images": picture_urls} if with_images else {}
    await run(GptImage1, recorder, model, **KEY, prompt="x", input_fidelity="high", **images)
    assert recorder.requests[0].input_fidelity == fidelity


async def test_input_images_are_passed_on_as_bytes(
    run: Any, recorder: Any, picture_urls: list[str]
) -> None:
    """As fetched, in their order."""
    await run(GptImage2, recorder, prompt="x", input_images=picture_urls)
    assert [len(image) for image in recorder.requests[0].images] == [387_379, 512]


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1024, 1024)),
        ("3:2", (1536, 1024)),
        ("2:3", (1024, 1536)),
        ("16:9", (2048, 1152)),
        ("9:16", (1152, 2048)),
        ("auto", None),
        ("1024x1024", (1024, 1024)),
        ("1536x1024", (1536, 1024)),
        ("1024x1536", (1024, 1536)),
        ("2048x2048", (2048, 2048)),
        ("2048x1152", (2048, 1152)),
        ("1152x2048", (1152, 2048)),
        ("3840x2160", (3840, 2160)),
        ("2160x3840", (2160, 3840)),
    ],
)
async def test_gpt_image_2_turns_ratios_into_sizes(
    run: Any, recorder: Any, ratio: str, size: tuple[int, int] | None
) -> None:
    """`auto` leaves the choice to the provider."""
    await run(GptImage2, recorder, prompt="x", aspect_ratio=ratio)
    assert recorder.requests[0].size == size
    assert recorder.requests[0].input_fidelity is None
    assert recorder.keys == [None]


async def test_gpt_image_2_passes_a_transparent_background_on(run: Any, recorder: Any) -> None:
    """Whether an account may have one is OpenAI's to say."""
    await run(GptImage2, recorder, prompt="x", background="transparent", output_format="png")
    assert recorder.requests[0].background == "transparent"


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1024, 1024)),
        ("3:4", (896, 1280)),
        ("4:3", (1280, 896)),
        ("9:16", (768, 1408)),
        ("16:9", (1408, 768)),
    ],
)
async def test_imagens_ratios_have_their_pixels(
    run: Any, recorder: Any, ratio: str, size: tuple[int, int]
) -> None:
    """At 1K; who cannot be told a ratio is told these."""
    await run(Imagen4Fast, recorder, prompt="x", aspect_ratio=ratio)
    assert recorder.requests[0].size == size


@pytest.mark.parametrize(
    ("wanted", "form", "compression"), [("jpg", "jpeg", 75), ("png", "png", None)]
)
async def test_imagen_passes_its_inputs_on(
    run: Any, recorder: Any, wanted: str, form: str, compression: int | None
) -> None:
    """With its own words for the format, and the size of its ratio."""
    level = "block_low_and_above"
    inputs = {"aspect_ratio": "4:3", "output_format": wanted, "safety_filter_level": level}
    await run(Imagen4Fast, recorder, prompt="a cat", **inputs)
    assert recorder.requests == [
        ImageRequest(
            model="imagen-4.0-fast-generate-001",
            prompt="a cat",
            size=(1280, 896),
            aspect_ratio="4:3",
            format=form,
            compression=compression,
            safety_filter_level=level,
        )
    ]
    assert recorder.keys == [None]


async def test_jigsawstack_passes_its_inputs_on(run: Any, recorder: Any) -> None:
    """Every knob reaches the upstream."""
    await run(
        ImageGeneration,
        recorder,
        prompt="ocean",
        aspect_ratio="16:9",
        steps=9,
        output_format="svg",
        url="https://x/y.png",
        file_store_key="k",
        negative_prompt="boats",
        guidance=7,
        seed=3,
        api_key="jk-1",
    )
    assert recorder.requests == [
        ImageRequest(
            model="image_generation",
            prompt="ocean",
            aspect_ratio="16:9",
            format="svg",
            steps=9,
            url="https://x/y.png",
            file_store_key="k",
            negative_prompt="boats",
            guidance=7,
            seed=3,
        )
    ]
    assert recorder.keys == ["jk-1"]


@pytest.mark.parametrize(
    ("sides", "size"),
    [
        ({}, None),
        ({"width": 800, "height": 600}, (800, 600)),
        ({"width": 1600}, (1600, 900)),
        ({"height": 900}, (1600, 900)),
    ],
)
async def test_explicit_sides_win_over_the_ratio(
    run: Any, recorder: Any, sides: dict[str, int], size: tuple[int, int] | None
) -> None:
    """A side that is missing follows from the ratio."""
    await run(ImageGeneration, recorder, prompt="x", api_key="k", aspect_ratio="16:9", **sides)
    assert recorder.requests[0].size == size


@pytest.mark.parametrize("placeholder", ["", "  ", "[REDACTED]", "<paste-your-key-here>"])
async def test_a_placeholder_is_not_a_key(run: Any, recorder: Any, placeholder: str) -> None:
    """A snippet copied from a page runs on the server's own key."""
    await run(GptImage1, recorder, prompt="x", openai_api_key=placeholder)
    await run(GptImage2, recorder, prompt="x", openai_api_key=placeholder)
    await run(ImageGeneration, recorder, prompt="x", api_key=placeholder)
    assert recorder.keys == [None, None, None]


async def test_the_model_asked_for_is_the_servers_choice(run: Any, recorder: Any) -> None:
    """A route may send a retired model's requests to its successor."""
    await run(GptImage1, recorder, "gpt-image-2", **KEY, prompt="x")
    assert recorder.requests[0].model == "gpt-image-2"
