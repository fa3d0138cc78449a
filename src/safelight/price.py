"""What providers charge, since when, and what a call may cost or has cost, in US dollars."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Self

import msgspec

from safelight.image_tokens import (
    Size,
    input_tokens,
    output_tokens,
    partial_tokens,
    text_tokens,
)
from safelight.paying import Bill
from safelight.upstream import ImageRequest, ImageResult, Usage

_MILLION: Final = 1_000_000
_UNSEEN: Final[Size] = (1536, 1024)
"""What an input picture is taken for before it is opened."""
_SIZES: Final[Mapping[str, Size]] = MappingProxyType(
    {"1:1": (1024, 1024), "2:3": (1024, 1536), "3:2": (1536, 1024)}
)
"""What a provider chooses from by itself, by aspect ratio."""
_EXACT: Final = re.compile(r"(\d{1,5})x(\d{1,5})")
_LONGEST_SIDE: Final = 3840
_MOST_TOKENS: Final = 10**8
"""Of one call: no picture takes a thousandth of that."""
_AMOUNT: Final = re.compile(r"\d{1,6}(\.\d{1,9})?")
_FORM: Final = (
    "write dollars a picture, as in `openai:my-model=0.04`, or a million tokens of text in, "
    "pictures in and pictures out, as in `openai:my-model=5/8/30`"
)
_QUALITIES: Final = frozenset({"low", "medium", "high"})
_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What one upstream charges: by the million tokens, or by the picture."""

    since: date
    """The first day for which it is known to hold."""
    text: Decimal = Decimal()
    """A million tokens of text in."""
    image: Decimal = Decimal()
    """A million tokens of pictures in."""
    output: Decimal = Decimal()
    """A million tokens of pictures out."""
    picture_tokens: int | None = None
    """Tokens of one picture out, where they do not follow from its size and quality."""
    picture: Decimal | None = None
    """One picture out, where that is what is charged."""

    @classmethod
    def by_picture(cls, since: date, dollars: str) -> Self:
        """So much for each picture, however large."""
        return cls(since=since, picture=Decimal(dollars))

    @classmethod
    def by_token(
        cls, since: date, text: str, image: str, output: str, picture_tokens: int | None = None
    ) -> Self:
        """So much for a million tokens of text in, pictures in, and pictures out."""
        return cls(
            since=since,
            text=Decimal(text),
            image=Decimal(image),
            output=Decimal(output),
            picture_tokens=picture_tokens,
        )

    def of(self, usage: Usage) -> Decimal:
        """What these tokens cost.

        Cached tokens, which are cheaper, are not told apart: they are charged as fresh ones.
        """
        words = max(0, usage.input_tokens - usage.input_image_tokens)
        millionths = (
            words * self.text
            + usage.input_image_tokens * self.image
            + usage.output_tokens * self.output
        )
        return millionths / _MILLION


Prices = Mapping[str, tuple[Price, ...]]
"""By `provider:model`, the oldest first."""

_GPT_IMAGE_2: Final = ("5", "8", "30")
PRICES: Final[Prices] = MappingProxyType(
    {
        "openai:gpt-image-1": (Price.by_token(date(2025, 4, 23), "5", "10", "40"),),
        "openai:gpt-image-1-mini": (Price.by_token(date(2025, 10, 6), "2", "2.5", "8"),),
        "openai:gpt-image-1.5": (Price.by_token(date(2025, 12, 16), "5", "8", "32"),),
        "openai:chatgpt-image-latest": (Price.by_token(date(2025, 12, 16), "5", "8", "32"),),
        "openai:gpt-image-2": (Price.by_token(date(2026, 4, 21), *_GPT_IMAGE_2),),
        "openai:gpt-image-2.5-sunburst": (Price.by_token(date(2026, 9, 8), *_GPT_IMAGE_2),),
        "openai:gpt-image-2.5-flare": (Price.by_token(date(2026, 9, 8), *_GPT_IMAGE_2),),
        "google:imagen-4.0-fast-generate-001": (Price.by_picture(date(2025, 8, 14), "0.02"),),
        "google:gemini-2.5-flash-image": (
            Price.by_token(date(2025, 10, 2), "0.3", "0.3", "30", picture_tokens=1290),
        ),
        "google:gemini-3.1-flash-image": (
            Price.by_token(date(2026, 2, 26), "0.5", "0.5", "60", picture_tokens=1120),
        ),
        "google:gemini-3.1-flash-lite-image": (
            Price.by_token(date(2026, 2, 26), "0.25", "0.25", "30", picture_tokens=1120),
        ),
        "google:gemini-3-pro-image": (
            Price.by_token(date(2025, 11, 20), "2", "2", "120", picture_tokens=1120),
        ),
        "sketch:sketch": (Price.by_picture(date.min, "0"),),
    }
)
"""As the providers' price lists said in November 2026."""


