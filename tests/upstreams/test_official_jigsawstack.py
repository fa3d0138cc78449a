"""JigsawStack's SDK and ours send the same request, and read the same out of the answer."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.standins.jigsawstack import KEY, JigsawStackStandIn
from tests.support.contents import content_of
from tests.upstreams.official import ask, assert_same, installed

from safelight.outbound.client import Client
from safelight.upstream import ImageRequest
from safelight.upstreams.jigsawstack import JigsawStack, JigsawStackConfig

START = """
import base64, json
from jigsawstack import JigsawStack
"""
ASK = """
client = JigsawStack(api_key={key!r}, base_url={origin!r})
answer = client.image_generation({params!r})
if isinstance(answer, bytes):
    answer = base64.b64encode(answer).decode()
print(json.dumps(answer))
"""


@pytest.fixture
async def sdk() -> Path:
    """JigsawStack's SDK of the day."""
    return await installed("jigsawstack", "0.4.6")


def upstream(client: Client, standin: JigsawStackStandIn) -> JigsawStack:
    return JigsawStack(JigsawStackConfig(base_url=standin.origin, key=KEY), client)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "prompt": (
        {"prompt": "ocean", "aspect_ratio": "1:1", "output_format": "png"},
        {},
    ),
    "every knob": (
        {
            "prompt": "ocean",
            "aspect_ratio": "16:9",
            "width": 512,
            "height": 256,
            "steps": 4,
            "output_format": "svg",
            "advance_config": {"seed": 1, "guidance": 7, "negative_prompt": "x"},
            "url": "https://example.com/in.png",
            "file_store_key": "k",
        },
        {
            "aspect_ratio": "16:9",
            "size": (512, 256),
            "steps": 4,
            "format": "svg",
            "seed": 1,
            "guidance": 7.0,
            "negative_prompt": "x",
            "url": "https://example.com/in.png",
            "file_store_key": "k",
        },
    ),
}


@pytest.mark.parametrize(("theirs", "ours"), CASES.values(), ids=CASES)
async def test_it_is_asked_and_read_as_by_the_sdk(
    client: Client,
    jigsawstack: JigsawStackStandIn,
    sdk: Path,
    theirs: dict[str, Any],
    ours: dict[str, Any],
) -> None:
    """No header differs but those that differ everywhere; return_type is always base64."""
    params = {**theirs, "return_type": "base64"}
    answer = await ask(sdk, START + ASK.format(key=KEY, origin=jigsawstack.origin, params=params))
    request = ImageRequest(model="image_generation", prompt="ocean", **ours)
    result = await upstream(client, jigsawstack).generate(request)
    seen_of_sdk, seen_of_us = jigsawstack.seen
    assert_same(seen_of_us, seen_of_sdk)
    assert base64.b64decode(answer["url"]) == content_of(result.pictures[0])


async def test_binary_answers_are_read_as_by_the_sdk(
    client: Client, jigsawstack: JigsawStackStandIn, sdk: Path
) -> None:
    """The type of the content tells."""
    jigsawstack.answer_as = "binary"
    params = {"prompt": "ocean", "return_type": "binary"}
    answer = await ask(sdk, START + ASK.format(key=KEY, origin=jigsawstack.origin, params=params))
    request = ImageRequest(model="image_generation", prompt="ocean")
    result = await upstream(client, jigsawstack).generate(request)
    assert base64.b64decode(answer) == content_of(result.pictures[0])


async def test_the_sdk_doubles_a_slash_where_we_do_not(
    client: Client, jigsawstack: JigsawStackStandIn, sdk: Path
) -> None:
    """The one difference in the path: its own default address ends in one, and `/v1` begins so."""
    origin = f"{jigsawstack.origin}/"
    params = {"prompt": "ocean"}
    await ask(sdk, START + ASK.format(key=KEY, origin=origin, params=params))
    config = JigsawStackConfig.from_environment(
        {"JIGSAWSTACK_API_URL": origin, "JIGSAWSTACK_API_KEY": KEY}
    )
    await JigsawStack(config, client).generate(ImageRequest(model="image_generation", prompt="a"))
    assert [seen.path for seen in jigsawstack.seen] == [
        "//v1/ai/image_generation",
        "/v1/ai/image_generation",
    ]


@pytest.mark.parametrize(
    ("word", "error"),
    [("rate", [429, "It is rate for 41b7e0c2d."]), ("broken-text", [500, None])],
)
async def test_errors_are_of_the_form_that_the_sdk_reads(
    jigsawstack: JigsawStackStandIn, sdk: Path, word: str, error: list[Any]
) -> None:
    """JSON with a message; where it is none, the SDK has words of its own."""
    program = f"""
from jigsawstack.exceptions import JigsawStackError
client = JigsawStack(api_key={KEY!r}, base_url={jigsawstack.origin!r})
try:
    client.image_generation({{"prompt": "!{word}"}})
except JigsawStackError as error:
    print(json.dumps([error.code, error.message]))
"""
    told = json.loads(json.dumps(await ask(sdk, START + program)))
    assert told[0] == error[0]
    assert error[1] is None or told[1] == error[1]
