"""Who pays for a prediction: what it may cost before it is made, and each attempt on record."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import msgspec

from safelight.errors import RunFailed, SpendLimitReached
from safelight.ledger import (
    UNPRICED,
    LedgerEntry,
    LedgerStore,
    PaidBy,
    Quote,
    Settlement,
    State,
)
from safelight.paying import Bill
from safelight.prediction import Prediction
from safelight.price import PriceList, credible
from safelight.route import Route
from safelight.run import insist
from safelight.schema import is_placeholder
from safelight.store import Claim
from safelight.upstream import PARTIALS, ImageRequest, ImageResult, UpstreamError

COST: Final = "cost_usd"
"""The metric of a prediction that says what it has cost."""
OWN_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {"openai_api_key": "openai", "api_key": "jigsawstack"}
)
"""The inputs by which a caller pays, and the provider that is then paid."""

_LONGEST_SIDE: Final = 99_999
"""Pixels: what is asked for beyond is refused, or painted smaller."""
_RATIO: Final = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")

Clock = Callable[[], datetime]


class Estimates:
    """What predictions may cost, before they are made."""

    def __init__(
        self, prices: PriceList | None = None, routes: Mapping[str, Sequence[Route]] | None = None
    ) -> None:
        self.prices = prices or PriceList()
        self._routes = routes or {}

    def of(
        self,
        model: str,
        inputs: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: datetime,
        *,
        streamed: bool = False,
    ) -> Decimal | None:
        """What the dearest of a model's routes may cost us; None when nothing has to be paid.

        UNPRICED when something has to be, and nobody knows how much.
        """
        quotes = self.quotes(model, inputs, secrets, now, streamed=streamed)
        ours = [quote.estimate for quote in quotes if quote.paid_by is PaidBy.SERVER]
        dearest = max((one for one in ours if one is not None), default=None)
        return dearest or (UNPRICED if None in ours else None)

    def quotes(
        self,
        model: str,
        inputs: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: datetime,
        *,
        streamed: bool = False,
    ) -> Sequence[Quote]:
        """What each of a model's routes may cost, in the order in which they are asked.

        *secrets* are the secret inputs by name: a caller's own key is paid by the caller.
        *streamed* when unfinished pictures are shown, and paid, too.
        """
        routes = self._routes.get(model, ())
        if not routes:
            return []  # its inputs may be anything
        own = providers_paid(secrets)
        request = _expected(inputs)
        if streamed:
            request = msgspec.structs.replace(request, partials=PARTIALS)
        return [
            Quote(
                upstream=str(route),
                estimate=self.prices.estimate(str(route), request, now.date()),
                paid_by=PaidBy.CALLER if route.provider in own else PaidBy.SERVER,
            )
            for route in routes
        ]


def providers_paid(secrets: Mapping[str, str]) -> frozenset[str]:
    """Whom the caller pays, by the keys among the secret inputs."""
    return frozenset(
        OWN_KEYS[name]
        for name, text in secrets.items()
        if name in OWN_KEYS and not is_placeholder(text)
    )


class Spending:
    """Implements `safelight.paying.Payer` for one prediction in a worker's hands."""

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        ledger: LedgerStore,
        prices: PriceList,
        prediction: Prediction,
        claim: Claim,
        measure: Callable[[str, object], None],
        clock: Clock,
    ) -> None:
        self.ledger = ledger
        self.prices = prices
        self.prediction = prediction
        self.clock = clock
        self._claim = claim
        self._measure = measure
        self._cost = Decimal()

    async def attempt(
        self, upstream: str, request: ImageRequest, *, by_caller: bool = False
    ) -> "Attempt":
        """See `Payer.attempt`."""
        now, p = self.clock(), self.prediction
        entry = LedgerEntry(
            prediction=p.id,
            account=p.account,
            token=p.token,
            model=p.model,
            upstream=upstream,
            paid_by=PaidBy.CALLER if by_caller else PaidBy.SERVER,
            estimate=self.prices.estimate(upstream, request, now.date()),
            created_at=now,
        )
        try:
            number = await insist(
                lambda: self.ledger.open(entry, self._claim.owner, self._claim.fence)
            )
        except SpendLimitReached as error:
            raise RunFailed(error.detail) from error
        return Attempt(self, number, upstream, request)

    def add(self, bill: Bill) -> None:
        """Tell the caller what is known of the cost."""
        if not bill.is_estimate:
            self._cost += bill.cost
            self._measure(COST, float(self._cost))


class Attempt:
    """Implements `safelight.paying.Purchase`."""

    def __init__(
        self, spending: Spending, number: int, upstream: str, request: ImageRequest
    ) -> None:
        self._spending = spending
        self._number = number
        self._upstream = upstream
        self._request = request

    async def came(self, result: ImageResult) -> Bill | None:
        """See `Purchase.came`."""
        today = self._spending.clock().date()
        bill = self._spending.prices.actual(self._upstream, self._request, result, today)
        await self._settle(
            Settlement(
                state=State.PAID,
                cost=None if bill is None else bill.cost,
                pictures=len(result.pictures),
                usage=credible(result.usage),
                request_id=result.request_id,
            )
        )
        if bill is not None:
            self._spending.add(bill)
        return bill

    async def failed(self, error: UpstreamError) -> None:
        """See `Purchase.failed`."""
        state = State.FREE if error.did_no_work else State.UNKNOWN
        await self._settle(Settlement(state=state, request_id=error.request_id))

    async def _settle(self, settlement: Settlement) -> None:
        spending = self._spending
        await insist(
            lambda: spending.ledger.settle(
                spending.prediction.id, self._number, settlement, spending.clock()
            )
        )


def _expected(inputs: Mapping[str, Any]) -> ImageRequest:
    """What a model will ask for, as far as its inputs tell by their usual names."""
    return ImageRequest(
        model="",
        prompt=str(inputs.get("prompt", "")),
        count=int(inputs.get("number_of_images") or 1),
        size=_size(inputs),
        aspect_ratio=str(inputs.get("aspect_ratio", "1:1")),
        quality=str(inputs.get("quality", "auto")),
        input_fidelity=inputs.get("input_fidelity"),
        images=(b"",) * len(inputs.get("input_images") or ()),
    )


def _size(inputs: Mapping[str, Any]) -> tuple[int, int] | None:
    """As given by its sides, of which one follows from the ratio where it is missing."""
    width, height = (
        max(0, min(inputs.get(side) or 0, _LONGEST_SIDE)) for side in ("width", "height")
    )
    if not width and not height:
        return None
    ratio = _RATIO.fullmatch(str(inputs.get("aspect_ratio", "")))
    across, down = (int(ratio[1]), int(ratio[2])) if ratio else (1, 1)
    return width or round(height * across / down), height or round(width * down / across)
