"""What every store promises of its rows: insert, list, claim, counts, closing."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from tests.contracts.stores import (
    HOOK,
    SECOND,
    Opener,
    claim,
    events,
    ids,
    running,
    token,
)
from tests.support.making import MODEL, NOW, SOON, eventually, made

from safelight.account import Mode, token_hash
from safelight.errors import NotFound
from safelight.prediction import Status
from safelight.store import Query, Room, Store
from safelight.webhook import Event


async def test_what_was_inserted_is_got_whole(store: Store) -> None:
    """Every field, in any script, nested as deep as it came."""
    whole = made(
        input={"prompt": "čaj \U0001f600 \x00", "n": 1.5, "deep": [{"a": None}], "big": 2**60},
        mode=Mode.TEST,
        hidden=True,
        source="web",
        deadline=NOW + SECOND,
        webhook=HOOK,
        webhook_events=frozenset({Event.START}),
    )
    await store.insert(whole)
    assert await store.get(whole.id, "me") == whole
    assert await store.get(whole.id, None) == whole


async def test_of_another_account_a_prediction_does_not_exist(store: Store) -> None:
    """Not found, as if there were none by that id."""
    mine = made()
    await store.insert(mine)
    for name, account in ((mine.id, "you"), ("0" * 26, "me"), ("0" * 26, None)):
        with pytest.raises(NotFound):
            await store.get(name, account)


async def test_a_large_input_is_kept_whole(store: Store) -> None:
    """Megabytes of data URI, among small ones in the same commit."""
    large = made(input={"image": "data:image/png;base64," + "A" * 3_000_000})
    small = [made() for _ in range(3)]
    await asyncio.gather(*map(store.insert, [small[0], large, *small[1:]]))
    for prediction in (large, *small):
        assert await store.get(prediction.id, "me") == prediction


async def test_many_inserts_at_once_are_all_there(store: Store) -> None:
    """More than fit in one commit."""
    all_of_them = [made() for _ in range(1500)]
    await asyncio.gather(*map(store.insert, all_of_them))
    for prediction in (all_of_them[0], all_of_them[-1]):
        assert await store.get(prediction.id, "me") == prediction


async def test_a_list_is_newest_first(store: Store) -> None:
    """By creation, whatever the order of the inserts."""
    oldest, middle, newest = (made(created_at=NOW + n * SECOND) for n in range(3))
    for prediction in (middle, newest, oldest):
        await store.insert(prediction)
    assert await ids(store) == [newest.id, middle.id, oldest.id]


async def test_a_list_shows_one_account_alone(store: Store) -> None:
    """Others' rows are not even counted."""
    await store.insert(made(account="you"))
    mine = made()
    await store.insert(mine)
    assert await ids(store, limit=1) == [mine.id]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_lead_forth_and_back_over_every_row_once(store: Store, limit: int) -> None:
    """Also where several were created in the same millisecond."""
    everything = [made(created_at=NOW + (n // 3) * SECOND) for n in range(10)]
    await asyncio.gather(*map(store.insert, everything))
    expected = [p.id for p in sorted(everything, key=lambda p: (p.created_at, p.id), reverse=True)]
    forth = await pages(store, limit=limit)
    assert [name for page in forth for name, _ in page] == expected
    last_name, last_time = forth[-1][-1]
    back = await pages(store, limit=limit, position=(last_time, last_name), is_backwards=True)
    assert [name for page in reversed(back) for name, _ in page] == expected[:-1]


async def pages(store: Store, limit: int, **query: Any) -> list[list[tuple[str, datetime]]]:
    """Page after page, as the API cuts them: the one row too many tells that there is more."""
    found: list[list[tuple[str, datetime]]] = []
    while True:
        rows = await store.list(Query(account="me", limit=limit, **query))
        assert len(rows) <= limit + 1
        page = [(row.id, row.created_at) for row in rows]
        backwards = bool(query.get("is_backwards"))
        found.append(page[-limit:] if backwards else page[:limit])
        if len(page) <= limit:
            return found
        name, moment = found[-1][0] if backwards else found[-1][-1]
        query = {**query, "position": (moment, name)}


async def test_large_inputs_are_listed_whole_and_in_order(store: Store) -> None:
    """Megabytes of data URI, in both directions."""
    large = [made(created_at=NOW + n * SECOND, input={"image": str(n) * 700_000}) for n in range(3)]
    await asyncio.gather(*map(store.insert, large))
    assert list(await store.list(Query(account="me"))) == large[::-1]
    older = Query(account="me", position=(NOW - SECOND, ""), is_backwards=True)
    assert list(await store.list(older)) == large[::-1]


async def test_a_list_can_be_narrowed_by_time_and_source(store: Store) -> None:
    """From a time on, inclusive; before a time, exclusive; both; of one source."""
    first, second, third = (made(created_at=NOW + n * SECOND) for n in range(3))
    web = made(created_at=NOW + 9 * SECOND, source="web")
    for prediction in (first, second, third, web):
        await store.insert(prediction)
    assert await ids(store, created_after=NOW + SECOND, source="api") == [third.id, second.id]
    assert await ids(store, created_before=NOW + SECOND) == [first.id]
    window = {"created_after": NOW + SECOND, "created_before": NOW + 2 * SECOND}
    assert await ids(store, **window) == [second.id]
    assert await ids(store, source="web") == [web.id]


async def test_a_list_shows_rows_as_they_are_now(store: Store) -> None:
    """Their output and status, not those of their creation."""
    held = await running(store)
    ended = held.prediction.produce("done", ()).succeed(NOW + SECOND)
    await store.save(ended, Status.PROCESSING, held.claim)
    assert list(await store.list(Query(account="me"))) == [ended]


async def test_claims_are_first_come_first_served(store: Store) -> None:
    """By creation, within a model."""
    waiting = [made(created_at=NOW - n * SECOND) for n in range(5)]
    await asyncio.gather(*map(store.insert, waiting))
    first = await claim(store, room=Room(2, {MODEL: 100}))
    second = await claim(store)
    assert {c.prediction.id for c in first} == {waiting[4].id, waiting[3].id}
    assert {c.prediction.id for c in second} == {p.id for p in waiting[:3]}


async def test_a_claim_takes_no_more_than_the_room(store: Store) -> None:
    """Neither of one model nor in all, and nothing of a model that is not named."""
    for model in ("a/a", "b/b", "c/c"):
        await asyncio.gather(*(store.insert(made(model=model)) for _ in range(4)))
    taken = [c.prediction.model for c in await claim(store, room=Room(5, {"a/a": 2, "b/b": 9}))]
    assert (taken.count("a/a"), taken.count("b/b"), len(taken)) == (2, 3, 5)
    assert await claim(store, room=Room(0, {"a/a": 9})) == []
    assert await claim(store, room=Room(9, {})) == []
    assert await claim(store, room=Room(9, {"a/a": 0, "c/c": -1})) == []


async def test_nothing_is_claimed_twice(store: Store, another: Opener) -> None:
    """Two processes that claim at the same time share the work."""
    other = await another()
    waiting = [made() for _ in range(60)]
    await asyncio.gather(*map(store.insert, waiting))
    rounds = [
        claim(s, s_name, Room(7, {MODEL: 7})) for s, s_name in [(store, "a"), (other, "b")] * 6
    ]
    taken = [c.prediction.id for claims in await asyncio.gather(*rounds) for c in claims]
    assert len(taken) == len(set(taken)) == 60


async def test_a_claim_brings_the_sealed_secrets(store: Store) -> None:
    """To the one who will need them."""
    await store.insert(made(), b"sealed")
    (claimed,) = await claim(store)
    assert claimed.secrets == b"sealed"


async def test_what_came_by_a_clock_that_ran_ahead_is_claimed(store: Store) -> None:
    """It has been set back since, maybe by years: what was accepted does not wait for that."""
    for model in ("a/a", "a/a", "b/b"):
        await store.insert(made(model=model, created_at=NOW + SECOND))
    assert len(await claim(store, room=Room(2, {"a/a": 1, "b/b": 1}), now=NOW)) == 2
    assert len(await claim(store, room=Room(9, {"a/a": 9}), now=NOW)) == 1


async def test_the_fence_rises_with_each_claim(store: Store) -> None:
    """So that of two holders the later one is known."""
    await store.insert(made())
    (first,) = await claim(store)
    await store.release("w1")
    await store.orphans("w2", NOW, NOW + SOON)
    (second,) = await claim(store, "w2")
    assert second.claim.fence > first.claim.fence


async def test_runs_are_counted_by_model(store: Store) -> None:
    """Each accepted prediction is one."""
    assert await store.run_counts() == {}
    for model, runs in (("a/a", 3), ("b/b", 2)):
        await asyncio.gather(*(store.insert(made(model=model)) for _ in range(runs)))

    async def counted() -> bool:
        return dict(await store.run_counts()) == {"a/a": 3, "b/b": 2}

    assert await eventually(counted)


async def test_a_store_opened_again_finds_everything(another: Opener) -> None:
    """Predictions, claims, secrets, deliveries, tokens and counts."""
    store = await another()
    await store.insert(made(), b"sealed")
    ended = made(webhook=HOOK)
    await store.insert(ended)
    await store.save(ended.cancel(NOW), Status.STARTING)
    await store.accounts.add_token(token("one"))
    await store.close()
    again = await another()
    assert await again.get(ended.id, "me") == ended.cancel(NOW)
    assert await events(again, ended) == [Event.COMPLETED]
    assert await again.accounts.token(token_hash("r8_one")) == token("one")
    assert await again.run_counts() == {MODEL: 2}
    (claimed,) = await claim(again)
    assert claimed.secrets == b"sealed"


async def test_closing_finishes_what_was_asked(another: Opener) -> None:
    """Writes that were on the way are on disk."""
    store = await another()
    waiting = [made() for _ in range(50)]
    writes = [asyncio.create_task(store.insert(p)) for p in waiting]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*writes)
    again = await another()
    assert set(await ids(again)) == {p.id for p in waiting}


async def test_closing_twice_is_harmless(another: Opener) -> None:
    """Whoever opened it may close it again."""
    store = await another()
    await store.close()
    await store.close()
