"""OpenAI's SDK and ours send the same request, and read the same out of the answer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import APIStatusError, AsyncOpenAI
from tests.standins.openai import OpenAIStandIn, read_form
from tests.standins.openai_errors import CATALOGUE, KEY
from tests.standins.pictures import paint
from tests.standins.server import Seen
from tests.upstreams.failing import failure
from tests.upstreams.official import ALWAYS_DIFFERENT

from safelight.outbound.client import Client
from safelight.upstream import Fault, ImageRequest, Picture
from safelight.upstreams.openai import OpenAI, OpenAIConfig

ORGANIZATION = {"organization": "org-1", "project": "proj_1"}
SDK_ALONE = {
    "x-stainless-": "tells OpenAI about the SDK: language, versions, machine, retries, timeouts",
}
"""Beginnings of the names of headers that only the SDK sends, each with the reason."""
BOUNDARY = "each request has a boundary of its own"
IMAGES = (paint(), paint((32, 16), "jpeg"), paint((16, 16), "webp"))
FILES = [
    ("image-0.png", IMAGES[0], "image/png"),
    ("image-1.jpg", IMAGES[1], "image/jpeg"),
    ("image-2.webp", IMAGES[2], "image/webp"),
]
PLAIN = {"prompt": "a lighthouse", "background": "auto", "n": 1, "quality": "auto"}


@pytest.fixture
async def sdk(openai: OpenAIStandIn) -> AsyncIterator[AsyncOpenAI]:
    """The official client, as it comes, but for where it sends."""
    async with AsyncOpenAI(
        base_url=openai.base_url, api_key=KEY, max_retries=0, **ORGANIZATION
    ) as sdk:
        yield sdk


@pytest.fixture
def ours(client: Client, openai: OpenAIStandIn) -> OpenAI:
    return OpenAI(OpenAIConfig(base_url=openai.base_url, key=KEY, **ORGANIZATION), client)


def meaningful(seen: Seen) -> dict[str, str]:
    """The headers that mean something to the provider."""
    kept = {
        name: value
        for name, value in seen.headers.items()
        if name not in ALWAYS_DIFFERENT and not name.startswith(tuple(SDK_ALONE))
    }
    kept["content-type"] = kept["content-type"].partition("; boundary=")[0]  # see BOUNDARY
    return kept


def assert_alike(openai: OpenAIStandIn) -> None:
    """The two requests that were seen are one and the same."""
    first, second = openai.seen
    assert (first.method, first.path) == (second.method, second.path)
    assert meaningful(first) == meaningful(second)
    assert list(read_form(first).fields.items()) == list(read_form(second).fields.items())
    assert read_form(first).files == read_form(second).files


@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        (
            ImageRequest(model="gpt-image-2", prompt="a lighthouse"),
            {**PLAIN, "model": "gpt-image-2", "output_format": "png", "size": "1024x1024"},
        ),
        (
            ImageRequest(
                model="gpt-image-2",
                prompt="näher, 明るい \N{SPARKLES}",
                count=3,
                aspect_ratio="auto",
                format="webp",
                compression=0,
                quality="high",
                background="opaque",
                moderation="low",
                user="user-1",
            ),
            {
                "model": "gpt-image-2",
                "prompt": "näher, 明るい \N{SPARKLES}",
                "n": 3,
                "size": "auto",
                "output_format": "webp",
                "output_compression": 0,
                "quality": "high",
                "background": "opaque",
                "moderation": "low",
                "user": "user-1",
            },
        ),
        (
            ImageRequest(
                model="gpt-image-1",
                prompt="a lighthouse",
                size=(1536, 1024),
                format="jpeg",
                compression=90,
                input_fidelity="high",
                background="transparent",
            ),
            {
                **PLAIN,
                "model": "gpt-image-1",
                "size": "1536x1024",
                "output_format": "jpeg",
                "output_compression": 90,
                "background": "transparent",
            },
        ),
    ],
)
async def test_a_generation_is_the_same(
    openai: OpenAIStandIn,
    sdk: AsyncOpenAI,
    ours: OpenAI,
    request_: ImageRequest,
    arguments: dict[str, Any],
) -> None:
    """To the byte in what JSON says, and in its order."""
    theirs = await sdk.images.generate(**{"moderation": "auto", **arguments})
    result = await ours.generate(request_)
    assert_alike(openai)
    assert theirs.usage is not None
    assert result.usage is not None
    assert result.usage.output_tokens == theirs.usage.output_tokens
    assert result.usage.input_tokens == theirs.usage.input_tokens
    assert (theirs._request_id, result.request_id) == ("req_1", "req_2")
    assert len(theirs.data or ()) == len(result.pictures) == request_.count


async def test_the_same_variables_are_read(
    client: Client, openai: OpenAIStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One environment serves both."""
    environment = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_ORG_ID": "org-2",
        "OPENAI_PROJECT_ID": "proj_2",
        "OPENAI_CUSTOM_HEADERS": "X-Gateway: one : two\nno header\ncf-access: x",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with AsyncOpenAI(max_retries=0) as sdk:
        await sdk.images.generate(
            model="gpt-image-2",
            moderation="auto",
            output_format="png",
            size="1024x1024",
            **PLAIN,
        )
    ours = OpenAI(OpenAIConfig.from_environment(environment), client)
    await ours.generate(ImageRequest(model="gpt-image-2", prompt="a lighthouse"))
    assert_alike(openai)
    assert openai.seen[1].headers["x-gateway"] == "one : two"
    assert openai.seen[1].headers["cf-access"] == "x"


