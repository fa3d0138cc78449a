"""Test mode: real pictures without a provider, and the faults that a prompt asks for."""

import asyncio
import io
import time
from typing import Any

import pytest
from PIL import Image
from tests.support.contents import content_of

from safelight.catalog.google.imagen_4_fast import Imagen4Fast
from safelight.catalog.jigsawstack.image_generation import ImageGeneration
from safelight.catalog.openai.gpt_image_1 import GptImage1
from safelight.catalog.openai.gpt_image_2 import GptImage2
from safelight.catalog.rehearsal import Rehearsal, rehearse
from safelight.catalog.safelight.echo import RehearsedEcho
from safelight.catalog.safelight.sketch import RehearsedSketch, Sketch
from safelight.catalog.sketching import SketchUpstream
from safelight.errors import RunFailed
from safelight.upstream import ImageRequest

LAKE = "a calm lake"
MODERATED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)


@pytest.mark.parametrize(
    ("prompt", "rest"),
    [
        ("a cat", "a cat"),
        ("a [[delay: 1ms]] cat", "a cat"),
        ("a cat [[DELAY:0.001 s]]", "a cat"),
        ("[[delay: 0m]]a cat", "a cat"),
        ("a [[sign]]  in brackets ", "a [[sign]]  in brackets "),
    ],
)
async def test_a_directive_is_obeyed_and_removed(prompt: str, rest: str) -> None:
    """What is no directive stays."""
    assert await rehearse(prompt) == rest


@pytest.mark.parametrize(
    ("prompt", "error", "text"),
    [
        ("[[fail: out of paint]]", RunFailed, "out of paint"),
        ("[[fail]]", RunFailed, "The model failed, as the prompt asked."),
        (
            "[[moderated]]",
            RunFailed,
            MODERATED,
        ),
        (
            "[[rate-limited]]",
            RunFailed,
            "Service is currently unavailable due to high demand. Please try again later. (E003)",
        ),
        ("[[crash]]", RuntimeError, "The model crashed, as the prompt asked."),
        (
            "[[delay: soon]]",
            RunFailed,
            "[[delay: soon]] is no duration; write 5s, 250ms or 2m.",
        ),
    ],
)
async def test_a_fault_comes_on_demand(prompt: str, error: type[Exception], text: str) -> None:
    """With the text that Replicate has for it."""
    with pytest.raises(error) as caught:
        await rehearse(f"a cat {prompt}")
    assert str(caught.value) == text


async def test_directives_are_obeyed_in_their_order() -> None:
    """A delay before a failure passes first."""
    started = time.monotonic()
    with pytest.raises(RunFailed, match="late"):
        await rehearse("[[delay: 60ms]] [[fail: late]] [[timeout]]")
    assert time.monotonic() - started >= 0.06


