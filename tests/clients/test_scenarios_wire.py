"""Replicate's contract as scenarios on the wire: files, streams, lists, limits, tokens."""

import json
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from tests.clients.conftest import Run
from tests.clients.receiving import receiving
from tests.clients.wire import ECHO, SKETCH, Caller, calling, eventually
from tests.serving import Server, serving

SMALL = {"prompt": "a", "width": 256, "height": 256}
SECRET = "sk-live-9f8e7d6c5b4a"


@pytest.fixture(scope="module")
def caller(server: Server) -> Generator[Caller]:
    """A caller of the server that all tests share."""
    with calling(server) as made:
        yield made


def test_scenario_11_an_output_can_be_fetched_by_anyone(caller: Caller) -> None:
    """With a token and without; in parts; again only if it has changed."""
    url = caller.made(SKETCH, SMALL | {"output_format": "png"}, prefer="wait")["output"][0]
    for client in (caller.http, caller.stranger):
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["accept-ranges"] == "bytes"
        tag = answer.headers["etag"]
        part = client.get(url, headers={"range": "bytes=1-3"})
        assert (part.status_code, part.content) == (206, answer.content[1:4])
        assert client.get(url, headers={"if-none-match": tag}).status_code == 304


def _events(caller: Caller, url: str, **headers: str) -> list[dict[str, str]]:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    answer = caller.stranger.get(url, headers={"accept": "text/event-stream", **named})
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in answer.text.split("\n\n") if "event:" in block]
    return [
        dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        for block in blocks
    ]


def test_scenario_13_a_stream_is_resumed_after_what_was_seen(caller: Caller) -> None:
    """Only the later events come, and they are the same."""
    made = caller.made(SKETCH, SMALL | {"num_outputs": 3}, prefer="wait")
    url = made["urls"]["stream"]
    whole = _events(caller, url)
    assert [event["event"] for event in whole] == ["output"] * 3 + ["done"]
    for seen, event in enumerate(whole[:-1]):
        assert _events(caller, url, last_event_id=event["id"]) == whole[seen + 1 :]
    # One who has had all is told not to come again.
    over = caller.stranger.get(url, headers={"last-event-id": whole[-1]["id"]})
    assert (over.status_code, over.content) == (204, b"")


def test_scenario_16_a_webhook_is_sent_again_until_it_is_taken(
    caller: Caller, js: Run, run_python: Run
) -> None:
    """Under the same id, with a signature that the clients accept."""
    with receiving(500, 200) as receiver:
        value = {"input": {"prompt": "a"}, "webhook": receiver.url}
        caller.post(
            f"/v1/models/{ECHO}/predictions", value | {"webhook_events_filter": ["completed"]}
        )
        first, second = receiver.wait_for(2)
    assert (first.answered, second.answered) == (500, 200)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    sent = json.dumps({"headers": second.headers, "body": second.body.decode()})
    checked = run_python(f"""
import json, replicate
from replicate.webhook import Webhooks
sent = json.loads({sent!r})
secret = replicate.webhooks.default.secret()
Webhooks.validate(headers=sent["headers"], body=sent["body"], secret=secret)
print(json.dumps(True))
""")
    assert checked.value is True
    told = js(f"""
        import {{ validateWebhook }} from "replicate";
        const secret = (await replicate.webhooks.default.secret.get()).key;
        tell(await validateWebhook({sent}, secret));
    """)
    assert told is True


