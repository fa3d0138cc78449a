"""Webhooks in the browser: the secret, what was sent, one delivery, and sending it again."""

import base64
import hashlib
import hmac
import html
import json
import time

import pytest
from tests.api.calls import ECHO, Api, Running
from tests.api.others import stranger
from tests.api.test_webhooks import hooked, key, settled
from tests.standins.receiver import Receiver, answers
from tests.web.managing import MARKUP, Browser, browsing, narrowed


async def test_before_anything_is_sent_the_page_says_how(browser: Browser) -> None:
    """With the code that checks signatures."""
    page = await browser.get("/webhooks")
    assert page.status == 200
    assert "Nothing has been sent yet" in page.text
    assert "validateWebhook" in page.text


async def test_the_secret_is_shown_when_it_is_asked_for(api: Api, browser: Browser) -> None:
    """By a post, on a page that nobody keeps, at an address that does not tell it."""
    secret = await key(api)
    page = await browser.get("/webhooks")
    assert secret not in page.source
    answer = await browser.send("/webhooks/secret", {})
    assert answer.status_code == 200
    assert html.escape(secret) in answer.text
    assert "no-store" in answer.headers["cache-control"]


async def test_a_new_secret_is_asked_for_once_more(api: Api, browser: Browser) -> None:
    """And is not shown by the page that one is sent to."""
    old = await key(api)
    page = await browser.post("/webhooks/rotate", overlap="0")
    assert "at once: it has leaked" in page.text
    assert (page.value("overlap"), page.value("sure")) == ("0", "1")
    assert await key(api) == old
    page = await browser.post("/webhooks/rotate", overlap="0", sure="1")
    assert "There is a new secret." in page.text
    new = await key(api)
    assert new != old
    assert new not in page.source


@pytest.mark.parametrize("overlap", ["", "-1", "99999999999", "soon"])
async def test_an_overlap_that_is_not_offered_is_the_usual_one(
    browser: Browser, overlap: str
) -> None:
    """A day, as the API has it."""
    page = await browser.post("/webhooks/rotate", overlap=overlap)
    assert page.value("overlap") == "86400"
    assert "after 1 day" in page.text


async def test_deliveries_are_listed_and_lead_to_their_predictions(
    api: Api, browser: Browser
) -> None:
    """Newest first; those of one prediction by its id."""
    async with Receiver() as receiver:
        first = await hooked(api, receiver.url, "start", "completed")
        second = await hooked(api, receiver.url, "completed")
        for made in (first, second):
            deliveries = await settled(api, made)
    page = await browser.get("/webhooks")
    assert next(one for one in page.links if one.startswith("/p/")) == f"/p/{second['id']}"
    assert f"/webhooks/{deliveries[0]['id']}" in page.links
    assert "127.0.0.1" in page.text
    page = await browser.get(f"/webhooks?prediction={first['id']}")
    assert f"/p/{second['id']}" not in page.links
    assert "delivered" in page.text
    page = await browser.get("/webhooks?prediction=nothing")
    assert "Nothing was sent of it" in page.text


async def test_a_delivery_shows_its_attempts_and_is_sent_again(api: Api, browser: Browser) -> None:
    """Under the same id, as often as somebody wants."""
    async with Receiver((answers(500), answers(200))) as receiver:
        made = await hooked(api, receiver.url, "start")
        await receiver.until(1)
        (delivery,) = await settled(api, made)
        page = await browser.get(f"/webhooks/{delivery['id']}")
        assert "failed" in page.text
        assert "500" in page.text
        assert f"/p/{made['id']}" in page.links
        page = await browser.post(f"/webhooks/{delivery['id']}/replay")
        assert "sent again" in page.text
        first, second = await receiver.until(2)
    assert first.id == second.id


