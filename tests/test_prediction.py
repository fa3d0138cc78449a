"""The lifecycle: which moves there are, what each leaves behind, and which are refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.making import NOW, made

from safelight.blob import Blob, OutputFile
from safelight.errors import Conflict
from safelight.prediction import TRANSITIONS, Prediction, Status

LATER = NOW + timedelta(seconds=41, microseconds=277192)
FILE = OutputFile(name="out-0.png", media_type="image/png", blob=Blob(key="b" * 64, size=3))

MOVES: dict[Status, Callable[[Prediction, datetime], Prediction]] = {
    Status.PROCESSING: lambda p, now: p.start(now),
    Status.SUCCEEDED: lambda p, now: p.succeed(now),
    Status.FAILED: lambda p, now: p.fail(now, "no luck"),
    Status.CANCELED: lambda p, now: p.cancel(now),
    Status.ABORTED: lambda p, now: p.abort(now),
}
REPORTS: dict[str, Callable[[Prediction], Prediction]] = {
    "log": lambda p: p.log("hello\n"),
    "produce": lambda p: p.produce(["x"], ()),
    "measure": lambda p: p.measure({"image_count": 1}),
    "restart": lambda p: p.restart(NOW),
}
ALLOWED = [(was, to) for was in Status for to in MOVES if to in TRANSITIONS[was]]
FORBIDDEN = [(was, to) for was in Status for to in MOVES if to not in TRANSITIONS[was]]
ENDS = sorted(status for status in Status if status.is_terminal)


def at(status: Status, **facts: Any) -> Prediction:
    """A prediction that has come to *status* by its moves."""
    waiting = made(**facts)
    if status is Status.STARTING:
        return waiting
    if status in TRANSITIONS[Status.STARTING]:
        return MOVES[status](waiting, NOW)
    return MOVES[status](waiting.start(NOW), NOW)


def test_four_statuses_are_ends_and_nothing_leads_out_of_them() -> None:
    """Terminal means without successors; there is no second list."""
    assert ENDS == ["aborted", "canceled", "failed", "succeeded"]
    assert {status for status in Status if not TRANSITIONS[status]} == set(ENDS)


def test_the_table_speaks_of_every_status_and_of_no_other() -> None:
    """Each status is a row, every successor is a status, and only `starting` is not one."""
    assert set(TRANSITIONS) == set(Status)
    successors = frozenset[Status]().union(*TRANSITIONS.values())
    assert successors == set(Status) - {Status.STARTING}


def test_a_prediction_begins_as_starting_with_nothing_to_show() -> None:
    """What a create makes: no output, no logs, no times but its creation's."""
    new = made()
    assert new.status is Status.STARTING
    assert (new.output, new.logs, new.error, new.metrics, new.files) == (None, "", None, {}, ())
    assert (new.started_at, new.completed_at, new.deadline) == (None, None, None)


@pytest.mark.parametrize(("was", "to"), ALLOWED)
def test_every_move_of_the_table_can_be_made(was: Status, to: Status) -> None:
    """The value's methods allow what the table allows."""
    assert MOVES[to](at(was), LATER).status is to


@pytest.mark.parametrize(("was", "to"), FORBIDDEN)
def test_every_other_move_is_refused_by_name(was: Status, to: Status) -> None:
    """The refusal names the prediction, where it is and where it cannot go."""
    before = at(was)
    with pytest.raises(Conflict, match=f"{before.id} is {was} and cannot become {to}"):
        MOVES[to](before, LATER)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PROCESSING}))
def test_only_a_running_prediction_can_report(status: Status, report: str) -> None:
    """Logs, output and metrics are refused before the start and after the end."""
    with pytest.raises(Conflict, match="not processing"):
        REPORTS[report](at(status))


def test_a_move_leaves_the_value_it_was_made_from_as_it_was() -> None:
    """Moves return new values; nobody who holds the old one sees it change."""
    running = made().start(NOW)
    before = msgspec.json.encode(running)
    running.log("x").produce("y", (FILE,)).measure({"z": 1}).succeed(LATER)
    assert msgspec.json.encode(running) == before


def test_a_value_cannot_be_changed_in_place() -> None:
    """It is frozen."""
    with pytest.raises(AttributeError, match="immutable"):
        made().status = Status.SUCCEEDED


def test_logs_add_up_in_order_and_lose_one_newline_at_the_end() -> None:
    """While it runs they are as printed; the end takes the last newline, as Replicate does."""
    running = made().start(NOW).log("one\n").log("two\n\n")
    assert running.logs == "one\ntwo\n\n"
    assert running.succeed(LATER).logs == "one\ntwo\n"


def test_output_shown_while_running_is_replaced_not_appended() -> None:
    """Each `produce` carries all of the output so far."""
    running = made().start(NOW).produce(["a"], ()).produce(["a", "b"], (FILE,))
    assert (running.output, running.files) == (["a", "b"], (FILE,))


