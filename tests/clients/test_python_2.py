"""Python's next official client, a pre-release of 2.0."""

import base64
import io
from typing import Any

import pytest
from PIL import Image
from tests.clients.conftest import Run

OCEAN = "43d5bce2e1c97fa1e7d8996187a85cd5c882787989091af3b135c7a16ca23b79"


def _form(content: str) -> str | None:
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        return image.format


@pytest.mark.parametrize(
    ("reference", "value", "form"),
    [
        ("openai/gpt-image-1", {"openai_api_key": "none", "number_of_images": 2}, "WEBP"),
        ("openai/gpt-image-2", {"aspect_ratio": "3:2"}, "WEBP"),
        ("google/imagen-4-fast", {"aspect_ratio": "4:3"}, "JPEG"),
        (f"jigsawstack/image-generation:{OCEAN}", {"api_key": "none"}, "PNG"),
        ("safelight/sketch", {"width": 256, "height": 256}, "WEBP"),
    ],
)
def test_run_gives_files_that_can_be_read(
    python: Run, reference: str, value: dict[str, Any], form: str
) -> None:
    """From each model in the box, with the base URL of the older client."""
    told: Any = python(f"""
output = replicate.run({reference!r}, input={{"prompt": "a", **{value!r}}})
files = output if isinstance(output, list) else [output]
tell([[file.url, read(file)] for file in files])
""")
    for url, content in told:
        assert url.startswith("https://127.0.0.1:")
        assert _form(content) == form


def test_run_gives_text_and_raises_failures(python: Run) -> None:
    """With the prediction's error."""
    told: Any = python("""
from replicate.lib._predictions_run import ModelError
text = replicate.run("safelight/echo", input={"prompt": "hello"})
try:
    replicate.run("safelight/echo", input={"prompt": "[[fail: no luck]]"})
except ModelError as error:
    tell([text, str(error)])
""")
    assert told == ["hello", "no luck"]


def test_a_model_can_be_used_as_a_function(python: Run) -> None:
    """Made from its schema."""
    told: Any = python("""
echo = replicate.use("safelight/echo")
paint = replicate.use("safelight/sketch")
pictures = paint(prompt="a", width=256, height=256, num_outputs=2)
tell([echo(prompt="hello"), [base64.b64encode(open(p, "rb").read()).decode() for p in pictures]])
""")
    assert told[0] == "hello"
    assert [_form(content) for content in told[1]] == ["WEBP", "WEBP"]
