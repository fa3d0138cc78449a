"""What the official client asks of the models, as it arrives at their providers."""

import base64
import io
import json
from collections.abc import Generator, Mapping
from typing import Any, NamedTuple

import pytest
from PIL import Image
from tests.clients.providing import (
    GPT_1,
    GPT_2,
    IMAGEN,
    IMAGEN_4,
    OCEAN,
    Providers,
    holds_a_key,
    providing,
)
from tests.standins.openai import read_form
from tests.standins.openai_errors import KEY as OPENAI_KEY
from tests.standins.pictures import SVG, paint

_PNG = paint((40, 20))


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Generator[Providers]:
    """As it is after an installation; only Imagen is asked for as it was."""
    routes = f"{IMAGEN}=google:{IMAGEN_4}"
    with providing(tmp_path_factory.mktemp("wire"), SAFELIGHT_ROUTES=routes) as started:
        yield started


def sent(providers: Providers, model: str, **value: object) -> tuple[str, Mapping[str, Any]]:
    """Run it; give the path and the fields that arrived, in their order."""
    providers.seen()
    providers.run(model, value.pop("prompt", "a cat"), **value)
    (seen,) = providers.seen()
    assert "response_format" not in seen.body.decode("latin-1")
    if seen.path.startswith("/v1/images/"):
        return seen.path, read_form(seen).fields
    return seen.path, json.loads(seen.body)


GENERATION = {
    "model": "gpt-image-2",
    "prompt": "a cat",
    "background": "auto",
    "moderation": "auto",
    "n": 1,
    "output_compression": 90,
    "output_format": "webp",
    "quality": "auto",
    "size": "1024x1024",
}


class Case(NamedTuple):
    """Inputs beside the prompt and the key, and what of them arrives in place of the defaults."""

    inputs: Mapping[str, object]
    sent: Mapping[str, object]


OPENAI_CASES = (
    Case({}, {}),
    Case({"aspect_ratio": "1:1"}, {"size": "1024x1024"}),
    Case({"aspect_ratio": "3:2"}, {"size": "1536x1024"}),
    Case({"aspect_ratio": "2:3"}, {"size": "1024x1536"}),
    Case({"number_of_images": 3}, {"n": 3}),
    *(Case({"quality": q}, {"quality": q}) for q in ("low", "medium", "high", "auto")),
    *(Case({"background": b}, {"background": b}) for b in ("auto", "transparent", "opaque")),
    *(Case({"moderation": m}, {"moderation": m}) for m in ("auto", "low")),
    Case({"output_format": "jpeg"}, {"output_format": "jpeg"}),
    Case({"output_format": "webp", "output_compression": 7}, {"output_compression": 7}),
    Case({"output_format": "png"}, {"output_format": "png", "output_compression": None}),
    Case(
        {"output_format": "png", "output_compression": 100},
        {"output_format": "png", "output_compression": None},
    ),
    Case({"user_id": "u-1"}, {"user": "u-1"}),
    Case({"user_id": ""}, {}),
)
"""Those of both models; None is what must not arrive."""
GPT_2_SIZES = {
    "16:9": "2048x1152",
    "9:16": "1152x2048",
    "auto": "auto",
    **{
        size: size
        for size in (
            "1024x1024",
            "1536x1024",
            "1024x1536",
            "2048x2048",
            "2048x1152",
            "1152x2048",
            "3840x2160",
            "2160x3840",
        )
    },
}
"""The aspect ratios that only gpt-image-2 has; with the three of both they are all fourteen."""


@pytest.mark.parametrize("model", [GPT_1, GPT_2])
@pytest.mark.parametrize("case", OPENAI_CASES, ids=lambda case: str(case.inputs))
def test_a_generation(providers: Providers, model: str, case: Case) -> None:
    """Each input, under OpenAI's name, and nothing else."""
    wanted = {name: text for name, text in (GENERATION | case.sent).items() if text is not None}
    assert sent(providers, model, **case.inputs) == ("/v1/images/generations", wanted)


@pytest.mark.parametrize(("ratio", "size"), GPT_2_SIZES.items())
def test_every_other_ratio_of_gpt_image_2(providers: Providers, ratio: str, size: str) -> None:
    """Exact sizes pass through; `auto` is OpenAI's choice."""
    inputs = {"aspect_ratio": ratio, "quality": "low", "output_format": "jpeg"}
    assert sent(providers, GPT_2, **inputs)[1]["size"] == size


def test_input_fidelity_is_not_sent_to_who_refuses_it(providers: Providers) -> None:
    """Nor on a generation, which knows it of no model."""
    for images in ([], [_data_url(_PNG)]):
        fields = sent(providers, GPT_1, input_fidelity="high", input_images=images)[1]
        assert "input_fidelity" not in fields


