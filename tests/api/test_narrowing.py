"""Lists of predictions that are filtered, over HTTP."""

from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.api.calls import Api, Json, problem
from tests.api.deploying import deployed
from tests.support.making import NOW, made

from safelight.account import Mode
from safelight.prediction import Status
from safelight.stores import finding

LIST: Final = "/v1/predictions"


async def found(api: Api, **parameters: str) -> list[str]:
    """The ids on the first page."""
    return _ids(await page(api, LIST, **parameters))


async def page(api: Api, url: str, **parameters: str) -> Json:
    answer = await api.client.get(url, params=parameters or None)
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


def _ids(shown: Json) -> list[str]:
    return [one["id"] for one in shown["results"]]


async def kept(api: Api, **facts: Any) -> str:
    """A prediction of the caller's that has ended as *facts* say."""
    usual: dict[str, Any] = {"account": "safelight", "status": Status.SUCCEEDED}
    prediction = made(**usual | facts)
    await api.engine.store.restore([prediction])
    return prediction.id


async def test_a_status_is_the_one_that_is_shown(api: Api) -> None:
    """A prediction whose deadline struck before it ran is shown as canceled, and found so."""
    ids = {status: await kept(api, status=status) for status in Status if status.is_terminal}
    assert await found(api, status="failed") == [ids[Status.FAILED]]
    both = {ids[Status.CANCELED], ids[Status.ABORTED]}
    assert set(await found(api, status="canceled")) == both
    assert set(await found(api, status="canceled,failed, starting")) == both | {ids[Status.FAILED]}


async def test_aborted_is_a_status_where_it_is_shown(running: Any) -> None:
    """Then canceled does not include it."""
    async with running(SAFELIGHT_SHOW_ABORTED="1") as api:
        aborted = await kept(api, status=Status.ABORTED)
        canceled = await kept(api, status=Status.CANCELED)
        assert await found(api, status="aborted") == [aborted]
        assert await found(api, status="canceled") == [canceled]


@pytest.mark.parametrize(
    ("name", "value", "facts"),
    [
        ("model", "acme/other", {"model": "acme/other"}),
        ("deployment", "app", {"deployment": "app"}),
        ("token", "token-2", {"token": "token-2"}),
        ("mode", "test", {"mode": Mode.TEST}),
        ("prompt", "ŽLUTÝ kůň", {"input": {"prompt": "Jeden žlutý KŮŇ."}}),
        ("source", "web", {"source": "web"}),
    ],
)
async def test_each_filter_finds_what_fits(
    api: Api, name: str, value: str, facts: dict[str, Any]
) -> None:
    """And nothing else, nor what is another's."""
    from_now = {"created_at": NOW.replace(year=2126)}  # whatever looks back only two weeks
    fits = await kept(api, **from_now, **facts)
    await kept(api, **from_now)
    await kept(api, **from_now, account="you", **facts)
    assert await found(api, **{name: value}) == [fits]


async def test_filters_narrow_one_another(api: Api) -> None:
    """What is found fits all of them."""
    one = await kept(api, model="acme/one", status=Status.FAILED)
    await kept(api, model="acme/one")
    await kept(api, status=Status.FAILED)
    assert await found(api, model="acme/one", status="failed", mode="live", source="api") == [one]
    assert await found(api, model="acme/one", status="failed", created_after="2026-01-01") == []


async def test_what_runs_through_the_api_is_found_by_its_token_and_deployment(api: Api) -> None:
    """A prediction knows both from the start."""
    await deployed(api)
    body = {"input": {"prompt": "hello"}}
    answer = await api.post("/v1/deployments/safelight/app/predictions", body)
    other = await api.echo()
    assert await found(api, deployment="app") == [answer.json()["id"]]
    tokens = await api.engine.store.accounts.tokens("safelight")
    by_token = {one.mode: await found(api, token=one.id) for one in tokens}
    assert by_token == {Mode.LIVE: [], Mode.TEST: [other["id"], answer.json()["id"]]}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("status=done", "starting, processing, succeeded, failed, canceled"),
        ("status=", "starting, processing"),
        ("status=failed,", "several of them between commas"),
        ("status=aborted", "canceled"),
        ("mode=both", "live or test"),
        ("model=gpt", "owner/name"),
        ("model=a/b:c", "owner/name"),
        ("deployment=", "without its owner"),
        ("deployment=a/b", "without its owner"),
        ("token=r8 x", "the id of a token"),
        ("prompt=", "1 to 200 characters"),
        (f"prompt={'x' * 201}", "1 to 200 characters"),
        ("prompt=a%00b", "1 to 200 characters"),
        ("source=cli", '"web" or "api"'),
    ],
)
async def test_a_filter_that_is_none_is_refused(api: Api, query: str, told: str) -> None:
    """The answer says which one, and what is allowed."""
    detail = problem(await api.client.get(f"{LIST}?{query}"), 400)["detail"]
    assert query.partition("=")[0] in detail
    assert told in detail


async def test_a_cursor_that_is_none_is_refused_as_ever(api: Api) -> None:
    """Filtered or not."""
    problem(await api.client.get(f"{LIST}?status=failed&cursor=nonsense"), 404)


async def test_pages_lead_to_all_that_fits_and_back(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also over pages on which nothing is found; the links keep the filter."""
    monkeypatch.setattr(finding, "STEP", 3)
    monkeypatch.setattr(finding, "LOOKED_AT", 6)
    fitting = [
        await kept(api, created_at=NOW.replace(minute=n), status=_status(n)) for n in range(40)
    ]
    expected = [fitting[n] for n in (39, 10, 9, 0)]
    forth: list[str] = []
    last = first = await page(api, LIST, status="failed")
    lengths = [len(first["results"])]
    while last["next"] is not None:
        forth += _ids(last)
        assert parse_qs(urlsplit(str(last["next"])).query)["status"] == ["failed"]
        last = await page(api, last["next"])
        lengths.append(len(last["results"]))
    assert forth + _ids(last) == expected
    assert 0 in lengths
    assert first["previous"] is None
    back = _ids(last)
    while last["previous"] is not None:
        last = await page(api, last["previous"])
        back = _ids(last) + back
    assert back == expected


def _status(number: int) -> Status:
    return Status.FAILED if number in {0, 9, 10, 39} else Status.SUCCEEDED
