"""What every ledger promises."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.contracts.stores import Opener, claim, running
from tests.support.making import NOW, made

from safelight.errors import AlreadyAccepted, SpendLimitReached, StaleWrite
from safelight.ledger import (
    EVERY_ACCOUNT,
    By,
    LedgerEntry,
    PaidBy,
    Period,
    Settlement,
    Span,
    SpendLimit,
    State,
    Sum,
)
from safelight.prediction import Mode, Status
from safelight.store import Claimed, Once, Store
from safelight.upstream import Usage

DAY = timedelta(days=1)
TODAY = Span(NOW.date(), NOW.date())
USAGE = Usage(input_tokens=456, input_image_tokens=361, output_tokens=1372)


def entry(claimed: Claimed, **facts: Any) -> LedgerEntry:
    p = claimed.prediction
    usual: dict[str, Any] = {
        "prediction": p.id,
        "account": p.account,
        "token": p.token,
        "model": p.model,
        "upstream": "openai:gpt-image-2",
        "estimate": Decimal("0.25"),
        "created_at": NOW,
    }
    return LedgerEntry(**usual | facts)


async def opened(store: Store, claimed: Claimed, **facts: Any) -> int:
    hold = claimed.claim
    return await store.ledger.open(entry(claimed, **facts), hold.owner, hold.fence)


async def paid(store: Store, claimed: Claimed, dollars: str, **facts: Any) -> None:
    """An attempt that cost so much."""
    number = await opened(store, claimed, **{"estimate": Decimal(dollars)} | facts)
    done = Settlement(state=State.PAID, cost=Decimal(dollars), pictures=1)
    await store.ledger.settle(claimed.prediction.id, number, done, NOW)


async def limit(store: Store, dollars: int | str, period: Period = Period.DAY) -> None:
    await store.ledger.limit_account("me", SpendLimit(Decimal(dollars), period))


async def standing(store: Store) -> tuple[Decimal, Decimal]:
    """What is spent and held of the account's limit."""
    (found,) = await store.ledger.standings("me", [], NOW)
    return found.spent, found.held


async def test_an_attempt_is_pending_until_it_is_settled(another: Opener) -> None:
    """For every process on the same rows."""
    one, other = await another(), await another()
    claimed = await running(one)
    assert await opened(one, claimed) == 1
    (found,) = await other.ledger.of_prediction(claimed.prediction.id)
    assert found == entry(claimed, number=1)
    done = Settlement(
        state=State.PAID, cost=Decimal("0.044523"), pictures=1, usage=USAGE, request_id="req_1"
    )
    await one.ledger.settle(claimed.prediction.id, 1, done, NOW + DAY)
    (found,) = await other.ledger.of_prediction(claimed.prediction.id)
    assert found == entry(
        claimed,
        number=1,
        state=State.PAID,
        cost=Decimal("0.044523"),
        pictures=1,
        usage=USAGE,
        request_id="req_1",
        settled_at=NOW + DAY,
    )


async def test_attempts_are_numbered_from_one(store: Store) -> None:
    """Each prediction's by themselves."""
    first, second = await running(store, id="a"), await running(store, id="b")
    assert [await opened(store, first), await opened(store, first)] == [1, 2]
    assert await opened(store, second) == 1


async def test_nothing_is_opened_for_a_prediction_in_other_hands(store: Store) -> None:
    """A worker that has lost its lease buys nothing."""
    claimed = await running(store)
    with pytest.raises(StaleWrite):
        await store.ledger.open(entry(claimed), "another", claimed.claim.fence)
    with pytest.raises(StaleWrite):
        await store.ledger.open(entry(claimed), claimed.claim.owner, claimed.claim.fence + 1)
    await store.save(claimed.prediction.cancel(NOW), Status.PROCESSING)
    with pytest.raises(StaleWrite):
        await opened(store, claimed)
    assert await store.ledger.of_prediction(claimed.prediction.id) == []


@pytest.mark.parametrize("end", ["succeed", "fail", "cancel"])
async def test_what_is_pending_at_the_end_is_unknown(store: Store, end: str) -> None:
    """It may have been billed: it counts as estimated, for ever."""
    await limit(store, 1)
    claimed = await running(store)
    await opened(store, claimed)
    p = claimed.prediction
    ends = {"succeed": lambda: p.succeed(NOW), "fail": lambda: p.fail(NOW, "x")}
    await store.save(ends.get(end, lambda: p.cancel(NOW))(), Status.PROCESSING)
    (found,) = await store.ledger.of_prediction(p.id)
    assert found.state is State.UNKNOWN
    assert await standing(store) == (Decimal("0.25"), 0)


