"""The list of predictions in the browser: shown, narrowed, paged, downloaded and deleted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from tests.api.calls import ECHO, SKETCH, Api
from tests.api.conftest import api, running
from tests.api.others import stranger
from tests.support.making import made
from tests.web.managing import MARKUP, Browser, Shown, browser, browsing, narrowed

from safelight.prediction import Prediction, Status
from safelight.stores import finding

__all__ = ["api", "browser", "running"]
PAGE = "/predictions"
SMALL = {"width": 256, "height": 256}


def shown_ids(page: Shown) -> list[str]:
    """The predictions on a page, in its order."""
    return [box["value"] for box in page.all("input", name="id")]


def older(page: Shown) -> str:
    """Where the list goes on."""
    (link,) = (a for a in page.all("a") if "data-older" in a)
    return link["href"]


async def stored(api: Api, count: int, **facts: Any) -> list[str]:
    """Some of the caller's own that have ended, a second apart; their ids, the newest first."""
    begin = datetime.now(UTC) - timedelta(hours=1)
    usual: dict[str, Any] = {"account": "safelight", "status": Status.SUCCEEDED}
    rows: Sequence[Prediction] = [
        made(**usual | {"created_at": begin + timedelta(seconds=number)} | facts)
        for number in range(count)
    ]
    await api.engine.store.restore(rows)
    return [row.id for row in reversed(rows)]


async def test_without_predictions_the_page_says_how_to_make_one(browser: Browser) -> None:
    """By hand, or from a terminal."""
    page = await browser.get(PAGE)
    assert page.status == 200
    assert "No predictions yet" in page.text
    assert "safelight run --test" in page.text
    assert "/" in page.links


async def test_the_grid_shows_pictures_first(api: Api, browser: Browser) -> None:
    """What has none says why, in a line; one of live mode cannot be taken for another."""
    drawn = await api.run(SKETCH, {"prompt": "a boat"} | SMALL)
    await api.run(SKETCH, {"prompt": "[[fail: It broke\\nsomewhere]] a boat"} | SMALL)
    await api.run(ECHO, {"prompt": "words"}, **api.live)
    page = await browser.get(PAGE)
    (image,) = (img for img in page.all("img") if "/outputs/" in img["src"])
    assert image["src"].startswith("/outputs/")
    assert image["loading"] == "lazy"
    assert image["width"]
    assert image["height"]
    assert f"/p/{drawn['id']}" in page.links
    assert "It broke" in page.text
    assert len(page.all("span", **{"class": "badge live"})) == 1
    assert len(page.all("span", **{"class": "badge failed"})) == 1


async def test_the_table_shows_the_facts(api: Api, browser: Browser) -> None:
    """The view stays in every link, and the other one is a key away."""
    await stored(api, 1, metrics={"predict_time": 3.25, "cost_usd": 0.042}, source="web")
    page = await browser.get(f"{PAGE}?view=table&mode=live")
    for told in ("acme/img", "a cat", "3.25 s", "$0.042", "live", "web"):
        assert told in page.text
    assert page.value("view") == "table"
    (other,) = (a for a in page.all("a") if a.get("data-shortcut") == "v")
    assert other["href"] == f"{PAGE}?mode=live"
    assert f"{PAGE}?view=table&status=failed&mode=live" in page.links


@pytest.mark.parametrize("view", ["grid", "table"])
async def test_markup_stays_text(api: Api, browser: Browser, view: str) -> None:
    """In prompts, errors, outputs, and in what is looked for."""
    await stored(api, 1, input={"prompt": MARKUP}, status=Status.FAILED, error=MARKUP)
    await stored(api, 1, input={"prompt": MARKUP}, output=MARKUP)
    page = await browser.get(f"{PAGE}?view={view}&prompt=%3Cscript%3E")
    assert page.text.count(MARKUP) >= 3
    assert MARKUP not in page.source
    assert all(script.startswith("/-/") for script in page.scripts)


@pytest.mark.parametrize(
    "query",
    [
        "status=failed",
        "status=failed&status=canceled",
        "model=acme/other",
        "mode=test",
        "source=web",
        "deployment=app",
        "token=token-9",
        "prompt=LIGHTHOUSE",
        "from=2026-01-02&to=2026-01-02",
        "from=2026-01-02&zone=Asia/Tokyo&to=2026-01-02",
    ],
)
async def test_filters_narrow_the_list(api: Api, browser: Browser, query: str) -> None:
    """Each leaves the one that fits; all can be cleared."""
    now = datetime.now(UTC)
    await stored(api, 1, created_at=now - timedelta(days=400), model="acme/third")
    fits = {
        "created_at": datetime(2026, 1, 2, 3, tzinfo=UTC) if "from" in query else now,
        "status": Status.FAILED,
        "model": "acme/other",
        "mode": "test",
        "source": "web",
        "deployment": "app",
        "token": "token-9",
        "input": {"prompt": "The lighthouse"},
    }
    (wanted,) = await stored(api, 1, **fits)
    page = await browser.get(f"{PAGE}?{query}")
    assert shown_ids(page) == [wanted]
    assert PAGE in page.links
    assert [a for a in page.all("a") if a.get("class") == "on"]


