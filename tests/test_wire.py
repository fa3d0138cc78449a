"""Replicate's JSON, both ways: keys, their order, times, errors."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.making import NOW, made

from safelight import wire
from safelight.account import Account, Mode
from safelight.blob import Blob, OutputFile
from safelight.capability import Capabilities
from safelight.errors import (
    InvalidField,
    InvalidInput,
    Malformed,
    NotFound,
    SafelightError,
    StoreUnavailable,
    Throttled,
)
from safelight.model import HARDWARE, Model, Version
from safelight.prediction import Prediction, Status
from safelight.webhook import Event
from safelight.wire import Wire, encode, instant, problem, read_create, read_json

ORIGIN = "https://localhost:8443"
CAPABILITIES = Capabilities(b"k" * 32)
WIRE = Wire(CAPABILITIES, shows_aborted=False)
STARTED = NOW + timedelta(microseconds=8121)
ENDED = datetime(2025, 4, 28, 15, 16, 23, 911192, tzinfo=UTC)
FIRST, SECOND = "tmprgna8b0p.png", "tmpwt2u9o48.png"
PNG = Blob(key="b" * 64, size=3)
FILES = tuple(OutputFile(name=name, media_type="image/png", blob=PNG) for name in (FIRST, SECOND))
LOGS = "Generating image...\nGenerated image in 41.3sec\nGenerated 2 images\n"


def finished() -> Prediction:
    """The recorded run: two pictures for somebody's own key."""
    waiting = made(
        id="66fb5tq3n9rma0cpfkvs4ay9sm",
        model="openai/gpt-image-1",
        hidden=True,
        source="web",
        input={"prompt": "<today's date>", "number_of_images": 2, "openai_api_key": "[REDACTED]"},
    )
    running = waiting.start(STARTED).log(LOGS).measure({"image_count": 2})
    return running.produce([{"$file": 0}, {"$file": 1}], FILES).succeed(ENDED)


def shown(prediction: Prediction, by: Wire = WIRE) -> dict[str, Any]:
    """What a client parses."""
    return json.loads(encode(by.prediction(prediction, ORIGIN)))


def test_a_finished_prediction_is_shown_as_replicate_shows_it() -> None:
    """Every key, in the recorded order, with the recorded values."""
    name = "66fb5tq3n9rma0cpfkvs4ay9sm"
    files = f"{ORIGIN}/outputs/{CAPABILITIES.output(name)}"
    expected = {
        "id": name,
        "model": "openai/gpt-image-1",
        "version": "hidden",
        "input": {
            "number_of_images": 2,
            "openai_api_key": "[REDACTED]",
            "prompt": "<today's date>",
        },
        "logs": "Generating image...\nGenerated image in 41.3sec\nGenerated 2 images",
        "output": [f"{files}/{FIRST}", f"{files}/{SECOND}"],
        "data_removed": False,
        "error": None,
        "source": "web",
        "status": "succeeded",
        "created_at": "2025-04-28T15:15:42.634Z",
        "started_at": "2025-04-28T15:15:42.642121Z",
        "completed_at": "2025-04-28T15:16:23.911192Z",
        "urls": {
            "cancel": f"{ORIGIN}/v1/predictions/{name}/cancel",
            "get": f"{ORIGIN}/v1/predictions/{name}",
            "stream": f"{ORIGIN}/v1/files/{CAPABILITIES.stream(name)}",
            "web": f"{ORIGIN}/p/{name}",
        },
        "metrics": {"image_count": 2, "predict_time": 41.269071, "total_time": 41.277192},
    }
    assert json.dumps(shown(finished())) == json.dumps(expected)


def test_the_shown_times_add_up_to_the_shown_metrics() -> None:
    """`total_time` is `completed_at` minus `created_at` as clients read them."""
    document = shown(finished())
    began, ended = map(datetime.fromisoformat, (document["created_at"], document["completed_at"]))
    assert document["metrics"]["total_time"] == (ended - began).total_seconds()


