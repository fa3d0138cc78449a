"""Getting in, staying in, and getting out."""

import secrets
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import httpx
import msgspec
import pytest
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse
from tests.api.calls import Api, Running
from tests.api.others import stranger
from tests.web.managing import Browser, Shown, browsing, narrowed
from tests.web.visiting import HERE, calling, link

from safelight.account import Mode
from safelight.vault import Vault
from safelight.web.sessions import Session, Sessions
from safelight.web.visitor import here

LOOPBACK = ["http://127.0.0.1:8700", "http://localhost:8700", "https://[::1]:8743"]
PROXIES = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]
ELSEWHERE = ["cross-site", "same-site"]


def _cookie(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    (name, morsel), *_ = SimpleCookie(answer.headers["set-cookie"]).items()
    return name, {key.lower(): str(text) for key, text in morsel.items() if text}


async def test_who_has_no_session_is_sent_to_sign_in_and_back(api: Api) -> None:
    """The address that was wanted comes along, with its query."""
    async with calling(api) as client:
        answer = await client.get("/safelight/sketch/api?lang=http")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/enter?next=/safelight/sketch/api%3Flang%3Dhttp"
        form = Shown(await client.get(answer.headers["location"]))
        assert form.value("next") == "/safelight/sketch/api?lang=http"
        token = {"token": api.test_token, "next": form.value("next")}
        signed_in = await client.post("/enter", data=token)
        assert signed_in.headers["location"] == "/safelight/sketch/api?lang=http"


@pytest.mark.parametrize("origin", LOOPBACK)
async def test_the_printed_link_signs_in_with_both_modes(api: Api, origin: str) -> None:
    """One click, and test mode is on."""
    async with calling(api, origin) as client:
        answer = await client.get(link(api))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        page = Shown(await client.get("/"))
        assert page.status == 200
        assert page.all("meta", name="mode", content="test")
        assert not [one for one in page.all("button", name="to") if "disabled" in one]


async def test_the_link_of_another_start_does_not_open(api: Api) -> None:
    """And the page says which one does."""
    async with calling(api) as client:
        page = Shown(await client.get(f"/enter?ticket={secrets.token_urlsafe(18)}"))
        assert page.status == 403
        assert "Take the one that it printed last" in page.text
        assert "set-cookie" not in page.headers


@pytest.mark.parametrize("header", PROXIES)
async def test_the_link_does_not_open_through_a_proxy(api: Api, header: str) -> None:
    """Its other side is who knows where."""
    async with calling(api, **{header: "203.0.113.9"}) as client:
        assert (await client.get(link(api))).status_code == 403


async def test_the_link_does_not_open_from_another_machine(api: Api) -> None:
    """Not even with the right ticket."""
    async with calling(api, "http://192.0.2.1:8700", "192.0.2.7") as client:
        page = Shown(await client.get(link(api)))
        assert page.status == 403
        assert "only on the machine that Safelight runs on" in page.text


async def test_a_foreign_name_that_leads_here_gains_nothing(api: Api) -> None:
    """A page elsewhere can point its name at this machine: it gets no session, and no link."""
    async with calling(api, "http://evil.example:8700") as client:
        assert (await client.get(link(api))).status_code == 403
        assert (await client.get("/")).status_code == 303
        assert (await client.get("/-/api/v1/models")).status_code == 401


async def _revoke(api: Api, mode: Mode) -> None:
    accounts = api.engine.store.accounts
    for token in await accounts.tokens("safelight"):
        if token.mode is mode:
            await accounts.revoke_token(token.id, "safelight", datetime.now(UTC))


async def test_the_link_outlives_one_of_its_tokens(api: Api) -> None:
    """With the live token revoked, it signs in for test mode; with both, it says so."""
    await _revoke(api, Mode.LIVE)
    async with calling(api) as client:
        assert (await client.get(link(api))).status_code == 303
        page = Shown(await client.get("/"))
        assert [one["value"] for one in page.all("button", name="to") if "disabled" in one] == [
            "live"
        ]
    await _revoke(api, Mode.TEST)
    async with calling(api) as client:
        page = Shown(await client.get(link(api)))
        assert page.status == 403
        assert "have been revoked" in page.text


@pytest.mark.parametrize("token", ["", "r8_nobody", "r8_test_ü", "a b", "x" * 5000, "r8_\x00"])
async def test_a_wrong_token_is_refused_and_the_way_back_is_kept(api: Api, token: str) -> None:
    """Whatever it looks like."""
    async with calling(api) as client:
        page = Shown(await client.post("/enter", data={"token": token, "next": "/usage"}))
        assert page.status == 401
        assert page.all("p", role="alert")
        assert page.value("next") == "/usage"
        assert token == "" or token not in page.source
        assert "set-cookie" not in page.headers


async def test_a_second_token_of_the_other_mode_joins(api: Api) -> None:
    """Then there is something to switch."""
    async with browsing(api, api.test_token) as browser:
        before = await browser.get("/")
        assert [b["value"] for b in before.all("button", name="to") if "disabled" in b] == ["live"]
        await browser.post("/enter", token=api.live_token)
        page = await browser.get("/")
        assert page.all("meta", name="mode", content="live")
        await browser.post("/mode", to="test")
        page = await browser.get("/")
        assert page.all("meta", name="mode", content="test")


async def test_a_token_of_another_account_begins_anew(api: Api, browser: Browser) -> None:
    """Nothing of the first account is left in the session."""
    token = (await stranger(api))["authorization"].removeprefix("Bearer ")
    await browser.post("/enter", token=token)
    page = await browser.get("/")
    assert [b["value"] for b in page.all("button", name="to") if "disabled" in b] == ["live"]


async def test_a_revoked_token_ends_the_session_and_the_page_says_so(api: Api) -> None:
    """Also for scripts, which are answered 401."""
    token = await narrowed(api, "read")
    async with browsing(api, token) as browser:
        made = (await api.client.get("/v1/tokens")).json()["results"]
        (found,) = [one for one in made if one["name"] == "narrow"]
        await api.client.delete(f"/v1/tokens/{found['id']}")
        assert (await browser.client.get("/-/api/v1/models")).status_code == 401
        answer = await browser.client.get("/safelight/sketch")
        assert answer.headers["location"] == "/enter?next=/safelight/sketch"
        ended = Shown(await browser.client.get(answer.headers["location"]))
        assert "your token has been revoked" in ended.text
        assert "Sign out" not in ended.text
        assert _cookie(httpx.Response(200, headers=ended.headers))[1]["max-age"] == "0"
        assert ended.value("next") == "/safelight/sketch"
        again = Shown(await browser.client.get("/enter"))
        assert "revoked" not in again.text


async def test_signing_out_ends_the_session(browser: Browser) -> None:
    """The browser forgets it."""
    answer = await browser.send("/leave", {})
    assert answer.headers["location"] == "/enter"
    assert (await browser.client.get("/")).status_code == 303


WANTED = [
    ("/usage?by=day#top", "/usage?by=day"),
    ("https://evil.example/", "/"),
    ("//evil.example", "/"),
    ("///evil.example", "/evil.example"),
    ("////evil.example", "/"),
    ("/\\evil.example", "/"),
    ("\\\\evil.example", "/"),
    ("/\t/evil.example", "/"),
    ("/\n/evil.example", "/"),
    ("//[", "/"),
    ("http://[x]/", "/"),
    ("javascript:alert(1)", "/"),
    ("data:text/html,x", "/"),
    ("evil.example", "/"),
    ("", "/"),
]


@pytest.mark.parametrize(("wanted", "gone"), WANTED)
async def test_no_link_leads_from_here_to_another_server(api: Api, wanted: str, gone: str) -> None:
    """Neither as `next` when signing in nor anywhere else that a page sends a browser to."""
    assert here(wanted) == gone
    async with calling(api) as client:
        form = Shown(await client.get("/enter", params={"next": wanted}))
        assert form.value("next") == gone
        answer = await client.post("/enter", data={"token": api.test_token, "next": wanted})
        assert answer.headers["location"] == gone


@pytest.mark.parametrize("path", ["/leave", "/mode", "/theme", "/safelight/sketch"])
@pytest.mark.parametrize("given", [None, "", "wrong", "ü"])
async def test_a_form_that_is_none_of_ours_changes_nothing(
    browser: Browser, path: str, given: str | None
) -> None:
    """Without what the page was given, or with something else."""
    fields = {"to": "live", "back": "/"} | ({} if given is None else {"csrf": given})
    answer = await browser.client.post(path, data=fields)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await browser.get("/")).all("meta", name="mode", content="test")


