"""Token buckets: bursts, refilling, and what is refused costs nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.limits import REPLICATE, Bucket, Limiter, Rates, is_create, parse_rates


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("off", None),
        ("", None),
        ("replicate", REPLICATE),
        ("creates=60,others=600", Rates(60, 600)),
        (" Creates=1, others=2 ", Rates(1, 2)),
    ],
)
def test_rates_are_read_from_a_setting(text: str, rates: Rates | None) -> None:
    """Off, the hosted ones, or numbers a minute."""
    assert parse_rates(text) == rates


@pytest.mark.parametrize(
    "text", ["on", "60", "creates=60", "creates=0,others=1", "creates=1,others=000", "creates=-1"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    """A limit of nothing would lock everybody out."""
    with pytest.raises(ValueError, match="replicate"):
        parse_rates(text)


def test_a_burst_of_a_minutes_worth_is_let_through() -> None:
    """Whoever has not asked for a minute may ask for all of it at once."""
    bucket = Bucket(60, now=0.0)
    allowed = [bucket.take(0.0) for _ in range(60)]
    assert [a.remaining for a in allowed] == list(range(59, -1, -1))
    assert not any(a.retry_after for a in allowed)
    assert bucket.take(0.0).retry_after == 1


def test_one_more_is_allowed_after_the_time_that_was_told() -> None:
    """Waiting as long as told is enough, and less is not."""
    bucket = Bucket(2, now=0.0)
    bucket.take(0.0)
    bucket.take(0.0)
    wait = bucket.take(0.0).retry_after
    assert wait == 30
    assert bucket.take(wait - 1.0).retry_after == 1
    assert bucket.take(float(wait)).retry_after == 0


def test_the_reset_tells_when_the_whole_burst_is_back() -> None:
    """600 a minute is ten a second: one is back within the second."""
    bucket = Bucket(600, now=0.0)
    assert bucket.take(0.0)[:2] == (599, 1)
    for _ in range(599):
        last = bucket.take(0.0)
    assert last.reset == 60


@given(st.lists(st.floats(0, 0.5), max_size=300))
def test_hammering_does_not_extend_the_wait(pauses: list[float]) -> None:
    """However often it is refused, the next is allowed when the first refusal said."""
    bucket = Bucket(1, now=0.0)
    bucket.take(0.0)
    now, refused_until = 0.0, 60.0
    for pause in pauses:
        now = min(now + pause, refused_until - 1e-6)
        assert bucket.take(now).retry_after > 0
    assert bucket.take(refused_until + 1e-6).retry_after == 0


@given(st.integers(1, 50), st.lists(st.floats(0, 5), min_size=1, max_size=100))
def test_no_minute_lets_more_through_than_two_bursts(a_minute: int, pauses: list[float]) -> None:
    """What was saved up, and what came in meanwhile; never more."""
    bucket, now, let_through = Bucket(a_minute, now=0.0), 0.0, list[float]()
    for pause in pauses:
        now += pause
        if bucket.take(now).retry_after == 0:
            let_through.append(now)
    for start in let_through:
        assert sum(start <= at < start + 60 for at in let_through) <= 2 * a_minute + 1


def test_creates_and_others_and_tokens_have_buckets_of_their_own() -> None:
    """One does not use up what is another's."""
    limiter = Limiter(Rates(creates=1, others=1))
    assert limiter.take("a", "predictions.create", 0.0).retry_after == 0
    assert limiter.take("a", "predictions.create", 0.0).retry_after > 0
    assert limiter.take("a", "predictions.get", 0.0).retry_after == 0
    assert limiter.take("b", "models.predictions.create", 0.0).retry_after == 0


def test_tokens_that_have_not_come_for_a_while_take_no_memory() -> None:
    """What is full again is as good as new; what is not is kept."""
    limiter = Limiter(Rates(creates=1, others=1))
    limiter.take("busy", "predictions.get", 59.0)
    for number in range(41_000):
        limiter.take(f"old {number}", "predictions.get", 0.0 if number < 20_000 else 61.0)
    assert len(limiter._buckets) < 25_000
    assert limiter.take("busy", "predictions.get", 61.0).retry_after > 0


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("predictions.create", True),
        ("models.predictions.create", True),
        ("deployments.predictions.create", True),
        ("trainings.create", True),
        ("predictions.cancel", False),
        ("deployments.create", False),
        ("models.create", False),
        ("files.create", False),
    ],
)
def test_creates_are_told_by_the_name_of_the_operation(operation: str, expected: bool) -> None:
    """Only what runs something counts as one."""
    assert is_create(operation) is expected