def test_a_new_prediction_leaves_out_what_it_does_not_have() -> None:
    """No null for times, deadline, metrics or webhook; `logs` is there and empty."""
    document = shown(made())
    assert list(document) == [
        *("id", "model", "version", "input", "logs", "output", "data_removed", "error"),
        *("source", "status", "created_at", "urls"),
    ]
    assert (document["logs"], document["output"], document["error"]) == ("", None, None)


def test_a_running_prediction_shows_its_start_and_no_metrics_yet() -> None:
    """Metrics come with the end."""
    document = shown(made().start(STARTED).measure({"image_count": 1}))
    assert document["started_at"] == "2025-04-28T15:15:42.642121Z"
    assert "metrics" not in document
    assert "completed_at" not in document


def test_whole_seconds_keep_their_fraction_digits() -> None:
    """Milliseconds for the creation, microseconds for the rest, even when they are nought."""
    whole = NOW.replace(microsecond=0)
    document = shown(made(created_at=whole, deadline=whole).start(whole))
    assert document["created_at"] == "2025-04-28T15:15:42.000Z"
    assert document["started_at"] == document["deadline"] == "2025-04-28T15:15:42.000000Z"


@pytest.mark.parametrize(("shows", "word"), [(False, "canceled"), (True, "aborted")])
def test_an_aborted_prediction_is_shown_as_canceled_unless_asked_otherwise(
    shows: bool, word: str
) -> None:
    """Official clients know no `aborted`: one crashes on it, others would poll for ever."""
    wire = Wire(CAPABILITIES, shows_aborted=shows)
    assert shown(made().abort(ENDED), wire)["status"] == word


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.ABORTED}))
def test_every_other_status_is_shown_by_its_own_name(status: Status) -> None:
    """The words of the wire are the words of the lifecycle."""
    move = {
        Status.STARTING: lambda p: p,
        Status.PROCESSING: lambda p: p.start(NOW),
        Status.SUCCEEDED: lambda p: p.start(NOW).succeed(NOW),
        Status.FAILED: lambda p: p.fail(NOW, "x"),
        Status.CANCELED: lambda p: p.cancel(NOW),
    }[status]
    assert shown(move(made()))["status"] == status.value


def test_a_webhook_and_its_filter_are_echoed() -> None:
    """As given; the filter in one order, and only when there was one."""
    hooked = made(webhook="https://a.test/?x=1")
    assert shown(hooked)["webhook"] == "https://a.test/?x=1"
    assert "webhook_events_filter" not in shown(hooked)
    filtered = made(webhook="https://a.test/", webhook_events=frozenset({Event.START, Event.LOGS}))
    assert shown(filtered)["webhook_events_filter"] == ["logs", "start"]


def test_only_a_test_prediction_says_that_it_is_one() -> None:
    """A key of ours, absent in live mode."""
    assert shown(made(mode=Mode.TEST))["test"] is True
    assert "test" not in shown(made())


def test_a_community_model_shows_its_version() -> None:
    """Only official models hide it."""
    assert shown(made())["version"] == "a" * 64


def test_files_become_urls_wherever_they_are_in_the_output() -> None:
    """In lists, in objects, in both."""
    nested = (
        made().start(NOW).produce({"a": {"$file": 1}, "b": [{"$file": 0}], "c": "$file"}, FILES)
    )
    opened = f"{ORIGIN}/outputs/{CAPABILITIES.output(nested.id)}"
    assert shown(nested)["output"] == {
        "a": f"{opened}/{SECOND}",
        "b": [f"{opened}/{FIRST}"],
        "c": "$file",
    }


def test_a_file_name_is_quoted_in_its_url() -> None:
    """A model may call its file anything; a client must be able to open it."""
    odd = OutputFile(name="a b#1?50%é.png", media_type="image/png", blob=PNG)
    url: str = shown(made().start(NOW).produce({"$file": 0}, (odd,)))["output"]
    assert url.endswith("/a%20b%231%3F50%25%C3%A9.png")


