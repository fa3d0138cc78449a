"""OpenAI's streams: unfinished pictures are shown while the finished ones are made."""

import asyncio
from datetime import timedelta

import pytest
from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY
from tests.standins.pictures import paint
from tests.upstreams.failing import assert_hides

from safelight.outbound.client import Client
from safelight.upstream import Fault, ImageRequest, ImageResult, Picture, UpstreamError, Usage
from safelight.upstreams.openai import OpenAI, OpenAIConfig

DOWN = "Service is temporarily unavailable. Please try again later. (E004)"


class Viewer:
    """Who is shown unfinished pictures."""

    def __init__(self) -> None:
        self.seen: list[Picture] = []
        self.arrived = asyncio.Event()

    async def __call__(self, picture: Picture) -> None:
        self.seen.append(picture)
        self.arrived.set()


@pytest.fixture
def viewer() -> Viewer:
    return Viewer()


def asking(prompt: str, **more: object) -> ImageRequest:
    return ImageRequest(model="gpt-image-2", prompt=prompt, partials=2, **more)


async def streamed(
    client: Client, standin: OpenAIStandIn, viewer: Viewer, request: ImageRequest
) -> ImageResult:
    ours = OpenAI(OpenAIConfig(base_url=standin.base_url, key=KEY), client)
    return await ours.generate(request, None, viewer)


async def broken(
    client: Client, standin: OpenAIStandIn, viewer: Viewer, request: ImageRequest
) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        await streamed(client, standin, viewer, request)
    return caught.value


