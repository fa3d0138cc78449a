"""Charts: what is drawn says the numbers, fits where it is drawn, and lets no markup in."""

import re
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from safelight.web.charts import (
    HEIGHT,
    WIDTH,
    Column,
    Share,
    Words,
    columns,
    grouped,
    meter,
    series,
    shares,
    top_of,
)

WORDS = Words("one", "A <title>", 'It says "more" & ends.')
KINDS = ("sure", "unsure")


def read(drawing: Markup) -> ET.Element:
    """The drawing, which is well-formed XML."""
    return ET.fromstring(str(drawing))  # noqa: S314 - drawn by us


def rects(drawing: Markup, kind: str) -> list[dict[str, float]]:
    """Where the rectangles of a class are."""
    found = [one.attrib for one in read(drawing).iter("rect") if one.attrib["class"] == kind]
    names = ("x", "y", "width", "height")
    return [{name: float(one[name]) for name in names} for one in found]


@pytest.mark.parametrize(
    "drawing",
    [
        columns(WORDS, [Column("a", (1, 2))], KINDS),
        shares(WORDS, [Share("a", 1)]),
        meter(WORDS, 1, 2, 3),
    ],
)
def test_a_drawing_says_what_it_is(drawing: Markup) -> None:
    """It is a picture with a name and a description, and has no styles of its own."""
    svg = read(drawing)
    assert svg.attrib["role"] == "img"
    named = {one.attrib.get("id"): one.text for one in svg}
    assert [named[name] for name in svg.attrib["aria-labelledby"].split()] == [
        WORDS.title,
        WORDS.description,
    ]
    assert "style" not in str(drawing)
    assert re.fullmatch(rf"0 0 {WIDTH} \d+", svg.attrib["viewBox"])


def test_the_scale_ends_at_a_round_number() -> None:
    """At the next 1, 2 or 5 times a power of ten; what is exactly there fits."""
    tops = [top_of([value]) for value in (0.003, 0.2, 0.21, 1, 3.2, 7, 99, 100.5)]
    assert tops == pytest.approx([0.005, 0.2, 0.5, 1, 5, 10, 100, 200])
    assert top_of([]) == top_of([0, 0]) == 1


def test_columns_stand_on_the_ground_within_the_drawing() -> None:
    """Pieces stand on each other, and are as high as they are much."""
    drawing = columns(WORDS, [Column("a", (1, 0.5)), Column("b", (0, 2))], KINDS)
    (sure,), (above, alone) = rects(drawing, "sure"), rects(drawing, "unsure")
    assert sure["y"] + sure["height"] == HEIGHT
    assert above["y"] + above["height"] == sure["y"]
    assert sure["height"] == 2 * above["height"] == HEIGHT / 2
    assert alone["y"] == 0
    assert sure["x"] == above["x"] < alone["x"] < WIDTH - alone["width"]


def test_the_least_is_seen_and_nothing_is_not() -> None:
    """A thousandth of a cent beside a hundred dollars is drawn."""
    drawing = columns(WORDS, [Column("a", (0.00001, 0)), Column("b", (100, 0))], KINDS)
    least, most = rects(drawing, "sure")
    assert 0 < least["height"] < most["height"]
    assert rects(drawing, "unsure") == []


def test_columns_of_nothing_are_a_chart() -> None:
    """So is a chart without a single column."""
    assert rects(columns(WORDS, [Column("a", (0, 0))], KINDS), "sure") == []
    assert rects(columns(WORDS, [], KINDS), "sure") == []


def test_shares_fill_the_whole() -> None:
    """One after another; the seventh and all after it have one colour."""
    parts = [Share(f"part {number}", number) for number in range(9, 0, -1)]
    drawing = shares(WORDS, parts)
    found = [*rects(drawing, "s1"), *rects(drawing, "s6"), *rects(drawing, "rest")]
    assert found[0]["x"] == 0
    assert found[0]["width"] == pytest.approx(WIDTH * 9 / 45)
    assert found[-1]["x"] + found[-1]["width"] == pytest.approx(WIDTH, abs=0.1)
    assert len(rects(drawing, "rest")) == 3
    assert [series(place) for place in (0, 5, 6, 99)] == ["s1", "s6", "rest", "rest"]


def test_shares_of_nothing_are_empty() -> None:
    """No part is drawn, and nothing is divided by nothing."""
    assert "rect" not in str(shares(WORDS, [Share("a", 0)]))


@pytest.mark.parametrize(
    ("spent", "held", "limit", "widths", "is_full"),
    [
        (2.5, 2.5, 10, (250, 250), False),
        (0, 0, 10, (0, 0), False),
        (9, 1, 10, (900, 100), True),
        (12, 3, 10, (1000, 0), True),
        (0, 0, 0, (1000, 0), True),
    ],
)
def test_a_meter_never_runs_over(
    spent: float, held: float, limit: float, widths: tuple[float, float], *, is_full: bool
) -> None:
    """A limit that is used up, by what is spent and held, looks so; one of nothing always is."""
    drawing = meter(WORDS, spent, held, limit)
    (used,) = rects(drawing, "spent full" if is_full else "spent")
    (kept,) = rects(drawing, "held")
    assert (used["width"], kept["width"]) == widths
    assert kept["x"] == used["width"]


def test_what_a_column_says_stays_text() -> None:
    """In its title and in its attribute."""
    drawing = columns(WORDS, [Column('"><script>alert(1)</script>', (1, 0))], KINDS)
    assert "<script" not in str(drawing)
    (group,) = read(drawing).iter("g")
    assert group.attrib["data-says"] == group[0].text == '"><script>alert(1)</script>'


def test_many_days_share_columns() -> None:
    """Just so many that they fit."""
    assert [grouped(count, 100) for count in (0, 1, 100, 101, 1000, 1001)] == [1, 1, 1, 2, 10, 11]