async def test_long_lists_have_more_pages(api: Api, browser: Browser) -> None:
    """A hundred to each; older ones by a link, newer ones back again."""
    async with Receiver() as receiver:
        for number in range(51):
            made = await hooked(api, receiver.url, "start", "completed", prompt=str(number))
        await settled(api, made)
        await receiver.until(102)
    page = await browser.get("/webhooks")
    (older,) = page.all("a", rel="next")
    page = await browser.get("/webhooks" + older["href"])
    assert page.all("a", rel="prev")
    assert len({one for one in page.links if one.startswith("/webhooks/msg_")}) == 2


async def test_addresses_and_errors_stay_text(api: Api, browser: Browser) -> None:
    """Whatever a caller has put into them."""
    url = f"http://127.0.0.1:9/{MARKUP}"
    answer = await api.create(ECHO, {"prompt": "x"}, prefer="wait")
    assert answer.status_code == 201
    body = {"input": {"prompt": "x"}, "webhook": url, "webhook_events_filter": ["start"]}
    made = (await api.post(f"/v1/models/{ECHO}/predictions", body)).json()
    (delivery,) = await settled(api, made)
    for path in ("/webhooks", f"/webhooks/{delivery['id']}"):
        page = await browser.get(path)
        assert MARKUP in page.source.replace("&lt;", "<").replace("&gt;", ">")
        assert all(one.startswith("/-/") for one in page.scripts)


async def test_those_of_another_account_are_not_found(api: Api, browser: Browser) -> None:
    """Neither to look at nor to send again."""
    theirs = await stranger(api)
    async with Receiver() as receiver:
        body = {"input": {"prompt": "x"}, "webhook": receiver.url}
        path = f"/v1/models/{ECHO}/predictions"
        await api.client.post(path, json=body, headers=theirs)
        (received,) = await receiver.until(1)
    assert (await browser.get(f"/webhooks/{received.id}")).status == 404
    await browser.get("/")
    assert (await browser.post(f"/webhooks/{received.id}/replay")).status == 404


async def test_a_token_without_the_scope_is_told_what_to_do(api: Api) -> None:
    """On every page of the section, without anything of what it may not see."""
    async with browsing(api, await narrowed(api, "read", "run", "write")) as narrow:
        for page in (
            await narrow.get("/webhooks"),
            await narrow.get("/webhooks/msg_1"),
            await narrow.post("/webhooks/secret"),
            await narrow.post("/webhooks/rotate", sure="1"),
            await narrow.post("/webhooks/msg_1/replay"),
        ):
            assert page.status == 403
            assert "Your token lacks the scope admin" in page.text
            assert "/enter?next=/webhooks" in page.links


async def test_a_forged_post_is_refused(api: Api, browser: Browser) -> None:
    """The secret is neither shown nor changed."""
    secret = await key(api)
    for path in ("/webhooks/secret", "/webhooks/rotate", "/webhooks/msg_1/replay"):
        answer = await browser.send(path, {"csrf": "x", "sure": "1"})
        assert answer.status_code == 403
        assert secret not in answer.text
    assert await key(api) == secret


async def test_the_code_in_python_checks_a_signature(running: Running) -> None:
    """As it stands on the page: what is genuine passes, what was changed does not."""
    async with running() as api, browsing(api, api.test_token) as browser:
        page = await browser.get("/webhooks")
        code = html.unescape(page.source.split('id="check-python"')[1].split(">", 1)[1])
        code = code.split("</pre>")[0]
        secret, body, sent = await key(api), json.dumps({"id": "x"}), str(int(time.time()))
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(raw, f"msg_1.{sent}.{body}".encode(), hashlib.sha256).digest()
    signed = {"webhook-signature": "v1," + base64.b64encode(mac).decode()}
    headers = {"webhook-id": "msg_1", "webhook-timestamp": sent} | signed
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBHOOK_SECRET", secret)
        known = {"headers": headers, "body": body}
        exec(code, known)  # noqa: S102 - what the page tells people to run
        assert known["prediction"] == {"id": "x"}
        with pytest.raises(Exception, match="signature"):
            exec(code, {"headers": headers, "body": body + " "})  # noqa: S102 - likewise
