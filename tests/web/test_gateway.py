"""The API for scripts of the pages: a cookie in place of a token, if the page is ours."""

import json
import threading
from contextlib import closing

import httpx
import pytest
from tests.api.calls import ECHO, SKETCH, Api
from tests.serving import PATIENCE, Server
from tests.web.managing import Browser, browsing, narrowed
from tests.web.visiting import calling

CREATE = f"/-/api/v1/models/{ECHO}/predictions"
BODY = {"input": {"prompt": "hello"}}


async def test_a_script_of_a_page_calls_the_api_with_the_session(
    api: Api, browser: Browser
) -> None:
    """What it makes belongs to the account, in the mode of the page."""
    headers = {"x-csrf": browser.csrf, "x-mode": "test", "prefer": "wait=10"}
    answer = await browser.client.post(CREATE, json=BODY, headers=headers)
    assert (answer.status_code, answer.json()["output"]) == (201, "hello")
    assert (await api.get(answer.json()["id"]))["input"] == BODY["input"]
    assert answer.json()["test"] is True


@pytest.mark.parametrize("given", [None, "", "wrong"])
async def test_without_the_secret_of_the_page_nothing_is_changed(
    api: Api, browser: Browser, given: str | None
) -> None:
    """Whatever the method; looking is allowed."""
    headers = {"x-mode": "test"} | ({} if given is None else {"x-csrf": given})
    for method in ("POST", "PATCH", "DELETE", "PUT", "QUERY"):
        answer = await browser.client.request(method, CREATE, json=BODY, headers=headers)
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await browser.client.get("/-/api/v1/predictions")).json()["results"] == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_gets_nothing(browser: Browser, site: str) -> None:
    """Not even a look."""
    headers = {"sec-fetch-site": site, "x-csrf": browser.csrf, "x-mode": "test"}
    assert (await browser.client.get("/-/api/v1/models", headers=headers)).status_code == 403
    assert (await browser.client.post(CREATE, json=BODY, headers=headers)).status_code == 403


async def test_without_a_session_nothing_is_passed_on(api: Api) -> None:
    """Not even with a token: programs have the API itself."""
    async with calling(api, authorization=f"Bearer {api.test_token}") as client:
        assert (await client.get("/-/api/v1/models")).status_code == 401


@pytest.mark.parametrize("path", ["metrics", "openapi.json", "healthz", "outputs/x/y", "", "enter"])
async def test_only_the_api_itself_is_passed_on(browser: Browser, path: str) -> None:
    """Measurements trust who is on this machine: a session is not that."""
    assert (await browser.client.get(f"/-/api/{path}")).status_code == 404


async def test_the_mode_of_the_page_counts(api: Api, browser: Browser) -> None:
    """Another window may have switched since; without a token for it, it is refused."""
    await browser.post("/mode", to="live")
    headers = {"x-csrf": browser.csrf, "x-mode": "test"}
    answer = await browser.client.post(CREATE, json=BODY, headers=headers)
    assert answer.json()["test"] is True
    async with browsing(api, api.test_token) as other:
        headers = {"x-csrf": other.csrf, "x-mode": "live"}
        assert (await other.client.post(CREATE, json=BODY, headers=headers)).status_code == 403


@pytest.mark.parametrize("mode", [None, "", "Live", "both"])
async def test_what_does_not_say_its_mode_does_not_run(browser: Browser, mode: str | None) -> None:
    """Not even live, where that is what is on."""
    await browser.post("/mode", to="live")
    headers = {"x-csrf": browser.csrf} | ({} if mode is None else {"x-mode": mode})
    assert (await browser.client.post(CREATE, json=BODY, headers=headers)).status_code == 403
    assert (await browser.client.get("/-/api/v1/predictions")).json()["results"] == []


@pytest.mark.parametrize("path", ["account", "models/safelight/sketch/readme", "usage?format=csv"])
async def test_an_answer_that_is_opened_by_itself_is_no_page(browser: Browser, path: str) -> None:
    """Whatever is in it, nothing of it runs."""
    answer = await browser.client.get(f"/-/api/v1/{path}")
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_a_token_may_not_do_is_refused_in_the_words_of_the_api(api: Api) -> None:
    """A session with a token that only reads cannot run."""
    async with browsing(api, await narrowed(api, "read")) as browser:
        headers = {"x-csrf": browser.csrf, "x-mode": "test"}
        answer = await browser.client.post(CREATE, json=BODY, headers=headers)
        assert answer.status_code == 403
        assert "run" in answer.json()["detail"]
        page = await browser.post("/safelight/echo", {"input.prompt": "x"}, mode="test")
        assert page.status == 403
        assert "run" in page.text


async def test_a_header_of_the_browser_does_not_reach_the_api(browser: Browser) -> None:
    """A token that a script brings is none; nor is another account's."""
    headers = {"x-csrf": browser.csrf, "x-mode": "test", "x-safelight-account": "x"}
    answer = await browser.client.get("/-/api/v1/account", headers=headers)
    assert answer.json()["username"] == "safelight"
    assert "set-cookie" not in answer.headers


def _signed_in(server: Server) -> tuple[httpx.Client, str]:
    client = httpx.Client(base_url=server.http, timeout=PATIENCE)
    announced = json.loads((server.home / "server.json").read_bytes())
    assert client.get(announced["entrance"]).status_code == 303
    page = client.get("/").text
    return client, page.partition('name="csrf" content="')[2].partition('"')[0]


def test_a_file_is_uploaded_and_events_come_as_they_happen(server: Server) -> None:
    """Over real connections: the body streams in, and the events out, before the run is over."""
    client, csrf = _signed_in(server)
    with closing(client):
        content = b"x" * 5_000_000
        headers = {"x-csrf": csrf, "x-mode": "test"}
        made = client.post(
            "/-/api/v1/files", files={"content": ("big.bin", content)}, headers=headers
        )
        assert (made.status_code, made.json()["size"]) == (201, len(content))
        given = {"input": {"prompt": "[[delay: 60s]] x"}, "stream": True}
        run = client.post(
            f"/-/api/v1/models/{SKETCH}/predictions", json=given, headers=headers
        ).json()
        path = httpx.URL(run["urls"]["stream"]).raw_path.decode()
        with client.stream("GET", path, headers={"accept": "text/event-stream"}) as events:
            assert events.status_code == 200
            canceling = threading.Thread(target=_cancel, args=(client, run["id"], headers))
            canceling.start()
            told = [line for line in events.iter_lines() if line.startswith("event:")]
            canceling.join()
        assert told[-1] == "event: done"


def _cancel(client: httpx.Client, name: str, headers: dict[str, str]) -> None:
    answer = client.post(f"/-/api/v1/predictions/{name}/cancel", headers=headers)
    assert answer.status_code == 200