def test_scenario_17_too_many_requests_are_told_when_to_come_back(tmp_path: Path) -> None:
    """In the body, in the header; reading goes on under a limit of its own."""
    with (
        serving(tmp_path, SAFELIGHT_RATE_LIMITS="creates=2,others=1000") as server,
        calling(server) as caller,
    ):
        answers = [caller.create(ECHO, {"prompt": "a"}) for _ in range(8)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert answers[0].status_code == 201
        for answer in refused:
            problem = answer.json()
            assert problem["detail"].startswith("Request was throttled.")
            assert problem["retry_after"] >= 1
            assert int(answer.headers["retry-after"]) >= 1
            assert int(answer.headers["ratelimit-remaining"]) == 0
            assert int(answer.headers["ratelimit-reset"]) >= 1
        assert int(answers[0].headers["ratelimit-remaining"]) >= 0
        listed = caller.get("/v1/predictions")["results"]
        assert len(listed) == len(answers) - len(refused)


@pytest.mark.parametrize("sent", ["imagen", '"imagen"'])
def test_scenario_19_a_search_may_be_in_quotes(caller: Caller, sent: str) -> None:
    """JavaScript's client sends them."""
    pages = []
    for kind in ("text/plain", "application/json"):
        answer = caller.http.request(
            "QUERY", "/v1/models", content=sent, headers={"content-type": kind}
        )
        assert answer.status_code == 200
        pages.append(answer.json())
    assert pages[0] == pages[1]
    assert pages[0]["results"][0]["name"] == "imagen-4-fast"


def test_scenario_20_a_list_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A hundred on a page; what was asked for is asked for again by `next`."""
    with serving(tmp_path) as server, calling(server) as caller:
        first = caller.made(ECHO, {"prompt": "a"})
        for _ in range(102):
            caller.made(ECHO, {"prompt": "a"})
        wanted = httpx.QueryParams({"created_before": "2999-01-01T00:00:00Z"})
        page = caller.get(f"/v1/predictions?created_after={first['created_at']}&{wanted}")
        assert len(page["results"]) == 100
        assert page["previous"] is None
        asked = httpx.URL(page["next"]).params
        assert asked["created_before"] == "2999-01-01T00:00:00Z"
        assert asked["created_after"] == first["created_at"]
        rest = caller.get(page["next"])
        assert rest["next"] is None
        ids = [one["id"] for one in (*page["results"], *rest["results"])]
        assert len(ids) == len(set(ids)) == 103
        assert ids[-1] == first["id"]
        back = caller.get(rest["previous"])["results"]
        assert [one["id"] for one in back] == ids[:100]


def test_scenario_21_a_secret_is_shown_nowhere(caller: Caller) -> None:
    """Not when it is got, listed, sent or logged."""
    with receiving() as receiver:
        body = {
            "input": {"prompt": f"a {SECRET}", "openai_api_key": SECRET},
            "webhook": receiver.url,
        }
        made = caller.post("/v1/models/openai/gpt-image-1/predictions", body, prefer="wait").json()
        sent = receiver.wait_for(1)
    listed = caller.get("/v1/predictions")["results"]
    shown = [made, caller.prediction(made["id"]), next(o for o in listed if o["id"] == made["id"])]
    shown += [json.loads(one.body) for one in sent]
    for one in shown:
        assert one["input"]["openai_api_key"] == "[REDACTED]"
        assert SECRET not in (one["logs"] or "")
    assert f'"{SECRET}"'.encode() not in caller.server.printed


def test_scenario_22_a_token_is_needed_and_has_two_spellings(caller: Caller) -> None:
    """None, a wrong one; `Bearer` and `Token`."""
    token = caller.server.test_token
    for sent, status in (
        ({}, 401),
        ({"authorization": "Bearer r8_wrong"}, 401),
        ({"authorization": "Basic abc"}, 401),
        ({"authorization": f"Bearer {token}"}, 200),
        ({"authorization": f"Token {token}"}, 200),
    ):
        for path in ("account", "predictions", "models", "files", "deployments", "trainings"):
            answer = caller.stranger.get(f"/v1/{path}", headers=sent)
            assert answer.status_code == status, (path, sent)
            if status == 401:
                assert answer.json()["title"] == "Unauthenticated"
                assert answer.headers["content-type"] == "application/problem+json"


def test_scenario_24_what_is_old_is_purged_but_remembered(tmp_path: Path) -> None:
    """No input, no output, no logs, no files; the record stays."""
    with serving(tmp_path, SAFELIGHT_RETENTION="1s") as server, calling(server) as caller:
        made = caller.made(SKETCH, SMALL, prefer="wait")
        url = made["output"][0]

        def purged() -> dict[str, object] | None:
            shown = caller.prediction(made["id"])
            return shown if shown["data_removed"] else None

        shown = eventually(purged)
        assert shown["output"] is None
        assert not shown["logs"]
        assert shown["status"] == "succeeded"
        assert shown["metrics"] == made["metrics"]
        eventually(lambda: caller.stranger.get(url).status_code == 404)
        assert caller.stranger.get(made["urls"]["stream"]).status_code == 404
        assert caller.get("/v1/predictions")["results"][0]["id"] == made["id"]
