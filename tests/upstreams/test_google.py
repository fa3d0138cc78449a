"""Google: Gemini and Imagen, at both services, as its SDK asks them, and each refusal."""

import io
import json

import pytest
from PIL import Image
from tests.standins.google import KEY, GoogleStandIn
from tests.standins.pictures import paint
from tests.upstreams.failing import assert_hides, failure

from safelight.outbound.client import Client
from safelight.upstream import ImageRequest, Usage
from safelight.upstreams.google import Google, GoogleConfig

GEMINI = "gemini-3.1-flash-image"
IMAGEN = "imagen-4.0-fast-generate-001"
FLAGGED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)


def upstream(client: Client, standin: GoogleStandIn, **more: object) -> Google:
    settings = {"base_url": standin.origin, "key": KEY, **more}
    return Google(GoogleConfig(**settings), client)


def asking(prompt: str = "hi", model: str = GEMINI, **more: object) -> ImageRequest:
    return ImageRequest(model=model, prompt=prompt, **more)


@pytest.mark.parametrize(
    ("vertex", "path"),
    [
        (False, f"/v1/models/{GEMINI}:generateContent"),
        (True, f"/v1beta1/publishers/google/models/{GEMINI}:generateContent"),
    ],
)
async def test_gemini_is_asked_as_the_sdk_asks(
    client: Client, google: GoogleStandIn, vertex: bool, path: str
) -> None:
    """Path, key header and body are those captured of google-genai 3.4.0."""
    await upstream(client, google, vertex=vertex).generate(asking(aspect_ratio="4:3"))
    (seen,) = google.seen
    assert (seen.method, seen.path) == ("POST", path)
    assert seen.headers["x-goog-api-key"] == KEY
    assert seen.headers["content-type"] == "application/json"
    assert json.loads(seen.body) == {
        "contents": [{"parts": [{"text": "hi"}], "role": "user"}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "thinkingConfig": {"thinkingLevel": "MINIMAL"},
            "imageConfig": {"aspectRatio": "4:3"},
        },
    }


async def test_other_gemini_models_are_left_to_think_as_they_do(
    client: Client, google: GoogleStandIn
) -> None:
    """The level is for the model that Google names as a successor."""
    await upstream(client, google).generate(asking(model="gemini-2.5-flash-image"))
    assert "thinkingConfig" not in json.loads(google.seen[0].body)["generationConfig"]


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
    """Thoughts hold pictures too; they are not the result."""
    result = await upstream(client, google).generate(asking(aspect_ratio="4:3"))
    (picture,) = result.pictures
    assert Image.open(io.BytesIO(picture.content)).size == (1280, 896)
    assert picture.media_type == "image/png"
    assert result.usage == Usage(input_tokens=7, output_tokens=1120)
    assert (result.upstream, result.request_id) == (f"google:{GEMINI}", "r-1")


async def test_imagen_on_vertex_is_asked_as_the_sdk_asks(
    client: Client, google: GoogleStandIn
) -> None:
    """Path and body are those captured of google-genai 3.4.0."""
    request = asking(
        model=IMAGEN,
        aspect_ratio="4:3",
        safety_filter_level="block_only_high",
        format="jpeg",
        compression=80,
        negative_prompt="x",
        seed=3,
    )
    result = await upstream(client, google, vertex=True).generate(request)
    (seen,) = google.seen
    assert seen.path == f"/v1beta1/publishers/google/models/{IMAGEN}:predict"
    assert json.loads(seen.body) == {
        "instances": [{"prompt": "hi"}],
        "parameters": {
            "negativePrompt": "x",
            "sampleCount": 1,
            "aspectRatio": "4:3",
            "seed": 3,
            "safetySetting": "BLOCK_ONLY_HIGH",
            "includeRaiReason": True,
            "outputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
        },
    }
    assert [p.media_type for p in result.pictures] == ["image/jpeg"]


