"""Webhooks over the API: from the create to the receiver, the secret, and the log."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook
from tests.api.calls import ECHO, SKETCH, Api, Json, Running, problem
from tests.api.others import stranger
from tests.standins.receiver import Receiver, answers
from tests.support.making import eventually

from safelight.account import ALL_SCOPES, Scope

SECRET = "/v1/webhooks/default/secret"
DELIVERIES = "/v1/webhooks/deliveries"


async def hooked(
    api: Api, url: str, *events: str, model: str = ECHO, prompt: str = "hello", **more: Any
) -> Json:
    """A prediction that tells the URL of these events; of the default ones, if none is named."""
    body: Json = {"input": {"prompt": prompt}, "webhook": url, **more}
    if events:
        body["webhook_events_filter"] = list(events)
    answer = await api.post(f"/v1/models/{model}/predictions", body)
    assert answer.status_code == 201, answer.text
    shown: Json = answer.json()
    return shown


async def settled(api: Api, prediction: Json) -> list[Json]:
    """Its deliveries, newest first, once none is pending and the prediction has ended."""
    await api.until(prediction["id"], "succeeded", "failed", "canceled")

    async def look() -> list[Json] | None:
        page = await api.client.get(DELIVERIES, params={"prediction": prediction["id"]})
        found: list[Json] = page.json()["results"]
        return found if found and all(d["status"] != "pending" for d in found) else None

    return await eventually(look)


async def key(api: Api) -> str:
    """The signing secret."""
    answer = await api.client.get(SECRET)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["key"])


async def test_an_address_without_an_end_is_refused(api: Api) -> None:
    """It would be kept and listed with every event."""
    path, longest = f"/v1/models/{ECHO}/predictions", "https://hooks.test/?" + "x" * 8172
    for webhook, status in ((longest, 201), (longest + "x", 422)):
        answer = await api.post(path, {"input": {"prompt": "x"}, "webhook": webhook})
        assert answer.status_code == status
    assert "webhook: String length must be less than" in problem(answer, 422)["detail"]


async def test_the_receiver_is_told_what_get_answers(api: Api) -> None:
    """Pictures included, under the origin of the create, with a valid signature."""
    async with Receiver() as receiver:
        made = await hooked(api, f"{receiver.url}?mine=1", "completed", model=SKETCH)
        (received,) = await receiver.until(1)
    assert received.path == "/hook?mine=1"
    assert received.shown == await api.get(made["id"])
    assert received.shown["output"][0].startswith("https://safelight.test/outputs/")
    Webhook(await key(api)).verify(received.body, received.headers)


async def test_without_a_filter_the_end_is_told(api: Api) -> None:
    """Once, with the output in it."""
    async with Receiver() as receiver:
        made = await hooked(api, receiver.url)
        (delivery,) = await settled(api, made)
    assert receiver.statuses == ["succeeded"]
    assert receiver.received[0].shown["output"] == "hello"
    assert "webhook_events_filter" not in receiver.received[0].shown
    assert (delivery["event"], delivery["status"]) == ("completed", "delivered")


async def test_start_and_end_are_told_in_order(api: Api) -> None:
    """Whichever comes quickly after the other."""
    async with Receiver() as receiver:
        predictions = [
            await hooked(api, receiver.url, "start", "output", "logs", "completed")
            for _ in range(20)
        ]
        for prediction in predictions:
            await settled(api, prediction)
    for prediction in predictions:
        told = [r.status for r in receiver.received if r.shown["id"] == prediction["id"]]
        assert (told[0], told[-1]) == ("processing", "succeeded")
        assert told.count("succeeded") == 1


async def test_whoever_asks_for_output_or_logs_alone_gets_them(api: Api) -> None:
    """Also when they come with the end."""
    async with Receiver() as receiver:
        made = await hooked(api, receiver.url, "output", model=SKETCH)
        await settled(api, made)
        also = await hooked(api, receiver.url, "logs", model=SKETCH)
        await settled(api, also)
    told = {r.shown["id"]: r.shown for r in receiver.received}
    assert told[made["id"]]["output"] == (await api.get(made["id"]))["output"]
    assert told[also["id"]]["logs"]


async def test_the_old_name_of_the_parameter_asks_for_the_end_alone(api: Api) -> None:
    """`webhook_completed`, as it was documented once."""
    async with Receiver() as receiver:
        answer = await api.post(
            f"/v1/models/{ECHO}/predictions",
            {"input": {"prompt": "a"}, "webhook_completed": receiver.url},
        )
        assert answer.json()["webhook_events_filter"] == ["completed"]
        await settled(api, answer.json())
    assert receiver.statuses == ["succeeded"]


@pytest.mark.parametrize(
    ("prompt", "cancels", "status"),
    [("[[fail: no luck]]", False, "failed"), ("[[timeout]]", True, "canceled")],
)
async def test_a_failure_and_a_cancel_are_ends(
    api: Api, prompt: str, cancels: bool, status: str
) -> None:
    """Each is told."""
    async with Receiver() as receiver:
        made = await hooked(api, receiver.url, "completed", prompt=prompt)
        if cancels:
            await api.client.post(f"/v1/predictions/{made['id']}/cancel")
        (received,) = await receiver.until(1)
    assert received.status == status


async def test_a_deadline_that_strikes_is_an_end(running: Running) -> None:
    """Whether it ran by then or not; the caller is told `canceled`, as by GET."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api, Receiver() as receiver:
        body = {"input": {"prompt": "a"}, "webhook": receiver.url}
        path = f"/v1/models/{ECHO}/predictions"
        answer = await api.post(path, body, cancel_after="5s")
        assert answer.status_code == 201
        store, name = api.engine.store, answer.json()["id"]
        waiting = await store.get(name, None)
        await store.save(waiting.abort(datetime.now(UTC)), waiting.status)
        (received,) = await receiver.until(1)
    assert (received.status, received.shown["id"]) == ("canceled", name)


