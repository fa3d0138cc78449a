"""`Prefer` and `Cancel-After`."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.api.calls import ECHO, Api, Running, problem

from safelight.api.headers import read_wait


@pytest.mark.parametrize(
    ("sent", "applied"),
    [
        ("wait", "wait"),
        ("wait=5", "wait=5"),
        ('wait="5"', "wait=5"),
        ("Wait = 5", "wait=5"),
        ("respond-async, wait=5", "wait=5"),
        ("wait=5; foo=bar", "wait=5"),
        ("wait=0", "wait=1"),
        ("wait=60", "wait=60"),
        ("wait=61", "wait=60"),
        ("wait=99999999999999999999", "wait=60"),
    ],
)
async def test_a_wait_is_acknowledged_as_it_is_held(api: Api, sent: str, applied: str) -> None:
    """Numbers out of range are clamped: clients do not do it."""
    answer = await api.create(ECHO, {"prompt": "a"}, prefer=sent)
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == applied
    assert answer.json()["status"] == "succeeded"


@pytest.mark.parametrize("sent", ["", "respond-async", "handling=lenient"])
async def test_other_preferences_are_ignored(api: Api, sent: str) -> None:
    """The answer comes at once and acknowledges nothing."""
    answer = await api.create(ECHO, {"prompt": "a"}, prefer=sent)
    assert answer.json()["status"] == "starting"
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize("sent", ["wait=soon", "wait=-1", "wait=1.5", "wait=5s", "wait=²"])
async def test_a_wait_that_is_no_number_is_ignored(api: Api, sent: str) -> None:
    """It is only a preference: the prediction is made, and nothing is said to be applied."""
    path = f"/v1/models/{ECHO}/predictions"
    answer = await api.client.post(
        path, json={"input": {"prompt": "a"}}, headers={"prefer": sent.encode()}
    )
    assert answer.status_code == 201
    assert "preference-applied" not in answer.headers


def test_no_wait_is_longer_than_a_client_waits() -> None:
    """Python's client hangs up after 60.5 seconds, and the newer one after 60."""
    for sent in ("wait", "wait=60", "wait=9999"):
        waits = read_wait(sent)
        assert waits is not None
        assert waits[0] <= timedelta(seconds=60)
    assert read_wait("wait") == (timedelta(seconds=58), "wait")


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [("5", 5), ("90s", 90), ("5m", 300), ("1h", 3600), ("1h30m45s", 5445), ("24h", 86400)],
)
async def test_cancel_after_sets_a_deadline_from_the_creation(
    api: Api, sent: str, seconds: int
) -> None:
    """Whatever the form of the duration."""
    shown = await api.echo(cancel_after=sent)
    created, deadline = (datetime.fromisoformat(shown[k]) for k in ("created_at", "deadline"))
    assert deadline - created == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("1s", "the minimum is 5 seconds"),
        ("4", "the minimum is 5 seconds"),
        ("0", "the minimum is 5 seconds"),
        ("25h", "the maximum is 24 hours"),
        ("99999999999999h", "the maximum is 24 hours"),
        ("soon", "is not a duration"),
        ("", "is not a duration"),
        ("-5s", "is not a duration"),
        ("5 s", "is not a duration"),
        ("30s5m", "is not a duration"),
        ("9" * 5000, "is not a duration"),
    ],
)
async def test_a_cancel_after_that_cannot_be_kept_is_refused(
    api: Api, sent: str, reason: str
) -> None:
    """The answer says what would do; nothing is created."""
    document = problem(await api.create(ECHO, {"prompt": "a"}, cancel_after=sent), 422)
    assert document["title"] == "Invalid header"
    assert reason in document["detail"]
    assert len(document["detail"]) < 200
    assert (await api.client.get("/v1/predictions")).json()["results"] == []


async def test_a_deadline_cancels_what_still_runs(api: Api) -> None:
    """Five seconds are the shortest."""
    answer = await api.create(ECHO, {"prompt": "[[timeout]]"}, cancel_after="5s", prefer="wait=20")
    shown = answer.json()
    assert shown["status"] == "canceled"
    assert shown["output"] is None
    assert 4.9 < shown["metrics"]["total_time"] < 8


async def test_a_deadline_aborts_what_still_waits(running: Running) -> None:
    """It is shown as canceled, without a start: the Python client does not know `aborted`."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api:
        answer = await api.create(ECHO, {"prompt": "a"}, cancel_after="5s", prefer="wait=20")
        shown = answer.json()
        assert shown["status"] == "canceled"
        assert "started_at" not in shown


async def test_aborted_is_shown_to_those_who_ask_for_it(running: Running) -> None:
    """By a setting."""
    async with running(SAFELIGHT_MAX_RUNNING="0", SAFELIGHT_SHOW_ABORTED="true") as api:
        waiting = await api.echo()
        stored = await api.engine.store.get(waiting["id"], None)
        await api.engine.store.save(stored.abort(datetime.now(UTC)), was=stored.status)
        assert (await api.get(waiting["id"]))["status"] == "aborted"