async def test_imagen_on_the_gemini_api_is_spared_what_that_refuses(
    client: Client, google: GoogleStandIn
) -> None:
    """No seed, no negative prompt, and no safety level but the one it takes."""
    request = asking(
        model=IMAGEN, safety_filter_level="block_only_high", seed=3, negative_prompt="x", count=2
    )
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


async def test_filtered_pictures_are_left_out_while_one_is_there(
    client: Client, google: GoogleStandIn
) -> None:
    """A mixed answer is a success."""
    result = await upstream(client, google).generate(asking("!mixed", IMAGEN, count=2))
    assert len(result.pictures) == 1


@pytest.mark.parametrize(
    ("word", "model", "message"),
    [
        ("all-filtered", IMAGEN, FLAGGED),
        ("empty", IMAGEN, FLAGGED),
        ("blocked-prompt", IMAGEN, FLAGGED),
        ("blocked", GEMINI, FLAGGED),
        ("image-safety", GEMINI, FLAGGED),
        ("no-image", GEMINI, "Google made no picture (NO_IMAGE). Please try again"),
        ("unbilled", IMAGEN, "Google refused the call (400): Imagen API is only accessible"),
        ("rate", GEMINI, "Please try again later. (E003)"),
        ("down", GEMINI, "Please try again later. (E004)"),
    ],
)
async def test_each_refusal_has_its_name(
    client: Client, google: GoogleStandIn, word: str, model: str, message: str
) -> None:
    """The outcome is known, and nothing is asked again."""
    error = await failure(upstream(client, google), asking(f"!{word}", model))
    assert message in error.detail
    assert not error.outcome_unknown
    assert (len(google.seen), google.paid) == (1, 0)


@pytest.mark.parametrize("word", ["late", "html-502", "cut", "truncated"])
async def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(
    client: Client, google: GoogleStandIn, word: str
) -> None:
    """A deadline of the provider's own is one of them."""
    error = await failure(upstream(client, google), asking(f"!{word}"))
    assert "The outcome of the call to Google is unknown" in error.detail
    assert error.outcome_unknown
    assert len(google.seen) == 1


async def test_a_retired_model_names_the_way_out(client: Client, google: GoogleStandIn) -> None:
    """The setting for a successor is in the message."""
    model = "imagen-4.0-fast-generate-retired"
    error = await failure(upstream(client, google), asking(model=model))
    assert f"If {model} is retired, name its successor in SAFELIGHT_ROUTES." in error.detail


async def test_a_bad_key_is_e002_and_not_shown(client: Client, google: GoogleStandIn) -> None:
    """Google answers 400 for it."""
    bad = "AIzaSyWrong82kQmZ01xPw"
    error = await failure(upstream(client, google, key=bad), asking())
    assert error.detail == (
        "Google did not accept the key."
        " Check GOOGLE_API_KEY (or GEMINI_API_KEY) where Safelight runs. (E002)"
    )
    assert_hides(error, bad)


async def test_without_a_key_nothing_is_sent(client: Client, google: GoogleStandIn) -> None:
    """The models have no input for one."""
    error = await failure(upstream(client, google, key=None), asking())
    assert error.detail == (
        "No Google key: set GOOGLE_API_KEY (or GEMINI_API_KEY) where Safelight runs."
    )
    assert google.seen == []


async def test_vertex_by_project_says_what_is_supported(
    client: Client, google: GoogleStandIn
) -> None:
    """OAuth is not; an API key is."""
    ours = upstream(client, google, key=None, vertex=True, project="p")
    assert "set GOOGLE_API_KEY" in (await failure(ours, asking())).detail
    assert google.seen == []


async def test_several_pictures_of_gemini_are_refused_before_they_cost(
    client: Client, google: GoogleStandIn
) -> None:
    """A call makes one."""
    error = await failure(upstream(client, google), asking(count=2))
    assert "one picture a call" in error.detail
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
