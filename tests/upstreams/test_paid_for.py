"""What was paid for is not thrown away, nor taken for free, because of a part that is not right."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY
from tests.standins.server import Seen
from tests.upstreams.failing import failure

from safelight.outbound.client import Client
from safelight.upstream import Fault, ImageRequest, ImageResult, Picture, Usage
from safelight.upstreams.openai import OpenAI, OpenAIConfig

ASKED = ImageRequest(model="gpt-image-2", prompt="a lighthouse", count=3)


@dataclass
class Spoiling(OpenAIStandIn):
    """Makes three pictures, of which one is then `spoiled`; or answers with another `status`."""

    spoiled: Any = None
    status: int = 200
    page: str | None = None

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer as the API does, but for one picture."""
        whole = self._paint(seen, directive)
        if self.page is not None:
            return web.Response(status=self.status, text=self.page)
        if self.spoiled is not None:
            whole["data"][1] = self.spoiled
        return web.json_response(whole, status=self.status)


@pytest.mark.parametrize(
    "spoiled",
    [{}, {"b64_json": ""}, {"b64_json": "bm8gcGljdHVyZQ=="}, {"url": "http://127.0.0.1:9/a.png"}],
)
async def test_the_pictures_that_came_are_given_without_the_one_that_did_not(
    client: Client, spoiled: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them are paid for; the log says how many are missing."""
    async with Spoiling(spoiled=spoiled) as openai:
        config = OpenAIConfig(base_url=openai.base_url, key=KEY)
        result = await OpenAI(config, client).generate(ASKED)
    assert len(result.pictures) == 2
    assert all(isinstance(one, Picture) for one in result.pictures)
    assert result.usage is not None
    assert "2 of 3 pictures came" in capsys.readouterr().out


@pytest.mark.parametrize("status", [201, 202, 206])
async def test_a_success_that_is_not_the_usual_one_may_have_been_billed(
    client: Client, status: int
) -> None:
    """Nobody buys it again, and it is not booked as free."""
    async with Spoiling(status=status) as openai:
        config = OpenAIConfig(base_url=openai.base_url, key=KEY)
        error = await failure(OpenAI(config, client), ASKED)
    assert error.fault is Fault.UNKNOWN
    assert error.outcome_unknown


async def test_a_gateway_that_lost_the_connection_does_not_say_that_nothing_was_done(
    client: Client,
) -> None:
    """Though it says 503: the request may have reached the provider behind it."""
    page = (
        "upstream connect error or disconnect/reset before headers. "
        "reset reason: connection termination"
    )
    async with Spoiling(status=503, page=page) as openai:
        config = OpenAIConfig(base_url=openai.base_url, key=KEY)
        error = await failure(OpenAI(config, client), ASKED)
        assert openai.paid == 1
    assert error.outcome_unknown


@dataclass
class Streaming(OpenAIStandIn):
    """Finishes three pictures, one after the other; `second` replaces parts of the second event."""

    second: dict[str, Any] = field(default_factory=dict[str, Any])

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer in events."""
        whole = self._paint(seen, directive)
        usage = {"input_tokens": 4, "output_tokens": 1756}
        events = [
            {"type": "image_generation.completed", **datum, "usage": usage}
            for datum in whole["data"]
        ]
        events[1] |= self.second
        text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        return web.Response(text=text, content_type="text/event-stream")


async def _streamed(client: Client, **second: Any) -> ImageResult:
    async def forget(_partial: Picture) -> None:
        """Unfinished ones are shown to nobody."""

    async with Streaming(second=second) as openai:
        upstream = OpenAI(OpenAIConfig(base_url=openai.base_url, key=KEY), client)
        return await upstream.generate(ASKED, on_partial=forget)


async def test_a_stream_gives_the_pictures_that_came_without_the_one_that_did_not(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those after it too; all of them are paid for."""
    result = await _streamed(client, b64_json="bm8gcGljdHVyZQ==")
    assert len(result.pictures) == 2
    assert result.usage == Usage(input_tokens=12, output_tokens=3 * 1756)
    assert "2 of 3 pictures came" in capsys.readouterr().out


@pytest.mark.parametrize("usage", [None, {}, {"output_tokens": 0}, "much"])
async def test_a_stream_that_tells_only_some_of_what_it_used_tells_nothing(
    client: Client, usage: Any
) -> None:
    """Else a picture would be booked as free."""
    result = await _streamed(client, usage=usage)
    assert len(result.pictures) == 3
    assert result.usage is None
