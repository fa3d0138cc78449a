"""What a prediction buys: on record before, settled afterwards, and never beyond a limit."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import cog
import pytest
from tests.support.engine import Bench, runnable
from tests.support.making import eventually

from safelight.account import Mode
from safelight.blobs.directory import DirectoryBlobs
from safelight.carrier import UNKNOWN
from safelight.ledger import UNPRICED, LedgerEntry, PaidBy, Period, SpendLimit, State
from safelight.paying import PAYER
from safelight.prediction import Prediction, Status
from safelight.price import PriceList, parse_prices
from safelight.registry import Registry
from safelight.route import DEFAULT_ROUTES, parse_routes
from safelight.schema import is_placeholder
from safelight.spending import Estimates
from safelight.stores.sqlite import SqliteStore
from safelight.upstream import Fault, ImageRequest, ImageResult, Picture, UpstreamError, Usage

UPSTREAM: Final = "openai:gpt-image-2"
USAGE: Final = Usage(input_tokens=456, input_image_tokens=361, output_tokens=1372)
COST: Final = Decimal("0.044523")
KEYS: Final = {"openai_api_key": "sk-mine"}
NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class Shop:
    """What a provider would see and say."""

    calls: list[str] = field(default_factory=list[str])
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)


SHOPS: Final[dict[str, Shop]] = {}


class Buying(cog.BaseRunner):
    """Buys as often as it is told to, as an upstream does."""

    @cog.concurrent(max=64)
    async def run(
        self,
        shop: str = cog.Input(description="Where"),
        upstream: str = cog.Input(description="From whom", default=UPSTREAM),
        outcomes: str = cog.Input(description="What becomes of each", default="paid"),
        by_caller: bool = cog.Input(description="Who pays", default=False),
    ) -> str:
        """Attempt, call, settle."""
        payer = PAYER.get()
        for outcome in outcomes.split(","):
            request = ImageRequest(model="gpt-image-2", prompt="a cat")
            purchase = None
            if payer is not None:
                purchase = await payer.attempt(upstream, request, by_caller=by_caller)
            SHOPS[shop].calls.append(outcome)
            SHOPS[shop].reached.set()
            error = _ERRORS.get(outcome)
            if outcome == "held":
                await SHOPS[shop].gate.wait()
            if purchase is not None and error is not None:
                await purchase.failed(error)
            elif purchase is not None:
                usage = _USAGES.get(outcome, USAGE)
                came = (Picture(b"", "image/png"),)
                await purchase.came(
                    ImageResult(pictures=came, upstream=upstream, usage=usage, request_id="req_1")
                )
            if error is not None and not error.did_no_work:
                raise error
        return "bought"


_USAGES: Final = {
    "silent": None,
    "free": Usage(),
    "negative": Usage(input_tokens=-9, output_tokens=-99999),
    "endless": Usage(input_tokens=10**40, output_tokens=10**40),
}
_ERRORS: Final = {
    "busy": UpstreamError("busy", Fault.BUSY),
    "broken": UpstreamError("It broke off.", Fault.UNKNOWN, request_id="req_2"),
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = SqliteStore(tmp_path / "safelight.db")
    try:
        registry = Registry([runnable(Buying, "buying")])
        yield Bench(store, registry, DirectoryBlobs(tmp_path / "blobs"))
    finally:
        await store.close()


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Shop:
    return SHOPS.setdefault(request.node.name, Shop())


async def bought(
    bench: Bench, shop: Shop, facts: dict[str, Any] | None = None, **inputs: Any
) -> Prediction:
    (name,) = (name for name, one in SHOPS.items() if one is shop)
    async with bench.working():
        return await bench.end_of(
            await bench.create("buying", input={"shop": name} | inputs, **(facts or {}))
        )


async def entries(bench: Bench, prediction: Prediction) -> list[LedgerEntry]:
    return list(await bench.store.ledger.of_prediction(prediction.id))


async def test_what_is_bought_is_on_record_with_its_cost(bench: Bench, shop: Shop) -> None:
    """And the prediction says what it has cost."""
    ended = await bought(bench, shop)
    assert (ended.status, ended.metrics["cost_usd"]) == (Status.SUCCEEDED, 0.044523)
    (entry,) = await entries(bench, ended)
    assert (entry.state, entry.cost, entry.usage) == (State.PAID, COST, USAGE)
    assert (entry.token, entry.model, entry.upstream) == (ended.token, ended.model, UPSTREAM)
    assert (entry.pictures, entry.request_id, entry.paid_by) == (1, "req_1", PaidBy.SERVER)
    assert entry.estimate is not None
    assert entry.estimate > COST


async def test_each_attempt_is_a_row(bench: Bench, shop: Shop) -> None:
    """Those that did nothing cost nothing; the cost of the others adds up."""
    ended = await bought(bench, shop, outcomes="busy,paid,paid")
    states = [entry.state for entry in await entries(bench, ended)]
    assert states == [State.FREE, State.PAID, State.PAID]
    assert ended.metrics["cost_usd"] == pytest.approx(2 * float(COST))


async def test_an_unknown_outcome_is_booked_as_estimated(bench: Bench, shop: Shop) -> None:
    """And no cost is told, for none is known."""
    ended = await bought(bench, shop, outcomes="broken")
    assert (ended.status, ended.error) == (Status.FAILED, "It broke off.")
    (entry,) = await entries(bench, ended)
    assert (entry.state, entry.cost, entry.request_id) == (State.UNKNOWN, None, "req_2")
    assert "cost_usd" not in ended.metrics


@pytest.mark.parametrize("told", ["silent", "free", "negative", "endless"])
async def test_a_provider_that_tells_nothing_is_booked_as_estimated(
    bench: Bench, shop: Shop, told: str
) -> None:
    """Or what cannot be. An estimate is no cost that is known: the metrics leave it out."""
    ended = await bought(bench, shop, outcomes=told)
    assert ended.status is Status.SUCCEEDED
    (entry,) = await entries(bench, ended)
    assert (entry.state, entry.cost) == (State.PAID, entry.estimate)
    assert entry.usage is None
    assert "cost_usd" not in ended.metrics


async def test_what_has_no_price_is_recorded_without_a_cost(bench: Bench, shop: Shop) -> None:
    """As that of a local engine."""
    ended = await bought(bench, shop, upstream="openai:my-own")
    (entry,) = await entries(bench, ended)
    assert (entry.state, entry.estimate, entry.cost) == (State.PAID, None, None)


async def test_a_callers_key_is_recorded_as_such(bench: Bench, shop: Shop) -> None:
    """Though the limit is used up: it is not the server's money."""
    await bench.store.ledger.limit_account("me", SpendLimit(Decimal(), Period.EVER))
    ended = await bought(bench, shop, by_caller=True)
    assert ended.status is Status.SUCCEEDED
    (entry,) = await entries(bench, ended)
    assert (entry.paid_by, entry.cost) == (PaidBy.CALLER, COST)