async def test_what_becomes_known_late_is_still_written_down(store: Store) -> None:
    """The answer of a call that was given up; but what is settled is settled."""
    claimed = await running(store)
    await opened(store, claimed)
    await store.save(claimed.prediction.cancel(NOW), Status.PROCESSING)
    done = Settlement(state=State.PAID, cost=Decimal(1))
    await store.ledger.settle(claimed.prediction.id, 1, done, NOW)
    await store.ledger.settle(claimed.prediction.id, 1, Settlement(state=State.FREE), NOW)
    (found,) = await store.ledger.of_prediction(claimed.prediction.id)
    assert (found.state, found.cost) == (State.PAID, 1)


@pytest.mark.parametrize(
    ("state", "spent"),
    [(None, "0.25"), (State.PAID, "0.1"), (State.FREE, "0"), (State.UNKNOWN, "0.25")],
)
async def test_an_attempt_counts_for_what_is_known_of_it(
    store: Store, state: State | None, spent: str
) -> None:
    """Its cost, or what it may cost, or nothing."""
    await limit(store, 1)
    claimed = await running(store)
    await opened(store, claimed)
    if state is not None:
        cost = Decimal("0.1") if state is State.PAID else None
        done = Settlement(state=state, cost=cost)
        await store.ledger.settle(claimed.prediction.id, 1, done, NOW)
    assert await standing(store) == (Decimal(spent), 0)


async def test_what_may_be_spent_is_held_until_the_end(store: Store) -> None:
    """Less what is booked meanwhile; a refused attempt gives it back."""
    await limit(store, 1)
    claimed = await running(store, estimate=Decimal("0.4"))
    assert await standing(store) == (0, Decimal("0.4"))
    await opened(store, claimed)
    assert await standing(store) == (Decimal("0.25"), Decimal("0.15"))
    free = Settlement(state=State.FREE)
    await store.ledger.settle(claimed.prediction.id, 1, free, NOW)
    assert await standing(store) == (0, Decimal("0.4"))
    await paid(store, claimed, "0.5")
    assert await standing(store) == (Decimal("0.5"), 0)
    await store.save(claimed.prediction.succeed(NOW), Status.PROCESSING)
    assert await standing(store) == (Decimal("0.5"), 0)


async def test_a_prediction_that_never_ran_gives_back_all(store: Store) -> None:
    """Canceled before anybody claimed it."""
    await limit(store, 1)
    waiting = made(estimate=Decimal("0.4"))
    await store.insert(waiting)
    await store.save(waiting.cancel(NOW), Status.STARTING)
    assert await standing(store) == (0, 0)


async def test_a_create_beyond_the_limit_leaves_nothing(store: Store) -> None:
    """Neither a prediction, nor a hold, nor a key under which it was accepted."""
    await limit(store, "0.5")
    await store.insert(made(id="a", estimate=Decimal("0.4")))
    once = Once(b"f" * 16, "key")
    with pytest.raises(SpendLimitReached, match="account me may spend"):
        await store.insert(made(id="b", estimate=Decimal("0.11")), None, once)
    assert await standing(store) == (0, Decimal("0.4"))
    await store.insert(made(id="b", estimate=Decimal("0.1")), None, once)
    with pytest.raises(AlreadyAccepted):  # not refused: it was accepted before
        await store.insert(made(id="c", estimate=Decimal("0.1")), None, once)


async def test_creates_at_once_never_exceed_a_limit(another: Opener) -> None:
    """Whichever process accepts them."""
    one, other = await another(), await another()
    await limit(one, 1)
    creates = [
        (one, other)[n % 2].insert(made(id=f"p{n}", estimate=Decimal("0.15"))) for n in range(40)
    ]
    outcomes = await asyncio.gather(*creates, return_exceptions=True)
    assert outcomes.count(None) == 6
    assert sum(isinstance(outcome, SpendLimitReached) for outcome in outcomes) == 34
    assert await standing(other) == (0, Decimal("0.9"))


async def test_attempts_at_once_never_exceed_a_limit(store: Store) -> None:
    """Nothing was held for these: each is checked when it is made."""
    claims = [await running(store, id=f"p{n}") for n in range(9)]
    await limit(store, 1)
    outcomes = await asyncio.gather(*(opened(store, c) for c in claims), return_exceptions=True)
    assert sum(isinstance(outcome, SpendLimitReached) for outcome in outcomes) == 5
    assert await standing(store) == (1, 0)


async def test_what_was_held_may_be_spent_though_the_limit_was_lowered(store: Store) -> None:
    """It was accepted; what goes beyond it was not."""
    claimed = await running(store, estimate=Decimal("0.3"))
    await limit(store, "0.1")
    assert await opened(store, claimed) == 1
    with pytest.raises(SpendLimitReached):
        await opened(store, claimed)


async def test_what_has_no_price_is_refused_once_a_limit_is_used_up(store: Store) -> None:
    """Until then it counts for nothing."""
    claimed = await running(store)
    await limit(store, 1)
    await opened(store, claimed, estimate=None)
    await paid(store, claimed, "1")
    with pytest.raises(SpendLimitReached):
        await opened(store, claimed, estimate=None)
    await opened(store, claimed, estimate=Decimal())