async def test_a_stream_is_asked_for_as_the_sdk_asks(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """Two unfinished pictures are ordered; nobody who looks at none pays for one."""
    await streamed(client, openai, viewer, asking("x"))
    assert openai.seen[0].body == (
        b'{"model":"gpt-image-2","stream":true,"prompt":"x","background":"auto",'
        b'"moderation":"auto","n":1,"output_format":"png","partial_images":2,"quality":"auto",'
        b'"size":"1024x1024"}'
    )
    await OpenAI(OpenAIConfig(base_url=openai.base_url, key=KEY), client).generate(asking("x"))
    assert not {"stream", "partial_images"} & openai.forms[1].fields.keys()


@pytest.mark.parametrize("images", [(), (paint(),)])
async def test_unfinished_pictures_are_shown_and_finished_ones_kept(
    client: Client, openai: OpenAIStandIn, viewer: Viewer, images: tuple[bytes, ...]
) -> None:
    """For a generation and an edit, each of two pictures, with the usage of both."""
    result = await streamed(client, openai, viewer, asking("x", count=2, images=images))
    assert [p.media_type for p in viewer.seen] == ["image/png"] * 4
    assert [p.media_type for p in result.pictures] == ["image/png"] * 2
    assert (result.upstream, result.request_id) == ("openai:gpt-image-2", "req_1")
    image_tokens = 194 * len(images)
    assert result.usage == Usage(
        input_tokens=1 + image_tokens,
        input_image_tokens=image_tokens,
        output_tokens=2 * (1756 + 2 * 100),
    )


async def test_a_picture_is_shown_before_the_next_is_made(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """It is not kept until the end."""
    task = asyncio.create_task(streamed(client, openai, viewer, asking("!held")))
    await asyncio.wait_for(viewer.arrived.wait(), 10)
    assert not task.done()
    openai.release.set()
    assert len((await task).pictures) == 1


async def test_the_finished_picture_is_not_made_to_wait_for_unfinished_ones(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """They can come after it, and nobody needs them then."""
    result = await streamed(client, openai, viewer, asking("!late"))
    assert (len(result.pictures), viewer.seen) == (1, [])


async def test_a_viewer_that_fails_costs_no_picture(client: Client, openai: OpenAIStandIn) -> None:
    """What is paid for is delivered."""

    async def blind(_picture: Picture) -> None:
        raise OSError("no eyes")

    ours = OpenAI(OpenAIConfig(base_url=openai.base_url, key=KEY), client)
    result = await ours.generate(asking("x"), None, blind)
    assert len(result.pictures) == 1


async def test_a_server_that_does_not_stream_is_understood(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """The whole answer comes at once."""
    result = await streamed(client, openai, viewer, asking("!no-stream"))
    assert (len(result.pictures), viewer.seen) == (1, [])


async def test_a_server_that_knows_no_stream_is_asked_without(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """It refuses the parameter, and has done nothing."""
    openai.unknown = frozenset({"stream"})
    result = await streamed(client, openai, viewer, asking("x"))
    assert (len(result.pictures), len(openai.seen), openai.paid) == (1, 2, 1)
    assert "partial_images" not in openai.forms[1].fields


async def test_a_refusal_is_the_same_as_without_a_stream(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """It comes instead of the stream."""
    error = await broken(client, openai, viewer, asking("!rate"))
    assert (error.fault, error.did_no_work) == (Fault.BUSY, True)
    error = await broken(client, openai, viewer, asking("!leak"))
    assert_hides(error, KEY)


@pytest.mark.parametrize(
    ("word", "fault", "did_no_work"),
    [
        ("breaks", Fault.DOWN, False),
        ("ends-failed", Fault.DOWN, False),
        ("ends-moderation", Fault.FLAGGED, True),
        ("ends-moderation-output", Fault.FLAGGED, False),
        ("ends-rate", Fault.BUSY, True),
        ("ends-quota", Fault.CREDIT, True),
        ("ends-gone", Fault.RETIRED, True),
        ("ends-transparent", Fault.REFUSED, True),
        ("url", Fault.UNKNOWN, False),  # a finished picture that is none
    ],
)
async def test_an_error_within_the_stream_is_named(  # noqa: PLR0917 - a table's columns and fixtures
    client: Client,
    openai: OpenAIStandIn,
    viewer: Viewer,
    word: str,
    fault: Fault,
    did_no_work: bool,
) -> None:
    """What has begun may be billed; what is refused before that is not."""
    error = await broken(client, openai, viewer, asking(f"!{word}"))
    assert (error.fault, error.did_no_work) == (fault, did_no_work)
    assert error.request_id == "req_1"


async def test_a_stream_that_asks_for_a_pause_is_heard(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """In its message: the headers came before it."""
    error = await broken(client, openai, viewer, asking("!ends-rate"))
    assert error.retry_after == timedelta(seconds=12)


async def test_a_message_within_the_stream_shows_no_key(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """As in any other answer."""
    error = await broken(client, openai, viewer, asking("!ends-leak"))
    assert error.detail.startswith("OpenAI ended its answer: Cannot use [REDACTED]")
    assert_hides(error, KEY)


async def test_pictures_that_came_before_a_cut_are_kept(
    client: Client,
    openai: OpenAIStandIn,
    viewer: Viewer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One of three is paid for, and is the output; the log says why."""
    result = await streamed(client, openai, viewer, asking("!one-of-many", count=3))
    assert len(result.pictures) == 1
    assert result.usage == Usage(input_tokens=3, output_tokens=1756 + 2 * 100)
    assert capsys.readouterr().out == (
        "1 of 3 pictures came: The outcome of the call to OpenAI is unknown (the connection was"
        " cut); it was not retried.\n"
    )


async def test_a_cancelled_stream_ends_at_once(
    client: Client, openai: OpenAIStandIn, viewer: Viewer
) -> None:
    """A slow provider does not hold up a cancel."""
    task = asyncio.create_task(streamed(client, openai, viewer, asking("!held")))
    await asyncio.wait_for(viewer.arrived.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)


async def test_a_provider_that_is_not_there_is_named_in_a_stream_too(
    client: Client, viewer: Viewer
) -> None:
    """Nothing was sent."""
    ours = OpenAI(OpenAIConfig(base_url="http://127.0.0.1:1/v1", key=KEY), client)
    with pytest.raises(UpstreamError, match="Nothing was sent") as caught:
        await ours.generate(asking("x"), None, viewer)
    assert (caught.value.fault, caught.value.did_no_work) == (Fault.DOWN, True)