def parse_prices(text: str) -> Prices:
    """Read `openai:a=0.04,openai:b=5/8/30`: dollars a picture, or a million tokens in and out.

    Raises:
        ValueError: An entry cannot be read.
    """
    entries = filter(None, (entry.strip() for entry in text.split(",")))
    return MappingProxyType(dict(map(_parse_price, entries)))


def _parse_price(entry: str) -> tuple[str, tuple[Price, ...]]:
    upstream, _, written = (part.strip() for part in entry.partition("="))
    amounts = written.split("/")
    provider, _, model = upstream.partition(":")
    if not (provider and model and all(map(_AMOUNT.fullmatch, amounts))):
        raise ValueError(_FORM)
    match amounts:
        case [picture]:
            return upstream, (Price.by_picture(date.min, picture),)
        case [words, pictures, made]:
            listed = PRICES.get(upstream)
            each = listed[-1].picture_tokens if listed else None
            return upstream, (Price.by_token(date.min, words, pictures, made, each),)
        case _:
            raise ValueError(_FORM)


class PriceList:
    """Prices of upstreams; what the operator has written goes before what is known here."""

    def __init__(self, written: Prices | None = None) -> None:
        self._prices = {**PRICES, **(written or {})}

    def price(self, upstream: str, on: date) -> Price | None:
        """What `provider:model` charges on a day; None when that is not known.

        A dated snapshot of a model costs what the model does; what is older than the list, what
        the list begins with.
        """
        listed = self._prices.get(upstream) or self._prices.get(_SNAPSHOT.sub("", upstream))
        if not listed:
            return None
        return next((price for price in reversed(listed) if price.since <= on), listed[0])

    def estimate(self, upstream: str, request: ImageRequest, on: date) -> Decimal | None:
        """What the call may cost at the most; None when no price is known."""
        price = self.price(upstream, on)
        if price is None:
            return None
        if price.picture is not None:
            return price.picture * request.count
        return price.of(_expected(upstream.partition(":")[2], request, price))

    def actual(
        self, upstream: str, request: ImageRequest, result: ImageResult, on: date
    ) -> Bill | None:
        """What the call has cost, for as many pictures as came; None when no price is known."""
        price = self.price(upstream, on)
        if price is None:
            return None
        came = len(result.pictures)
        if price.picture is not None:
            return Bill(cost=price.picture * came, is_estimate=False)
        if (usage := credible(result.usage)) is not None:
            return Bill(cost=price.of(usage), is_estimate=False)
        of_those = msgspec.structs.replace(request, count=came)
        return Bill(cost=self.estimate(upstream, of_those, on) or Decimal(), is_estimate=True)


def credible(usage: Usage | None) -> Usage | None:
    """What a provider says it used; None where that tells nothing, or cannot be.

    What stands in between may fill in zeros, but no picture is free.
    """
    if usage is None or not 0 < usage.output_tokens <= _MOST_TOKENS:
        return None
    read, seen = usage.input_tokens, usage.input_image_tokens
    return usage if 0 <= read <= _MOST_TOKENS and 0 <= seen <= _MOST_TOKENS else None


def _expected(model: str, request: ImageRequest, price: Price) -> Usage:
    """The tokens of a call before it is made; `auto` is taken for the dearest."""
    quality = request.quality if request.quality in _QUALITIES else "high"
    each = price.picture_tokens or partial_tokens(request.partials) + max(
        output_tokens(model, size, quality) for size in _possible(request)
    )
    images = len(request.images) * input_tokens(model, _UNSEEN, request.input_fidelity)
    return Usage(
        input_tokens=text_tokens(request.prompt, len(request.images)) + images,
        input_image_tokens=images,
        output_tokens=each * request.count,
    )


def _possible(request: ImageRequest) -> Collection[Size]:
    """The sizes that pictures may come in: one, where that is asked for."""
    ratio = request.aspect_ratio
    exact = _EXACT.fullmatch(ratio)
    wanted = request.size or ((int(exact[1]), int(exact[2])) if exact else _SIZES.get(ratio))
    if wanted is None:
        return _SIZES.values()
    width, height = (min(max(side, 1), _LONGEST_SIDE) for side in wanted)
    return [(width, height)]