async def test_beyond_the_limit_nothing_is_called(bench: Bench, shop: Shop) -> None:
    """The prediction fails, and says how to raise the limit; so across further attempts."""
    await bench.store.ledger.limit_token("token-1", SpendLimit(Decimal("0.25"), Period.MONTH))
    ended = await bought(bench, shop, outcomes="paid,paid")
    assert ended.status is Status.FAILED
    assert "monthly spend limit: token token-1 may spend $0.25 a month" in str(ended.error)
    assert "safelight tokens limit token-1 AMOUNT --per month`" in str(ended.error)
    assert shop.calls == ["paid"]
    assert [entry.state for entry in await entries(bench, ended)] == [State.PAID]


async def test_a_cancel_during_the_call_leaves_it_unknown(bench: Bench, shop: Shop) -> None:
    """The caller is told at once; the provider may finish, and bill."""
    (name,) = (name for name, one in SHOPS.items() if one is shop)
    inputs = {"shop": name, "outcomes": "held"}
    async with bench.working():
        created = await bench.create("buying", input=inputs)
        await shop.reached.wait()
        running = await bench.store.get(created.id, None)
        await bench.store.save(running.cancel(datetime.now(UTC)), Status.PROCESSING)
        (entry,) = await entries(bench, created)
    assert entry.state is State.UNKNOWN


