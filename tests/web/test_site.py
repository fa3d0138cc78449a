"""What every page has: headers, errors, and an end to what is posted."""

from collections.abc import AsyncIterator

import pytest
from tests.api.calls import Api, Running, problem
from tests.api.others import made, stranger
from tests.web.managing import MARKUP, Browser, Shown, browsing, narrowed
from tests.web.visiting import HTML, calling

OURS = ["/", "/enter", "/safelight/sketch", "/no/such", "/favicon.ico", "/leave", "/nowhere"]
BOUND = b"----b"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_whatever_a_page_answers_it_may_load_nothing_from_elsewhere(
    browser: Browser, method: str
) -> None:
    """Errors and redirects, too."""
    for path in OURS:
        if (method, path) == ("POST", "/nowhere"):
            continue  # the API's to answer
        answer = await browser.client.request(method, path, headers=HTML)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.status_code < 500


async def test_pages_are_not_kept_and_what_they_load_is(browser: Browser) -> None:
    """Each file has an address that changes with it."""
    page = await browser.get("/safelight/sketch")
    assert page.headers["cache-control"] == "private, no-store"
    styles = [one["href"] for one in page.all("link", rel="stylesheet")]
    for address in [*styles, *page.scripts]:
        asset = await browser.client.get(address)
        assert asset.status_code == 200
        assert "immutable" in asset.headers["cache-control"]
        assert asset.headers["content-encoding"] == "gzip"
    assert (await browser.client.get(f"{styles[0]}.no")).status_code == 404
    assert (await browser.client.get("/-/x/..%2Fsite.py")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/safelight/sketch", "/safelight/sketch/readme", "/enter"])
async def test_head_is_answered_as_get_without_a_body(browser: Browser, path: str) -> None:
    """Same status, same headers."""
    assert (await browser.client.head(path)).status_code == 200


async def test_a_browser_gets_a_page_for_what_is_not_there(browser: Browser) -> None:
    """Signed in or not; it names no name."""
    for path in ("/nowhere", "/outputs/none/x.png", "/a/b/c/d", "/no/such", "/p/none"):
        page = Shown(await browser.client.get(path, headers=HTML))
        assert page.status == 404
        assert "There is nothing here" in page.text
        assert "Sign out" in page.text
    browser.client.cookies.clear()
    page = Shown(await browser.client.get("/nowhere", headers=HTML))
    assert (page.status, "Sign out" in page.text) == (404, False)


@pytest.mark.parametrize("path", ["/nowhere", "/v1/nowhere", "/openai/gpt-image-2", "/predictions"])
async def test_clients_get_the_problem_that_they_always_got(api: Api, path: str) -> None:
    """A token of their own tells them from browsers, whatever they accept."""
    problem(await api.client.get(path, headers=HTML), 404)
    for scheme in ("Token", "bearer"):
        headers = {"authorization": f"{scheme} {api.test_token}"}
        problem(await api.client.get(path, headers=headers), 404)


async def test_what_the_api_has_is_left_to_it(browser: Browser, api: Api) -> None:
    """Covers, outputs and its description open in a browser as before."""
    shown = await api.run("safelight/sketch", {"prompt": "x", "aspect_ratio": "1:1"})
    for address in (
        shown["output"][0],
        "/covers/safelight/sketch.webp",
        "/openapi.json",
        "/healthz",
    ):
        answer = await browser.client.get(address, headers=HTML)
        assert answer.status_code == 200
        assert not answer.headers["content-type"].startswith("text/html")


async def test_an_icon_is_there_for_those_who_ask_without_a_page(api: Api) -> None:
    """Browsers do, beside JSON and pictures."""
    async with calling(api) as client:
        answer = await client.get("/favicon.ico")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


async def test_an_address_that_takes_forms_says_so(browser: Browser) -> None:
    """405, as a page."""
    page = await browser.get("/leave")
    assert page.status == 405
    assert "takes forms" in page.text


async def test_a_basic_password_of_a_proxy_is_no_token(api: Api) -> None:
    """Pages can be put behind one."""
    async with calling(api, authorization="Basic dTpw") as client:
        assert (await client.get("/")).status_code == 303


async def test_what_belongs_to_another_account_looks_like_nothing(
    api: Api, browser: Browser
) -> None:
    """Models and predictions of others are 404, as those that never were."""
    other = await stranger(api)
    await made(api, other, owner="stranger", name="theirs")
    answer = await api.client.post(
        "/v1/models/safelight/echo/predictions", json={"input": {"prompt": "x"}}, headers=other
    )
    for path in ("/stranger/theirs", "/stranger/theirs/readme", f"/p/{answer.json()['id']}"):
        page = await browser.get(path)
        assert page.status == 404
        assert "theirs" not in page.text


async def test_a_token_that_may_not_look_is_told_what_it_lacks(api: Api) -> None:
    """The API's own words, in a page."""
    async with browsing(api, await narrowed(api, "run")) as browser:
        page = await browser.get("/")
        assert page.status == 403
        assert "read" in page.text


async def _pieces(count: int, size: int) -> AsyncIterator[bytes]:
    head = b'content-disposition: form-data; name="x"; filename="x"\r\n\r\n'
    yield b"--" + BOUND + b"\r\n" + head
    for _ in range(count):
        yield b"x" * size
    yield b"\r\n--" + BOUND + b"--\r\n"


async def test_a_form_that_is_too_large_is_refused_before_it_has_come(browser: Browser) -> None:
    """By what it says of itself, with a page that says why."""
    headers = {"content-type": f"multipart/form-data; boundary={BOUND.decode()}"}
    answer = await browser.client.post(
        "/safelight/sketch",
        content=b"",
        headers=headers | {"content-length": "999999999999"} | HTML,
    )
    assert answer.status_code == 413
    assert "larger than this server takes" in answer.text


async def test_a_form_that_does_not_say_how_large_it_is_is_cut_off(running: Running) -> None:
    """No more of it is read than SAFELIGHT_MAX_BODY, and nothing of it stays on disk."""
    read = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal read
        async for piece in _pieces(1000, 100_000):
            read += len(piece)
            yield piece

    async with running(SAFELIGHT_MAX_BODY="2MB") as api, browsing(api, api.test_token) as browser:
        headers = {"content-type": f"multipart/form-data; boundary={BOUND.decode()}"}
        answer = await browser.client.post("/safelight/sketch", content=counted(), headers=headers)
        assert answer.status_code == 413
        assert read < 3_000_000


@pytest.mark.parametrize("path", ["/enter", "/mode"])
async def test_a_form_without_files_may_be_no_larger_than_memory_has_room_for(
    browser: Browser, path: str
) -> None:
    """Whatever is in it."""
    answer = await browser.client.post(path, data={"token": "x" * 9_000_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nnonsense"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\nx\r\n--b--"),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"%%%=\xff&csrf"),
        ("text/plain", b"csrf=1"),
    ],
)
async def test_what_is_no_form_is_refused(browser: Browser, kind: str, content: bytes) -> None:
    """400 or 403, and never as a failure of the server."""
    answer = await browser.client.post("/mode", content=content, headers={"content-type": kind})
    assert answer.status_code in (400, 403)