def test_input_fidelity_reaches_an_edit_by_a_model_that_knows_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """One that an operator still has at another address."""
    folder = tmp_path_factory.mktemp("old")
    with providing(folder, SAFELIGHT_ROUTES=f"{GPT_1}=openai:gpt-image-1") as old:
        generation = sent(old, GPT_1, input_fidelity="high")[1]
        assert (generation["model"], "input_fidelity" in generation) == ("gpt-image-1", False)
        for fidelity in ("low", "high"):
            edit = sent(old, GPT_1, input_fidelity=fidelity, input_images=[_data_url(_PNG)])[1]
            assert (edit["model"], edit["input_fidelity"]) == ("gpt-image-1", fidelity)


@pytest.mark.parametrize("model", [GPT_1, GPT_2])
def test_an_edit(providers: Providers, model: str) -> None:
    """Multipart, with every picture to the byte, its real type and a name."""
    pictures = [paint((40, 20)), paint((16, 16), "jpeg"), paint((30, 10), "webp")]
    providers.seen()
    files = [io.BytesIO(pictures[0]), *(_data_url(one) for one in pictures[1:])]
    inputs = {"input_images": files, "moderation": "low", "user_id": "u-1", "quality": "low"}
    providers.run(model, "a cat", **inputs)
    (seen,) = providers.seen()
    assert (seen.method, seen.path) == ("POST", "/v1/images/edits")
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    form = read_form(seen)
    assert [(field, kind, content) for field, _, kind, content in form.files] == [
        ("image[]", "image/png", pictures[0]),
        ("image[]", "image/jpeg", pictures[1]),
        ("image[]", "image/webp", pictures[2]),
    ]
    assert [name for _, name, _, _ in form.files] == ["image-0.png", "image-1.jpg", "image-2.webp"]
    assert form.fields == GENERATION | {"moderation": "low", "user": "u-1", "quality": "low"}


def test_what_the_api_refuses_is_made_fit(providers: Providers) -> None:
    """A GIF, an inked JPEG and a turned one arrive as what it reads."""
    out = io.BytesIO()
    Image.new("CMYK", (8, 8)).save(out, "jpeg")
    images = [_data_url(paint((8, 8), "gif")), _data_url(out.getvalue())]
    providers.seen()
    providers.run(GPT_2, "a cat", input_images=images)
    (seen,) = providers.seen()
    assert [kind for _, _, kind, _ in read_form(seen).files] == ["image/png", "image/jpeg"]


def test_what_cannot_be_made_fit_is_refused_before_the_call(providers: Providers) -> None:
    """Nothing is sent, so nothing is paid."""
    providers.seen()
    many = [_data_url(paint((8, 8)))] * 17
    error = "OpenAI takes at most 16 input images, not 17. Send fewer."
    assert providers.fail(GPT_2, "a cat", input_images=many).error == error
    text = providers.fail(GPT_2, "a cat", input_images=["data:text/plain,hello"]).error or ""
    assert text.startswith("input.input_images.0: the data URI holds no image")
    drawing = ["data:image/svg+xml;base64," + base64.b64encode(SVG).decode()]
    text = providers.fail(GPT_2, "a cat", input_images=drawing).error or ""
    assert text.startswith("input.input_images.0: the data URI holds no image: its bytes are svg")
    assert providers.seen() == []


def test_the_key_goes_in_its_header_alone(providers: Providers) -> None:
    """As a bearer, and nowhere in what is kept, shown or printed."""
    providers.seen()
    providers.run(GPT_1, "a cat")
    (seen,) = providers.seen()
    assert seen.headers["authorization"] == f"Bearer {OPENAI_KEY}"
    assert not holds_a_key(seen.body.decode())
    shown = providers.client.predictions.list().results[0]
    assert (shown.input or {})["openai_api_key"] == "[REDACTED]"
    assert not holds_a_key(providers.server.printed.decode())


LINES = [
    "Generated image in #sec",
    "Generated 2 images",
    "Input text token count: #",
    "Input image token count: #",
    "Output token count: #",
]


@pytest.mark.parametrize(
    ("model", "first", "last"),
    [
        (
            GPT_1,
            ["Generating image...", "Image size: #KB"],
            ["openai/gpt-image-1: OpenAI shut this model down on #; openai:gpt-image-2 answered."],
        ),
        (
            GPT_2,
            ["Model check completed.", "Model: gpt-image-2", "Generating image...", "Sid #"],
            [],
        ),
    ],
)
def test_the_log_has_the_published_lines(
    providers: Providers, model: str, first: list[str], last: list[str]
) -> None:
    """In their order and spelling, without an end after the last; who answered comes after them."""
    providers.run(model, "a cat", number_of_images=2, input_images=[_data_url(_PNG)])
    logs = providers.client.predictions.list().results[0].logs or ""
    lines = logs.split("\n")
    wanted = [*first, *LINES, *last]
    assert len(lines) == len(wanted)
    for line, form in zip(lines, wanted, strict=True):
        before, _, after = form.partition("#")
        assert line.startswith(before)
        assert line.endswith(after)
        assert (line == form) is ("#" not in form)


IMAGEN_PIXELS = {
    "1:1": (1024, 1024),
    "3:4": (896, 1280),
    "4:3": (1280, 896),
    "9:16": (768, 1408),
    "16:9": (1408, 768),
}
TIGHTENED = "BLOCK_LOW_AND_ABOVE"
"""The only level that the Gemini API takes."""