@pytest.mark.parametrize("fidelity", [None, "high"])
async def test_an_edit_is_the_same(
    openai: OpenAIStandIn, sdk: AsyncOpenAI, ours: OpenAI, fidelity: str | None
) -> None:
    """Text parts in the same order, files with the same names, types and bytes.

    `moderation` is not in the SDK's signature of an edit, so that its users pass it beside.
    """
    more: dict[str, Any] = {} if fidelity is None else {"input_fidelity": fidelity}
    await sdk.images.edit(
        model="gpt-image-1",
        image=FILES,
        prompt="näher",
        background="transparent",
        n=2,
        output_compression=80,
        output_format="webp",
        quality="low",
        size="1024x1536",
        user="user-1",
        extra_body={"moderation": "low"},
        **more,
    )
    request = ImageRequest(
        model="gpt-image-1",
        prompt="näher",
        images=IMAGES,
        count=2,
        size=(1024, 1536),
        format="webp",
        compression=80,
        quality="low",
        background="transparent",
        moderation="low",
        input_fidelity=fidelity,
        user="user-1",
    )
    await ours.generate(request)
    assert_alike(openai)
    assert openai.paid == 2


@pytest.mark.parametrize("images", [(), IMAGES])
async def test_a_stream_is_the_same(
    openai: OpenAIStandIn, sdk: AsyncOpenAI, ours: OpenAI, images: tuple[bytes, ...]
) -> None:
    """The request, and the unfinished and finished pictures in it."""
    arguments: dict[str, Any] = {
        **PLAIN,
        "model": "gpt-image-2",
        "output_format": "png",
        "size": "1024x1024",
        "stream": True,
        "partial_images": 2,
    }
    if images:
        stream = await sdk.images.edit(image=FILES, extra_body={"moderation": "auto"}, **arguments)
    else:
        stream = await sdk.images.generate(moderation="auto", **arguments)
    events = [event async for event in stream]
    shown: list[Picture] = []

    async def show(picture: Picture) -> None:
        shown.append(picture)

    request = ImageRequest(model="gpt-image-2", prompt="a lighthouse", images=images, partials=2)
    result = await ours.generate(request, None, show)
    assert_alike(openai)
    kinds = [event.type.partition(".")[2] for event in events]
    assert kinds == ["partial_image", "partial_image", "completed"]
    assert (len(shown), len(result.pictures)) == (2, 1)
    assert result.usage is not None
    assert result.usage.output_tokens == events[-1].usage.output_tokens


@pytest.mark.parametrize("word", sorted(CATALOGUE.keys() - {"leak"}))
async def test_an_error_is_read_as_the_sdk_reads_it(
    openai: OpenAIStandIn, sdk: AsyncOpenAI, ours: OpenAI, word: str
) -> None:
    """Its status, its message and its request id; what the SDK would repeat is no refusal."""
    with pytest.raises(APIStatusError) as caught:
        await sdk.images.generate(model="gpt-image-2", prompt=f"!{word}")
    error = await failure(ours, ImageRequest(model="gpt-image-2", prompt=f"!{word}"))
    problem = CATALOGUE[word]
    assert caught.value.status_code == problem.status
    assert caught.value.request_id == "req_1"
    assert (error.request_id or "").startswith("req_")
    if error.fault in {Fault.REFUSED, Fault.RETIRED}:
        assert caught.value.message.endswith(problem.message)
        assert problem.message in error.detail
    is_passing = problem.status in {408, 409, 429} or problem.status >= 500
    is_permanent = word == "quota"  # 429, and yet not a matter of waiting
    passing = {Fault.BUSY, Fault.DOWN, Fault.UNKNOWN}
    assert (error.fault in passing) is (is_passing and not is_permanent)
