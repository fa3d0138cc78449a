"""Vercel's AI SDK with its provider for Replicate, in Node.js."""

import io
from typing import Any

import pytest
from PIL import Image
from tests.clients.conftest import Run
from tests.clients.pictures import form, picture

START = """
import { createReplicate } from "@ai-sdk/replicate";
import { generateImage } from "ai";
const replicate = createReplicate({ baseURL: process.env.REPLICATE_BASE_URL });
const tell = (value) => console.log(JSON.stringify(value));
const thrown = async (options) => {
  try { await generateImage({ maxRetries: 0, ...options }); } catch (error) {
    return [error.name, error.message];
  }
};
"""


@pytest.fixture
def vercel(run_node: Run) -> Run:
    """Runs some lines with the provider `replicate`; what they `tell` is the result."""

    def vercel(lines: str) -> Any:
        # The package prints its warnings unless it is told not to.
        return run_node(f"{START}globalThis.AI_SDK_LOG_WARNINGS = false;{lines}").value

    return vercel


@pytest.mark.parametrize(
    ("model", "options", "kind", "shape"),
    [
        ("openai/gpt-image-2", "{ aspectRatio: '3:2' }", "image/webp", 3 / 2),
        ("openai/gpt-image-2", "{ size: '1024x1536', seed: 7 }", "image/webp", None),
        ("google/imagen-4-fast", "{ aspectRatio: '4:3', seed: 7 }", "image/jpeg", 4 / 3),
        ("google/imagen-4-fast", "{ size: '1024x1024' }", "image/jpeg", 1.0),
        ("safelight/sketch", "{ aspectRatio: '16:9', seed: 7 }", "image/webp", 16 / 9),
        ("jigsawstack/image-generation", "{ aspectRatio: '1:1' }", "image/png", 1.0),
    ],
)
def test_an_image_is_generated(
    vercel: Run, model: str, options: str, kind: str, shape: float | None
) -> None:
    """What the model does not know of the fixed vocabulary is ignored, the rest is obeyed."""
    told: Any = vercel(f"""
        const {{ image, warnings }} = await generateImage({{
          model: replicate.image("{model}"), prompt: "a red fox", ...{options},
          providerOptions: {{ replicate: {{ api_key: "none" }} }},
        }});
        tell([image.mediaType, Buffer.from(image.uint8Array).toString("hex"), warnings]);
    """)
    assert told[0] == kind
    content = bytes.fromhex(told[1])
    assert f"image/{(form(content) or '').lower()}" == kind
    with Image.open(io.BytesIO(content)) as opened:
        assert shape is None or opened.width / opened.height == pytest.approx(shape, rel=0.08)
    assert told[2] == []


def test_the_same_seed_gives_the_same_picture(vercel: Run) -> None:
    """And another one does not."""
    told: Any = vercel("""
        const make = async (seed) => (await generateImage({
          model: replicate.image("safelight/sketch"), prompt: "a fox", seed,
        })).image.base64;
        const [first, again, other] = [await make(1), await make(1), await make(2)];
        tell([first === again, first === other]);
    """)
    assert told == [True, False]


def test_several_images_are_several_predictions(vercel: Run) -> None:
    """The package asks for one at a time."""
    told: Any = vercel("""
        const { images } = await generateImage({
          model: replicate.image("google/imagen-4-fast"), prompt: "a fox", n: 3,
        });
        tell(images.map((image) => image.base64));
    """)
    assert [form(content) for content in told] == ["JPEG"] * 3


def test_a_version_can_be_named(vercel: Run) -> None:
    """It is sent by the other create."""
    told: Any = vercel("""
        const url = `${process.env.REPLICATE_BASE_URL}/models/safelight/sketch`;
        const headers = { authorization: `Bearer ${process.env.REPLICATE_API_TOKEN}` };
        const { latest_version: { id } } = await (await fetch(url, { headers })).json();
        const model = replicate.imageModel(`safelight/sketch:${id}`);
        tell((await generateImage({ model, prompt: "a fox" })).image.mediaType);
    """)
    assert told == "image/webp"


def test_a_slow_image_is_polled_for(vercel: Run) -> None:
    """After a wait that was too short."""
    told: Any = vercel("""
        const { image } = await generateImage({
          model: replicate.image("google/imagen-4-fast"), prompt: "a fox [[delay: 1500ms]]",
          providerOptions: { replicate: { maxWaitTimeInSeconds: 1, pollIntervalMillis: 50 } },
        });
        tell(image.base64);
    """)
    assert form(told) == "JPEG"


def test_a_picture_can_be_given(vercel: Run) -> None:
    """It comes as a data URI under the name `image`, which not every model knows."""
    told: Any = vercel(f"""
        const images = [Buffer.from("{picture().hex()}", "hex")];
        const {{ image }} = await generateImage({{
          model: replicate.image("openai/gpt-image-2"), prompt: {{ text: "a fox", images }},
        }});
        tell(image.base64);
    """)
    assert form(told) == "WEBP"


def test_failures_and_refusals_are_thrown_in_words(vercel: Run) -> None:
    """A failed run, a bad input, an unknown model, a wrong token."""
    told: Any = vercel("""
        const model = replicate.image("openai/gpt-image-2"), prompt = "a fox";
        const stranger = createReplicate({
          baseURL: process.env.REPLICATE_BASE_URL, apiToken: "r8_wrong",
        });
        tell([
          await thrown({ model, prompt: "[[fail: no luck]]" }),
          await thrown({ model, prompt, aspectRatio: "7:5" }),
          await thrown({ model: replicate.image("nope/nope"), prompt }),
          await thrown({ model: stranger.image("openai/gpt-image-2"), prompt }),
        ]);
    """)
    failed, bad, unknown, stranger = (message for _, message in told)
    assert failed.endswith("failed: no luck")
    assert "aspect_ratio" in bad
    assert unknown == "The requested resource could not be found."
    assert "token" in stranger
