"""Every documented failure of a provider, as the official client meets it."""

from collections.abc import Generator, Mapping
from typing import NamedTuple

import pytest
from tests.clients.providing import (
    GPT_1,
    GPT_2,
    IMAGEN,
    IMAGEN_4,
    OCEAN,
    Providers,
    holds_a_key,
    providing,
)
from tests.standins.google_errors import REFUSALS
from tests.standins.jigsawstack import RESETS_IN
from tests.standins.openai_errors import CATALOGUE

FLAGGED = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
BUSY = "Service is currently unavailable due to high demand. Please try again later. (E003)"
DOWN = "Service is temporarily unavailable. Please try again later. (E004)"
CREDIT = (
    "{} refused the call: the account behind the key has no credit left, or is at its limit."
    " Check its billing. (E001)"
)
KEY = "{} did not accept the key. Check {}. (E002)"
OPENAI_KEY = KEY.format(
    "OpenAI", "`openai_api_key` in the input, or OPENAI_API_KEY where Safelight runs"
)
GOOGLE_KEY = KEY.format("Google", "GOOGLE_API_KEY (or GEMINI_API_KEY) where Safelight runs")
OCEAN_KEY = KEY.format(
    "JigsawStack", "`api_key` in the input, or JIGSAWSTACK_API_KEY where Safelight runs"
)
UNKNOWN = "The outcome of the call to {} is unknown ({}); it was not retried."
GATEWAY = "HTTP {} from a gateway"
RETIRED = " If {} is retired, name its successor in SAFELIGHT_ROUTES."
OWN_WORDS = ""
"""The provider's message, after who refused and the status."""
BAD, USER = "invalid_request_error", "image_generation_user_error"


class Row(NamedTuple):
    """One row: what the provider answers, and what becomes of it."""

    word: str
    """By which the stand-in is asked for it."""
    answer: str
    """As documented: status, then type, param and code, or Google's status."""
    error: str = OWN_WORDS
    more: str = ""
    """After the provider's own words."""
    calls: int = 1
    """1 is not retried; 3 is all that is tried of what says to have done nothing."""
    is_the_providers: bool = False
    """Whether it counts for leaving the provider alone."""
    pause: Mapping[str, str] = {}
    """What the answer says of when to come back, beside its message."""


SOON: Mapping[str, str] = {"retry-after-ms": "20"}
"""With it, what the message says of twelve seconds is not waited for."""
_AGAIN = 2
"""The stand-in is not OpenAI: there what can be left out is left out, and it is asked once more."""