async def test_a_timeout_waits_until_it_is_cancelled() -> None:
    """Only the maximum run time or a cancel ends it."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rehearse("[[timeout]]"), 0.05)


async def test_a_hostile_prompt_is_read_in_bounded_time() -> None:
    """Megabytes of half a directive are no trap."""
    prompt = "[[fail:" * 300_000
    started = time.process_time()
    assert await rehearse(prompt) == prompt
    assert time.process_time() - started < 2


@pytest.mark.parametrize("runner", [RehearsedEcho, RehearsedSketch, GptImage2, Imagen4Fast])
async def test_every_model_obeys_in_test_mode(run: Any, runner: Any) -> None:
    """Bare, each model rehearses."""
    with pytest.raises(RunFailed, match="asked for"):
        await run(runner, prompt="x [[fail: asked for]]")


async def test_echo_gives_back_the_rest_of_the_prompt(run: Any) -> None:
    """In test mode, without the directive."""
    assert (await run(RehearsedEcho, prompt="hi [[delay: 1ms]]")).output == "hi"


def opened(path: Any) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


@pytest.mark.parametrize(
    ("runner", "inputs", "form", "size"),
    [
        (GptImage1, {"openai_api_key": "k", "aspect_ratio": "2:3"}, "WEBP", (1024, 1536)),
        (GptImage2, {"aspect_ratio": "auto", "output_format": "png"}, "PNG", (1024, 1024)),
        (GptImage2, {"aspect_ratio": "16:9", "output_format": "jpeg"}, "JPEG", (2048, 1152)),
        (Imagen4Fast, {"aspect_ratio": "9:16"}, "JPEG", (768, 1408)),
        (ImageGeneration, {"api_key": "k", "aspect_ratio": "21:9"}, "PNG", (1536, 640)),
        (ImageGeneration, {"api_key": "k", "width": 100, "height": 300}, "PNG", (256, 300)),
        (Sketch, {"aspect_ratio": "9:21"}, "WEBP", (640, 1536)),
        (Sketch, {"width": 300, "output_format": "jpg"}, "JPEG", (300, 300)),
    ],
)
async def test_a_rehearsed_picture_has_the_asked_size_and_format(
    run: Any, runner: Any, inputs: dict[str, object], form: str, size: tuple[int, int]
) -> None:
    """Whatever model stands in the front."""
    output = (await run(runner, prompt=LAKE, **inputs)).output
    with opened(output[0] if isinstance(output, list) else output) as picture:
        assert (picture.format, picture.size) == (form, size)


async def test_a_rehearsed_log_has_the_form_and_counts_of_the_real_one(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two pictures of 3:2 at auto quality count 12416 tokens, as on the page."""
    inputs = {"openai_api_key": "k", "aspect_ratio": "3:2", "number_of_images": 2}
    outcome = await run(GptImage1, prompt=LAKE, **inputs)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:] == [
        "Generated 2 images",
        "Input text token count: 11",
        "Input image token count: 0",
        "Output token count: 12416",
    ]
    assert outcome.metrics == {"image_count": 2}
    assert outcome.output[0].read_bytes() != outcome.output[1].read_bytes()


async def test_the_same_request_gives_the_same_picture() -> None:
    """Also without a seed: tests in test mode can rely on it."""
    request = ImageRequest(model="m", prompt=LAKE, size=(256, 256))
    first, second = [await Rehearsal().generate(request) for _ in range(2)]
    assert first == second
    assert first.upstream == "test"
    assert first.usage is None


async def test_a_live_route_to_the_sketch_paints_and_says_so() -> None:
    """Directives are for test mode, and a substitute gives its name."""
    request = ImageRequest(model="sketch", prompt=f"{LAKE} [[fail: no]]", size=(256, 256))
    result = await SketchUpstream().generate(request)
    assert result.upstream == "sketch:sketch"
    assert result.usage is None


async def test_auto_takes_the_shape_of_the_first_input() -> None:
    """As an edit would, and the input is counted."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 200), "red").save(buffer, "PNG")
    image = buffer.getvalue()
    request = ImageRequest(model="gpt-image-2", prompt=LAKE, aspect_ratio="auto", images=(image,))
    result = await Rehearsal().generate(request)
    with Image.open(io.BytesIO(content_of(result.pictures[0]))) as picture:
        assert picture.size == (1456, 720)
    assert result.usage is not None
    assert result.usage.input_image_tokens == 361


async def test_an_input_that_is_no_picture_is_the_callers_failure() -> None:
    """The message is fit to be shown."""
    request = ImageRequest(model="gpt-image-2", prompt=LAKE, images=(b"no picture",))
    with pytest.raises(RunFailed):
        await Rehearsal().generate(request)


async def test_the_sketch_numbers_its_pictures_and_tells_its_seed(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same seed paints the same again."""
    inputs = {"prompt": LAKE, "seed": 7, "width": 256, "height": 256}
    two = await run(Sketch, num_outputs=2, output_format="png", transparent=True, **inputs)
    assert [path.name for path in two.output] == ["out-0.png", "out-1.png"]
    assert two.metrics == {"image_count": 2}
    with opened(two.output[0]) as picture:
        assert picture.mode == "RGBA"
    one = await run(Sketch, output_format="jpg", transparent=True, **inputs)
    again = await run(Sketch, output_format="jpg", **inputs)
    assert one.output[0].read_bytes() == again.output[0].read_bytes()
    await run(Sketch, prompt=LAKE, width=256, height=256)
    seeds = capsys.readouterr().out.splitlines()
    assert seeds[:3] == ["Using seed: 7"] * 3
    assert seeds[3].removeprefix("Using seed: ").isdigit()