async def test_a_secret_input_is_not_sent(api: Api) -> None:
    """The receiver sees what everybody sees."""
    async with Receiver() as receiver:
        body = {
            "input": {"prompt": "a", "openai_api_key": "sk-very-secret"},
            "webhook": receiver.url,
        }
        answer = await api.post("/v1/models/openai/gpt-image-1/predictions", body)
        assert answer.status_code == 201, answer.text
        (received,) = await receiver.until(1)
    assert received.shown["input"]["openai_api_key"] == "[REDACTED]"
    assert b"sk-very-secret" not in received.body


async def test_a_receiver_that_fails_gets_the_same_again(api: Api) -> None:
    """When the replay asks for it; both attempts are in the log, under one id."""
    async with Receiver([answers(500), answers(200)]) as receiver:
        made = await hooked(api, receiver.url, "completed")
        await receiver.until(1)
        page = await api.client.get(DELIVERIES)
        name = page.json()["results"][0]["id"]

        async def look() -> Json | None:
            shown: Json = (await api.client.get(f"{DELIVERIES}/{name}")).json()
            return shown if shown["attempts"] else None

        shown = await eventually(look)
        assert (shown["status"], shown["attempt_count"]) == ("pending", 1)
        assert shown["next_attempt_at"] > shown["created_at"]
        again = await api.client.post(f"{DELIVERIES}/{name}/replay")
        assert (again.status_code, again.json()["status"]) == (202, "pending")
        (delivery,) = await settled(api, made)
    first, second = receiver.received
    assert first.id == second.id == name
    assert (delivery["status"], delivery["attempt_count"]) == ("delivered", 2)
    assert "next_attempt_at" not in delivery
    shown = (await api.client.get(f"{DELIVERIES}/{name}")).json()
    assert [attempt["response_status"] for attempt in shown["attempts"]] == [500, 200]
    assert all(attempt["duration_ms"] >= 0 for attempt in shown["attempts"])
    secret = await key(api)
    for received in receiver.received:
        Webhook(secret).verify(received.body, received.headers)


async def test_why_an_attempt_failed_is_told(running: Running) -> None:
    """A private address, while none is allowed."""
    async with running(SAFELIGHT_ALLOW_PRIVATE_URLS="10.0.0.1") as api, Receiver() as receiver:
        (delivery,) = await settled(api, await hooked(api, receiver.url))
        shown = (await api.client.get(f"{DELIVERIES}/{delivery['id']}")).json()
    (attempt,) = shown["attempts"]
    assert delivery["last_attempt"] == attempt
    assert shown["status"] == "failed"
    assert "SAFELIGHT_ALLOW_PRIVATE_URLS" in attempt["error"]
    assert "response_status" not in attempt
    assert receiver.received == []