OPENAI_ROWS = (
    Row("key", f"401 {BAD}/null/invalid_api_key", OPENAI_KEY),
    Row("no-key", f"401 {BAD}/null/null", OPENAI_KEY),
    Row("verify", f"403 {BAD}/null/null", more=" (E002)"),
    Row("billing", f"400 {BAD}/null/billing_hard_limit_reached", CREDIT.format("OpenAI")),
    Row("quota", "429 insufficient_quota/null/insufficient_quota", CREDIT.format("OpenAI")),
    Row("rate", "429 input-images/null/rate_limit_exceeded", BUSY, calls=3, pause=SOON),
    Row("rate-tokens", "429 tokens/null/rate_limit_exceeded", BUSY, calls=3, pause=SOON),
    # Longer than a prediction is kept waiting: it fails at once, and says so.
    Row("slow-down", "429 requests/null/null", BUSY),
    Row("moderation", f"400 {USER}/null/moderation_blocked", FLAGGED),
    Row("moderation-bare", f"400 {USER}/null/moderation_blocked", FLAGGED),
    Row("moderation-output", f"400 {USER}/null/moderation_blocked", FLAGGED),
    Row("policy", f"400 {BAD}/null/content_policy_violation", FLAGGED),
    Row("unknown-parameter", f"400 {BAD}/response_format/unknown_parameter"),
    Row("fidelity", f"400 {USER}/input_fidelity/invalid_input_fidelity_model"),
    Row("transparent", f"400 {USER}/background/invalid_value", calls=_AGAIN),
    Row("transparent-jpeg", f"400 {USER}/background/invalid_value", calls=_AGAIN),
    Row("png-compression", f"400 {USER}/null/invalid_png_output_compression"),
    Row("size-steps", f"400 {USER}/size/invalid_value"),
    Row("size-form", f"400 {USER}/size/invalid_value"),
    Row("size-small", f"400 {USER}/size/invalid_value"),
    Row("size-large", f"400 {USER}/size/invalid_value"),
    Row("size-edge", f"400 {USER}/size/invalid_value"),
    Row("quality", f"400 {BAD}/quality/invalid_value", calls=_AGAIN),
    Row("moderation-value", f"400 {BAD}/moderation/invalid_value", calls=_AGAIN),
    Row("format-value", f"400 {BAD}/output_format/invalid_value", calls=_AGAIN),
    Row("background-value", f"400 {BAD}/background/invalid_value", calls=_AGAIN),
    Row("many", f"400 {BAD}/n/integer_above_max_value"),
    Row("few", f"400 {BAD}/n/integer_below_min_value"),
    Row("n-type", f"400 {BAD}/n/invalid_type"),
    Row("n-part", f"400 {BAD}/n/invalid_type"),
    Row("no-prompt", f"400 {BAD}/prompt/missing_required_parameter"),
    Row("no-model", f"400 {BAD}/model/missing_required_parameter"),
    Row("no-images", f"400 {BAD}/images/missing_required_parameter"),
    Row("empty-prompt", f"400 {BAD}/prompt/empty_string"),
    Row("long-prompt", f"400 {BAD}/prompt/string_above_max_length"),
    Row("retired", f"400 {USER}/model/invalid_value", more=RETIRED.format("gpt-image-2")),
    Row("gone", f"404 {BAD}/null/model_not_found", more=RETIRED.format("gpt-image-2")),
    Row("mimetype", f"400 {BAD}/image/unsupported_file_mimetype"),
    Row("mimetype-second", f"400 {BAD}/image[1]/unsupported_file_mimetype"),
    Row("bad-image", f"400 {BAD}/null/invalid_image_file"),
    Row("bad-image-users", f"400 {USER}/null/invalid_image_file"),
    Row("many-images", f"400 {BAD}/image/array_above_max_length"),
    Row("too-large", f"413 {BAD}/null/null"),
    Row("too-large-400", f"400 {BAD}/image/null"),
    # It may be billed, so it is the caller who decides to try again.
    Row("server", "500 server_error/null/null", DOWN, is_the_providers=True),
    Row(
        "failed",
        "500 image_generation_server_error/null/image_generation_failed",
        DOWN,
        is_the_providers=True,
    ),
    Row("overloaded", "503 server_error/null/null", DOWN, is_the_providers=True),
    Row("html-503", "503", DOWN, is_the_providers=True),
    *(
        Row(word, status, UNKNOWN.format("OpenAI", GATEWAY.format(status)), is_the_providers=True)
        for word, status in (
            ("text-502", "502"),
            ("html-504", "504"),
            ("text-520", "520"),
            ("html-524", "524"),
        )
    ),
)
FAILED = "400 INVALID_ARGUMENT"
BEFORE = "400 FAILED_PRECONDITION"
GOOGLE_ROWS = (
    Row("bad-key", FAILED, GOOGLE_KEY),
    Row("unauthenticated", "401 UNAUTHENTICATED", GOOGLE_KEY),
    Row("unbilled", BEFORE, CREDIT.format("Google")),
    Row("billing-off", "403 PERMISSION_DENIED", CREDIT.format("Google")),
    Row("level", FAILED),
    Row("rai-level", BEFORE),
    Row("blocked-prompt", FAILED, FLAGGED),
    Row("not-allowlisted", BEFORE),
    Row("seed", FAILED),
    Row("count", FAILED),
    Row("unknown-field", FAILED),
    Row("forbidden", "403 PERMISSION_DENIED", more=" (E002)"),
    Row("retired", "404 NOT_FOUND", more=RETIRED),
    Row("rate", "429 RESOURCE_EXHAUSTED", BUSY, calls=3),
    Row("rate-bare", "429 RESOURCE_EXHAUSTED", BUSY, calls=3),
    Row("day-quota", "429 RESOURCE_EXHAUSTED", CREDIT.format("Google")),
    Row("no-quota", "429 RESOURCE_EXHAUSTED", CREDIT.format("Google")),
    Row("internal", "500 INTERNAL", DOWN, is_the_providers=True),
    Row("down", "503 UNAVAILABLE", DOWN, is_the_providers=True),
    Row(
        "late",
        "504 DEADLINE_EXCEEDED",
        UNKNOWN.format("Google", GATEWAY.format(504)),
        is_the_providers=True,
    ),
)
NO_PICTURE = "Google made no picture ({}). Please try again with a different prompt."
WITHHELD = {
    # Imagen's answers with 200
    **{(IMAGEN, word): FLAGGED for word in ("all-filtered", "mixed", "empty", "empty-list")},
    # Gemini's
    **{
        (GPT_2, f"block-{reason}"): FLAGGED
        for reason in (
            "SAFETY",
            "PROHIBITED_CONTENT",
            "IMAGE_SAFETY",
            "BLOCKLIST",
            "OTHER",
            "JAILBREAK",
            "MODEL_ARMOR",
        )
    },
    **{
        (GPT_2, f"finish-{reason}"): FLAGGED
        for reason in (
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
            "PROHIBITED_CONTENT",
        )
    },
    (GPT_2, "finish-IMAGE_OTHER"): NO_PICTURE.format("IMAGE_OTHER"),
    (GPT_2, "finish-NO_IMAGE"): NO_PICTURE.format("NO_IMAGE"),
}
"""What comes instead of a picture with 200."""
OCEAN_SAID = "JigsawStack refused the call ({}): It is {} for [REDACTED]."
OCEAN_ROWS = (
    Row("bad", "400", OCEAN_SAID.format(400, "bad")),
    Row("forbidden", "403", OCEAN_SAID.format(403, "forbidden") + " (E002)"),
    Row(
        "gone",
        "404",
        OCEAN_SAID.format(404, "gone") + RETIRED.format("image_generation"),
    ),
    Row("wrong-method", "405", OCEAN_SAID.format(405, "wrong-method")),
    Row("no-credit", "402", CREDIT.format("JigsawStack")),
    Row("rate", "429", BUSY, calls=3, pause={"in": "0.02"}),
    Row("rate", "429", BUSY, pause={"in": str(RESETS_IN)}),
    Row("broken", "500", DOWN, is_the_providers=True),
    Row("broken-text", "500", DOWN, is_the_providers=True),
    Row("away", "503", DOWN, is_the_providers=True),
)
BROKEN_OFF = {
    "html-502": GATEWAY.format(502),
    "cut": "the connection was cut",
    "truncated": "the connection was cut",
}
"""What every provider can do."""


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Generator[Providers]:
    """A server that still asks for Imagen, and has Gemini answer for gpt-image-2."""
    routes = f"{IMAGEN}=google:{IMAGEN_4},{GPT_2}=google:gemini-3.1-flash-image"
    with providing(tmp_path_factory.mktemp("providers"), SAFELIGHT_ROUTES=routes) as started:
        yield started


