"""What each model prints and measures, and how it names its files."""

import re
from typing import Any

import pytest

from safelight.catalog.google.imagen_4_fast import Imagen4Fast
from safelight.catalog.jigsawstack.image_generation import ImageGeneration
from safelight.catalog.openai.gpt_image_1 import GptImage1
from safelight.catalog.openai.gpt_image_2 import GptImage2
from safelight.catalog.safelight.echo import Echo
from safelight.errors import RunFailed
from safelight.upstream import ImageRequest, ImageResult, Usage

USAGE = Usage(input_tokens=22, input_image_tokens=0, output_tokens=12416)
SHUT = "shut this model down on"


async def test_gpt_image_1_logs_as_on_its_page(
    run: Any, recorder_type: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines are those of the published prediction."""
    upstream = recorder_type("openai:gpt-image-1", USAGE)
    outcome = await run(GptImage1, upstream, openai_api_key="k", prompt="x", number_of_images=2)
    assert capsys.readouterr().out.splitlines() == [
        "Generating image...",
        "Generated image in 0.0sec",
        "Generated 2 images",
        "Input text token count: 22",
        "Input image token count: 0",
        "Output token count: 12416",
    ]
    assert outcome.metrics == {"image_count": 2, "upstream": "openai:gpt-image-1"}


async def test_gpt_image_1_logs_the_size_of_each_input(
    run: Any, recorder_type: Any, picture_urls: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """After the first line, in kilobytes with one decimal."""
    upstream = recorder_type("openai:gpt-image-1")
    await run(GptImage1, upstream, openai_api_key="k", prompt="x", input_images=picture_urls)
    assert capsys.readouterr().out.splitlines() == [
        "Generating image...",
        "Image size: 378.3KB",
        "Image size: 0.5KB",
        "Generated image in 0.0sec",
        "Generated 1 images",
    ]


async def test_gpt_image_2_logs_as_on_its_page(
    run: Any, recorder_type: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the call's own id, and without a count in the metrics."""
    usage = Usage(input_tokens=456, input_image_tokens=361, output_tokens=1372)
    outcome = await run(GptImage2, recorder_type("openai:gpt-image-2", usage), prompt="x")
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Sid [0-9a-z]{26}", lines.pop(3))
    assert lines == [
        "Model check completed.",
        "Model: gpt-image-2",
        "Generating image...",
        "Generated image in 0.0sec",
        "Generated 1 images",
        "Input text token count: 456",
        "Input image token count: 361",
        "Output token count: 1372",
    ]
    assert outcome.metrics == {"upstream": "openai:gpt-image-2"}


@pytest.mark.parametrize(
    ("runner", "inputs", "answered", "line"),
    [
        (
            GptImage1,
            {"openai_api_key": "k"},
            "openai:gpt-image-2",
            f"openai/gpt-image-1: OpenAI {SHUT} 2026-10-23; openai:gpt-image-2 answered.",
        ),
        (GptImage2, {}, "local:z-image", "openai/gpt-image-2: local:z-image answered."),
        (
            Imagen4Fast,
            {},
            "google:gemini-3.1",
            f"google/imagen-4-fast: Google {SHUT} 2026-08-17; google:gemini-3.1 answered.",
        ),
        (
            ImageGeneration,
            {"api_key": "k"},
            "openai:gpt-image-2",
            "jigsawstack/image-generation: openai:gpt-image-2 answered.",
        ),
    ],
)
async def test_a_successor_is_never_used_in_silence(  # noqa: PLR0917 - a table's columns and fixtures
    run: Any,
    recorder_type: Any,
    capsys: pytest.CaptureFixture[str],
    runner: Any,
    inputs: dict[str, str],
    answered: str,
    line: str,
) -> None:
    """The last line says who answered, and why."""
    await run(runner, recorder_type(answered), prompt="x", **inputs)
    assert capsys.readouterr().out.splitlines()[-1] == line


@pytest.mark.parametrize(
    "answered", ["openai:gpt-image-2", "openai:gpt-image-2-2026-04-21", "test"]
)
async def test_the_model_itself_and_a_rehearsal_need_no_explanation(
    run: Any, recorder_type: Any, capsys: pytest.CaptureFixture[str], answered: str
) -> None:
    """Nothing is said when nothing was substituted."""
    await run(GptImage2, recorder_type(answered), prompt="x")
    assert "answered" not in capsys.readouterr().out


async def test_the_models_without_logs_print_nothing(
    run: Any, recorder_type: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Imagen counts its picture, JigsawStack does not, echo does nothing at all."""
    imagen = recorder_type("google:imagen-4.0-fast-generate-001")
    metrics = (await run(Imagen4Fast, imagen, prompt="x")).metrics
    assert metrics == {"image_count": 1, "upstream": "google:imagen-4.0-fast-generate-001"}
    jigsaw = recorder_type("jigsawstack:image_generation")
    metrics = (await run(ImageGeneration, jigsaw, prompt="x", api_key="k")).metrics
    assert metrics == {"upstream": "jigsawstack:image_generation"}
    assert await run(Echo, prompt="hi") == ("hi", {})
    assert not capsys.readouterr().out


async def test_files_are_named_as_on_the_pages(run: Any, recorder: Any) -> None:
    """Random names for OpenAI, `output` for single files; the suffix is the real format's."""
    many = (await run(GptImage2, recorder, prompt="x", number_of_images=3)).output
    assert all(re.fullmatch(r"tmp[a-z0-9_]{8}\.webp", path.name) for path in many)
    assert [path.read_bytes() for path in many] == [b"picture 0", b"picture 1", b"picture 2"]
    names = [
        (await run(Imagen4Fast, recorder, prompt="x")).output.name,
        (await run(Imagen4Fast, recorder, prompt="x", output_format="png")).output.name,
        (await run(ImageGeneration, recorder, prompt="x", api_key="k")).output.name,
        (
            await run(ImageGeneration, recorder, prompt="x", api_key="k", output_format="svg")
        ).output.name,
    ]
    assert names == ["output.jpg", "output.png", "output.png", "output.svg"]


class Empty:
    async def generate(self, request: ImageRequest, *others: object) -> ImageResult:  # noqa: ARG002 - the contract's
        return ImageResult(pictures=(), upstream="google:imagen-4.0-fast-generate-001")


async def test_an_answer_without_a_picture_is_a_failure(run: Any) -> None:
    """A model that owes a file says so instead of raising an index error."""
    with pytest.raises(RunFailed, match="without a picture"):
        await run(Imagen4Fast, Empty(), prompt="x")
