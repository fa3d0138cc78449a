"""Google: each refusal and failure under its name, with what it cost and when to come back."""

from datetime import timedelta
from typing import NamedTuple

import pytest
from tests.standins.google import GoogleStandIn
from tests.upstreams.failing import assert_hides, failure
from tests.upstreams.googling import GEMINI, IMAGEN, asking, upstream

from safelight.outbound.client import Client
from safelight.upstream import Fault
from safelight.upstreams.google_codes import rules_named

FLAGGED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
CREDIT = (
    "Google refused the call: the account behind the key has no credit left, or is at its limit."
    " Check its billing. (E001)"
)
KEY = (
    "Google did not accept the key."
    " Check GOOGLE_API_KEY (or GEMINI_API_KEY) where Safelight runs. (E002)"
)
BUSY = "Service is currently unavailable due to high demand. Please try again later. (E003)"
DOWN = "Service is temporarily unavailable. Please try again later. (E004)"
REFUSED = "Google refused the call (400): "
FAILED = f"{REFUSED}Image generation failed with the following error: "


class Row(NamedTuple):
    word: str
    fault: Fault
    message: str
    did_no_work: bool = True
    retry_after: float | None = None
    logged: str = ""
    model: str = IMAGEN


ROWS = (
    Row("unauthenticated", Fault.KEY, KEY),
    Row("unbilled", Fault.CREDIT, CREDIT, logged="Imagen API is only accessible to billed users"),
    Row("billing-off", Fault.CREDIT, CREDIT, logged="This API method requires billing."),
    Row("rai-level", Fault.REFUSED, f"{FAILED}Invalid rai level from the request"),
    Row("not-allowlisted", Fault.REFUSED, f"{FAILED}Project or the user is not allowlisted to"),
    Row("blocked-prompt", Fault.FLAGGED, FLAGGED, logged="Google blocked it: other (prompt)."),
    Row(
        "forbidden",
        Fault.KEY,
        "Google refused the call (403): Generative Language API has not been used in project",
    ),
    Row("rate", Fault.BUSY, BUSY, retry_after=3.29, logged="Google said (429): Quota exceeded"),
    Row("rate-told", Fault.BUSY, BUSY, retry_after=24.5),
    Row("rate-bare", Fault.BUSY, BUSY),
    Row("day-quota", Fault.CREDIT, CREDIT, logged="You exceeded your current quota."),
    Row("no-quota", Fault.CREDIT, CREDIT, logged="limit: 0"),
    Row("internal", Fault.DOWN, DOWN, did_no_work=False, logged="An internal error has occurred."),
    Row("down", Fault.DOWN, DOWN, logged="Google said (503): The model is overloaded."),
    Row("late", Fault.UNKNOWN, "The outcome of the call to Google is unknown", did_no_work=False),
    Row(
        "all-filtered",
        Fault.FLAGGED,
        FLAGGED,
        logged="Google filtered out 1 of 1 pictures: people or face (picture), celebrity (prompt).",
    ),
    Row("empty", Fault.FLAGGED, FLAGGED, logged="1 of 1 pictures: it gave no reason."),
    Row("empty-list", Fault.FLAGGED, FLAGGED, logged="1 of 1 pictures: it gave no reason."),
)
"""What the services answer to either method, and Imagen with 200."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.word)
async def test_each_refusal_has_its_name(
    client: Client, google: GoogleStandIn, capsys: pytest.CaptureFixture[str], row: Row
) -> None:
    """And says whether it may have cost anything; nothing is asked again."""
    error = await failure(upstream(client, google, vertex=True), asking(f"!{row.word}", row.model))
    assert error.detail.startswith(row.message)
    assert (error.fault, error.did_no_work) == (row.fault, row.did_no_work)
    wait = None if row.retry_after is None else timedelta(seconds=row.retry_after)
    assert error.retry_after == wait
    assert row.logged in capsys.readouterr().out
    assert (len(google.seen), google.paid) == (1, 0)


@pytest.mark.parametrize(
    "reason",
    [
        "SAFETY",
        "PROHIBITED_CONTENT",
        "IMAGE_SAFETY",
        "BLOCKLIST",
        "OTHER",
        "JAILBREAK",
        "MODEL_ARMOR",
    ],
)
async def test_a_prompt_that_gemini_blocks_is_flagged_and_free(
    client: Client, google: GoogleStandIn, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    """For whatever reason; the logs have it, and Google's id of the call is kept."""
    error = await failure(upstream(client, google), asking(f"!block-{reason}"))
    assert (error.detail, error.fault) == (FLAGGED, Fault.FLAGGED)
    assert (error.did_no_work, error.request_id) == (True, "r-1")
    assert f"Google made no picture: {reason}." in capsys.readouterr().out