async def test_a_token_has_a_limit_of_its_own(store: Store) -> None:
    """Beside that of its account; the message names the one that was reached."""
    await limit(store, 10)
    await store.ledger.limit_token("t1", SpendLimit(Decimal(1), Period.EVER))
    with pytest.raises(SpendLimitReached, match=r"token t1 may spend .*`safelight tokens limit t1"):
        await store.insert(made(token="t1", estimate=Decimal(2)))
    await store.insert(made(token="t2", estimate=Decimal(2)))
    await store.ledger.limit_token("t1", None)
    await store.insert(made(id="other", token="t1", estimate=Decimal(2)))


async def test_the_limit_of_every_account_binds_those_without_their_own(store: Store) -> None:
    """Each by itself."""
    await store.ledger.limit_account(EVERY_ACCOUNT, SpendLimit(Decimal(1), Period.MONTH))
    await limit(store, 5)
    await store.insert(made(id="a", estimate=Decimal(5)))
    await store.insert(made(id="b", account="you", estimate=Decimal(1)))
    await store.insert(made(id="c", account="them", estimate=Decimal(1)))
    with pytest.raises(SpendLimitReached, match=r"account you .* a month"):
        await store.insert(made(id="d", account="you", estimate=Decimal(1)))


@pytest.mark.parametrize(
    ("period", "age", "counts"),
    [
        (Period.DAY, timedelta(), True),
        (Period.DAY, DAY, False),
        (Period.MONTH, timedelta(days=NOW.day - 1), True),
        (Period.MONTH, timedelta(days=NOW.day), False),
        (Period.EVER, timedelta(days=4000), True),
    ],
)
async def test_a_limit_looks_back_over_its_period(
    store: Store, period: Period, age: timedelta, counts: bool
) -> None:
    """From midnight, from the first of the month, or from the beginning."""
    claimed = await running(store)
    await paid(store, claimed, "1", created_at=NOW - age)
    await limit(store, 1, period)
    assert (await standing(store))[0] == (1 if counts else 0)


async def test_what_the_caller_pays_counts_against_no_limit(store: Store) -> None:
    """It is told apart in the sums."""
    await limit(store, "0.1")
    claimed = await running(store)
    await paid(store, claimed, "7", paid_by=PaidBy.CALLER)
    assert await standing(store) == (0, 0)
    (found,) = await store.ledger.sums("me", TODAY, By.DAY)
    assert (found.cost, found.by_caller) == (0, 7)


async def test_test_mode_leaves_nothing_to_settle(store: Store) -> None:
    """Its predictions end as they always did."""
    claimed = await running(store, mode=Mode.TEST)
    await store.save(claimed.prediction.succeed(NOW), Status.PROCESSING)
    assert await store.ledger.sums(None, TODAY, By.DAY) == []


async def test_sums_add_up_by_what_is_asked(store: Store) -> None:
    """Of one account, within the days."""
    mine = await running(store, id="a", token="t1")
    theirs = await running(store, id="b", account="you")
    await paid(store, mine, "0.5")
    await paid(store, mine, "0.25", upstream="google:imagen", created_at=NOW - DAY)
    await opened(store, mine)
    await paid(store, theirs, "9")
    by_upstream = await store.ledger.sums("me", Span(NOW.date() - DAY, NOW.date()), By.UPSTREAM)
    assert by_upstream == [
        Sum(key="google:imagen", paid=1, pictures=1, cost=Decimal("0.25")),
        Sum(
            key="openai:gpt-image-2",
            paid=1,
            pending=1,
            pictures=1,
            cost=Decimal("0.75"),
            uncertain=Decimal("0.25"),
        ),
    ]
    assert [one.key for one in await store.ledger.sums("me", TODAY, By.DAY)] == [str(NOW.date())]
    assert [one.key for one in await store.ledger.sums("me", TODAY, By.TOKEN)] == ["t1"]
    everyone = await store.ledger.sums(None, TODAY, By.MODEL)
    assert sum(one.cost for one in everyone) == Decimal("9.75")


async def test_a_claim_that_is_taken_over_leaves_the_attempt_to_the_next(store: Store) -> None:
    """Who ends the prediction as of unknown outcome, and the attempt with it."""
    claimed = await running(store)
    await opened(store, claimed)
    (orphan,) = await store.orphans("w2", NOW + DAY, NOW + 2 * DAY)
    assert await claim(store) == []
    with pytest.raises(StaleWrite):
        await opened(store, claimed)
    failed = orphan.prediction.fail(NOW, "unknown")
    await store.save(failed, Status.PROCESSING, orphan.claim)
    (found,) = await store.ledger.of_prediction(failed.id)
    assert found.state is State.UNKNOWN
