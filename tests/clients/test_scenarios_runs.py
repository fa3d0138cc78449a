"""Replicate's contract as scenarios on the wire: creates, waits, inputs and ends."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.clients.conftest import Run
from tests.clients.wire import ECHO, SKETCH, Caller, calling
from tests.serving import Server, serving

SMALL = {"prompt": "a", "width": 256, "height": 256}


@pytest.fixture(scope="module")
def caller(server: Server) -> Generator[Caller]:
    """A caller of the server that all tests share."""
    with calling(server) as made:
        yield made


def test_scenario_01_a_fast_model_ends_within_the_wait(caller: Caller) -> None:
    """The answer has the whole output, and says that the wait was granted."""
    answer = caller.create(SKETCH, SMALL, prefer="wait")
    shown = answer.json()
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "wait"
    assert answer.headers["location"] == shown["urls"]["get"]
    assert shown["status"] in {"processing", "succeeded"}
    assert caller.stranger.get(shown["output"][0]).status_code == 200


def test_scenario_02_a_slow_model_says_starting_and_goes_on(caller: Caller) -> None:
    """Whatever it is really doing: clients take anything else for its end."""
    answer = caller.create(ECHO, {"prompt": "a [[delay: 2s]]"}, prefer="wait=1")
    shown = answer.json()
    assert answer.status_code in {201, 202}
    assert (shown["status"], shown["output"]) == ("starting", None)
    assert "started_at" not in shown
    assert caller.until(shown["id"])["output"] == "a"


def test_scenario_03_a_model_that_fails_is_answered(
    caller: Caller, run_python: Run, js: Run
) -> None:
    """The create itself succeeds; both clients raise."""
    answer = caller.create(ECHO, {"prompt": "[[fail: no luck]]"}, prefer="wait")
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["error"]) == ("failed", "no luck")
    done = run_python("""
import replicate
try:
    replicate.run("safelight/echo", input={"prompt": "[[fail: no luck]]"})
except replicate.exceptions.ModelError as error:
    print(error)
""")
    assert done.out == "no luck\n"
    value = '{ input: { prompt: "[[fail: no luck]]" } }'
    told = js(f'tell((await refused(() => replicate.run("safelight/echo", {value})))[1]);')
    assert told == "Prediction failed: no luck"


@pytest.mark.parametrize(
    "prefer", ["wait=120", "wait=0", "wait=abc", "wait=-1", "wait=1.5", "respond-async", "wait="]
)
def test_scenario_04_an_odd_wait_is_clamped_or_ignored(caller: Caller, prefer: str) -> None:
    """A preference is one: what cannot be granted is no reason to refuse."""
    answer = caller.create(ECHO, {"prompt": "a"}, prefer=prefer)
    assert answer.status_code in {201, 202}


def test_scenario_05_a_version_has_three_spellings(caller: Caller) -> None:
    """All run; the answer names the version and the model."""
    latest = caller.get(f"/v1/models/{ECHO}")["latest_version"]["id"]
    for version in (latest, f"{ECHO}:{latest}", ECHO):
        body = {"version": version, "input": {"prompt": "a"}}
        shown = caller.post("/v1/predictions", body, prefer="wait").json()
        assert shown["output"] == "a"
        assert shown["model"] == ECHO
        assert re.fullmatch(r"[0-9a-f]{64}|hidden", shown["version"])


def test_scenario_06_each_fault_of_a_body_is_told(caller: Caller) -> None:
    """Unknown inputs are none."""
    path = f"/v1/models/{SKETCH}/predictions"
    extra = caller.post(path, {"input": SMALL, "model": "a/b"})
    assert extra.status_code == 422
    assert extra.json()["detail"] == "- Additional property model is not allowed\n"
    unknown = caller.create(SKETCH, SMALL | {"negative_prompt": "b"}, prefer="wait")
    assert unknown.status_code == 201
    assert "negative_prompt" not in unknown.json()["input"]
    for value, kind, field, detail in (
        ({}, "required", "input", "prompt is required"),
        (
            SMALL | {"num_outputs": 99},
            "number_lte",
            "input.num_outputs",
            "Must be less than or equal to 4",
        ),
        (
            SMALL | {"output_format": "bmp"},
            "enum",
            "input.output_format",
            "output_format must be one of the following: ",
        ),
        (
            SMALL | {"width": "wide"},
            "invalid_type",
            "input.width",
            "Invalid type. Expected: integer, given: string",
        ),
    ):
        answer = caller.create(SKETCH, value)
        assert answer.status_code == 422
        problem = answer.json()
        assert problem["title"] == "Input validation failed"
        assert f"- {field}: {detail}" in problem["detail"]
        found = [(one["type"], one["field"]) for one in problem["invalid_fields"]]
        assert (kind, field) in found


def test_scenario_14_a_cancel_is_answered_whatever_there_is_to_cancel(tmp_path: Path) -> None:
    """Queued, running, finished, unknown."""
    with (
        serving(tmp_path, SAFELIGHT_MAX_RUNNING="1") as server,
        calling(server) as caller,
    ):
        running = caller.made(ECHO, {"prompt": "[[timeout]]"})
        caller.until(running["id"], "processing")
        queued = caller.made(ECHO, {"prompt": "[[timeout]]"})
        for one in (queued, running):
            answer = caller.post(f"/v1/predictions/{one['id']}/cancel", None)
            assert answer.status_code == 200
            assert answer.json()["status"] == "canceled"
            assert answer.json()["output"] is None
            assert answer.json()["completed_at"]
        assert "started_at" not in caller.prediction(queued["id"])
        finished = caller.made(ECHO, {"prompt": "a"}, prefer="wait")
        answer = caller.post(f"/v1/predictions/{finished['id']}/cancel", None)
        assert (answer.status_code, answer.json()) == (200, finished)
        assert caller.post("/v1/predictions/nope/cancel", None).status_code == 404


def test_scenario_15_a_deadline_cancels_what_runs_and_aborts_what_waits(tmp_path: Path) -> None:
    """It is shown from the beginning."""
    with (
        serving(tmp_path, SAFELIGHT_MAX_RUNNING="1", SAFELIGHT_SHOW_ABORTED="true") as server,
        calling(server) as caller,
    ):
        running = caller.made(ECHO, {"prompt": "[[timeout]]"}, cancel_after="6s")
        caller.until(running["id"], "processing")
        queued = caller.made(ECHO, {"prompt": "a"}, cancel_after="5s")
        assert running["deadline"] > running["created_at"]
        assert queued["deadline"] > queued["created_at"]
        assert caller.until(queued["id"])["status"] == "aborted"
        ended = caller.until(running["id"])
        assert ended["status"] == "canceled"
        assert ended["deadline"] == running["deadline"]
        assert "started_at" not in caller.prediction(queued["id"])
