"""OpenAI: the requests as its SDK sends them, and what is made of the answers."""

import io
from datetime import timedelta

import msgspec
import pytest
from PIL import Image
from tests.standins.openai import OpenAIStandIn, read_form
from tests.standins.openai_errors import KEY
from tests.standins.pictures import paint
from tests.support.contents import content_of
from tests.upstreams.failing import failure

from safelight.outbound.client import Client
from safelight.upstream import Fault, ImageRequest, Usage
from safelight.upstreams.openai import OpenAI, OpenAIConfig

ASK = ImageRequest(
    model="gpt-image-2",
    prompt="a lighthouse",
    count=2,
    size=(1536, 1024),
    format="webp",
    compression=90,
    user="u",
)


def asking(prompt: str) -> ImageRequest:
    return ImageRequest(model="gpt-image-2", prompt=prompt)


def upstream(client: Client, standin: OpenAIStandIn, **more: object) -> OpenAI:
    settings = {"base_url": standin.base_url, "key": KEY, **more}
    return OpenAI(OpenAIConfig(**settings), client)


async def test_a_generation_is_asked_for_as_the_sdk_asks(
    client: Client, openai: OpenAIStandIn
) -> None:
    """Body and headers are those captured of openai 3.52.0."""
    more = {"organization": "org-1", "project": "proj_1"}
    await upstream(client, openai, **more).generate(ASK)
    (seen,) = openai.seen
    assert (seen.method, seen.path) == ("POST", "/v1/images/generations")
    assert seen.body == (
        b'{"model":"gpt-image-2","prompt":"a lighthouse","background":"auto","moderation":"auto",'
        b'"n":2,"output_compression":90,"output_format":"webp","quality":"auto",'
        b'"size":"1536x1024","user":"u"}'
    )
    meaningful = {
        "authorization": f"Bearer {KEY}",
        "accept": "application/json",
        "content-type": "application/json",
        "openai-organization": "org-1",
        "openai-project": "proj_1",
        "content-length": str(len(seen.body)),
    }
    assert meaningful.items() <= seen.headers.items()


async def test_the_answer_has_the_pictures_the_usage_and_the_request_id(
    client: Client, openai: OpenAIStandIn
) -> None:
    """Bytes are as the provider sent them, tokens as it counted them."""
    result = await upstream(client, openai).generate(ASK)
    assert [p.media_type for p in result.pictures] == ["image/webp"] * 2
    assert Image.open(io.BytesIO(content_of(result.pictures[0]))).size == (1536, 1024)
    assert result.usage == Usage(input_tokens=3, output_tokens=2 * 1372)
    assert (result.upstream, result.request_id) == ("openai:gpt-image-2", "req_1")
    assert openai.paid == 1


async def test_png_is_asked_for_without_compression(client: Client, openai: OpenAIStandIn) -> None:
    """The API refuses any compression below 100 with png."""
    await upstream(client, openai).generate(
        ImageRequest(model="gpt-image-2", prompt="p", compression=90)
    )
    assert "output_compression" not in openai.forms[0].fields


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", "1024x1024"),
        ("3:2", "1536x1024"),
        ("2:3", "1024x1536"),
        ("16:9", "1360x768"),
        ("9:16", "768x1360"),
        ("7:5", "1216x864"),
        ("2048x1152", "2048x1152"),
        ("auto", "auto"),
        ("odd", "auto"),
    ],
)
async def test_a_ratio_without_a_size_becomes_one(
    client: Client, openai: OpenAIStandIn, ratio: str, size: str
) -> None:
    """What is none is left to the API."""
    await upstream(client, openai).generate(
        ImageRequest(model="gpt-image-2", prompt="p", aspect_ratio=ratio)
    )
    assert openai.forms[0].fields["size"] == size


async def test_an_edit_is_asked_for_as_the_sdk_asks(client: Client, openai: OpenAIStandIn) -> None:
    """Text parts in the SDK's order, then each picture with its name and real type."""
    images = (paint(), paint((32, 16), "jpeg"))
    request = ImageRequest(
        model="gpt-image-1",
        prompt="näher",
        images=images,
        input_fidelity="low",
        format="webp",
        compression=80,
    )
    result = await upstream(client, openai).generate(request)
    (seen,) = openai.seen
    form = read_form(seen)
    assert seen.path == "/v1/images/edits"
    assert list(form.fields.items()) == [
        ("prompt", "näher"),
        ("background", "auto"),
        ("input_fidelity", "low"),
        ("model", "gpt-image-1"),
        ("n", 1),
        ("output_compression", 80),
        ("output_format", "webp"),
        ("quality", "auto"),
        ("size", "1024x1024"),
        ("moderation", "auto"),
    ]
    assert form.files == [
        ("image[]", "image-0.png", "image/png", images[0]),
        ("image[]", "image-1.jpg", "image/jpeg", images[1]),
    ]
    assert result.usage is not None
    assert result.usage.input_image_tokens == 194 + 323


