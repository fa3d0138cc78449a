"""OpenAI: each failure, what it is called, and whether the outcome is known."""

import asyncio
import logging
from datetime import timedelta

import pytest
from tests.standins.openai import EMPTY_KEY, OpenAIStandIn
from tests.standins.openai_errors import CATALOGUE, KEY
from tests.upstreams.failing import assert_hides, failure

from safelight.outbound.client import Client
from safelight.outgoing import Response
from safelight.upstream import Fault, ImageRequest, UpstreamError
from safelight.upstreams.openai import OpenAI, OpenAIConfig
from safelight.upstreams.openai_failures import read_problem, refused_parameter

ASK = ImageRequest(model="gpt-image-2", prompt="a lighthouse")
FLAGGED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
UNKNOWN = (
    "The outcome of the call to OpenAI is unknown (HTTP {} from a gateway); it was not retried."
)
BUSY = "Service is currently unavailable due to high demand. Please try again later. (E003)"
DOWN = "Service is temporarily unavailable. Please try again later. (E004)"


def asking(prompt: str) -> ImageRequest:
    return ImageRequest(model="gpt-image-2", prompt=prompt)


def upstream(client: Client, standin: OpenAIStandIn, **more: object) -> OpenAI:
    settings = {"base_url": standin.base_url, "key": KEY, **more}
    return OpenAI(OpenAIConfig(**settings), client)


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


NOTHING, PERHAPS = True, False
CREDIT = (
    "OpenAI refused the call: the account behind the key has no credit left, or is at its limit."
    " Check its billing. (E001)"
)
KEY_REFUSED = (
    "OpenAI did not accept the key. Check `openai_api_key` in the input,"
    " or OPENAI_API_KEY where Safelight runs. (E002)"
)
RETIRED = " If gpt-image-2 is retired, name its successor in SAFELIGHT_ROUTES."
REFUSED = (
    "unknown-parameter",
    "fidelity",
    "transparent",
    "transparent-jpeg",
    "png-compression",
    "size-steps",
    "size-form",
    "size-small",
    "size-large",
    "size-edge",
    "moderation-value",
    "format-value",
    "background-value",
    "n-part",
    "no-model",
    "no-images",
    "mimetype-second",
    "bad-image-users",
    "too-large-400",
    "quality",
    "many",
    "few",
    "n-type",
    "no-prompt",
    "empty-prompt",
    "long-prompt",
    "mimetype",
    "bad-image",
    "many-images",
    "too-large",
)
"""What the caller has to change, told in the provider's own words."""


LEFT_OUT = frozenset(
    {
        "quality",
        "transparent",
        "transparent-jpeg",
        "moderation-value",
        "format-value",
        "background-value",
    }
)
"""What names a parameter that can be left out: a server that is not OpenAI's is asked again."""


def said(word: str, more: str = "") -> str:
    """The provider's sentence as it is passed on."""
    problem = CATALOGUE[word]
    return f"OpenAI refused the call ({problem.status}): {problem.message}{more}"


@pytest.mark.parametrize(
    ("word", "message", "fault", "work", "pause"),
    [
        ("key", KEY_REFUSED, Fault.KEY, NOTHING, None),
        ("no-key", KEY_REFUSED, Fault.KEY, NOTHING, None),
        ("verify", said("verify", " (E002)"), Fault.KEY, NOTHING, None),
        ("billing", CREDIT, Fault.CREDIT, NOTHING, None),
        ("quota", CREDIT, Fault.CREDIT, NOTHING, None),
        ("rate", BUSY, Fault.BUSY, NOTHING, 12),
        ("rate-header", BUSY, Fault.BUSY, NOTHING, 8.6),
        ("rate-tokens", BUSY, Fault.BUSY, NOTHING, 1.8),
        ("slow-down", BUSY, Fault.BUSY, NOTHING, 51.84),
        ("moderation", FLAGGED, Fault.FLAGGED, NOTHING, None),
        ("moderation-output", FLAGGED, Fault.FLAGGED, PERHAPS, None),
        ("moderation-bare", FLAGGED, Fault.FLAGGED, NOTHING, None),
        ("policy", FLAGGED, Fault.FLAGGED, NOTHING, None),
        ("retired", said("retired", RETIRED), Fault.RETIRED, NOTHING, None),
        ("gone", said("gone", RETIRED), Fault.RETIRED, NOTHING, None),
        ("server", DOWN, Fault.DOWN, PERHAPS, None),
        ("failed", DOWN, Fault.DOWN, PERHAPS, None),
        ("overloaded", DOWN, Fault.DOWN, NOTHING, 30),
        ("html-503", DOWN, Fault.DOWN, NOTHING, None),
        ("html-502", UNKNOWN.format(502), Fault.UNKNOWN, PERHAPS, None),
        ("text-502", UNKNOWN.format(502), Fault.UNKNOWN, PERHAPS, None),
        ("html-504", UNKNOWN.format(504), Fault.UNKNOWN, PERHAPS, None),
        ("text-520", UNKNOWN.format(520), Fault.UNKNOWN, PERHAPS, None),
        ("html-524", UNKNOWN.format(524), Fault.UNKNOWN, PERHAPS, None),
        *((word, said(word), Fault.REFUSED, NOTHING, None) for word in REFUSED),
    ],
)
async def test_each_error_has_its_name_and_says_what_was_done(  # noqa: PLR0917 - a table's columns and fixtures
    client: Client,
    openai: OpenAIStandIn,
    word: str,
    message: str,
    fault: Fault,
    work: bool,
    pause: float | None,
) -> None:
    """Every row of the catalogue; nothing is sent again as it is."""
    error = await failure(upstream(client, openai), asking(f"a cat !{word}"))
    assert (error.detail, error.fault, error.did_no_work) == (message, fault, work)
    assert error.retry_after == (None if pause is None else timedelta(seconds=pause))
    calls = 2 if word in LEFT_OUT else 1
    assert (len(openai.seen), openai.paid) == (calls, 0)


