"""JigsawStack: the request as its SDK sends it, three kinds of answer, and each failure."""

import json

import pytest
from tests.standins.jigsawstack import KEY, JigsawStackStandIn
from tests.standins.pictures import SVG, paint
from tests.upstreams.failing import assert_hides, failure

from safelight.outbound.client import Client
from safelight.upstream import ImageRequest, Usage
from safelight.upstreams.jigsawstack import JigsawStack, JigsawStackConfig


def upstream(client: Client, standin: JigsawStackStandIn, **more: object) -> JigsawStack:
    settings = {"base_url": standin.origin, "key": KEY, **more}
    return JigsawStack(JigsawStackConfig(**settings), client)


def asking(prompt: str = "ocean", **more: object) -> ImageRequest:
    return ImageRequest(model="image_generation", prompt=prompt, **more)


async def test_it_is_asked_as_the_sdk_asks(client: Client, jigsawstack: JigsawStackStandIn) -> None:
    """The flat inputs seed, guidance and negative_prompt are nested under advance_config."""
    request = asking(
        aspect_ratio="16:9",
        size=(512, 256),
        steps=4,
        seed=1,
        guidance=7.0,
        negative_prompt="x",
        url="http://x",
        file_store_key="k",
    )
    await upstream(client, jigsawstack).generate(request)
    (seen,) = jigsawstack.seen
    assert (seen.method, seen.path) == ("POST", "/v1/ai/image_generation")
    meaningful = {
        "x-api-key": KEY,
        "content-type": "application/json",
        "accept": "application/json",
    }
    assert meaningful.items() <= seen.headers.items()
    assert json.loads(seen.body) == {
        "prompt": "ocean",
        "aspect_ratio": "16:9",
        "width": 512,
        "height": 256,
        "steps": 4,
        "output_format": "png",
        "advance_config": {"seed": 1, "guidance": 7, "negative_prompt": "x"},
        "url": "http://x",
        "file_store_key": "k",
        "return_type": "base64",
    }


async def test_what_is_not_set_is_left_out(client: Client, jigsawstack: JigsawStackStandIn) -> None:
    """And a format that the API does not have becomes png."""
    await upstream(client, jigsawstack).generate(asking(format="webp"))
    assert json.loads(jigsawstack.seen[0].body) == {
        "prompt": "ocean",
        "aspect_ratio": "1:1",
        "output_format": "png",
        "return_type": "base64",
    }


@pytest.mark.parametrize(
    ("kind", "content"),
    [("base64", paint((96, 54))), ("binary", paint((96, 54))), ("url", paint())],
)
async def test_each_kind_of_answer_is_read(
    client: Client, jigsawstack: JigsawStackStandIn, kind: str, content: bytes
) -> None:
    """Also those that were not asked for; an address at the operator's own server is fetched."""
    jigsawstack.answer_as = kind
    result = await upstream(client, jigsawstack).generate(asking())
    (picture,) = result.pictures
    assert (picture.content, picture.media_type) == (content, "image/png")
    usage = None if kind == "binary" else Usage(input_tokens=18, output_tokens=77)
    assert (result.usage, result.upstream) == (usage, "jigsawstack:image_generation")
    assert jigsawstack.paid == 1


async def test_svg_is_a_picture(client: Client, jigsawstack: JigsawStackStandIn) -> None:
    """The bytes are as sent."""
    result = await upstream(client, jigsawstack).generate(asking(format="svg"))
    assert (result.pictures[0].content, result.pictures[0].media_type) == (SVG, "image/svg+xml")


async def test_an_address_elsewhere_is_checked(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """A provider cannot make Safelight read a private address; the picture may be billed."""
    jigsawstack.answer_as = "url"
    jigsawstack.origin, home = "http://127.0.0.2:9", jigsawstack.origin
    error = await failure(upstream(client, jigsawstack, base_url=home), asking())
    assert "JigsawStack made the picture, but it was not to be had" in error.detail
    assert error.outcome_unknown


async def test_a_file_that_is_gone_is_told_without_its_signature(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """A presigned address is a secret."""
    jigsawstack.answer_as = "url"
    jigsawstack.stored = "/lost?signature=s3cret"
    error = await failure(upstream(client, jigsawstack), asking())
    assert "404" in error.detail
    assert_hides(error, "s3cret")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("rate", "(E003)"),
        ("broken", "(E004)"),
        ("broken-text", "(E004)"),
        ("bad", "JigsawStack refused the call (400): It is bad for [REDACTED]"),
        ("forbidden", "JigsawStack refused the call (403): It is forbidden for [REDACTED]"),
    ],
)
async def test_each_refusal_has_its_name(
    client: Client, jigsawstack: JigsawStackStandIn, word: str, message: str
) -> None:
    """No part of the key is in the message, and nothing is asked again."""
    error = await failure(upstream(client, jigsawstack), asking(f"!{word}"))
    assert message in error.detail
    assert not error.outcome_unknown
    assert_hides(error, KEY)
    assert (len(jigsawstack.seen), jigsawstack.paid) == (1, 0)


@pytest.mark.parametrize("word", ["cut", "truncated", "html-502", "nonsense"])
async def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(
    client: Client, jigsawstack: JigsawStackStandIn, word: str
) -> None:
    """It may have been billed."""
    error = await failure(upstream(client, jigsawstack), asking(f"!{word}"))
    assert "The outcome of the call to JigsawStack is unknown" in error.detail
    assert error.outcome_unknown


async def test_a_bad_key_is_e002_and_not_shown(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """The provider quotes it."""
    bad = "sk_Wrong82kQmZ01xPw"
    error = await failure(upstream(client, jigsawstack), asking(), bad)
    assert error.detail == (
        "JigsawStack did not accept the key. Check `api_key` in the input,"
        " or JIGSAWSTACK_API_KEY where Safelight runs. (E002)"
    )
    assert_hides(error, bad)


async def test_without_a_key_nothing_is_sent(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """The message says both ways to give one."""
    error = await failure(upstream(client, jigsawstack, key=None), asking())
    assert error.detail == (
        "No JigsawStack key: pass `api_key` in the input,"
        " or set JIGSAWSTACK_API_KEY where Safelight runs."
    )
    assert jigsawstack.seen == []


async def test_several_pictures_are_refused_before_they_cost(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """A call makes one."""
    assert "one picture" in (await failure(upstream(client, jigsawstack), asking(count=2))).detail
    assert jigsawstack.seen == []


def test_the_sdks_variables_are_read() -> None:
    """The SDK's default base URL ends in a slash, and so may one's own."""
    environment = {"JIGSAWSTACK_API_KEY": KEY, "JIGSAWSTACK_API_URL": "http://127.0.0.1:9/"}
    config = JigsawStackConfig.from_environment(environment)
    assert config == JigsawStackConfig(base_url="http://127.0.0.1:9", key=KEY)
    assert KEY not in repr(config)
