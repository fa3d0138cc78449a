"""Files in the browser: listed, uploaded, deleted."""

import html

from tests.api.calls import Api, Running
from tests.api.others import stranger
from tests.web.managing import MARKUP, Browser, browsing, narrowed


async def stored(api: Api, name: str = "pear.txt", headers: dict[str, str] | None = None) -> str:
    """The id of an uploaded file."""
    content = {"content": (name, b"a pear", "text/plain")}
    answer = await api.client.post("/v1/files", files=content, headers=headers)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def test_without_files_the_page_says_what_they_are(browser: Browser) -> None:
    """And has a form for the first."""
    page = await browser.get("/files")
    assert page.status == 200
    assert "No files" in page.text
    assert page.all("input", type="file", name="content")


async def test_files_are_listed_with_their_addresses(api: Api, browser: Browser) -> None:
    """The address is what a model is given."""
    name = await stored(api)
    page = await browser.get("/files")
    for text in ("pear.txt", "text/plain", "6 B", name):
        assert text in page.text
    (button,) = [a for tag, a in page.tags if "/v1/files/" in a.get("data-copy", "")]
    assert button["data-copy"].endswith(f"/v1/files/{name}")


async def test_several_files_are_uploaded_at_once(api: Api, browser: Browser) -> None:
    """Without JavaScript."""
    files = [("content", (name, b"a pear", "text/plain")) for name in ("one.txt", "zwei ü.txt")]
    answer = await browser.send("/files", {}, files=files, follow=True)
    assert answer.status_code == 200
    assert "2 files are uploaded." in answer.text
    found = (await api.client.get("/v1/files")).json()["results"]
    assert {one["size"] for one in found} == {6}
    assert "one.txt" in {one["name"] for one in found}


async def test_a_post_without_a_file_asks_for_one(browser: Browser) -> None:
    """And stores nothing."""
    page = await browser.post("/files")
    assert page.status == 422
    assert "Choose a file first." in page.text


async def test_what_is_too_large_is_told_by_name(running: Running) -> None:
    """The others are stored all the same."""
    async with running(SAFELIGHT_MAX_FILE="1000") as api, browsing(api, api.test_token) as browser:
        files = [
            ("content", ("small.txt", b"x", "text/plain")),
            ("content", ("large.txt", b"x" * 2000, "text/plain")),
        ]
        answer = await browser.send("/files", {}, files=files)
        assert answer.status_code == 413
        assert "large.txt: " in answer.text
        assert "1 file is uploaded." in answer.text
        (one,) = (await api.client.get("/v1/files")).json()["results"]
    assert one["name"] == "small.txt"


async def test_deleting_asks_first_and_names_them(api: Api, browser: Browser) -> None:
    """One or many."""
    ids = [await stored(api, f"{number}.txt") for number in range(7)]
    page = await browser.post("/files/delete", id=ids)
    assert "Delete 7 files?" in page.text
    assert "0.txt" in page.text
    assert "and 2 more" in page.text
    assert [a["value"] for a in page.all("input", name="id")] == ids
    assert len((await api.client.get("/v1/files")).json()["results"]) == 7
    page = await browser.post("/files/delete", id=ids[1:], sure="1")
    assert "6 files are deleted." in page.text
    (left,) = (await api.client.get("/v1/files")).json()["results"]
    assert left["id"] == ids[0]


async def test_nothing_chosen_is_nothing_deleted(browser: Browser) -> None:
    """It says what to do."""
    page = await browser.post("/files/delete")
    assert page.status == 422
    assert "Choose the files to delete first." in page.text


async def test_one_that_is_gone_already_is_told(api: Api, browser: Browser) -> None:
    """The others are deleted all the same."""
    name = await stored(api)
    page = await browser.post("/files/delete", id=[name, "x" * 26], sure="1")
    assert page.status == 404
    assert "1 file is deleted." in page.text
    assert "x" * 26 in page.text


async def test_files_that_are_kept_say_so(running: Running) -> None:
    """Not that they expire in the year 9999."""
    async with (
        running(SAFELIGHT_FILE_EXPIRY="keep") as api,
        browsing(api, api.test_token) as browser,
    ):
        await stored(api)
        page = await browser.get("/files")
    assert "9999" not in page.source
    assert "kept" in page.text


async def test_long_lists_have_more_pages(api: Api, browser: Browser) -> None:
    """A hundred to each."""
    for number in range(101):
        await stored(api, f"{number}.txt")
    page = await browser.get("/files")
    (older,) = page.all("a", rel="next")
    page = await browser.get("/files" + older["href"])
    assert page.all("a", rel="prev")
    assert len(page.all("input", name="id")) == 1


async def test_names_stay_text(api: Api, browser: Browser) -> None:
    """In the list, and in the question before they are deleted."""
    made = await stored(api, f'{MARKUP.replace("/", "")}" onload="x')
    for page in (await browser.get("/files"), await browser.post("/files/delete", id=made)):
        assert html.escape("<script>alert(1)") in page.source
        assert all(one.startswith("/-/") for one in page.scripts)
        assert not [a for _, a in page.tags if "onload" in a]


async def test_those_of_another_account_are_not_found(api: Api, browser: Browser) -> None:
    """Nor listed; their owner still has them."""
    theirs = await stranger(api)
    name = await stored(api, headers=theirs)
    assert name not in (await browser.get("/files")).source
    for more in ({}, {"sure": "1"}):
        assert (await browser.post("/files/delete", {"id": name} | more)).status == 404
    answer = await api.client.get(f"/v1/files/{name}", headers=theirs)
    assert answer.status_code == 200


async def test_a_token_that_may_only_read_is_told_what_it_lacks(api: Api) -> None:
    """It sees the list, and the refusal of what it tries."""
    name = await stored(api)
    async with browsing(api, await narrowed(api, "read")) as reader:
        assert "pear.txt" in (await reader.get("/files")).text
        answer = await reader.send("/files", {}, files={"content": ("a.txt", b"a")})
        assert answer.status_code == 403
        assert "lacks the scope `run`" in answer.text
        page = await reader.post("/files/delete", id=name, sure="1")
    assert page.status == 403
    assert "lacks the scope `write`" in page.text


async def test_a_forged_post_is_refused(api: Api, browser: Browser) -> None:
    """Nothing is stored, and nothing deleted."""
    name = await stored(api)
    forged = {"csrf": "x", "id": name, "sure": "1"}
    assert (await browser.send("/files/delete", forged)).status_code == 403
    assert (await browser.send("/files", {"csrf": "x"})).status_code == 403
    (left,) = (await api.client.get("/v1/files")).json()["results"]
    assert left["id"] == name
