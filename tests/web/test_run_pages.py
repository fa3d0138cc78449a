"""A prediction's own page, whatever is in it and whoever asks."""

import json
import random

import pytest
from tests.api.calls import ECHO, SKETCH, Api
from tests.api.others import stranger
from tests.web.managing import MARKUP, Browser, browsing, narrowed

from safelight.web.cutting import Cutting

MEGABYTES = "data:image/png;base64," + "A" * 3_000_000
PLACES = ["/p/{id}", "/p/{id}/part", f"/{ECHO}?prediction={{id}}", "/compare?a={id}&b={id}"]


@pytest.mark.parametrize("place", PLACES)
async def test_what_was_asked_and_said_stays_text(api: Api, browser: Browser, place: str) -> None:
    """Markup in prompts and outputs is shown as it was written."""
    run = await api.run(ECHO, {"prompt": f'{MARKUP}"><img src=x onerror=alert(1)>\n{{{{7*7}}}}'})
    page = await browser.get(place.format(id=run["id"]))
    assert page.status == 200
    assert MARKUP not in page.source
    assert not page.all("img", src="x")
    assert "{{7*7}}" in page.text or "compare" in place


async def test_lists_of_large_inputs_are_shown(api: Api, browser: Browser) -> None:
    """Of several megabytes, pages take what they show."""
    runs = [await api.run(ECHO, {"prompt": f"{n} " + "é" * 200_000}) for n in range(6)]
    for place in ("/predictions", "/predictions/part", f"/{ECHO}", f"/p/{runs[0]['id']}"):
        page = await browser.get(place)
        assert page.status == 200, place
        assert len(page.source) < 400_000, place
    page = await browser.get("/predictions")
    assert [one["value"] for one in page.all("input", name="id")] == [
        run["id"] for run in reversed(runs)
    ]
    page = await browser.get(f"/p/{runs[0]['id']}")
    assert {one["value"] for one in page.all("option")} == {run["id"] for run in runs[1:]}


async def test_a_file_in_the_input_is_not_shown_whole(api: Api, browser: Browser) -> None:
    """Its beginning and its size are; a form that cannot begin with it says so."""
    run = await api.run(SKETCH, {"prompt": "a pear", "input_images": [MEGABYTES]})
    for place in ("/p/{id}", "/compare?a={id}&b={id}", f"/{SKETCH}?prediction={{id}}"):
        page = await browser.get(place.format(id=run["id"]))
        assert page.status == 200
        assert len(page.source) < 100_000
    assert "too large for a form" in page.text
    assert "3,000,022 characters" in (await browser.get(f"/p/{run['id']}")).text


@pytest.mark.parametrize("mode", [None, "", "LIVE", "both"])
async def test_a_form_that_does_not_say_its_mode_runs_nothing(
    api: Api, browser: Browser, mode: str | None
) -> None:
    """Not even live, where that is what is on."""
    run = await api.run(ECHO, {"prompt": "once"})
    await browser.post("/mode", to="live")
    told = {} if mode is None else {"mode": mode}
    for path in (f"/{ECHO}", f"/p/{run['id']}/again", "/deployments/safelight/app/run"):
        assert (await browser.post(path, told | {"input.prompt": "x"})).status == 400
    assert len((await api.client.get("/v1/predictions")).json()["results"]) == 1


async def test_a_run_is_made_again_in_its_own_mode_alone(api: Api, browser: Browser) -> None:
    """A live one not by who has a test token alone; a test one not live, whatever is on."""
    live = await api.run(ECHO, {"prompt": "live"}, **api.live)
    async with browsing(api, api.test_token) as tester:
        page = await tester.get(f"/p/{live['id']}")
        assert "Run again, live" in page.text
        assert (await tester.post(f"/p/{live['id']}/again", mode="live")).status == 403
    test = await api.run(ECHO, {"prompt": "test"})
    await browser.post("/mode", to="live")
    page = await browser.get(f"/p/{test['id']}")
    answer = await browser.send(f"/p/{test['id']}/again", {"mode": "test"})
    made = await api.get(answer.headers["location"].rpartition("/")[2])
    assert made["test"] is True


@pytest.mark.parametrize("end", ["", "/part", "/again", "/cancel", "/delete"])
async def test_another_accounts_run_is_not_there(api: Api, browser: Browser, end: str) -> None:
    """Neither its page nor a part of it, nor in the form or the code of its model."""
    theirs = (await api.echo("theirs", **await stranger(api)))["id"]
    if end in ("", "/part"):
        assert (await browser.get(f"/p/{theirs}{end}")).status == 404
        assert (await browser.get(f"/{ECHO}?prediction={theirs}")).status == 404
        assert (await browser.get(f"/{ECHO}/api?prediction={theirs}")).status == 404
    else:
        assert (await browser.post(f"/p/{theirs}{end}", mode="test")).status == 404


async def test_a_token_that_may_only_read_is_told_what_it_lacks(api: Api) -> None:
    """It sees the page; what it may not do is explained."""
    run = await api.run(ECHO, {"prompt": "x"})
    async with browsing(api, await narrowed(api, "read")) as reader:
        assert (await reader.get(f"/p/{run['id']}")).status == 200
        for end in ("again", "cancel", "delete"):
            page = await reader.post(f"/p/{run['id']}/{end}", mode="test")
            assert page.status == 403
            assert "scope" in page.text


def test_what_is_cut_is_still_json() -> None:
    """In whatever pieces it comes; what is short enough stays as it was."""
    chance = random.Random(1)
    signs = ["a", '"', "\\", "é", "\u2028", "\U0001f600", "\n", "\x01", "{"]
    for _ in range(300):
        texts = ["".join(chance.choices(signs, k=chance.randrange(40))) for _ in range(4)]
        value = {"texts": texts, "number": 1.5, "none": None}
        for is_ascii in (True, False):
            whole = json.dumps(value, ensure_ascii=is_ascii).encode()
            assert Cutting(200)(whole) == whole or is_ascii
            cut = json.loads(Cutting(12)(whole))
            assert [*cut] == [*value]
            assert all(len(json.dumps(one)) <= 14 * 6 for one in cut["texts"])
        pieces = (whole[n : n + 1] for n in range(len(whole)))
        keep = Cutting(1000)
        assert b"".join(keep(one) for one in pieces) == whole
