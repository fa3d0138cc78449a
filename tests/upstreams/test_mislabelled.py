"""Answers under a wrong media type: a picture that is paid for is not lost for a label."""

import pytest
from tests.standins.google import GoogleStandIn
from tests.standins.jigsawstack import KEY as OCEAN_KEY
from tests.standins.jigsawstack import JigsawStackStandIn
from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY as OPENAI_KEY
from tests.support.contents import content_of
from tests.upstreams import googling
from tests.upstreams.failing import failure

from safelight.media import sniff
from safelight.outbound.client import Client
from safelight.upstream import Fault, ImageRequest, Upstream
from safelight.upstreams.jigsawstack import JigsawStack, JigsawStackConfig
from safelight.upstreams.openai import OpenAI, OpenAIConfig


@pytest.fixture(params=["openai", "gemini", "imagen", "ocean"])
def asked(
    request: pytest.FixtureRequest,
    client: Client,
    openai: OpenAIStandIn,
    google: GoogleStandIn,
    jigsawstack: JigsawStackStandIn,
) -> tuple[Upstream, str]:
    """An upstream, and a model of it."""
    ours = googling.upstream(client, google)
    ocean = JigsawStackConfig(base_url=jigsawstack.origin, key=OCEAN_KEY)
    choices: dict[str, tuple[Upstream, str]] = {
        "openai": (
            OpenAI(OpenAIConfig(base_url=openai.base_url, key=OPENAI_KEY), client),
            "gpt-image-2",
        ),
        "gemini": (ours, googling.GEMINI),
        "imagen": (ours, googling.IMAGEN),
        "ocean": (JigsawStack(ocean, client), "image_generation"),
    }
    return choices[request.param]


async def test_json_is_read_whatever_it_is_called(asked: tuple[Upstream, str]) -> None:
    """Something in between may have changed the label."""
    upstream, model = asked
    result = await upstream.generate(ImageRequest(model=model, prompt="!odd-type"))
    assert [sniff(content_of(picture)) for picture in result.pictures] == ["image/png"]


async def test_a_page_with_200_leaves_the_outcome_unknown(asked: tuple[Upstream, str]) -> None:
    """A gateway that wants a sign-in; nobody knows what it has passed on, and no HTML is echoed."""
    upstream, model = asked
    error = await failure(upstream, ImageRequest(model=model, prompt="!html-200"))
    assert error.fault is Fault.UNKNOWN
    assert "html" not in error.detail


@pytest.mark.parametrize("word", ["odd-type", "text-type"])
async def test_a_picture_is_read_whatever_it_is_called(
    client: Client, jigsawstack: JigsawStackStandIn, word: str
) -> None:
    """JigsawStack may answer with the picture alone."""
    jigsawstack.answer_as = "binary"
    ocean = JigsawStackConfig(base_url=jigsawstack.origin, key=OCEAN_KEY)
    request = ImageRequest(model="image_generation", prompt=f"!{word}")
    (picture,) = (await JigsawStack(ocean, client).generate(request)).pictures
    assert picture.media_type == "image/png"
