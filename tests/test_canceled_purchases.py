"""A cancel at any moment of a purchase: the ledger never says less than what may be billed."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import cog
import pytest
from tests.contracts.stores import running
from tests.support.engine import Bench, runnable
from tests.support.making import PATIENCE

from safelight import worker
from safelight.blobs.directory import DirectoryBlobs
from safelight.errors import StoreUnavailable
from safelight.ledger import Period, SpendLimit, State
from safelight.paying import PAYER
from safelight.prediction import Status
from safelight.price import PriceList
from safelight.registry import Registry
from safelight.route import Route
from safelight.spending import Spending
from safelight.store import Claimed
from safelight.stores.sqlite import SqliteStore
from safelight.switchboard import Asked, Switchboard
from safelight.upstream import ImageRequest, ImageResult, OnPartial, Picture, Usage

ROUTE: Final = Route("openai", "gpt-image-2")
ASKED: Final = Asked(ImageRequest(model="gpt-image-2", prompt="a cat"), None, None, print)
PAID: Final = ImageResult(
    pictures=(Picture(b"a picture", "image/png"),),
    upstream=str(ROUTE),
    usage=Usage(input_tokens=20, output_tokens=1756),
)


class Shop:
    """A provider that takes a few turns of the loop, and bills from the first of them on."""

    def __init__(self) -> None:
        self.calls = 0

    async def generate(
        self,
        request: ImageRequest,  # noqa: ARG002 - the contract's
        key: str | None = None,  # noqa: ARG002 - the contract's
        on_partial: OnPartial | None = None,  # noqa: ARG002 - the contract's
    ) -> ImageResult:
        self.calls += 1
        for _ in range(3):
            await asyncio.sleep(0)
        return PAID


class Closed(Shop):
    """Takes an order, and never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        await super().generate(request, key, on_partial)
        self.reached.set()
        return await asyncio.Future()


CLOSED: Final = Closed()
SWITCHBOARD: Final = Switchboard({"openai": CLOSED}, {})


async def _buying(store: SqliteStore, shop: Shop) -> tuple[Claimed, "asyncio.Task[ImageResult]"]:
    """One prediction in a worker's hands, and its purchase under way."""
    await store.ledger.limit_account("me", SpendLimit(Decimal(5), Period.EVER))
    claimed = await running(store, estimate=Decimal("0.25"))
    spending = Spending(
        ledger=store.ledger,
        prices=PriceList(),
        prediction=claimed.prediction,
        claim=claimed.claim,
        measure=lambda _name, _value: None,
        clock=lambda: datetime.now(UTC),
    )
    token = PAYER.set(spending)
    task = asyncio.create_task(Switchboard({"openai": shop}, {}).call(ROUTE, ASKED))
    PAYER.reset(token)
    return claimed, task


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def _all_settled() -> None:
    """What was under way when a cancel came is written down by itself."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=PATIENCE)


@pytest.mark.parametrize("again_after", [None, 0, 1, 2])
@pytest.mark.parametrize("after", range(14))
async def test_a_cancel_at_any_turn_leaves_what_may_be_billed_on_record(
    tmp_path: Path, after: int, again_after: int | None
) -> None:
    """Also one that comes twice; what was never sent is not booked by the first."""
    store, shop = SqliteStore(tmp_path / "safelight.db"), Shop()
    claimed, task = await _buying(store, shop)
    await _turns(after)
    task.cancel()
    if again_after is not None:
        await _turns(again_after)
        task.cancel()
    await asyncio.wait([task], timeout=PATIENCE)
    await store.save(claimed.prediction.cancel(datetime.now(UTC)), Status.PROCESSING)
    await _all_settled()
    entries = await store.ledger.of_prediction(claimed.prediction.id)
    (standing,) = await store.ledger.standings("me", [], datetime.now(UTC))
    await store.close()
    states = [entry.state for entry in entries]
    assert standing.held == 0
    if shop.calls:
        assert states in ([State.UNKNOWN], [State.PAID])
        assert standing.spent > 0
    else:
        assert states in ([], [State.FREE])
        assert standing.spent == 0


async def test_a_cancel_while_the_storage_refuses_loses_nothing(tmp_path: Path) -> None:
    """It waits for the storage, and sends nothing in the meantime."""
    store, shop = SqliteStore(tmp_path / "safelight.db"), Shop()
    claimed, task = await _buying(store, shop)
    store._database._writing.execute("PRAGMA query_only = ON")
    await _turns(5)
    task.cancel()
    await _turns(5)
    assert not task.done()
    store._database._writing.execute("PRAGMA query_only = OFF")
    await asyncio.wait([task], timeout=PATIENCE)
    assert task.cancelled()
    assert shop.calls == 0
    entries = await store.ledger.of_prediction(claimed.prediction.id)
    await store.close()
    assert [entry.state for entry in entries] == [State.FREE]


class Asking(cog.BaseRunner):
    """Buys from a shop that does not answer."""

    @cog.concurrent(max=64)
    async def run(self, prompt: str = cog.Input(description="What")) -> str:
        """Ask it."""
        await SWITCHBOARD.call(ROUTE, ASKED)
        return prompt


async def test_a_server_stops_though_the_storage_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it could not write down is pending on disk, and unknown from the next start on."""
    monkeypatch.setattr(worker, "STOPS_WITHIN", timedelta(seconds=0.1))
    store = SqliteStore(tmp_path / "safelight.db")
    registry = Registry([runnable(Asking, "asking")])
    bench = Bench(store, registry, DirectoryBlobs(tmp_path / "blobs"))
    async with bench.working(owner="w1") as working:
        created = await bench.create("asking", input={"prompt": "a"})
        await CLOSED.reached.wait()
        store._database._writing.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreUnavailable):  # nor can its leases be given back
            await asyncio.wait_for(working.finish(timedelta()), PATIENCE)
        store._database._writing.execute("PRAGMA query_only = OFF")
        (entry,) = await store.ledger.of_prediction(created.id)
        assert entry.state in {State.PENDING, State.UNKNOWN}
    async with bench.working(owner="w2"):
        assert (await bench.end_of(created)).status is Status.FAILED
    (entry,) = await store.ledger.of_prediction(created.id)
    assert entry.state is State.UNKNOWN
    assert CLOSED.calls == 1
    await store.close()