@pytest.mark.parametrize("site", ELSEWHERE)
async def test_another_site_can_post_no_form(api: Api, browser: Browser, site: str) -> None:
    """Not even with the right secret, and nobody is signed in from there."""
    headers = {"sec-fetch-site": site}
    given = {"csrf": browser.csrf, "to": "live"}
    assert (await browser.client.post("/mode", data=given, headers=headers)).status_code == 403
    async with calling(api) as client:
        answer = await client.post("/enter", data={"token": api.test_token}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "status"),
    [(HERE, 303), ("https://evil.example", 403), ("http://127.0.0.1:9999", 403), ("null", 403)],
)
async def test_browsers_that_tell_the_origin_alone_are_judged_by_it(
    api: Api, origin: str, status: int
) -> None:
    """As they do where the connection is not encrypted."""
    async with calling(api) as client:
        given = {"token": api.test_token}
        answer = await client.post("/enter", data=given, headers={"origin": origin})
        assert answer.status_code == status


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(api: Api) -> None:
    """Over HTTPS it is bound to the host and to HTTPS as well; servers on a machine share none."""
    async with calling(api, "http://127.0.0.1:8700") as client:
        name, told = _cookie(await client.get(link(api)))
        assert name == "safelight-8700"
        assert told["httponly"] == "True"
        assert (told["samesite"], told["path"]) == ("lax", "/")
        assert "secure" not in told
        assert "domain" not in told
        assert int(told["max-age"]) == pytest.approx(30 * 86_400, abs=60)
    async with calling(api, "https://localhost:8743") as client:
        name, told = _cookie(await client.get(link(api)))
        assert name == "__Host-safelight-8743"
        assert told["secure"] == "True"
        assert "domain" not in told