async def test_a_server_that_stops_in_the_call_leaves_it_unknown(bench: Bench, shop: Shop) -> None:
    """Once its prediction has failed with the next worker; it is not bought again."""
    (name,) = (name for name, one in SHOPS.items() if one is shop)
    async with bench.working(owner="w1"):
        created = await bench.create("buying", input={"shop": name, "outcomes": "held"})
        await shop.reached.wait()
    (entry,) = await entries(bench, created)
    assert entry.state is State.PENDING
    async with bench.working(owner="w2"):
        ended = await bench.end_of(created)
    assert (ended.status, shop.calls) == (Status.FAILED, ["held"])
    (entry,) = await entries(bench, created)
    assert entry.state is State.UNKNOWN


async def test_one_that_was_taken_over_in_its_call_is_not_bought_again(
    bench: Bench, shop: Shop, tmp_path: Path
) -> None:
    """It fails with its outcome unknown; the answer that comes to the first worker is booked."""
    (name,) = (name for name, one in SHOPS.items() if one is shop)
    second = Bench(SqliteStore(tmp_path / "safelight.db"), bench.registry, bench.blobs)
    async with bench.working(owner="w1"):
        created = await bench.create("buying", input={"shop": name, "outcomes": "held"})
        await shop.reached.wait()
        await bench.store.release("w1")
        async with second.working(owner="w2"):
            ended = await second.end_of(created)
        assert (ended.status, ended.error) == (Status.FAILED, UNKNOWN)
        (entry,) = await entries(bench, created)
        assert entry.state is State.UNKNOWN
        shop.gate.set()

        async def is_paid() -> bool:
            (entry,) = await entries(bench, created)
            return entry.state is State.PAID

        assert await eventually(is_paid)
    assert shop.calls == ["held"]
    await second.store.close()


async def test_an_answer_waits_for_a_storage_that_refuses(bench: Bench, shop: Shop) -> None:
    """The picture that is paid for is delivered, and booked, once there is room for it."""
    (name,) = (name for name, one in SHOPS.items() if one is shop)
    async with bench.working():
        created = await bench.create("buying", input={"shop": name, "outcomes": "held"})
        await shop.reached.wait()
        bench.store._database._writing.execute("PRAGMA query_only = ON")
        shop.gate.set()
        assert await bench.store.ended(created.id, timedelta(seconds=0.2)) is None
        bench.store._database._writing.execute("PRAGMA query_only = OFF")
        ended = await bench.end_of(created)
    assert (ended.status, shop.calls) == (Status.SUCCEEDED, ["held"])
    (entry,) = await entries(bench, created)
    assert (entry.state, entry.cost) == (State.PAID, COST)


async def test_test_mode_records_nothing(bench: Bench, shop: Shop) -> None:
    """It costs nothing."""
    ended = await bought(bench, shop, {"mode": Mode.TEST})
    assert ended.status is Status.SUCCEEDED
    assert await entries(bench, ended) == []
    assert "cost_usd" not in ended.metrics


async def test_runs_at_once_are_each_recorded_for_themselves(bench: Bench, shop: Shop) -> None:
    """They share a loop, and no payer."""
    (name,) = (name for name, one in SHOPS.items() if one is shop)
    async with bench.working():
        inputs = {"shop": name, "outcomes": "busy,paid"}
        created = [await bench.create("buying", input=inputs) for _ in range(20)]
        ended = [await bench.end_of(one) for one in created]
    for one in ended:
        states = [entry.state for entry in await entries(bench, one)]
        assert states == [State.FREE, State.PAID]
        assert one.metrics["cost_usd"] == float(COST)
    assert shop.calls.count("paid") == 20