def check(providers: Providers, model: str, word: str, error: str, calls: int = 1) -> str:
    """Run into it; give the logs."""
    providers.seen()
    prediction = providers.fail(model, f"a cat !{word}")
    assert prediction.error == error
    assert (prediction.status, prediction.output) == ("failed", None)
    assert len(providers.seen()) == calls
    shown = providers.client.predictions.get(prediction.id)
    assert not holds_a_key(f"{prediction} {prediction.logs} {shown} {shown.logs} {shown.error}")
    return shown.logs or ""


def check_recovery(providers: Providers, model: str) -> None:
    """One that goes well after it, so that failures in a row do not add up."""
    assert providers.run(model, "a cat")


@pytest.mark.parametrize("row", OPENAI_ROWS, ids=lambda row: row.word)
def test_openai(providers: Providers, row: Row) -> None:
    """Told by its code where it has one, else in the provider's own words; the id is on record."""
    problem = CATALOGUE[row.word]
    if problem.page is None:
        told = f"{problem.type}/{problem.param or 'null'}/{problem.code or 'null'}"
        assert row.answer == f"{problem.status} {told}"
    error = row.error or f"OpenAI refused the call ({problem.status}): {problem.message}{row.more}"
    providers.openai.headers = dict(row.pause)
    logs = check(providers, GPT_1, row.word, error, row.calls)
    providers.openai.headers = {}
    ids = [line.split()[-1] for line in logs.splitlines() if line.startswith("OpenAI request ID")]
    assert ids
    assert f"its request ID is {ids[-1]}.".encode() in providers.server.printed
    if row.is_the_providers:
        check_recovery(providers, GPT_1)


