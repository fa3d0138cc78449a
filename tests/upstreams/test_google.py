"""Google: Gemini and Imagen, at both services, as they are asked and answer."""

import io
import json

import pytest
from PIL import Image
from tests.standins.google import KEY, GoogleStandIn
from tests.standins.pictures import paint
from tests.support.contents import content_of
from tests.upstreams.failing import failure
from tests.upstreams.googling import GEMINI, IMAGEN, asking, upstream

from safelight.catalog.formats import in_format
from safelight.outbound.client import Client
from safelight.upstream import Fault, Format, Usage
from safelight.upstreams.google import GoogleConfig


@pytest.mark.parametrize(
    ("vertex", "path", "output"),
    [
        (False, f"/v1/models/{GEMINI}:generateContent", {}),
        (
            True,
            f"/v1beta1/publishers/google/models/{GEMINI}:generateContent",
            {"imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 75}},
        ),
    ],
)
async def test_gemini_is_asked_for_one_picture_and_no_words(
    client: Client, google: GoogleStandIn, vertex: bool, path: str, output: dict[str, object]
) -> None:
    """Only Vertex can be told the format."""
    request = asking(aspect_ratio="4:3", format="jpeg", compression=75)
    await upstream(client, google, vertex=vertex).generate(request)
    (seen,) = google.seen
    assert (seen.method, seen.path) == ("POST", path)
    assert seen.headers["x-goog-api-key"] == KEY
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-server-timeout"] == "300"
    assert json.loads(seen.body) == {
        "contents": [{"parts": [{"text": "hi"}], "role": "user"}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "thinkingConfig": {"thinkingLevel": "MINIMAL"},
            "imageConfig": {"aspectRatio": "4:3", "imageSize": "1K"} | output,
        },
    }


async def test_other_gemini_models_are_left_to_think_as_they_do(
    client: Client, google: GoogleStandIn
) -> None:
    """The level is for the model that Google names as a successor, the size for its kind."""
    await upstream(client, google).generate(asking(model="gemini-2.5-flash-image"))
    assert json.loads(google.seen[0].body)["generationConfig"] == {
        "responseModalities": ["IMAGE"],
        "imageConfig": {"aspectRatio": "1:1"},
    }


async def test_gemini_gets_pictures_and_the_safety_level(
    client: Client, google: GoogleStandIn
) -> None:
    """Pictures go inline with their real type, and the level holds for all four harms."""
    request = asking(images=(paint(form="webp"),), safety_filter_level="block_only_high")
    await upstream(client, google).generate(request)
    body = json.loads(google.seen[0].body)
    assert body["contents"][0]["parts"][1]["inlineData"]["mimeType"] == "image/webp"
    assert [s["threshold"] for s in body["safetySettings"]] == ["BLOCK_ONLY_HIGH"] * 4


async def test_geminis_answer_has_the_picture_and_not_its_drafts(
    client: Client, google: GoogleStandIn
) -> None:
    """Thoughts hold pictures too; they are not the result, but they are billed as output."""
    result = await upstream(client, google).generate(asking(aspect_ratio="4:3"))
    (picture,) = result.pictures
    assert Image.open(io.BytesIO(content_of(picture))).size == (1280, 896)
    assert picture.media_type == "image/png"
    assert result.usage == Usage(input_tokens=265, input_image_tokens=258, output_tokens=1150)
    assert (result.upstream, result.request_id) == (f"google:{GEMINI}", "r-1")


@pytest.mark.parametrize("word", ["no-usage", "odd-usage", "half-usage", "null-usage"])
async def test_a_picture_is_not_thrown_away_for_its_usage(
    client: Client, google: GoogleStandIn, word: str
) -> None:
    """It is paid for; how much is then not known, which is not the same as nothing."""
    result = await upstream(client, google).generate(asking(f"!{word}"))
    assert (len(result.pictures), result.usage) == (1, None)


async def test_a_picture_is_not_thrown_away_for_another_that_is_none(
    client: Client, google: GoogleStandIn
) -> None:
    """One is what was asked for."""
    result = await upstream(client, google).generate(asking("!spoiled-draft"))
    assert [picture.media_type for picture in result.pictures] == ["image/png"]


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_imagen_on_vertex_is_told_all_that_it_knows(
    client: Client, google: GoogleStandIn, version: str
) -> None:
    """But a seed, which would take away the watermark."""
    request = asking(
        model=IMAGEN,
        aspect_ratio="4:3",
        safety_filter_level="block_only_high",
        format="jpeg",
        compression=80,
        negative_prompt="x",
        seed=3,
    )
    ours = upstream(client, google, vertex=True, api_version=version)
    result = await ours.generate(request)
    (seen,) = google.seen
    assert seen.path == f"/{version}/publishers/google/models/{IMAGEN}:predict"
    assert json.loads(seen.body) == {
        "instances": [{"prompt": "hi"}],
        "parameters": {
            "negativePrompt": "x",
            "sampleCount": 1,
            "aspectRatio": "4:3",
            "safetySetting": "BLOCK_ONLY_HIGH",
            "includeRaiReason": True,
            "outputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
        },
    }
    assert [p.media_type for p in result.pictures] == ["image/jpeg"]


async def test_imagen_on_the_gemini_api_is_spared_what_that_refuses(
    client: Client, google: GoogleStandIn
) -> None:
    """No negative prompt."""
    request = asking(model=IMAGEN, negative_prompt="x", count=2)
    result = await upstream(client, google).generate(request)
    (seen,) = google.seen
    assert seen.path == f"/v1beta/models/{IMAGEN}:predict"
    assert json.loads(seen.body)["parameters"] == {
        "sampleCount": 2,
        "aspectRatio": "1:1",
        "includeRaiReason": True,
        "outputOptions": {"mimeType": "image/png"},
    }
    assert len(result.pictures) == 2


@pytest.mark.parametrize(
    ("level", "logged"),
    [
        (
            "block_only_high",
            (
                "Google's Gemini API takes no safety filter level but block_low_and_above:"
                " block_only_high was tightened to it.\n"
            ),
        ),
        ("block_low_and_above", ""),
    ],
)
async def test_a_level_that_the_gemini_api_refuses_is_tightened_and_logged(
    client: Client,
    google: GoogleStandIn,
    capsys: pytest.CaptureFixture[str],
    level: str,
    logged: str,
) -> None:
    """For Imagen it takes one level alone; never is a laxer one sent than was asked for."""
    await upstream(client, google).generate(asking(model=IMAGEN, safety_filter_level=level))
    sent = json.loads(google.seen[0].body)["parameters"]["safetySetting"]
    assert sent == "BLOCK_LOW_AND_ABOVE"
    assert capsys.readouterr().out == logged


@pytest.mark.parametrize(
    ("model", "more", "ratio", "is_logged"),
    [
        (IMAGEN, {"aspect_ratio": "3:4", "size": (896, 1280)}, "3:4", False),
        (IMAGEN, {"aspect_ratio": "3:2"}, "4:3", True),
        (IMAGEN, {"aspect_ratio": "9:21"}, "9:16", True),
        (IMAGEN, {"aspect_ratio": "auto"}, None, False),
        (GEMINI, {"aspect_ratio": "3:4", "size": (896, 1280)}, "3:4", False),
        (GEMINI, {"aspect_ratio": "2048x1152", "size": (2048, 1152)}, "16:9", False),
        (GEMINI, {"aspect_ratio": "1:1", "size": (512, 256)}, "16:9", True),
        (GEMINI, {"aspect_ratio": "9:21"}, "9:16", True),
        (GEMINI, {"aspect_ratio": "auto"}, None, False),
    ],
)
async def test_a_ratio_that_a_model_does_not_know_becomes_the_nearest(  # noqa: PLR0917 - a table's columns and fixtures
    client: Client,
    google: GoogleStandIn,
    capsys: pytest.CaptureFixture[str],
    model: str,
    more: dict[str, object],
    ratio: str | None,
    is_logged: bool,
) -> None:
    """Explicit pixels win over the ratio; a choice that is left open stays open."""
    await upstream(client, google).generate(asking(model=model, **more))
    body = json.loads(google.seen[0].body)
    options = body.get("parameters") or body["generationConfig"].get("imageConfig", {})
    assert options.get("aspectRatio") == ratio
    assert bool(capsys.readouterr().out) == is_logged


@pytest.mark.parametrize(
    ("word", "logged"),
    [
        (
            "mixed",
            (
                "Google filtered out 1 of 2 pictures: Your current safety filter threshold filtered"
                " out 1 generated images. You will not be charged for blocked images."
            ),
        ),
        ("missing", "Google filtered out 1 of 2 pictures: it gave no reason.\n"),
    ],
)
async def test_filtered_pictures_are_left_out_and_logged_while_one_is_there(
    client: Client,
    google: GoogleStandIn,
    capsys: pytest.CaptureFixture[str],
    word: str,
    logged: str,
) -> None:
    """A mixed answer is a success, with or without a reason for what is missing."""
    result = await upstream(client, google).generate(asking(f"!{word}", IMAGEN, count=2))
    assert len(result.pictures) == 1
    assert capsys.readouterr().out.startswith(logged)


@pytest.mark.parametrize(
    ("vertex", "wanted", "type_and_credentials"),
    [
        (False, "png", ("image/png", True)),
        (False, "jpeg", ("image/jpeg", False)),
        (True, "jpeg", ("image/jpeg", False)),
    ],
)
async def test_a_picture_is_encoded_anew_only_when_the_format_differs(
    client: Client,
    google: GoogleStandIn,
    vertex: bool,
    wanted: Format,
    type_and_credentials: tuple[str, bool],
) -> None:
    """What fits is kept to the byte, and with it the record of who made it."""
    request = asking(format=wanted)
    result = await upstream(client, google, vertex=vertex).generate(request)
    (given,) = await in_format(result.pictures, wanted, None)
    assert (given.media_type, b"jumb" in content_of(given)) == type_and_credentials
    assert (given == result.pictures[0]) == (vertex or wanted == "png")


async def test_several_pictures_of_gemini_are_refused_before_they_cost(
    client: Client, google: GoogleStandIn
) -> None:
    """A call makes one."""
    error = await failure(upstream(client, google), asking(count=2))
    assert "one picture a call" in error.detail
    assert google.seen == []


async def test_what_imagen_cannot_make_is_refused_before_it_costs(
    client: Client, google: GoogleStandIn
) -> None:
    """Nobody pays for a picture that has nothing of theirs, or for a part of what they asked."""
    error = await failure(upstream(client, google), asking(model=IMAGEN, count=5))
    assert "makes at most 4 pictures a call" in error.detail
    error = await failure(upstream(client, google), asking(model=IMAGEN, images=(paint(),)))
    assert "takes no input images" in error.detail
    assert (error.fault, error.did_no_work) == (Fault.REFUSED, True)
    assert google.seen == []


@pytest.mark.parametrize(
    ("environment", "config"),
    [
        ({}, GoogleConfig()),
        ({"GOOGLE_API_KEY": "a", "GEMINI_API_KEY": "b"}, GoogleConfig(key="a")),
        (
            {"GEMINI_API_KEY": "b", "GOOGLE_GEMINI_BASE_URL": "http://x/"},
            GoogleConfig(key="b", base_url="http://x"),
        ),
        (
            {"GOOGLE_GENAI_USE_VERTEXAI": "True", "GOOGLE_CLOUD_PROJECT": "p"},
            GoogleConfig(vertex=True, base_url="https://aiplatform.googleapis.com", project="p"),
        ),
        (
            {
                "GOOGLE_GENAI_USE_ENTERPRISE": "1",
                "GOOGLE_VERTEX_BASE_URL": "http://v",
                "GOOGLE_GEMINI_BASE_URL": "http://x",
                "GOOGLE_GENAI_API_VERSION": "v1",
            },
            GoogleConfig(vertex=True, base_url="http://v", api_version="v1"),
        ),
    ],
)
def test_the_sdks_variables_are_read(environment: dict[str, str], config: GoogleConfig) -> None:
    """Which key wins, and which base URL holds for which service."""
    assert GoogleConfig.from_environment(environment) == config
    assert "GOOGLE" not in repr(GoogleConfig(key="GOOGLE"))