def test_the_table_is_the_whole_catalogue() -> None:
    """Those that stand alone below are the leak and the redirect."""
    table = test_each_error_has_its_name_and_says_what_was_done.pytestmark[0].args[1]
    assert CATALOGUE.keys() - {row[0] for row in table} == {"leak"}


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (b'{"error": "The model is still loading."}', "The model is still loading.", None),
        (b'{"object": "error", "message": "Out of memory.", "code": 50}', "Out of memory.", None),
        (b'{"detail": "Not authenticated"}', "Not authenticated", None),
        (
            b'{"detail": [{"loc": ["body", "user"], "msg": "Extra inputs are not permitted"}]}',
            "user: Extra inputs are not permitted",
            "user",
        ),
        (b'{"detail": []}', None, None),
        (b'{"error": null}', None, None),
        (b'{"error": 7}', None, None),
        (b"<html>Oh</html>", None, None),
        (b"", None, None),
        (b'{"error": {"message": "\xff"}}', None, None),
    ],
)
def test_other_servers_forms_of_an_error_are_read(
    body: bytes, message: str | None, param: str | None
) -> None:
    """Whoever runs a local engine wants to know why it refused."""
    problem = read_problem(body)
    assert (problem.message, problem.param) == (message, param)
    response = Response(422, {}, body)
    assert refused_parameter(response, problem) == param


async def test_a_redirect_is_not_followed(client: Client, openai: OpenAIStandIn) -> None:
    """It would take the key elsewhere."""
    error = await failure(upstream(client, openai), asking("!redirect"))
    assert error.detail == "OpenAI refused the call (307): it gave no reason."
    assert len(openai.seen) == 1


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("moderation", "OpenAI's safety system refused the input for sexual."),
        (
            "moderation-output",
            "OpenAI's safety system refused the output for violence, self-harm.",
        ),
        ("moderation-bare", "OpenAI's safety system refused the request for sexual, hate."),
        ("policy", "OpenAI's safety system refused the request."),
    ],
)
async def test_a_moderation_is_explained_in_the_logs_alone(
    client: Client,
    openai: OpenAIStandIn,
    capsys: pytest.CaptureFixture[str],
    word: str,
    line: str,
) -> None:
    """Where, for what, and the id that support asks for."""
    error = await failure(upstream(client, openai), asking(f"!{word}"))
    assert capsys.readouterr().out.splitlines() == [line, "OpenAI request ID: req_1"]
    assert "req_1" not in error.detail


async def test_a_refusal_carries_the_request_id(client: Client, openai: OpenAIStandIn) -> None:
    """It is what the provider's support asks for."""
    assert (await failure(upstream(client, openai), asking("!moderation"))).request_id == "req_1"


async def test_the_servers_log_has_the_request_id_and_the_code(
    client: Client, openai: OpenAIStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """And nothing of the message, which may quote a prompt or a key."""
    caplog.set_level(logging.INFO, "safelight.upstreams")
    await failure(upstream(client, openai), asking("!rate"))
    await failure(upstream(client, openai), asking("!html-504"))
    assert caplog.messages == [
        "OpenAI refused or failed (rate_limit_exceeded); its request ID is req_1.",
        "OpenAI refused or failed (no code); its request ID is req_2.",
    ]


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
