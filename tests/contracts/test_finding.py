"""What every store promises of lists that are filtered: all that fits is found, a bit at a time."""

import asyncio
from datetime import datetime
from typing import Any, Final

import pytest
from tests.contracts.stores import SECOND, running
from tests.support.making import NOW, made

from safelight.account import Mode
from safelight.prediction import Prediction, Status
from safelight.store import Filter, Found, Query, Store
from safelight.stores import finding


async def found(store: Store, **wanted: Any) -> list[str]:
    """The ids on the first page."""
    return [p.id for p in (await store.find(Query(account="me"), Filter(**wanted))).rows]


async def several(store: Store, *facts: dict[str, Any]) -> list[Prediction]:
    """Predictions, each a second younger than the one before."""
    new = [made(created_at=NOW + n * SECOND, **fact) for n, fact in enumerate(facts)]
    await asyncio.gather(*map(store.insert, new))
    return new


_ANY: Final[dict[str, Any]] = {}
FILTERS: Final[list[tuple[dict[str, Any], dict[str, Any]]]] = [
    ({"model": "acme/other"}, {"model": "acme/other"}),
    ({"deployment": "app"}, {"deployment": "app"}),
    ({"token": "token-2"}, {"token": "token-2"}),
    ({"mode": Mode.TEST}, {"mode": Mode.TEST}),
    ({"prompt": "ZEBRA"}, {"input": {"prompt": "A zebra, grazing."}}),
]


@pytest.mark.parametrize(("wanted", "facts"), FILTERS)
async def test_only_what_fits_is_found(
    store: Store, wanted: dict[str, Any], facts: dict[str, Any]
) -> None:
    """Of one account, newest first; trainings never are."""
    a, _, b = await several(store, facts, {}, facts)
    await store.insert(made(account="you", **facts))
    await store.insert(made(destination="me/own", **facts))
    assert await found(store, **wanted) == [b.id, a.id]
    assert await found(store, **wanted, statuses=frozenset({Status.STARTING})) == [b.id, a.id]
    assert await found(store, **wanted, statuses=frozenset({Status.FAILED})) == []


async def test_live_ones_are_found_too(store: Store) -> None:
    """Although live mode is not written down, as it is the usual one."""
    live, _ = await several(store, {}, {"mode": Mode.TEST})
    assert await found(store, mode=Mode.LIVE) == [live.id]


async def test_a_status_is_the_one_of_now(store: Store) -> None:
    """Several may be wanted."""
    claimed = await running(store)
    (waiting,) = await several(store, {})
    both = frozenset({Status.STARTING, Status.PROCESSING})
    assert await found(store, statuses=frozenset({Status.STARTING})) == [waiting.id]
    assert await found(store, statuses=frozenset({Status.PROCESSING})) == [claimed.prediction.id]
    assert set(await found(store, statuses=both)) == {waiting.id, claimed.prediction.id}


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("A KÜHLE Straße", "kühle straße"),
        ("ЧАЙ и кот", "чай"),
        ("чай", "ЧАЙ"),
        ("100% [sure]* of *?", "100% [SURE]* OF *?"),
        ('say "hi" \\ there\n\tnow', '"HI" \\ THERE\n\tNOW'),
        ("a ]^- b", "]^-"),
        ("\U0001f600 smile", "\U0001f600"),
    ],
)
async def test_a_prompt_is_found_in_any_script_and_case(
    store: Store, prompt: str, text: str
) -> None:
    """No character of it is special."""
    one, _ = await several(store, {"input": {"prompt": prompt}}, {"input": {"prompt": "cat"}})
    assert await found(store, prompt=text) == [one.id]


@pytest.mark.parametrize("text", ["*", "?", "[a-z]at", "c_t", "%"])
async def test_a_prompt_is_no_pattern(store: Store, text: str) -> None:
    """What would be one elsewhere finds only itself."""
    await several(store, {"input": {"prompt": "cat"}})
    assert await found(store, prompt=text) == []