def test_an_output_without_files_is_shown_as_it_is() -> None:
    """Whatever JSON the model returned, also one that looks like a reference."""
    assert shown(made().start(NOW).produce({"$file": 0}, ()))["output"] == {"$file": 0}


@pytest.mark.parametrize(
    ("output", "strings"),
    [
        (None, []),
        ("text", ["text"]),
        (["a", "b"], ["a", "b"]),
        ([1, {"x": 2}], ["1", '{"x":2}']),
        ({"x": 1}, ['{"x":1}']),
    ],
)
def test_a_stream_is_given_each_item_as_text(output: object, strings: list[str]) -> None:
    """Strings as they are, all else as JSON."""
    said = WIRE.streamed(made().start(NOW).produce(output, ()), ORIGIN)
    assert said == list(enumerate(strings))


def test_a_stream_is_given_files_by_url() -> None:
    """The same URLs as the prediction's."""
    assert WIRE.streamed(finished(), ORIGIN) == list(enumerate(shown(finished())["output"]))


def test_an_instant_is_in_utc_with_microseconds() -> None:
    """RFC 3339 with `Z`."""
    assert instant(ENDED) == "2025-04-28T15:16:23.911192Z"


def test_models_versions_hardware_and_accounts_have_replicates_keys() -> None:
    """The objects that the official clients parse."""
    version = Version(id="a" * 64, created_at=ENDED, cog_version="0.23.1", openapi_schema={})
    model = Model(owner="o", name="n", description="d", versions=(version,), created_at=ENDED)
    document = wire.model(model, runs=7, origin=ORIGIN, example=None)
    assert list(document) == [
        *("url", "owner", "name", "description", "visibility", "is_official", "github_url"),
        *("paper_url", "license_url", "weights_url", "run_count", "cover_image_url"),
        *("default_example", "latest_version", "created_at"),
    ]
    assert document["run_count"] == 7
    assert list(document["latest_version"]) == ["id", "created_at", "cog_version", "openapi_schema"]
    assert wire.hardware(HARDWARE) == [{"name": "CPU", "sku": "cpu"}]
    account = wire.account(Account(username="me", name="Me"))
    assert account == {"type": "user", "username": "me", "name": "Me"}
    assert list(wire.page([], None, None)) == ["next", "previous", "results"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"nope", b'{"a":1}x', b"[" * 100_000])
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    """Cut, not UTF-8, nested without end: each is a 400 that says so."""
    with pytest.raises(Malformed, match=r"^The request body is (not JSON|nested)"):
        read_json(body)


def test_a_create_is_read_whole() -> None:
    """All keys that a client may send."""
    body = encode(
        {
            "version": "a/b",
            "input": {"x": 1},
            "webhook": "https://a.test/",
            "webhook_events_filter": ["start", "completed", "start"],
            "stream": True,
        }
    )
    create = read_create(body, needs_version=True)
    assert (create.version, create.input, create.webhook) == ("a/b", {"x": 1}, "https://a.test/")
    assert create.webhook_events == {Event.START, Event.COMPLETED}


def test_a_create_may_say_null_where_clients_do() -> None:
    """Generated clients send every key they know."""
    nulls = {"webhook": None, "webhook_events_filter": None, "webhook_completed": None}
    create = read_create(encode({"input": {}, "stream": None, **nulls}), needs_version=False)
    assert (create.webhook, create.webhook_events) == (None, None)


def test_the_old_key_for_a_webhook_still_works() -> None:
    """`webhook_completed`, which Python 1.x can send."""
    body = encode({"input": {}, "webhook_completed": "https://a.test/"})
    assert read_create(body, needs_version=False).webhook == "https://a.test/"