async def test_where_nothing_fits_the_page_says_so(api: Api, browser: Browser) -> None:
    """And leads out."""
    await stored(api, 1)
    page = await browser.get(f"{PAGE}?status=canceled")
    assert "No prediction fits" in page.text
    assert shown_ids(page) == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("status=odd", "status can be starting, processing"),
        ("model=nothing", "model must be a model as owner/name"),
        ("from=soon", "A day is written as 2026-01-31, not soon."),
        ("cursor=x", "This place in the list is gone."),
    ],
)
async def test_a_filter_that_is_none_is_explained(browser: Browser, query: str, told: str) -> None:
    """On the page itself, where it can be changed."""
    page = await browser.get(f"{PAGE}?{query}")
    assert page.status == 400
    assert told in page.text
    assert PAGE in page.links


async def test_the_list_is_paged(api: Api, browser: Browser) -> None:
    """With links, without JavaScript, there and back; a part for scripts is the same."""
    ids = await stored(api, 230)
    first = await browser.get(PAGE)
    assert shown_ids(first) == ids[:100]
    second = await browser.get(older(first))
    assert shown_ids(second) == ids[100:200]
    part = await browser.get(older(second).replace(PAGE, f"{PAGE}/part"))
    assert shown_ids(part) == ids[200:]
    assert not [a for a in part.all("a") if "data-older" in a]
    (newer,) = (a for a in second.all("a") if "data-newer" in a)
    assert shown_ids(await browser.get(newer["href"])) == ids[:100]