@pytest.mark.parametrize("text", ["", " ", "[REDACTED]", "<your key>", " <paste-your-token> "])
def test_a_placeholder_is_no_key(text: str) -> None:
    """Whoever sends one does not pay."""
    assert is_placeholder(text)
    assert not is_placeholder("sk-mine")


def test_a_create_is_estimated_by_the_dearest_of_its_routes() -> None:
    """Whatever the order in which they are asked."""
    routes = parse_routes("a/b=openai:one|openai:two|sketch")
    prices = PriceList(parse_prices("openai:one=0.1,openai:two=0.3"))
    estimates = Estimates(prices, routes)
    assert estimates.of("a/b", {"prompt": "x"}, {}, NOW) == Decimal("0.3")
    assert estimates.of("a/b", {"prompt": "x", "number_of_images": 4}, {}, NOW) == Decimal("1.2")
    assert estimates.of("safelight/echo", {"prompt": "x"}, {}, NOW) is None


def test_a_create_with_the_callers_key_costs_nothing_here() -> None:
    """But for the routes on which another provider would be paid with ours."""
    prices = PriceList(parse_prices("openai:one=0.3,google:two=0.1"))
    only, also = parse_routes("a/b=openai:one"), parse_routes("a/b=openai:one|google:two")
    assert Estimates(prices, only).of("a/b", {}, KEYS, NOW) is None
    assert Estimates(prices, only).of("a/b", {}, {"openai_api_key": "<key>"}, NOW) == Decimal("0.3")
    assert Estimates(prices, also).of("a/b", {}, KEYS, NOW) == Decimal("0.1")


def test_a_create_without_a_price_is_told_from_one_that_costs_nothing() -> None:
    """It fits until a limit is used up; where a price is known, that one stands."""
    prices = PriceList(parse_prices("openai:one=0.3,openai:free=0"))
    unknown, free, both = (
        parse_routes(f"a/b={routes}")
        for routes in ("openai:nobody", "openai:free|sketch", "openai:one|openai:nobody")
    )
    assert Estimates(prices, unknown).of("a/b", {}, {}, NOW) == UNPRICED
    assert Estimates(prices, unknown).of("a/b", {}, KEYS, NOW) is None
    assert Estimates(prices, free).of("a/b", {}, {}, NOW) is None
    assert Estimates(prices, both).of("a/b", {}, {}, NOW) == Decimal("0.3")


@pytest.mark.parametrize(
    "side", [-(10**400), -1, 0, 1, 10**9, 10**400], ids=["-huge", "-1", "0", "1", "large", "huge"]
)
@pytest.mark.parametrize("name", ["width", "height"])
def test_a_side_beyond_all_measure_is_estimated_all_the_same(name: str, side: int) -> None:
    """Whether it can be painted is the provider's to say."""
    estimates = Estimates(routes=parse_routes("a/b=openai:gpt-image-2"))
    estimate = estimates.of("a/b", {name: side, "aspect_ratio": "21:9"}, {}, NOW)
    assert estimate is not None
    assert 0 < estimate < 2


@pytest.mark.parametrize(
    ("dear", "cheap"),
    [
        ({"aspect_ratio": "2048x2048"}, {"aspect_ratio": "1:1"}),
        ({"quality": "high"}, {"quality": "low"}),
        ({"input_images": ["a", "b"]}, {"input_images": None}),
        ({"number_of_images": 2}, {"number_of_images": None}),
    ],
)
def test_an_estimate_follows_the_inputs(dear: dict[str, Any], cheap: dict[str, Any]) -> None:
    """By their names in the models of the box."""
    estimates = Estimates(routes=DEFAULT_ROUTES)
    more, less = (estimates.of("openai/gpt-image-2", one, {}, NOW) for one in (dear, cheap))
    assert more is not None
    assert less is not None
    assert more > less