async def test_behind_a_proxy_that_ends_tls_the_cookie_is_secure(running: Running) -> None:
    """What SAFELIGHT_PUBLIC_URL says counts; pictures may come from there."""
    public = "https://pictures.example"
    async with running(SAFELIGHT_PUBLIC_URL=public) as api:
        async with calling(api, "http://pictures.example") as client:
            answer = await client.post("/enter", data={"token": api.test_token})
            name, told = _cookie(answer)
            assert (name, told["secure"]) == ("__Host-safelight-443", "True")
            assert (
                f"img-src 'self' {public} data: blob:" in answer.headers["content-security-policy"]
            )
        async with calling(api) as client:
            assert "secure" not in _cookie(await client.get(link(api)))[1]


def _session(api: Api, **changed: object) -> Session:
    told = {"username": "safelight", "test": api.test_token, "mode": Mode.TEST, "csrf": "c"}
    until = {"until": datetime.now(UTC) + timedelta(hours=1)}
    return msgspec.convert(told | until | changed, Session)


async def _status(api: Api, cookie: str) -> int:
    async with calling(api, cookie=f"safelight-8700={cookie}") as client:
        return (await client.get("/")).status_code


def _sealed(vault: Vault, session: Session) -> str:
    request = httpx.Request("GET", HERE)
    scope = {"type": "http", "scheme": "http", "path": "/", "server": ("127.0.0.1", 8700)}
    scope |= {"headers": [(b"host", request.url.netloc)], "query_string": b""}
    response = StarletteResponse()
    Sessions(vault).write(session, StarletteRequest(scope), response)
    return SimpleCookie(response.headers["set-cookie"])["safelight-8700"].value


async def test_a_session_that_this_server_did_not_seal_is_none(api: Api) -> None:
    """One of another key, one that was changed, one of another purpose, and no session at all."""
    async with calling(api) as client:
        await client.get(link(api))
        good = client.cookies["safelight-8700"]
    assert await _status(api, good) == 200
    assert await _status(api, _sealed(Vault(secrets.token_bytes(32)), _session(api))) == 303
    for n in (0, 20, len(good) // 2, len(good) - 4):
        changed = good[:n] + ("A" if good[n] != "A" else "B") + good[n + 1 :]
        assert await _status(api, changed) == 303
    for nonsense in ("", "x", "====", "A" * 4000, "%00", '"'):
        assert await _status(api, nonsense) == 303


async def test_a_session_ends_when_it_is_over(api: Api) -> None:
    """Also when the browser has kept it."""
    vault = api.engine.app._sessions._vault
    late = datetime.now(UTC) - timedelta(seconds=1)
    assert await _status(api, _sealed(vault, _session(api))) == 200
    assert await _status(api, _sealed(vault, _session(api, until=late))) == 303


async def test_a_theme_is_kept_and_taken_back(browser: Browser) -> None:
    """Light, dark, or whatever the system has."""
    for wanted in ("dark", "light"):
        await browser.post("/theme", to=wanted)
        assert f'data-theme="{wanted}"' in (await browser.get("/")).source
    await browser.post("/theme", to="system")
    assert "data-theme" not in (await browser.get("/")).source


@pytest.mark.parametrize("path", ["/theme", "/mode"])
async def test_a_switch_leads_back_to_where_it_was_asked_for(browser: Browser, path: str) -> None:
    """With what was looked for, and never to another server."""
    page = await browser.get("/?q=sketch")
    assert page.all("input", name="back", value="/?q=sketch")
    answer = await browser.send(path, {"to": "test", "back": "/?q=sketch"})
    assert answer.headers["location"] == "/?q=sketch"
    answer = await browser.send(path, {"to": "test", "back": "https://evil.example//x"})
    assert answer.headers["location"] == "/"


async def test_no_token_is_ever_part_of_a_page_or_a_log(
    api: Api, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor is the ticket."""
    caplog.set_level("DEBUG")
    async with calling(api) as client:
        await client.get(link(api))
    for path in ("/", "/enter", "/safelight/sketch/api", "/openai/gpt-image-1"):
        page = await browser.get(path)
        assert api.test_token not in page.source
        assert api.live_token not in page.source
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("safelight")]
    assert len(ours) > 4
    assert not [one for one in ours if api.engine.ticket in one or api.test_token in one]


async def test_who_signs_in_over_an_open_network_is_warned(api: Api) -> None:
    """Not on the machine itself, and not over HTTPS, whoever ends it."""
    warning = "This connection is not encrypted"
    plain, secure = "http://server.example:8700", "https://server.example"
    for origin, address, told, is_warned in (
        (plain, "192.0.2.7", {}, True),
        (HERE, "127.0.0.1", {}, False),
        (secure, "192.0.2.7", {}, False),
        (plain, "192.0.2.7", {"x-forwarded-proto": "https"}, False),
    ):
        async with calling(api, origin, address, **told) as client:
            assert (warning in (await client.get("/enter")).text) is is_warned
