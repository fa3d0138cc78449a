"""Google's SDK and ours send the same request, and read the same out of the answer."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.standins.google import KEY, GoogleStandIn
from tests.standins.pictures import paint
from tests.standins.server import Seen
from tests.support.contents import content_of
from tests.upstreams.googling import GEMINI, IMAGEN, asking, upstream
from tests.upstreams.official import ask, assert_same, installed

from safelight.outbound.client import Client

DIFFERENT = {
    "x-goog-api-client": "names the SDK, as user-agent does",
}
"""Headers beside those that differ for every provider."""
SPELLED = {
    b'"thinking_level"': b'"thinkingLevel"',
    b'"mime_type"': b'"mimeType"',
}
"""Fields whose two spellings are one to Google: the SDK mixes them, its documentation does not."""
START = """
import base64, hashlib, json, warnings
warnings.simplefilter("ignore")  # generate_images is to go
from google import genai
from google.genai import types
def client(origin, key, vertex, version=None):
    options = types.HttpOptions(base_url=origin, timeout=300_000, api_version=version)
    return genai.Client(vertexai=vertex, api_key=key, http_options=options)
def digests(pictures):
    return [hashlib.sha256(picture).hexdigest() for picture in pictures]
"""
GENERATE = """
google = client({origin!r}, {key!r}, {vertex})  # it closes when nobody holds it
answer = google.models.generate_content(
    model={model!r}, contents={contents}, config=types.GenerateContentConfig({config})
)
parts = [part for part in answer.candidates[0].content.parts if not part.thought]
pictures = [part.inline_data.data for part in parts if part.inline_data]
used = answer.usage_metadata
print(json.dumps([
    digests(pictures), used.prompt_token_count,
    used.candidates_token_count + used.thoughts_token_count, answer.response_id,
]))
"""
PREDICT = """
google = client({origin!r}, {key!r}, {vertex}, {version!r})
answer = google.models.generate_images(
    model={model!r}, prompt={prompt!r}, config=types.GenerateImagesConfig({config})
)
made = answer.generated_images or []
print(json.dumps(digests(one.image.image_bytes for one in made if one.image.image_bytes)))
"""
LEVELS = """safety_settings=[
    types.SafetySetting(category="HARM_CATEGORY_" + harm, threshold="BLOCK_ONLY_HIGH")
    for harm in ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
],"""
ONE_PICTURE = """
response_modalities=["IMAGE"], thinking_config=types.ThinkingConfig(thinking_level="MINIMAL"),
"""


@pytest.fixture
async def sdk() -> Path:
    """Google's SDK of the day."""
    return await installed("google-genai", "3.4.0")


def _spelled_alike(seen: Seen) -> Seen:
    """Also pictures, which the SDK writes in the alphabet of base64 for URLs: both are read."""
    body = seen.body
    for theirs, documented in SPELLED.items():
        body = body.replace(theirs, documented)
    read = json.loads(body)
    for part in read.get("contents", [{"parts": []}])[0]["parts"]:
        if "inlineData" in part:
            data = part["inlineData"]["data"]
            part["inlineData"]["data"] = data.replace("-", "+").replace("_", "/")
    return replace(seen, body=json.dumps(read).encode())


class Case(NamedTuple):
    """The same wish, as the SDK's arguments and as ours."""

    vertex: bool
    contents: str
    config: str
    ours: dict[str, Any]