async def test_the_log_is_paged_and_filtered(running: Running) -> None:
    """Newest first; `next` and `previous` lead on as they are."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api, Receiver() as receiver:
        made = [await hooked(api, receiver.url, "completed") for _ in range(101)]
        for prediction in made:
            await api.client.post(f"/v1/predictions/{prediction['id']}/cancel")
        names = [prediction["id"] for prediction in reversed(made)]
        first = (await api.client.get(DELIVERIES)).json()
        assert [delivery["prediction"] for delivery in first["results"]] == names[:100]
        second = (await api.client.get(first["next"])).json()
        assert [delivery["prediction"] for delivery in second["results"]] == names[100:]
        assert second["next"] is None
        back = (await api.client.get(second["previous"])).json()
        assert [d["id"] for d in back["results"]] == [d["id"] for d in first["results"]]
        one = (await api.client.get(DELIVERIES, params={"prediction": names[7]})).json()
    assert [delivery["prediction"] for delivery in one["results"]] == [names[7]]
    assert (one["next"], one["previous"]) == (None, None)


async def test_what_is_of_others_is_not_found(api: Api) -> None:
    """Neither shown, nor listed, nor replayed; each account has a secret of its own."""
    theirs = await stranger(api)
    async with Receiver() as receiver:
        (delivery,) = await settled(api, await hooked(api, receiver.url))
        one = f"{DELIVERIES}/{delivery['id']}"
        problem(await api.client.get(one, headers=theirs), 404)
        problem(await api.client.post(f"{one}/replay", headers=theirs), 404)
        listed = (await api.client.get(DELIVERIES, headers=theirs)).json()
        secret = (await api.client.get(SECRET, headers=theirs)).json()["key"]
    assert listed["results"] == []
    assert secret != await key(api)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", SECRET),
        ("POST", f"{SECRET}/rotate"),
        ("GET", DELIVERIES),
        ("GET", f"{DELIVERIES}/msg_1"),
        ("POST", f"{DELIVERIES}/msg_1/replay"),
    ],
)
async def test_all_of_it_needs_the_scope_for_it(api: Api, method: str, path: str) -> None:
    """A token that runs predictions cannot forge webhooks."""
    weak = await stranger(api, scopes=ALL_SCOPES - {Scope.ADMIN})
    refusal = problem(await api.client.request(method, path, headers=weak), 403)
    assert "`admin`" in refusal["detail"]
    problem(await api.client.request(method, path, headers={"authorization": ""}), 401)


async def test_the_secret_stays_and_is_not_cached(running: Running) -> None:
    """Also over a restart."""
    async with running() as api:
        answer = await api.client.get(SECRET)
        assert answer.headers["cache-control"] == "no-store"
        secrets = {answer.json()["key"]} | set(await asyncio.gather(*[key(api)] * 1))
    async with running() as api:
        assert secrets == {await key(api)}


async def test_after_a_rotation_both_secrets_are_accepted(api: Api) -> None:
    """For a day, unless the caller says otherwise: here, not at all for the second one."""
    old = await key(api)
    second = (await api.post(f"{SECRET}/rotate", {"overlap": 60})).json()["key"]
    assert await key(api) == second != old
    async with Receiver() as receiver:
        await settled(api, await hooked(api, receiver.url))
        third = (await api.post(f"{SECRET}/rotate", {"overlap": 0})).json()["key"]
        await settled(api, await hooked(api, receiver.url))
    before, after = receiver.received
    for secret in (old, second):
        Webhook(secret).verify(before.body, before.headers)
    Webhook(third).verify(after.body, after.headers)
    assert len(after.headers["webhook-signature"].split()) == 1


async def test_a_rotation_needs_no_body(api: Api) -> None:
    """Then the old secret has a day."""
    old = await key(api)
    answer = await api.client.post(f"{SECRET}/rotate")
    assert answer.json()["key"] != old
    async with Receiver() as receiver:
        await settled(api, await hooked(api, receiver.url))
    (received,) = receiver.received
    Webhook(old).verify(received.body, received.headers)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"overlap": -1}, "overlap"),
        ({"overlap": 10**9}, "overlap"),
        ({"overlap": "1d"}, "overlap"),
        ({"overlap": True}, "overlap"),
        ({"seconds": 1}, ""),
        ([], ""),
    ],
)
async def test_a_rotation_that_cannot_be_read_changes_nothing(
    api: Api, body: object, field: str
) -> None:
    """The fault is named."""
    old = await key(api)
    refusal = problem(await api.post(f"{SECRET}/rotate", body), 422)
    assert refusal["invalid_fields"][0]["field"] == field
    assert await key(api) == old


async def test_a_restart_in_the_middle_loses_none(running: Running) -> None:
    """What was on its way, and what waited behind it, arrives from the next engine."""
    async with Receiver([answers(500)]) as receiver:
        async with running() as api:
            made = [await hooked(api, receiver.url, "completed") for _ in range(10)]
            for prediction in made:
                await api.until(prediction["id"], "succeeded")
            await receiver.until(10)
        receiver.behaviours = [answers(200)]
        async with running() as api:
            page = (await api.client.get(DELIVERIES)).json()["results"]
            for delivery in page:
                await api.client.post(f"{DELIVERIES}/{delivery['id']}/replay")
            told = [await settled(api, prediction) for prediction in made]
    assert {d["status"] for deliveries in told for d in deliveries} == {"delivered"}
    names = {received.shown["id"]: received.id for received in receiver.received}
    assert names == {d["prediction"]: d["id"] for deliveries in told for d in deliveries}