@pytest.mark.parametrize("ratio", IMAGEN_PIXELS)
@pytest.mark.parametrize("wanted", ["jpg", "png"])
def test_imagen(providers: Providers, ratio: str, wanted: str) -> None:
    """One picture, its ratio and its format; a filtered one has to be accounted for."""
    path, body = sent(providers, IMAGEN, aspect_ratio=ratio, output_format=wanted)
    output = {
        "jpg": {"mimeType": "image/jpeg", "compressionQuality": 75},
        "png": {"mimeType": "image/png"},
    }
    assert path == f"/v1beta/models/{IMAGEN_4}:predict"
    assert body == {
        "instances": [{"prompt": "a cat"}],
        "parameters": {
            "sampleCount": 1,
            "aspectRatio": ratio,
            "safetySetting": TIGHTENED,
            "includeRaiReason": True,
            "outputOptions": output[wanted],
        },
    }


@pytest.fixture(scope="module")
def successor(tmp_path_factory: pytest.TempPathFactory) -> Generator[Providers]:
    """A server with its default routes."""
    with providing(tmp_path_factory.mktemp("successor")) as started:
        yield started


@pytest.mark.parametrize("ratio", IMAGEN_PIXELS)
@pytest.mark.parametrize(
    "level", ["block_low_and_above", "block_medium_and_above", "block_only_high"]
)
def test_imagens_successor(successor: Providers, ratio: str, level: str) -> None:
    """Which takes every level, thinks as little as it can and paints at the size of Imagen."""
    path, body = sent(successor, IMAGEN, aspect_ratio=ratio, safety_filter_level=level)
    assert path == "/v1/models/gemini-3.1-flash-image:generateContent"
    assert body["contents"] == [{"parts": [{"text": "a cat"}], "role": "user"}]
    assert {one["threshold"] for one in body["safetySettings"]} == {level.upper()}
    assert body["generationConfig"] == {
        "responseModalities": ["IMAGE"],
        "thinkingConfig": {"thinkingLevel": "MINIMAL"},
        "imageConfig": {"aspectRatio": ratio, "imageSize": "1K"},
    }


def test_imagens_successor_gives_the_format_that_was_asked_for(successor: Providers) -> None:
    """It paints PNG only, which becomes a JPEG where one is asked for."""
    for wanted, form in (("jpg", "JPEG"), ("png", "PNG")):
        output = successor.run(IMAGEN, "a cat", output_format=wanted)
        with Image.open(io.BytesIO(output.read())) as picture:
            assert picture.format == form


OCEAN_DEFAULTS = {
    "prompt": "a cat",
    "aspect_ratio": "1:1",
    "steps": 4,
    "output_format": "png",
    "return_type": "base64",
}
OCEAN_CASES = (
    Case({}, {}),
    *(
        Case({"aspect_ratio": ratio}, {"aspect_ratio": ratio})
        for ratio in ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16")
    ),
    Case({"aspect_ratio": "9:21"}, {"aspect_ratio": "9:21"}),
    Case({"width": 800, "height": 600}, {"width": 800, "height": 600}),
    Case({"steps": 90}, {"steps": 90}),
    Case({"output_format": "svg"}, {"output_format": "svg"}),
    Case({"url": "https://example.com/a.png"}, {"url": "https://example.com/a.png"}),
    Case({"file_store_key": "k"}, {"file_store_key": "k"}),
    Case({"negative_prompt": "x"}, {"advance_config": {"negative_prompt": "x"}}),
    Case({"guidance": 7.5}, {"advance_config": {"guidance": 7.5}}),
    Case({"seed": 0}, {"advance_config": {"seed": 0}}),
    Case(
        {"seed": 1, "guidance": 7, "negative_prompt": "x"},
        {"advance_config": {"seed": 1, "guidance": 7, "negative_prompt": "x"}},
    ),
)


@pytest.mark.parametrize("case", OCEAN_CASES, ids=lambda case: str(case.inputs))
def test_jigsawstack(providers: Providers, case: Case) -> None:
    """Each input, the flat knobs under `advance_config`, and nothing else."""
    path, body = sent(providers, OCEAN, **case.inputs)
    assert path == "/v1/ai/image_generation"
    assert body == OCEAN_DEFAULTS | case.sent


def test_jigsawstack_behind_a_base_url_that_ends_in_a_slash(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The SDK's own default does: both spellings lead there."""
    with providing(tmp_path_factory.mktemp("slash")) as first:
        url = f"{first.jigsawstack.origin}/"
        with providing(tmp_path_factory.mktemp("slashed"), JIGSAWSTACK_API_URL=url) as slashed:
            assert slashed.run(OCEAN, "a cat").read()
        (seen,) = first.jigsawstack.seen
        assert seen.path == "/v1/ai/image_generation"


def _data_url(content: bytes) -> str:
    with Image.open(io.BytesIO(content)) as picture:
        media_type = Image.MIME[picture.format or ""]
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
