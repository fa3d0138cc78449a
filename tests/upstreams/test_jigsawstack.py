"""JigsawStack: the request as its SDK sends it, three kinds of answer, and each failure."""

import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from tests.standins.jigsawstack import KEY, RESETS_IN, JigsawStackStandIn
from tests.standins.pictures import SVG, paint
from tests.support.contents import content_of
from tests.upstreams.failing import assert_hides, failure

from safelight.outbound.client import Client
from safelight.outgoing import Response
from safelight.upstream import Fault, ImageRequest, Usage
from safelight.upstreams.jigsawstack import JigsawStack, JigsawStackConfig, _pause


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
    [
        ("base64", paint((96, 54))),
        ("data-uri", paint((96, 54))),
        ("binary", paint((96, 54))),
        ("url", paint()),
    ],
)
async def test_each_kind_of_answer_is_read(
    client: Client, jigsawstack: JigsawStackStandIn, kind: str, content: bytes
) -> None:
    """Also those that were not asked for; an address at the operator's own server is fetched."""
    jigsawstack.answer_as = kind
    result = await upstream(client, jigsawstack).generate(asking())
    (picture,) = result.pictures
    assert (content_of(picture), picture.media_type) == (content, "image/png")
    usage = None if kind == "binary" else Usage(input_tokens=18, output_tokens=77)
    assert (result.usage, result.upstream) == (usage, "jigsawstack:image_generation")
    assert jigsawstack.paid == 1


@pytest.mark.parametrize("kind", ["base64", "binary", "text"])
async def test_svg_is_a_picture(client: Client, jigsawstack: JigsawStackStandIn, kind: str) -> None:
    """The bytes are as sent."""
    jigsawstack.answer_as = kind
    result = await upstream(client, jigsawstack).generate(asking(format="svg"))
    assert (content_of(result.pictures[0]), result.pictures[0].media_type) == (SVG, "image/svg+xml")


async def test_a_picture_is_not_thrown_away_for_its_usage(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """It is paid for; how much is then not known."""
    result = await upstream(client, jigsawstack).generate(asking("!odd-usage"))
    assert (len(result.pictures), result.usage) == (1, None)


async def test_an_address_that_ends_in_a_slash_makes_no_double_one(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """The SDK's own default does; a proxy may not know what is meant."""
    config = JigsawStackConfig.from_environment(
        {"JIGSAWSTACK_API_URL": f"{jigsawstack.origin}/", "JIGSAWSTACK_API_KEY": KEY}
    )
    await JigsawStack(config, client).generate(asking())
    assert jigsawstack.seen[0].path == "/v1/ai/image_generation"


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


class Row(NamedTuple):
    word: str
    fault: Fault
    message: str
    did_no_work: bool = True
    waits: bool = False


ROWS = (
    Row("bad", Fault.REFUSED, "JigsawStack refused the call (400): It is bad for [REDACTED]"),
    Row("says-error", Fault.REFUSED, "JigsawStack refused the call (400): It is no prompt."),
    Row("odd-error", Fault.REFUSED, "JigsawStack refused the call (400): No such ratio."),
    Row("no-credit", Fault.CREDIT, "(E001)"),
    Row("forbidden", Fault.KEY, "refused the call (403): It is forbidden for [REDACTED]"),
    Row("gone", Fault.RETIRED, "If image_generation is retired, name its successor in"),
    Row("wrong-method", Fault.REFUSED, "JigsawStack refused the call (405): "),
    Row("rate", Fault.BUSY, "(E003)", waits=True),
    Row("broken", Fault.DOWN, "(E004)", did_no_work=False),
    Row("broken-text", Fault.DOWN, "(E004)", did_no_work=False),
    Row("away", Fault.DOWN, "(E004)"),
    Row("no-success", Fault.REFUSED, "made no picture: No luck with [REDACTED]", did_no_work=False),
    *(
        Row(word, Fault.UNKNOWN, "The outcome of the call to JigsawStack is", did_no_work=False)
        for word in ("cut", "truncated", "html-502", "nonsense", "no-url")
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.word)
async def test_each_failure_has_its_name(
    client: Client, jigsawstack: JigsawStackStandIn, row: Row
) -> None:
    """No part of the key is in the message, and nothing is asked again."""
    error = await failure(upstream(client, jigsawstack), asking(f"!{row.word}"))
    assert row.message in error.detail
    assert (error.fault, error.did_no_work) == (row.fault, row.did_no_work)
    # Up to the moment that the answer named, which has come nearer.
    waits = error.retry_after is not None
    assert waits == row.waits
    assert not waits or error.retry_after <= timedelta(seconds=RESETS_IN)
    assert_hides(error, KEY)
    assert len(jigsawstack.seen) == 1


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "1700000000000"])
async def test_a_moment_that_is_past_or_none_is_not_waited_for(text: str) -> None:
    """Whatever the header says."""
    response = Response(429, {"x-jigsaw-rate-limit-reset": text}, b"")
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert _pause(response, now) is None


async def test_a_moment_far_away_is_waited_for_an_hour() -> None:
    """The limits are short."""
    response = Response(429, {"x-jigsaw-rate-limit-reset": "9" * 30}, b"")
    assert _pause(response, datetime(2026, 11, 21, tzinfo=UTC)) == timedelta(hours=1)


async def test_an_allowance_that_is_used_up_is_told_with_the_picture(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """So that the next call waits."""
    result = await upstream(client, jigsawstack).generate(asking("!last"))
    assert result.next_call_in is not None
    assert timedelta() < result.next_call_in <= timedelta(seconds=RESETS_IN)
    assert (await upstream(client, jigsawstack).generate(asking())).next_call_in is None


async def test_input_images_are_refused_before_they_cost(
    client: Client, jigsawstack: JigsawStackStandIn
) -> None:
    """The API takes none in the request; without them another picture would be paid for."""
    error = await failure(upstream(client, jigsawstack), asking(images=(paint(),)))
    assert "only by its address (`url`)" in error.detail
    assert jigsawstack.seen == []


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