@pytest.mark.parametrize("model", [IMAGEN, GPT_2], ids=["imagen", "gemini"])
@pytest.mark.parametrize("row", GOOGLE_ROWS, ids=lambda row: row.word)
def test_google(providers: Providers, row: Row, model: str) -> None:
    """At either of its methods."""
    refusal = REFUSALS[row.word]
    assert row.answer == f"{refusal.status} {refusal.name}"
    name, version, method = (
        (IMAGEN_4, "v1beta", "predict")
        if model == IMAGEN
        else ("gemini-3.1-flash-image", "v1", "generateContent")
    )
    listed = "retired-listed" if row.word == "retired" and model == GPT_2 else row.word
    message = REFUSALS[listed].message.format(f"models/{name}", version, method)
    more = row.more.format(name)
    error = row.error or f"Google refused the call ({refusal.status}): {message}{more}"
    check(providers, model, row.word, error, row.calls)
    if row.is_the_providers:
        check_recovery(providers, model)


@pytest.mark.parametrize(("model", "word"), WITHHELD)
def test_google_withholds(providers: Providers, model: str, word: str) -> None:
    """It answers 200, and there is no picture."""
    check(providers, model, word, WITHHELD[model, word])


@pytest.mark.parametrize("row", OCEAN_ROWS, ids=lambda row: row.word)
def test_jigsawstack(providers: Providers, row: Row) -> None:
    """Of its key, which its messages quote, nothing is left."""
    providers.jigsawstack.resets_in = float(row.pause.get("in", RESETS_IN))
    check(providers, OCEAN, row.word, row.error, row.calls)
    if row.is_the_providers:
        check_recovery(providers, OCEAN)


def test_jigsawstack_quotes_a_bad_key(providers: Providers) -> None:
    """401, with the key in its message."""
    providers.seen()
    prediction = providers.fail(OCEAN, "a cat", api_key="sk_wrong_0123456789")
    assert prediction.error == OCEAN_KEY
    assert len(providers.seen()) == 1


@pytest.mark.parametrize("word", BROKEN_OFF)
@pytest.mark.parametrize(
    ("model", "provider"), [(GPT_1, "OpenAI"), (IMAGEN, "Google"), (OCEAN, "JigsawStack")]
)
def test_an_answer_that_breaks_off_is_not_bought_again(
    providers: Providers, model: str, provider: str, word: str
) -> None:
    """The caller is told that the outcome is unknown."""
    check(providers, model, word, UNKNOWN.format(provider, BROKEN_OFF[word]))
    check_recovery(providers, model)


def test_what_is_served_has_no_key_in_it(providers: Providers) -> None:
    """A message that quotes the key whole, masked and in part; and all that was printed by now."""
    words = "Cannot use [REDACTED], that is [REDACTED] or [REDACTED] with this."
    check(providers, GPT_1, "leak", f"OpenAI refused the call (400): {words}")
    assert not holds_a_key(providers.server.printed.decode())
    prediction = providers.fail(GPT_1, "!billing")
    assert (prediction.input or {})["openai_api_key"] == "[REDACTED]"


def test_the_tables_have_every_answer_that_the_stand_ins_know() -> None:
    """Another form of a pause is read by the upstreams' tests."""
    assert CATALOGUE.keys() - {row.word for row in OPENAI_ROWS} == {"leak", "rate-header"}
    apart = {"rate-told", "retired-listed"}
    assert REFUSALS.keys() - {row.word for row in GOOGLE_ROWS} == apart