FAULTS = [
    ({}, True, ["- version is required", "- input is required"]),
    ({}, False, ["- input is required"]),
    ([], True, ["- Invalid type. Expected: object, given: array"]),
    (
        {"input": "x", "version": 5},
        True,
        [
            "- input: Invalid type. Expected: object, given: string",
            "- version: Invalid type. Expected: string, given: integer",
        ],
    ),
    (
        {"input": {}, "version": "a/b", "model": "a/b", "x": 1},
        True,
        ["- Additional property model is not allowed", "- Additional property x is not allowed"],
    ),
    ({"input": {}, "version": "a/b"}, False, ["- Additional property version is not allowed"]),
    (
        {"input": {}, "webhook": "ftp://x", "webhook_completed": "nowhere"},
        False,
        [
            "- webhook: Does not match format 'uri'",
            "- webhook_completed: Does not match format 'uri'",
        ],
    ),
    ({"input": {}, "webhook": ""}, False, ["- webhook: Does not match format 'uri'"]),
    (
        {"input": {}, "webhook_events_filter": ["start", "end", 5, {}]},
        False,
        [
            f"- webhook_events_filter.{n}: webhook_events_filter.{n} must be one of the following: "
            '"start", "output", "logs", "completed"'
            for n in (1, 2, 3)
        ],
    ),
    (
        {"input": None, "stream": "yes", "webhook_events_filter": "start"},
        False,
        [
            "- input: Invalid type. Expected: object, given: null",
            "- stream: Invalid type. Expected: boolean, given: string",
            "- webhook_events_filter: Invalid type. Expected: array, given: string",
        ],
    ),
]


@pytest.mark.parametrize(("body", "needs_version", "lines"), FAULTS)
def test_a_create_that_does_not_fit_is_told_every_fault_at_once(
    body: object, needs_version: bool, lines: list[str]
) -> None:
    """In Replicate's words, a line each."""
    with pytest.raises(InvalidInput) as caught:
        read_create(encode(body), needs_version=needs_version)
    assert caught.value.detail.splitlines() == lines


def test_a_problem_document_has_detail_status_and_title() -> None:
    """In Replicate's order, with the newline at the end."""
    expected = b'{"detail":"The requested resource could not be found.","status":404,'
    assert problem(NotFound()) == expected + b'"title":"Not found"}\n'


def test_a_problem_without_title_leaves_it_out() -> None:
    """An internal error has none."""
    assert problem(SafelightError("Internal error")) == (
        b'{"detail":"Internal error","status":500}\n'
    )


def test_a_validation_problem_lists_its_fields() -> None:
    """For people in `detail`, for programs in `invalid_fields`."""
    document = json.loads(
        problem(InvalidInput([InvalidField("required", "", "input is required")]))
    )
    assert document == {
        "detail": "- input is required\n",
        "status": 422,
        "title": "Input validation failed",
        "invalid_fields": [{"type": "required", "field": "", "description": "input is required"}],
    }


def test_a_full_disk_is_a_503_that_says_nothing_was_accepted() -> None:
    """So that a client may try again."""
    document = json.loads(problem(StoreUnavailable("Nothing was accepted.")))
    assert (document["status"], document["title"]) == (503, "Storage unavailable")


def test_every_error_a_caller_can_meet_has_a_status_of_its_kind() -> None:
    """4xx is the caller's, 5xx is ours; all have a title but one, as recorded."""
    for kind in SafelightError.__subclasses__():
        assert 400 <= kind.status <= 503, kind
        assert kind is Throttled or re.fullmatch(r"[A-Z][\w '()]+", kind.title or ""), kind


@pytest.mark.parametrize(
    "read",
    [
        lambda body: wire.read_create(body, needs_version=False),
        wire.read_deployment,
        wire.read_training,
        lambda body: wire.read_new_model(body, NOW),
    ],
)
def test_of_countless_faults_the_first_are_named(read: Callable[[bytes], object]) -> None:
    """And of a long name its beginning: the answer is not larger than what was asked."""
    fields: dict[str, object] = {f"{'x' * 10_000}{number}": 1 for number in range(300)}
    fields["webhook_events_filter"] = ["x"] * 10_000
    with pytest.raises(InvalidInput) as refused:
        read(wire.encode(fields))
    assert len(refused.value.fields) <= 100
    assert len(refused.value.detail) < 100_000