async def test_where_nothing_fits_so_far_one_looks_further(
    api: Api, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page looks through some parts by itself, and then leads on to the rest."""
    monkeypatch.setattr(finding, "STEP", 3)
    monkeypatch.setattr(finding, "LOOKED_AT", 3)
    long_ago = datetime.now(UTC) - timedelta(days=2)
    (wanted,) = await stored(api, 1, created_at=long_ago, model="acme/rare")
    await stored(api, 24)
    page = await browser.get(f"{PAGE}?model=acme/rare")
    assert shown_ids(page) == []
    assert "Nothing so far" in page.text
    for _ in range(24):
        if shown_ids(page):
            break
        assert "Look further" in page.text
        page = await browser.get(older(page))
    assert shown_ids(page) == [wanted]


async def test_what_is_newer_is_given_alone(api: Api, browser: Browser) -> None:
    """For the hint that something has come; filters hold for it."""
    await stored(api, 3)
    since = (datetime.now(UTC) - timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    fresh = await api.run(ECHO, {"prompt": "new"})
    part = await browser.get(f"{PAGE}/part?since={since}")
    assert shown_ids(part) == [fresh["id"]]
    assert shown_ids(await browser.get(f"{PAGE}/part?since={since}&status=failed")) == []
    assert (await browser.get(f"{PAGE}/part?since=soon")).status == 400
    assert (await browser.get(f"{PAGE}/part?from=soon")).status == 400


async def test_some_are_given_by_their_ids(api: Api, browser: Browser) -> None:
    """As they are by now; what is not there, or not the caller's, is left out."""
    ids = await stored(api, 2)
    (theirs,) = await stored(api, 1, account="stranger")
    asked = "&".join(f"id={one}" for one in (*ids, theirs, "nothing", "../tokens"))
    assert shown_ids(await browser.get(f"{PAGE}/part?view=table&{asked}")) == ids


async def test_another_accounts_are_not_listed(api: Api, browser: Browser) -> None:
    """Not by any filter either."""
    await stored(api, 1, account="stranger", input={"prompt": "a secret"})
    assert shown_ids(await browser.get(PAGE)) == []
    assert shown_ids(await browser.get(f"{PAGE}?prompt=secret")) == []


async def test_tokens_are_offered_to_those_who_may_see_them(api: Api, browser: Browser) -> None:
    """By name; a token without the scope admin sees the list without them."""
    assert [f for f in (await browser.get(PAGE)).all("select") if f["name"] == "token"]
    async with browsing(api, await narrowed(api, "read")) as reader:
        page = await reader.get(PAGE)
        assert page.status == 200
        assert not [f for f in page.all("select") if f["name"] == "token"]


async def test_those_selected_come_as_one_archive(api: Api, browser: Browser) -> None:
    """From boxes that are checked, or from a script."""
    one = await api.run(SKETCH, {"prompt": "a boat"} | SMALL)
    two = await api.run(ECHO, {"prompt": "words"})
    ids = [one["id"], two["id"]]
    for fields in ({"id": ids}, {"ids": ",".join(ids)}):
        answer = await browser.send(f"{PAGE}/zip", fields)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/zip"
        assert "attachment" in answer.headers["content-disposition"]
        with ZipFile(BytesIO(answer.content)) as archive:
            folders = {name.partition("/")[0] for name in archive.namelist()}
        assert folders == {f"sketch-{one['id']}", f"echo-{two['id']}"}


async def test_what_cannot_be_downloaded_is_explained(api: Api, browser: Browser) -> None:
    """Nothing selected, nothing in it, or somebody else's."""
    (empty,) = await stored(api, 1)
    (theirs,) = await stored(api, 1, account="stranger")
    none = await browser.post(f"{PAGE}/zip", {"back": f"{PAGE}?view=table"})
    assert "Select the predictions to download first." in none.text
    assert f"{PAGE}?view=table" in none.links
    nothing = await browser.post(f"{PAGE}/zip", {"id": empty})
    assert nothing.status == 422
    assert "Nothing was downloaded" in nothing.text
    foreign = await browser.post(f"{PAGE}/zip", {"id": theirs, "back": "https://evil.test/"})
    assert foreign.status == 404
    assert theirs in foreign.text
    assert PAGE in foreign.links
    assert "evil" not in foreign.source


async def test_deleting_is_asked_first(api: Api, browser: Browser) -> None:
    """Nothing is gone before the answer; then all of it is."""
    ids = await stored(api, 3)
    asked = await browser.post(f"{PAGE}/delete", {"id": ids[:2], "back": PAGE})
    assert "Delete 2 predictions?" in asked.text
    assert shown_ids(await browser.get(PAGE)) == ids
    sure = {"ids": asked.value("ids"), "sure": asked.value("sure"), "back": PAGE}
    done = await browser.post(f"{PAGE}/delete", sure)
    assert "2 predictions deleted" in done.text
    assert shown_ids(await browser.get(PAGE)) == ids[2:]


async def test_what_was_not_deleted_is_told_with_the_reason(api: Api, browser: Browser) -> None:
    """One that still runs, one that is gone, one of another account; the rest is deleted."""
    (over,) = await stored(api, 1)
    (theirs,) = await stored(api, 1, account="stranger")
    runs = (await api.create(SKETCH, {"prompt": "[[delay: 20s]]"} | SMALL)).json()["id"]
    fields = {"ids": f"{over},{theirs},{runs},../tokens/x", "sure": "yes"}
    done = await browser.post(f"{PAGE}/delete", fields)
    assert done.all("div", id="report")[0]["data-deleted"] == over
    assert "2 were not deleted" in done.text
    assert "Cancel it first" in done.text
    await api.post(f"/v1/predictions/{runs}/cancel", {})
    mine = await stranger(api)
    kept = await api.client.get(f"/v1/predictions/{theirs}", headers=mine)
    assert kept.status_code == 200


async def test_a_token_that_may_only_read_deletes_nothing(api: Api) -> None:
    """The page says which scope it lacks."""
    ids = await stored(api, 1)
    async with browsing(api, await narrowed(api, "read")) as reader:
        done = await reader.post(f"{PAGE}/delete", {"id": ids, "sure": "yes"})
        assert "Nothing was deleted" in done.text
        assert "lacks the scope" in done.text
        assert shown_ids(await reader.get(PAGE)) == ids


async def test_two_are_compared(api: Api, browser: Browser) -> None:
    """Exactly two; of any other number one is told."""
    ids = await stored(api, 3)
    answer = await browser.send(f"{PAGE}/compare", {"id": ids[:2]})
    assert answer.headers["location"] == f"/compare?a={ids[0]}&b={ids[1]}"
    for some in (ids, ids[:1]):
        page = await browser.post(f"{PAGE}/compare", {"id": some})
        assert "Select two to compare" in page.text


@pytest.mark.parametrize("path", ["zip", "delete", "compare"])
async def test_a_forged_form_does_nothing(api: Api, browser: Browser, path: str) -> None:
    """Another site does not know what the page knows."""
    ids = await stored(api, 2)
    fields = {"id": ids, "sure": "yes", "csrf": "guessed"}
    assert (await browser.send(f"{PAGE}/{path}", fields)).status_code == 403
    assert shown_ids(await browser.get(PAGE)) == ids


async def test_the_list_is_for_those_who_have_signed_in(browser: Browser) -> None:
    """Others are sent to sign in, and come back to what they wanted."""
    browser.client.cookies.clear()
    answer = await browser.client.get(f"{PAGE}?view=table")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/enter?next=/predictions")
