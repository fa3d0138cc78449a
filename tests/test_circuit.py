"""Circuit breakers: when they open, whom they let through, when they close."""

import pytest

from safelight.circuit import FAILURES, Circuit, Trial


def fail(circuit: Circuit, times: int, at: float = 0.0, step: float = 1.0) -> float:
    """Let calls through that fail, and give the time of the last."""
    for number in range(times):
        begun(circuit, at + number * step).failed(at + number * step)
    return at + (times - 1) * step


def begun(circuit: Circuit, now: float) -> Trial:
    """A call that was let through."""
    trial = circuit.begin(now)
    assert trial is not None
    return trial


@pytest.fixture
def circuit() -> Circuit:
    return Circuit()


def test_five_failures_in_a_row_open_it(circuit: Circuit) -> None:
    """Four do not."""
    fail(circuit, FAILURES - 1)
    assert not circuit.is_open
    fail(circuit, 1, at=10)
    assert circuit.is_open
    assert circuit.begin(11) is None
    assert circuit.wait(11) == 29


def test_an_answer_between_them_begins_the_count_anew(circuit: Circuit) -> None:
    """Even a refusal shows that somebody is there."""
    fail(circuit, FAILURES - 1)
    begun(circuit, 5).answered()
    fail(circuit, FAILURES - 1, at=6)
    assert not circuit.is_open


def test_failures_over_more_than_a_minute_are_bad_luck(circuit: Circuit) -> None:
    """Five in an hour, with nothing else asked, are no outage."""
    fail(circuit, 20, step=16)
    assert not circuit.is_open


def test_after_the_rest_one_call_goes_through(circuit: Circuit) -> None:
    """The others wait for how it ends."""
    now = fail(circuit, FAILURES)
    assert circuit.begin(now + 29.9) is None
    probe = begun(circuit, now + 30)
    assert circuit.begin(now + 30) is None
    assert circuit.wait(now + 30) > 0
    probe.answered()
    assert not circuit.is_open
    assert circuit.begin(now + 31) is not None


def test_each_probe_that_fails_doubles_the_rest_up_to_five_minutes(circuit: Circuit) -> None:
    """From half a minute on."""
    now = fail(circuit, FAILURES)
    rests: list[float] = []
    for _ in range(6):
        rests.append(circuit.wait(now))
        now += circuit.wait(now)
        begun(circuit, now).failed(now)
    assert rests == [30, 60, 120, 240, 300, 300]


def test_after_closing_the_rest_is_short_again(circuit: Circuit) -> None:
    """What was is forgotten."""
    now = fail(circuit, FAILURES) + 30
    begun(circuit, now).failed(now)
    now += 60
    begun(circuit, now).answered()
    now = fail(circuit, FAILURES, at=now)
    assert circuit.wait(now) == 30


def test_a_probe_that_taught_nothing_makes_room_for_another(circuit: Circuit) -> None:
    """A canceled call must not hold the circuit open for ever."""
    now = fail(circuit, FAILURES) + 30
    begun(circuit, now).dropped()
    assert circuit.begin(now) is not None


def test_calls_from_before_the_rest_that_fail_do_not_make_it_longer(circuit: Circuit) -> None:
    """They belong to the same outage."""
    early = [begun(circuit, 0) for _ in range(4)]
    now = fail(circuit, FAILURES)
    for trial in early:
        trial.failed(now + 20)
    assert circuit.wait(now + 20) == 10
    probe = begun(circuit, now + 30)
    probe.failed(now + 31)
    assert circuit.wait(now + 31) == 60


def test_a_call_from_before_the_rest_that_is_answered_ends_it(circuit: Circuit) -> None:
    """Somebody is there after all."""
    early = begun(circuit, 0)
    now = fail(circuit, FAILURES)
    early.answered()
    assert circuit.begin(now) is not None


def test_a_call_ends_once(circuit: Circuit) -> None:
    """Dropping what has been told changes nothing."""
    now = fail(circuit, FAILURES) + 30
    probe = begun(circuit, now)
    probe.failed(now)
    probe.dropped()
    probe.answered()
    assert circuit.wait(now) == 60