async def test_inputs_without_a_text_are_walked_past(store: Store) -> None:
    """Whatever they hold, and however deep."""
    deep: Any = "cat"
    for _ in range(300):
        deep = [deep]
    odd: tuple[dict[str, Any], ...] = (
        {"prompt": deep},
        {"prompt": None},
        {"prompt": 7},
        {},
        {"other": "zebra"},
    )
    *_, last = await several(store, *({"input": inputs} for inputs in odd), {})
    assert await found(store, prompt="a cat") == [last.id]
    assert await found(store, prompt="zebra") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(("step", "at_once"), [(1, 1), (2, 4), (3, 3), (5, 1000)])
async def test_pages_lead_forth_and_back_over_all_that_fits(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: int, step: int, at_once: int
) -> None:
    """Once, in order, however little a walk looks at, with what does not fit between."""
    monkeypatch.setattr(finding, "STEP", step)
    monkeypatch.setattr(finding, "LOOKED_AT", at_once)
    models = ["acme/img" if n % 3 and n % 7 else "acme/rare" for n in range(31)]
    new = [made(created_at=NOW + (n // 4) * SECOND, model=m) for n, m in enumerate(models)]
    await asyncio.gather(*map(store.insert, new))
    new.sort(key=lambda p: (p.created_at, p.id), reverse=True)
    rare = [p.id for p in new if p.model == "acme/rare"]
    wanted = Filter(model="acme/rare")
    forth = Query(account="me", limit=limit)
    assert await walked(store, forth, wanted) == rare
    back = Query(account="me", limit=limit, position=(NOW - SECOND, ""), is_backwards=True)
    assert await walked(store, back, wanted) == rare[::-1]


async def walked(store: Store, query: Query, wanted: Filter) -> list[str]:
    """All that is found, page after page, in the order of the walk."""
    ids: list[str] = []
    for _ in range(200):
        page = await store.find(query, wanted)
        assert len(page.rows) <= query.limit + 1
        has_more = len(page.rows) > query.limit
        rows = list(page.rows[::-1] if query.is_backwards else page.rows)[: query.limit]
        ids += [row.id for row in rows]
        following = (rows[-1].created_at, rows[-1].id) if has_more else page.ended
        if following is None:
            return ids
        query = _from(query, following)
    raise AssertionError("The walk comes to no end.")


def _from(query: Query, place: tuple[datetime, str]) -> Query:
    return Query(account="me", limit=query.limit, position=place, is_backwards=query.is_backwards)


async def test_a_walk_that_finds_nothing_says_where_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a page of nothing can lead on, and back."""
    monkeypatch.setattr(finding, "STEP", 2)
    monkeypatch.setattr(finding, "LOOKED_AT", 2)
    new = (await several(store, *[_ANY] * 5))[::-1]
    page = await store.find(Query(account="me"), Filter(model="acme/none"))
    assert page == Found(
        rows=[], begun=(new[0].created_at, new[0].id), ended=(new[1].created_at, new[1].id)
    )
    empty = Found(rows=[])
    assert await store.find(Query(account="nobody"), Filter(model="acme/none")) == empty


async def test_a_step_is_made_however_long_it_takes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else no page would ever lead on."""
    monkeypatch.setattr(finding, "STEP", 2)
    monkeypatch.setattr(finding, "PATIENCE", -1.0)
    *_, oldest = (await several(store, {"model": "acme/rare"}, *[_ANY] * 6))[::-1]
    wanted = Filter(model="acme/rare")
    assert (await store.find(Query(account="me"), wanted)).rows == []
    assert await walked(store, Query(account="me"), wanted) == [oldest.id]


async def test_times_and_sources_narrow_a_walk(store: Store) -> None:
    """As they do a plain list."""
    a, b, c = await several(store, {"source": "web"}, {}, {"source": "web"})
    every = Filter()
    web = await store.find(Query(account="me", source="web"), every)
    assert [p.id for p in web.rows] == [c.id, a.id]
    api = await store.find(Query(account="me", source="api"), every)
    assert [p.id for p in api.rows] == [b.id]
    late = await store.find(Query(account="me", created_after=b.created_at), every)
    assert [p.id for p in late.rows] == [c.id, b.id]