PICTURE = paint()
_GEMINI_API, _VERTEX = False, True
CASES = {
    "text": Case(
        _GEMINI_API,
        '"hi"',
        "image_config=types.ImageConfig(aspect_ratio='1:1', image_size='1K')",
        {},
    ),
    "ratio and level": Case(
        _GEMINI_API,
        '"hi"',
        f"image_config=types.ImageConfig(aspect_ratio='4:3', image_size='1K'), {LEVELS}",
        {"aspect_ratio": "4:3", "safety_filter_level": "block_only_high"},
    ),
    "picture": Case(
        _GEMINI_API,
        f'["hi", types.Part.from_bytes(data={PICTURE!r}, mime_type="image/png")]',
        "image_config=types.ImageConfig(aspect_ratio='1:1', image_size='1K')",
        {"images": (PICTURE,)},
    ),
    "format on vertex": Case(
        _VERTEX,
        '"hi"',
        "image_config=types.ImageConfig(aspect_ratio='16:9', image_size='1K',"
        f" output_mime_type='image/jpeg', output_compression_quality=75), {LEVELS}",
        {
            "aspect_ratio": "16:9",
            "format": "jpeg",
            "compression": 75,
            "safety_filter_level": "block_only_high",
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_gemini_is_asked_and_read_as_by_the_sdk(
    client: Client, google: GoogleStandIn, sdk: Path, case: Case
) -> None:
    """At the Gemini API and on Vertex with an API key."""
    filled = GENERATE.format(
        origin=google.origin,
        key=KEY,
        vertex=case.vertex,
        model=GEMINI,
        contents=case.contents,
        config=ONE_PICTURE + case.config,
    )
    told = await ask(sdk, START + filled)
    result = await upstream(client, google, vertex=case.vertex).generate(asking(**case.ours))
    theirs, ours = google.seen
    assert_same(ours, _spelled_alike(theirs), DIFFERENT)
    assert result.usage is not None
    digests = [hashlib.sha256(content_of(picture)).hexdigest() for picture in result.pictures]
    used = result.usage
    assert told == [digests, used.input_tokens, used.output_tokens, result.request_id]


@pytest.mark.parametrize(
    ("version", "prompt"), [(None, "hi"), ("v1", "hi"), (None, "!mixed"), (None, "!missing")]
)
async def test_imagen_is_asked_and_read_as_by_the_sdk(
    client: Client, google: GoogleStandIn, sdk: Path, version: str | None, prompt: str
) -> None:
    """On Vertex with an API key, at both of its versions, also when a picture is filtered."""
    config = (
        "number_of_images=2, aspect_ratio='4:3', safety_filter_level='BLOCK_ONLY_HIGH',"
        " include_rai_reason=True, output_mime_type='image/jpeg', output_compression_quality=75,"
        " negative_prompt='x'"
    )
    filled = PREDICT.format(
        origin=google.origin,
        key=KEY,
        vertex=True,
        version=version,
        model=IMAGEN,
        prompt=prompt,
        config=config,
    )
    told = await ask(sdk, START + filled)
    request = asking(
        prompt,
        IMAGEN,
        count=2,
        aspect_ratio="4:3",
        safety_filter_level="block_only_high",
        format="jpeg",
        compression=75,
        negative_prompt="x",
    )
    result = await upstream(client, google, vertex=True, api_version=version).generate(request)
    theirs, ours = google.seen
    assert_same(ours, _spelled_alike(theirs), DIFFERENT)
    assert told == [hashlib.sha256(content_of(picture)).hexdigest() for picture in result.pictures]


async def test_imagen_at_the_gemini_api_is_asked_as_by_the_last_sdk_that_knew_it(
    client: Client, google: GoogleStandIn, sdk: Path
) -> None:
    """The SDK of the day has nothing to compare with: it refuses, so an older one is asked."""
    config = "number_of_images=2, aspect_ratio='4:3', safety_filter_level='BLOCK_LOW_AND_ABOVE'"
    config += ", include_rai_reason=True, output_mime_type='image/png'"
    program = PREDICT.format(
        origin=google.origin,
        key=KEY,
        vertex=False,
        version=None,
        model=IMAGEN,
        prompt="hi",
        config=config,
    )
    with pytest.raises(AssertionError, match="ValueError"):
        await ask(sdk, START + program)
    assert google.seen == []
    older = await installed("google-genai", "2.19.0")
    told = await ask(older, START + program)
    request = asking(
        model=IMAGEN, count=2, aspect_ratio="4:3", safety_filter_level="block_only_high"
    )
    result = await upstream(client, google).generate(request)
    theirs, ours = google.seen
    assert_same(ours, theirs, DIFFERENT)
    assert told == [hashlib.sha256(content_of(picture)).hexdigest() for picture in result.pictures]


@pytest.mark.parametrize("vertex", [False, True])
async def test_errors_are_of_the_form_that_the_sdk_reads(
    google: GoogleStandIn, sdk: Path, vertex: bool
) -> None:
    """With the status, and the details that hold the pause."""
    filled = f"""
from google.genai import errors
google = client({google.origin!r}, {KEY!r}, {vertex})
try:
    google.models.generate_content(
        model={GEMINI!r}, contents="!rate"
    )
except errors.ClientError as error:
    print(json.dumps([error.code, error.status, error.details["error"]["details"][-1]]))
"""
    told = await ask(sdk, START + filled)
    assert told[:2] == [429, "RESOURCE_EXHAUSTED"]
    assert told[2]["retryDelay"] == "3.29s"