@pytest.mark.parametrize(
    ("model", "images"), [("gpt-image-2", (paint(),)), ("gpt-image-1", ()), ("gpt-image-2", ())]
)
async def test_input_fidelity_is_sent_only_where_it_is_known(
    client: Client, openai: OpenAIStandIn, model: str, images: tuple[bytes, ...]
) -> None:
    """Not on generations, and not to gpt-image-2."""
    request = ImageRequest(model=model, prompt="p", input_fidelity="high", images=images)
    await upstream(client, openai).generate(request)
    assert "input_fidelity" not in openai.forms[0].fields


async def test_another_server_is_asked_again_without_what_it_does_not_know(
    client: Client, openai: OpenAIStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has done nothing until then, and the log says what was left out."""
    openai.unknown = frozenset({"background", "moderation"})
    result = await upstream(client, openai).generate(ASK)
    assert (len(result.pictures), len(openai.seen), openai.paid) == (2, 3, 1)
    assert not openai.unknown & openai.forms[-1].fields.keys()
    assert sorted(capsys.readouterr().out.splitlines()) == [
        f"{openai.base_url} does not take {name} as sent: left out."
        for name in ("background", "moderation")
    ]


@pytest.mark.parametrize("name", ["n", "prompt", "size", "background"])
async def test_what_makes_the_picture_is_not_left_out(
    client: Client, openai: OpenAIStandIn, name: str
) -> None:
    """Something else would be made and paid for."""
    openai.unknown = frozenset({name})
    request = msgspec.structs.replace(ASK, background="transparent")
    error = await failure(upstream(client, openai), request)
    assert f"Unknown parameter: '{name}'." in error.detail
    assert (error.fault, len(openai.seen)) == (Fault.REFUSED, 1)


async def test_an_allowance_that_is_used_up_is_told(client: Client, openai: OpenAIStandIn) -> None:
    """So that the next call need not be made to learn it."""
    openai.headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m6s",
        "x-ratelimit-remaining-tokens": "100",
        "x-ratelimit-reset-tokens": "9h",
    }
    result = await upstream(client, openai).generate(ASK)
    assert result.next_call_in == timedelta(seconds=66)


async def test_the_callers_key_goes_before_the_servers(
    client: Client, openai: OpenAIStandIn
) -> None:
    """And without the server's organization and project, to which it does not belong."""
    ours = upstream(client, openai, key="sk-server", organization="org-1", project="p")
    await ours.generate(ASK, f" {KEY}\n")
    headers = openai.seen[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not {"openai-organization", "openai-project"} & headers.keys()


async def test_a_local_engine_may_answer_with_an_address(
    client: Client, openai: OpenAIStandIn
) -> None:
    """At the base URL's own origin, which the operator named."""
    result = await upstream(client, openai).generate(asking("!url"))
    assert [content_of(p) for p in result.pictures] == [paint()]


async def test_a_prompt_cannot_command_a_local_engine(
    client: Client, openai: OpenAIStandIn
) -> None:
    """The tags that stable-diffusion.cpp reads settings between are taken out."""
    nested = "a <sd_cpp<sd_cpp_extra_args>_extra_args>{}</SD_CPP_extra_args> b"
    await upstream(client, openai).generate(asking(nested))
    assert openai.forms[0].fields["prompt"] == "a <sd_cpp _extra_args>{}  b"


@pytest.mark.parametrize("word", ["odd-usage", "no-usage"])
async def test_a_picture_is_not_lost_for_its_usage(
    client: Client, openai: OpenAIStandIn, word: str
) -> None:
    """What was paid for is delivered, whatever the usage looks like; local engines send none."""
    result = await upstream(client, openai).generate(asking(f"!{word}"))
    assert (len(result.pictures), result.usage) == (1, None)


def test_the_sdks_variables_are_read() -> None:
    """Empty ones count as not set; the key is not in the repr."""
    environment = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": "http://127.0.0.1:1234/v1/",
        "OPENAI_ORG_ID": "org-1",
        "OPENAI_PROJECT_ID": "",
    }
    config = OpenAIConfig.from_environment(environment)
    assert config == OpenAIConfig(
        base_url="http://127.0.0.1:1234/v1", key=KEY, organization="org-1"
    )
    assert KEY not in repr(config)
    assert OpenAIConfig.from_environment({}).base_url == "https://api.openai.com/v1"
