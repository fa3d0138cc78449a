"""What calls may cost and have cost."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from safelight.price import PRICES, Price, PriceList, parse_prices
from safelight.route import DEFAULT_ROUTES
from safelight.upstream import ImageRequest, ImageResult, Picture, Usage

TODAY = date(2026, 11, 21)
PICTURE = Picture(b"", "image/png")


def request(**facts: Any) -> ImageRequest:
    return ImageRequest(**{"model": "m", "prompt": "a cat"} | facts)


def result(came: int = 1, usage: Usage | None = None) -> ImageResult:
    return ImageResult(pictures=(PICTURE,) * came, upstream="u", usage=usage)


def cost(upstream: str, answered: ImageResult, **facts: Any) -> Decimal:
    bill = PriceList().actual(upstream, request(**facts), answered, TODAY)
    assert bill is not None
    return bill.cost


@pytest.mark.parametrize(
    ("upstream", "usage", "dollars"),
    [
        ("openai:gpt-image-1", Usage(input_tokens=22, output_tokens=12416), "0.49675"),
        (
            "openai:gpt-image-2",
            Usage(input_tokens=456, input_image_tokens=361, output_tokens=1372),
            "0.044523",
        ),
        ("google:gemini-3.1-flash-image", Usage(input_tokens=10, output_tokens=1120), "0.067205"),
    ],
)
def test_what_was_used_costs_what_the_provider_says(
    upstream: str, usage: Usage, dollars: str
) -> None:
    """Two of these are calls whose bills are known."""
    assert cost(upstream, result(2, usage)) == Decimal(dollars)


def test_a_call_that_is_paid_by_the_picture_costs_what_came() -> None:
    """Of four of which one was filtered out, three."""
    upstream = "google:imagen-4.0-fast-generate-001"
    assert cost(upstream, result(3), count=4) == Decimal("0.06")


def test_without_usage_the_estimate_stands_for_what_came() -> None:
    """And is told to be one."""
    prices = PriceList()
    bill = prices.actual("openai:gpt-image-2", request(count=4), result(3), TODAY)
    assert bill is not None
    assert bill.is_estimate
    assert bill.cost == prices.estimate("openai:gpt-image-2", request(count=3), TODAY)


@pytest.mark.parametrize(
    "usage",
    [
        Usage(),
        Usage(input_tokens=20),
        Usage(input_tokens=-20, output_tokens=1756),
        Usage(input_tokens=20, input_image_tokens=-1, output_tokens=1756),
        Usage(input_tokens=20, output_tokens=-1756),
        Usage(input_tokens=20, output_tokens=10**12),
        Usage(input_tokens=10**40, output_tokens=1756),
    ],
)
def test_a_usage_that_cannot_be_is_none(usage: Usage) -> None:
    """A picture is never free, gives nothing back, and costs no fortune: the estimate stands."""
    prices = PriceList()
    bill = prices.actual("openai:gpt-image-2", request(), result(usage=usage), TODAY)
    assert bill is not None
    assert bill.is_estimate
    assert bill.cost == prices.estimate("openai:gpt-image-2", request(), TODAY)


@pytest.mark.parametrize("quality", ["low", "medium", "high"])
@pytest.mark.parametrize("size", [None, (1024, 1024), (1536, 1024), (1024, 1536)])
def test_auto_is_estimated_as_the_dearest(quality: str, size: tuple[int, int] | None) -> None:
    """What the provider then chooses is not known before."""
    prices = PriceList()
    for upstream in ("openai:gpt-image-1", "openai:gpt-image-2"):
        auto = prices.estimate(upstream, request(size=size), TODAY)
        chosen = prices.estimate(upstream, request(size=size, quality=quality), TODAY)
        assert auto is not None
        assert chosen is not None
        assert auto >= chosen > 0


def test_a_size_that_is_left_to_the_provider_is_estimated_as_the_dearest() -> None:
    """Of those that it chooses from; a square that is asked for is one."""
    prices = PriceList()
    for model in ("gpt-image-1", "gpt-image-2"):
        upstream = f"openai:{model}"
        open_to_all = prices.estimate(upstream, request(aspect_ratio="auto"), TODAY)
        sizes = [(1024, 1024), (1536, 1024), (1024, 1536)]
        each = [prices.estimate(upstream, request(size=size), TODAY) for size in sizes]
        assert open_to_all == max(one for one in each if one is not None)
        assert prices.estimate(upstream, request(aspect_ratio="1:1"), TODAY) == each[0]


@pytest.mark.parametrize("size", [(0, 0), (-1, 10**30), (10**9, 10**9), (1, 10**9)])
def test_a_size_beyond_all_measure_has_a_price_within_measure(size: tuple[int, int]) -> None:
    """It is never painted; what it would cost must fit into the ledger all the same."""
    for upstream in ("openai:gpt-image-1", "openai:gpt-image-2"):
        estimate = PriceList().estimate(upstream, request(size=size), TODAY)
        assert estimate is not None
        assert 0 < estimate < 2


@pytest.mark.parametrize("prompt", ["\u4e00" * 1000, "\U0001f600" * 1000, "\udc80" * 1000])
def test_words_that_are_not_english_are_not_estimated_as_english(prompt: str) -> None:
    """Of those a character can be a token, or more."""
    foreign = PriceList().estimate("openai:gpt-image-2", request(prompt=prompt), TODAY)
    english = PriceList().estimate("openai:gpt-image-2", request(prompt="a" * 1000), TODAY)
    assert foreign is not None
    assert english is not None
    assert foreign - english >= Decimal(5 * 750) / 1_000_000


def test_an_estimate_grows_with_what_is_asked() -> None:
    """With the number of pictures, of pictures sent, and of words."""
    prices = PriceList()
    least = prices.estimate("openai:gpt-image-2", request(), TODAY)
    assert least is not None
    for more in ({"count": 2}, {"images": (b"",)}, {"prompt": "a cat " * 99}):
        dearer = prices.estimate("openai:gpt-image-2", request(**more), TODAY)
        assert dearer is not None
        assert dearer > least


def test_the_price_is_that_of_the_day() -> None:
    """Before the list begins, the oldest that is known."""
    old = Price.by_picture(TODAY, "1")
    new = Price.by_picture(TODAY + timedelta(days=9), "2")
    prices = PriceList({"openai:x": (old, new)})
    for days, picture in ((-99, 1), (0, 1), (8, 1), (9, 2), (99, 2)):
        found = prices.estimate("openai:x", request(), TODAY + timedelta(days=days))
        assert found == picture


def test_a_snapshot_costs_what_its_model_does() -> None:
    """Unless it has a price of its own."""
    prices = PriceList()
    named = prices.price("openai:gpt-image-2-2026-04-21", TODAY)
    assert named == prices.price("openai:gpt-image-2", TODAY)
    assert named is not None


def test_what_is_not_listed_has_no_price() -> None:
    """Neither before nor after."""
    prices = PriceList()
    assert prices.estimate("openai:nobody", request(), TODAY) is None
    assert prices.actual("openai:nobody", request(), result(), TODAY) is None


def test_a_written_price_replaces_the_one_in_the_box() -> None:
    """By the picture, or by the million tokens."""
    prices = PriceList(parse_prices(" openai:gpt-image-2 = 0.5 , openai:my-own=5/8/30,"))
    assert prices.estimate("openai:gpt-image-2", request(count=2), TODAY) == 1
    usage = Usage(input_tokens=456, input_image_tokens=361, output_tokens=1372)
    bill = prices.actual("openai:my-own", request(), result(usage=usage), TODAY)
    assert bill is not None
    assert bill.cost == Decimal("0.044523")


def test_a_written_price_leaves_the_tokens_of_a_picture_as_they_are() -> None:
    """They follow from the model, not from what it costs."""
    upstream = "google:gemini-3.1-flash-image"
    written = PriceList(parse_prices(f"{upstream}=0.5/0.5/60"))
    assert written.estimate(upstream, request(), TODAY) == PriceList().estimate(
        upstream, request(), TODAY
    )


@pytest.mark.parametrize(
    "text",
    [
        "openai:x",
        "x=1",
        "openai:=1",
        "openai:x=",
        "openai:x=-1",
        "openai:x=1/2",
        "a:b=1e9",
        "a:b=1000000",
    ],
)
def test_a_price_that_cannot_be_read_is_refused(text: str) -> None:
    """With what to write."""
    with pytest.raises(ValueError, match="dollars a picture"):
        parse_prices(text)


def test_the_list_names_only_what_can_be_asked() -> None:
    """And each upstream once a day, the oldest price first."""
    for upstream, listed in PRICES.items():
        assert upstream.partition(":")[0] in {"openai", "google", "jigsawstack", "sketch"}
        days = [price.since for price in listed]
        assert days == sorted(set(days))


def test_the_upstreams_that_are_asked_by_default_have_prices() -> None:
    """But for JigsawStack's, which publishes none."""
    unknown = {
        str(route)
        for routes in DEFAULT_ROUTES.values()
        for route in routes
        if PriceList().price(str(route), TODAY) is None
    }
    assert unknown == {"jigsawstack:image_generation"}
