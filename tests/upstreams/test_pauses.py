"""How long a provider wants to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from safelight.upstreams.pauses import allowance_pause, asked_pause


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after-ms": "20", "retry-after": "9"}, "try again in 5s", 0.02),
        ({"retry-after": "9"}, "try again in 5s", 9),
        ({"retry-after": "soon", "retry-after-ms": "nan"}, "Please try again in 5s.", 5),
        ({}, "Please try again after 51.84 seconds.", 51.84),
        ({}, "Please try again in 1m30s. Visit", 90),
        ({}, "Please try again in 6ms.", 0.006),
        ({}, "try again in 1 hour 2 minutes", 3720),
        ({}, "try again in 999999 days", 86400),
        ({"retry-after-ms": "inf"}, "Please try again later, in a while.", None),
        ({"retry-after-ms": "-1"}, "", None),
    ],
)
def test_a_pause_is_read_from_headers_or_from_the_sentence(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    """The most exact first; nonsense is as good as nothing; a day is the most."""
    assert asked_pause(headers, message) == (seconds and timedelta(seconds=seconds))


def test_a_pause_may_be_a_date() -> None:
    """As HTTP has it."""
    at = format_datetime(datetime.now(UTC) + timedelta(hours=1))
    pause = asked_pause({"retry-after": at})
    assert pause is not None
    assert timedelta(minutes=59) < pause <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-images": "0", "x-ratelimit-reset-images": "12s"}, 12),
        ({"x-ratelimit-remaining-images": "1", "x-ratelimit-reset-images": "12s"}, None),
        ({"x-ratelimit-remaining-images": "0"}, None),
        ({}, None),
    ],
)
def test_an_allowance_counts_only_when_it_is_used_up(
    headers: dict[str, str], seconds: float | None
) -> None:
    """And when it is said how long that lasts."""
    assert allowance_pause(headers) == (seconds and timedelta(seconds=seconds))