async def test_too_many_fields_are_refused(browser: Browser) -> None:
    """Nobody fills in a thousand."""
    answer = await browser.client.post("/mode", data={f"f{n}": "x" for n in range(1001)})
    assert answer.status_code == 400


async def test_a_post_for_a_mode_without_a_token_runs_nothing(api: Api) -> None:
    """A page of live mode, whose token is not there any more, must not run in test mode."""
    async with browsing(api, api.test_token) as browser:
        page = await browser.post("/safelight/echo", mode="live", **{"input.prompt": "x"})
        assert page.status == 403
        assert "live token" in page.text
    assert (await api.client.get("/v1/predictions")).json()["results"] == []


async def test_names_are_text_wherever_they_are_shown(api: Api, browser: Browser) -> None:
    """A description with markup stays one."""
    await made(api, name="odd", description=MARKUP, readme=f"# {MARKUP}\n\n{MARKUP}")
    for path in ("/", "/safelight/odd", "/safelight/odd/readme", f"/?q={MARKUP}", f"/{MARKUP}/x"):
        page = await browser.get(path)
        assert MARKUP not in page.source
        assert all(address.startswith("/-/") for address in page.scripts)


async def test_a_line_break_in_an_address_makes_no_line_in_the_log(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """It is written as the browser sent it."""
    caplog.set_level("INFO")
    await browser.get("/x%0ay/z")
    ours = [one.getMessage() for one in caplog.records if one.name == "safelight.pages"]
    assert any(line.startswith("GET /x%0Ay/z 404 ") for line in ours)


@pytest.mark.parametrize("path", ["/", "/enter", "/safelight/sketch/api", "/safelight/sketch"])
async def test_no_page_weighs_more_than_sixty_kilobytes_of_script_and_style(
    browser: Browser, path: str
) -> None:
    """Uncompressed, with all that its modules import."""
    page = await browser.get(path)
    styles = [one["href"] for one in page.all("link", rel="stylesheet")]
    wanted, seen = [*styles, *page.scripts], dict[str, bytes]()
    while wanted:
        address = wanted.pop()
        if address not in seen:
            seen[address] = (await browser.client.get(address)).content
            folder = address.rpartition("/")[0]
            names = [
                line.split('"')[1]
                for line in seen[address].decode().splitlines()
                if line.startswith("import ")
            ]
            wanted += [f"{folder}/{name.removeprefix('./')}" for name in names]
    assert sum(map(len, seen.values())) < 60_000
