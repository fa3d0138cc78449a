"""Which predictions an address stands for, and the address that stands for them."""

import pytest
from starlette.datastructures import QueryParams

from safelight.web.wanted import Wanted, read


def wanted(address: str) -> Wanted:
    """What an address of the page says."""
    return read(QueryParams(address.partition("?")[2]))


def test_an_address_and_what_it_says_are_the_same() -> None:
    """But for what is empty, unknown, or only there for the days."""
    address = "/predictions?view=table&status=failed,canceled&prompt=a+%26+b&model=acme/img"
    assert wanted(address).address() == address
    assert wanted("?prompt=&model=+&view=wall&zone=Europe/Berlin&x=1").address() == "/predictions"
    assert wanted("?zone=UTC&from=2026-01-31").address("abc") == (
        "/predictions?from=2026-01-31&zone=UTC&cursor=abc"
    )


def test_statuses_come_one_by_one_or_together() -> None:
    """As a form sends them, and as a link does; each once, and each can be taken away."""
    found = wanted("?status=failed&status=starting,failed")
    assert found.statuses == ("failed", "starting")
    assert found.toggled("failed").statuses == ("starting",)
    assert found.toggled("canceled").statuses == ("failed", "starting", "canceled")


@pytest.mark.parametrize(
    ("zone", "after", "before"),
    [
        ("", "2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+00:00"),
        ("Europe/Berlin", "2026-03-28T23:00:00+00:00", "2026-03-29T22:00:00+00:00"),
        ("../../etc/passwd", "2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+00:00"),
        ("Europe", "2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+00:00"),
    ],
)
def test_days_are_those_of_the_browser(zone: str, after: str, before: str) -> None:
    """From the first moment of the one to the last of the other, even where a clock jumps."""
    query = wanted(f"?from=2026-03-29&to=2026-03-29&zone={zone}").query()
    assert (query["created_after"], query["created_before"]) == (after, before)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-12-31", "1"])
def test_what_is_no_day_is_said(day: str) -> None:
    """And how one is written."""
    with pytest.raises(ValueError, match="A day is written as 2026-01-31"):
        wanted(f"?to={day}").query()


def test_each_filter_can_be_taken_away_alone() -> None:
    """A chip has the address without it; a token goes by its name."""
    found = wanted("?view=table&status=failed&mode=live&token=abc&from=2026-01-31&zone=UTC")
    chips = {chip.name: (chip.text, chip.without) for chip in found.chips({"abc": "ci …x9Zq"})}
    assert chips["Mode"] == (
        "Live",
        "/predictions?view=table&status=failed&token=abc&from=2026-01-31&zone=UTC",
    )
    assert chips["Token"][0] == "ci …x9Zq"
    assert chips["From"] == (
        "2026-01-31",
        "/predictions?view=table&status=failed&mode=live&token=abc",
    )
    assert found.is_narrow
    assert not found.everything.is_narrow
    assert found.everything.address() == "/predictions?view=table"