def test_success_keeps_output_files_logs_and_metrics() -> None:
    """The runner's last word is what stays."""
    running = made().start(NOW).log("done").produce("text", (FILE,)).measure({"image_count": 2})
    ended = running.succeed(LATER)
    assert (ended.output, ended.files, ended.logs, ended.error) == ("text", (FILE,), "done", None)
    assert ended.metrics["image_count"] == 2


@pytest.mark.parametrize("in_list", [True, False])
def test_an_unfinished_picture_is_the_output_until_there_is_another(in_list: bool) -> None:
    """The newest alone; what is finished replaces them all."""
    running = made().start(NOW).preview((FILE,), in_list=in_list)
    again = running.preview((FILE, FILE), in_list=in_list)
    finished = again.produce([{"$file": 0}], (FILE,))
    assert (running.output, again.output) == (
        ([{"$partial": 0}], [{"$partial": 1}]) if in_list else ({"$partial": 0}, {"$partial": 1})
    )
    assert [one.is_unfinished for one in (made(), running, again, finished)] == [
        False,
        True,
        True,
        False,
    ]
    assert again.files == ()
    assert finished.succeed(LATER).output == [{"$file": 0}]


@pytest.mark.parametrize("to", [Status.FAILED, Status.CANCELED])
def test_an_end_without_success_forgets_unfinished_pictures(to: Status) -> None:
    """As does whoever runs it again."""
    running = made().start(NOW).preview((FILE,), in_list=True)
    for now in (MOVES[to](running, LATER), running.restart(LATER)):
        assert (now.output, now.partials, now.is_unfinished) == (None, (), False)


@pytest.mark.parametrize("to", [Status.FAILED, Status.CANCELED])
def test_an_end_without_success_drops_output_and_keeps_logs(to: Status) -> None:
    """A partial output is no output; what was printed explains the end."""
    running = made().start(NOW).log("working").produce(["half"], (FILE,)).measure({"steps": 3})
    ended = MOVES[to](running, LATER)
    assert (ended.output, ended.files, ended.logs) == (None, (), "working")
    assert ended.metrics["steps"] == 3


def test_only_a_failure_says_why() -> None:
    """`error` is null in every other end."""
    assert {status: at(status).error for status in ENDS if at(status).error} == {
        Status.FAILED: "no luck"
    }


def test_times_are_the_seconds_between_the_shown_instants() -> None:
    """The figures of a recorded run: 42.634 to 16:23.911192 make 41.277192."""
    started = NOW + timedelta(microseconds=8121)
    ended = made().start(started).succeed(LATER)
    assert (ended.started_at, ended.completed_at) == (started, LATER)
    assert ended.metrics == {"predict_time": 41.269071, "total_time": 41.277192}


@given(
    waited=st.timedeltas(timedelta(), timedelta(days=2)),
    ran=st.timedeltas(timedelta(), timedelta(days=2)),
)
def test_total_time_is_exactly_completion_minus_creation(waited: timedelta, ran: timedelta) -> None:
    """To the microsecond, whatever the waits; likewise the time in the runner."""
    started = NOW + waited
    ended = made().start(started).succeed(started + ran)
    assert ended.completed_at is not None
    assert ended.metrics["total_time"] == (ended.completed_at - NOW).total_seconds()
    assert ended.metrics["predict_time"] == ran.total_seconds()


@pytest.mark.parametrize("to", [Status.FAILED, Status.CANCELED, Status.ABORTED])
def test_what_never_ran_has_run_for_no_time(to: Status) -> None:
    """`predict_time` is what costs: nothing before the start."""
    ended = MOVES[to](made(), LATER)
    assert ended.started_at is None
    assert ended.metrics == {"predict_time": 0.0, "total_time": 41.277192}


def test_a_model_cannot_record_the_times_itself() -> None:
    """Its metrics stand beside the measured ones, not in their place."""
    ended = made().start(NOW).measure({"predict_time": 0, "total_time": 0}).succeed(LATER)
    assert ended.metrics == {"predict_time": 41.277192, "total_time": 41.277192}


def test_a_restart_voids_what_was_reported_and_keeps_the_start() -> None:
    """The run begins anew; the caller's clock does not."""
    running = made().start(NOW).log("x").produce(["y"], (FILE,)).measure({"z": 1})
    assert running.restart(NOW) == made(id=running.id).start(NOW)


def test_a_prediction_survives_its_encoding_whole() -> None:
    """Every field comes back from JSON as it was."""
    whole = made(deadline=LATER, webhook="https://a.test/", webhook_events=frozenset()).start(NOW)
    whole = whole.log("x").produce([{"$file": 0}], (FILE,)).measure({"n": 1}).succeed(LATER)
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Prediction) == whole
