"""OpenAI: each failure, what it is called, and whether the outcome is known."""

import asyncio
from datetime import timedelta

import pytest
from tests.standins.openai import EMPTY_KEY, KEY, OpenAIStandIn
from tests.standins.pictures import paint
from tests.upstreams.failing import assert_hides, failure

from safelight.outbound.client import Client
from safelight.upstream import ImageRequest, UpstreamError
from safelight.upstreams.openai import OpenAI, OpenAIConfig

ASK = ImageRequest(model="gpt-image-2", prompt="a lighthouse")
FLAGGED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
BUSY = "Service is currently unavailable due to high demand. Please try again later. (E003)"
DOWN = "Service is temporarily unavailable. Please try again later. (E004)"


def asking(prompt: str) -> ImageRequest:
    return ImageRequest(model="gpt-image-2", prompt=prompt)


def upstream(client: Client, standin: OpenAIStandIn, **more: object) -> OpenAI:
    settings = {"base_url": standin.base_url, "key": KEY, **more}
    return OpenAI(OpenAIConfig(**settings), client)


@pytest.mark.parametrize("content", [b"hello", paint(form="gif")])
async def test_a_picture_it_cannot_read_is_refused_before_it_costs(
    client: Client, openai: OpenAIStandIn, content: bytes
) -> None:
    """Only PNG, JPEG and WebP are taken."""
    request = ImageRequest(model="gpt-image-2", prompt="p", images=(paint(), content))
    error = await failure(upstream(client, openai), request)
    assert "Input image 2 is" in error.detail
    assert "PNG, JPEG and WebP" in error.detail
    assert openai.seen == []


async def test_without_a_key_nothing_is_sent(client: Client, openai: OpenAIStandIn) -> None:
    """The message says both ways to give one."""
    error = await failure(upstream(client, openai, key=None), ASK, "  ")
    assert error.detail == (
        "No OpenAI key: pass `openai_api_key` in the input,"
        " or set OPENAI_API_KEY where Safelight runs."
    )
    assert openai.seen == []


async def test_a_key_that_no_header_can_hold_is_refused(
    client: Client, openai: OpenAIStandIn
) -> None:
    """It is not shown."""
    bad = "sk-Zq81tWm3\r\nx-a: Zq81tWm3"
    error = await failure(upstream(client, openai), ASK, bad)
    assert "(E002)" in error.detail
    assert_hides(error, bad)
    assert openai.seen == []


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("moderation", FLAGGED),
        ("rate", BUSY),
        ("server", DOWN),
        ("quota", "(E001)"),
        ("billing", "(E001)"),
        ("verify", "OpenAI refused the call (403): Your organization must be verified"),
        ("gone", "If gpt-image-2 is retired, name its successor in SAFELIGHT_ROUTES."),
        ("redirect", "OpenAI refused the call (307): it gave no reason."),
    ],
)
async def test_each_refusal_has_its_name_and_is_not_retried(
    client: Client, openai: OpenAIStandIn, word: str, message: str
) -> None:
    """The outcome is known: no picture, no bill."""
    error = await failure(upstream(client, openai), asking(f"a cat !{word}"))
    assert message in error.detail
    assert not error.outcome_unknown
    assert (len(openai.seen), openai.paid) == (1, 0)


async def test_a_refusal_carries_the_request_id(client: Client, openai: OpenAIStandIn) -> None:
    """It is what the provider's support asks for."""
    assert (await failure(upstream(client, openai), asking("!moderation"))).request_id == "req_1"


async def test_a_bad_key_is_e002_and_not_shown(client: Client, openai: OpenAIStandIn) -> None:
    """The provider quotes it, masked; the message does not."""
    bad = "sk-proj-Wrong82kQmZ01xPw"
    error = await failure(upstream(client, openai), ASK, bad)
    assert error.detail == (
        "OpenAI did not accept the key. Check `openai_api_key` in the input,"
        " or OPENAI_API_KEY where Safelight runs. (E002)"
    )
    assert_hides(error, bad)


async def test_a_key_without_credit_is_e001(client: Client, openai: OpenAIStandIn) -> None:
    """429, and yet not a matter of waiting."""
    assert "(E001)" in (await failure(upstream(client, openai), ASK, EMPTY_KEY)).detail


async def test_a_key_in_the_providers_message_is_redacted(
    client: Client, openai: OpenAIStandIn
) -> None:
    """Whole, masked and in part."""
    error = await failure(upstream(client, openai), asking("!leak"))
    assert error.detail == (
        "OpenAI refused the call (400): Cannot use [REDACTED], that is [REDACTED]"
        " or [REDACTED] with this."
    )
    assert_hides(error, KEY)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("cut", "the connection was cut"),
        ("truncated", "the connection was cut"),
        ("html-502", "HTTP 502 from a gateway"),
        ("nonsense", "its answer holds no picture"),
    ],
)
async def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(
    client: Client, openai: OpenAIStandIn, word: str, reason: str
) -> None:
    """It may have been billed, so it is not asked again; no HTML is echoed."""
    error = await failure(upstream(client, openai), asking(f"!{word}"))
    assert error.detail == (
        f"The outcome of the call to OpenAI is unknown ({reason}); it was not retried."
    )
    assert error.outcome_unknown
    assert len(openai.seen) == 1


async def test_an_answer_that_is_late_leaves_the_outcome_unknown(
    client: Client, openai: OpenAIStandIn
) -> None:
    """The provider has the request and may do it yet."""
    ours = upstream(client, openai, within=timedelta(milliseconds=150))
    error = await failure(ours, asking("!slow"))
    assert "unknown (there was no answer within 0.15 s)" in error.detail
    assert error.outcome_unknown


async def test_a_cancelled_call_ends_at_once(client: Client, openai: OpenAIStandIn) -> None:
    """A slow provider does not hold up a cancel."""
    task = asyncio.create_task(upstream(client, openai).generate(asking("!slow")))
    await openai.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)


async def test_a_provider_that_is_not_there_did_nothing(client: Client) -> None:
    """The outcome is known."""
    ours = OpenAI(OpenAIConfig(base_url="http://127.0.0.1:1/v1", key=KEY), client)
    error = await failure(ours, ASK)
    assert "OpenAI could not be reached" in error.detail
    assert "Nothing was sent" in error.detail
    assert not error.outcome_unknown
    assert_hides(error, KEY)


def test_an_upstream_error_is_a_failed_run() -> None:
    """Its text becomes the prediction's error."""
    assert UpstreamError("x").title == "Prediction failed"