@pytest.mark.parametrize(
    "reason",
    [
        "SAFETY",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "RECITATION",
        "BLOCKLIST",
        "SPII",
        "MODEL_ARMOR",
    ],
)
async def test_a_picture_that_gemini_withholds_is_flagged(
    client: Client, google: GoogleStandIn, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    """It is free if no tokens of output were counted; where some were, they may be billed."""
    error = await failure(upstream(client, google), asking(f"!finish-{reason}"))
    assert (error.detail, error.fault, error.did_no_work) == (FLAGGED, Fault.FLAGGED, True)
    assert f"Google made no picture: {reason}. Unable to show it." in capsys.readouterr().out
    error = await failure(upstream(client, google), asking(f"!spent-{reason}"))
    assert (error.fault, error.did_no_work) == (Fault.FLAGGED, False)


@pytest.mark.parametrize(
    ("word", "because", "did_no_work"),
    [
        ("finish-NO_IMAGE", " (NO_IMAGE)", True),
        ("finish-IMAGE_OTHER", " (IMAGE_OTHER)", True),
        ("spent-NO_IMAGE", " (NO_IMAGE)", False),
        ("spent-MAX_TOKENS", " (MAX_TOKENS)", False),
        ("text-only", " (STOP)", False),
        ("nonsense", "", False),
    ],
)
async def test_an_answer_without_a_picture_is_no_success(
    client: Client, google: GoogleStandIn, word: str, because: str, did_no_work: bool
) -> None:
    """What it does not say to be free may be billed."""
    error = await failure(upstream(client, google), asking(f"!{word}"))
    assert error.detail == (
        f"Google made no picture{because}. Please try again with a different prompt."
    )
    assert (error.fault, error.did_no_work) == (Fault.REFUSED, did_no_work)


async def test_what_gemini_says_instead_of_painting_is_logged(
    client: Client, google: GoogleStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """It often says what is missing."""
    await failure(upstream(client, google), asking("!text-only"))
    assert capsys.readouterr().out == "Google made no picture: STOP. I would rather not.\n"


async def test_a_barred_account_is_a_matter_of_the_key(
    client: Client, google: GoogleStandIn
) -> None:
    """Another prompt would not help."""
    error = await failure(upstream(client, google), asking("!finish-PUP_LIMITED_DISABLED"))
    assert error.fault is Fault.KEY


@pytest.mark.parametrize("model", [GEMINI, IMAGEN])
@pytest.mark.parametrize("word", ["html-502", "cut", "truncated"])
async def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(
    client: Client, google: GoogleStandIn, model: str, word: str
) -> None:
    """It may have been done, and is not asked again."""
    error = await failure(upstream(client, google), asking(f"!{word}", model))
    assert "The outcome of the call to Google is unknown" in error.detail
    assert (error.fault, error.did_no_work) == (Fault.UNKNOWN, False)
    assert len(google.seen) == 1


async def test_an_answer_that_is_not_imagens_leaves_the_outcome_unknown(
    client: Client, google: GoogleStandIn
) -> None:
    """It is not mistaken for the empty one, which says that all was filtered."""
    error = await failure(upstream(client, google), asking("!nonsense", IMAGEN))
    assert error.fault is Fault.UNKNOWN


@pytest.mark.parametrize("vertex", [False, True])
async def test_a_retired_model_names_the_way_out(
    client: Client, google: GoogleStandIn, vertex: bool
) -> None:
    """The setting for a successor is in the message, beside Google's own words."""
    model = "imagen-4.0-fast-generate-retired"
    error = await failure(upstream(client, google, vertex=vertex), asking(model=model))
    assert f"models/{model} is not found for API version v1beta" in error.detail
    assert f"If {model} is retired, name its successor in SAFELIGHT_ROUTES." in error.detail
    assert (error.fault, error.did_no_work) == (Fault.RETIRED, True)


async def test_a_wrong_address_is_not_taken_for_a_retired_model(
    client: Client, google: GoogleStandIn
) -> None:
    """A page that is missing says nothing of the model."""
    base_url = f"{google.origin}/elsewhere"
    error = await failure(upstream(client, google, base_url=base_url), asking())
    assert error.fault is Fault.REFUSED


async def test_a_bad_key_is_e002_and_not_shown(client: Client, google: GoogleStandIn) -> None:
    """Google answers 400 for it."""
    bad = "AIzaSyWrong82kQmZ01xPw"
    error = await failure(upstream(client, google, key=bad), asking())
    assert (error.detail, error.fault) == (KEY, Fault.KEY)
    assert_hides(error, bad)


async def test_without_a_key_nothing_is_sent(client: Client, google: GoogleStandIn) -> None:
    """The models have no input for one."""
    error = await failure(upstream(client, google, key=None), asking())
    assert error.detail == (
        "No Google key: set GOOGLE_API_KEY (or GEMINI_API_KEY) where Safelight runs."
    )
    assert error.fault is Fault.KEY
    assert google.seen == []


async def test_vertex_by_project_says_what_is_supported(
    client: Client, google: GoogleStandIn
) -> None:
    """OAuth is not; an API key is."""
    ours = upstream(client, google, key=None, vertex=True, project="p")
    error = await failure(ours, asking())
    assert "needs OAuth, which is not supported: set GOOGLE_API_KEY" in error.detail
    assert error.fault is Fault.KEY
    assert google.seen == []


async def test_a_service_that_is_not_there_did_no_work(client: Client) -> None:
    """The connection is refused before anything is sent."""
    async with GoogleStandIn() as gone:
        ours = upstream(client, gone)
    error = await failure(ours, asking())
    assert (error.fault, error.did_no_work) == (Fault.DOWN, True)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Support codes: 39322892, 29310472", "people or face (picture), celebrity (prompt)"),
        ("Support codes: 29578790, 74803281.", "other (picture)"),
        ("Support codes: 11111111", ""),
        ("no codes", ""),
    ],
)
def test_support_codes_name_the_rules(text: str, rules: str) -> None:
    """Each rule once; a code that is not known names none."""
    assert rules_named(text) == rules
