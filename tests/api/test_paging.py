"""Lists: newest first, 100 to a page, cursors that keep the rest of the query."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.api.calls import Api, Json, problem


async def _made(api: Api, count: int) -> list[str]:
    """Ids, newest first."""
    made = [(await api.echo(str(number)))["id"] for number in range(count)]
    return made[::-1]


async def _page(api: Api, url: str) -> Json:
    answer = await api.client.get(url)
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    assert page.keys() == {"next", "previous", "results"}
    return page


def _ids(page: Json) -> list[str]:
    return [item["id"] for item in page["results"]]


async def test_an_empty_list_is_a_page(api: Api) -> None:
    """Of nothing."""
    assert await _page(api, "/v1/predictions") == {"next": None, "previous": None, "results": []}


async def test_100_fit_on_one_page(api: Api) -> None:
    """And no cursor leads on to an empty one."""
    made = await _made(api, 100)
    page = await _page(api, "/v1/predictions")
    assert sorted(_ids(page)) == sorted(made)
    assert page["next"] is None


async def test_cursors_lead_through_all_pages_and_back(api: Api) -> None:
    """Each prediction once, newest first, and the same pages on the way back."""
    made = await _made(api, 205)
    first = await _page(api, "/v1/predictions")
    second = await _page(api, first["next"])
    third = await _page(api, second["next"])
    pages = [first, second, third]
    assert [len(page["results"]) for page in pages] == [100, 100, 5]
    assert sorted(name for page in pages for name in _ids(page)) == sorted(made)
    created = [item["created_at"] for page in pages for item in page["results"]]
    assert created == sorted(created, reverse=True)
    assert first["previous"] is None
    assert third["next"] is None
    back = await _page(api, third["previous"])
    assert _ids(back) == _ids(second)
    start = await _page(api, back["previous"])
    assert _ids(start) == _ids(first)
    assert start["previous"] is None


async def test_what_comes_in_between_moves_no_page(api: Api) -> None:
    """A cursor stands for a place, not for a number."""
    await _made(api, 101)
    first = await _page(api, "/v1/predictions")
    expected = _ids(await _page(api, first["next"]))
    await _made(api, 3)
    assert _ids(await _page(api, first["next"])) == expected


async def test_next_is_absolute_and_keeps_the_other_parameters(api: Api) -> None:
    """Clients send it back as it is."""
    await _made(api, 101)
    query = "created_after=2020-01-01T00:00:00Z&created_before=2999-01-01T00:00:00%2B02:00&x=a%26b"
    page = await _page(api, f"/v1/predictions?{query}")
    assert page["next"].startswith("https://safelight.test/v1/predictions?")
    kept = parse_qs(urlsplit(page["next"]).query)
    assert kept.pop("cursor")
    assert kept == {
        "created_after": ["2020-01-01T00:00:00Z"],
        "created_before": ["2999-01-01T00:00:00+02:00"],
        "x": ["a&b"],
    }
    assert len((await _page(api, page["next"]))["results"]) == 1


async def test_created_after_includes_and_created_before_excludes(api: Api) -> None:
    """The moment itself."""
    made: set[datetime] = set()
    while len(made) < 3:
        made.add(datetime.fromisoformat((await api.echo())["created_at"]))
    moments = sorted(made)
    first, second, third = (moment.isoformat().replace("+00:00", "Z") for moment in moments)
    for query, expected in (
        (f"created_after={second}", moments[1:]),
        (f"created_before={second}", moments[:1]),
        (f"created_after={first}&created_before={third}", moments[:2]),
        (f"created_after={third.replace('Z', '+00:00')}", moments[2:]),
    ):
        page = await _page(api, f"/v1/predictions?{query}")
        created = {datetime.fromisoformat(item["created_at"]) for item in page["results"]}
        assert sorted(created) == expected


async def test_a_page_of_large_inputs_is_like_any_other(api: Api) -> None:
    """It is sent piece by piece, and holds the same, in the same order, under the same type."""
    small = await api.client.get("/v1/predictions")
    made = [(await api.run("safelight/echo", {"prompt": n * 700_000}))["id"] for n in "abc"]
    answer = await api.client.get("/v1/predictions")
    assert answer.headers["content-type"] == small.headers["content-type"]
    assert answer.content.endswith(b"]}\n")
    page = answer.json()
    assert page["next"] is page["previous"] is None
    assert page["results"] == [await api.get(name) for name in made[::-1]]


async def test_the_web_source_is_another_list(api: Api) -> None:
    """What the API made is not in it."""
    await api.echo()
    assert (await _page(api, "/v1/predictions?source=web"))["results"] == []


@pytest.mark.parametrize("query", ["source=cli", "source=", "created_after=x", "created_before="])
async def test_a_filter_that_cannot_be_read_is_refused(api: Api, query: str) -> None:
    """The answer names it."""
    document = problem(await api.client.get(f"/v1/predictions?{query}"), 400)
    assert query.partition("=")[0] in document["detail"]


@pytest.mark.parametrize("cursor", ["x", "", "%FF", "%00", "cD0x", "a" * 10_000, "cj0xJnA9MQ=="])
async def test_a_cursor_that_is_not_ours_leads_nowhere(api: Api, cursor: str) -> None:
    """As Replicate answers it."""
    document = problem(await api.client.get(f"/v1/predictions?cursor={cursor}"), 404)
    assert document["detail"] == "Invalid cursor"


async def test_both_modes_of_an_account_are_in_one_list(api: Api) -> None:
    """A token says what runs, the account whose it is."""
    test, live = await api.echo(), await api.echo(**api.live)
    assert set(_ids(await _page(api, "/v1/predictions"))) == {test["id"], live["id"]}
