"""Trainings over HTTP: what they show, what they leave, how they end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.api.calls import ECHO, ORIGIN, Api, Json, Running, problem
from tests.api.others import made
from tests.api.training import (
    ALL,
    CREATE,
    GATES,
    MINE,
    MODELS,
    STYLER,
    body,
    create,
    ended,
    get,
    listed,
    trained,
    versions,
)
from tests.support.making import made as made_prediction

from safelight.catalog.listing import ENTRIES


@pytest.fixture
async def api(running: Running) -> AsyncIterator[Api]:
    """An engine that has a model which can be trained, and a destination for its trainings."""
    async with running(MODELS) as started:
        await made(started)
        yield started


async def test_a_training_leaves_a_version_that_runs(api: Api) -> None:
    """With what it has learned; the model that was trained stays as it was."""
    shown = await trained(api)
    name, _, version = shown["output"]["version"].partition(":")
    assert name == MINE
    assert await versions(api) == [version]
    weights = await api.client.get(shown["output"]["weights"])
    assert weights.text == "baroque"
    run: Json = {"version": shown["output"]["version"], "input": {"prompt": "hello"}}
    answer = await api.post("/v1/predictions", run, prefer="wait=20")
    assert answer.json()["output"] == "hello, baroque"
    assert (await api.run(MINE, {"prompt": "a"}))["output"] == "a, baroque"
    assert (await api.run("tests/styler", {"prompt": "a"}))["output"] == "a, plain"


async def test_the_newest_version_is_the_destinations_latest(api: Api) -> None:
    """Each training leaves one of its own; weights of one's own go before them."""
    first = await trained(api, "baroque")
    second = await trained(api, "gothic")
    ids = [shown["output"]["version"].partition(":")[2] for shown in (second, first)]
    assert await versions(api) == ids
    model = (await api.client.get(f"/v1/models/{MINE}")).json()
    assert model["latest_version"]["id"] == ids[0]
    value = {"prompt": "a", "replicate_weights": first["output"]["weights"]}
    assert (await api.run(MINE, value))["output"] == "a, baroque"


async def test_the_create_shows_a_prediction_and_later_a_training(api: Api) -> None:
    """Replicate's own oddity: the addresses differ, the ids do not."""
    answer = await api.post(CREATE, body("hang"))
    shown = answer.json()
    at = f"{ORIGIN}/v1/predictions/{shown['id']}"
    assert shown["urls"].keys() == {"get", "cancel", "web"}
    assert (shown["urls"]["get"], shown["urls"]["cancel"]) == (at, f"{at}/cancel")
    assert answer.headers["location"] == at
    assert (shown["model"], shown["version"]) == ("tests/styler", STYLER.version)
    assert (shown["status"], shown["output"]) == ("starting", None)
    assert shown["input"] == {"style": "hang"}
    later = await get(api, shown["id"])
    at = f"{ORIGIN}{ALL}/{shown['id']}"
    assert (later["urls"]["get"], later["urls"]["cancel"]) == (at, f"{at}/cancel")
    assert later["destination"] == MINE
    assert (await api.get(shown["id"]))["urls"]["get"].endswith(f"/predictions/{shown['id']}")


async def test_a_training_tells_what_a_prediction_tells(api: Api) -> None:
    """Logs, times and metrics."""
    shown = await trained(api)
    assert "learning baroque" in shown["logs"]
    moments = [
        datetime.fromisoformat(shown[f"{at}_at"]) for at in ("created", "started", "completed")
    ]
    assert moments == sorted(moments)
    assert shown["metrics"].keys() >= {"predict_time", "total_time"}
    assert (shown["error"], shown["source"]) == (None, "api")


async def test_trainings_and_predictions_are_listed_apart(api: Api) -> None:
    """And a prediction is no training."""
    training = await trained(api)
    prediction = await api.echo()
    assert await listed(api) == [training["id"]]
    answer = await api.client.get("/v1/predictions")
    assert [shown["id"] for shown in answer.json()["results"]] == [prediction["id"]]
    problem(await api.client.get(f"{ALL}/{prediction['id']}"), 404)
    problem(await api.client.post(f"{ALL}/{prediction['id']}/cancel"), 404)


async def test_cursors_lead_through_all_trainings_and_back(api: Api) -> None:
    """100 to a page, newest first."""
    now = datetime.now(UTC)
    for age in range(101):
        at = now - timedelta(hours=age)
        row = made_prediction(account="safelight", destination=MINE, created_at=at)
        await api.engine.store.insert(row.abort(now))
    first = (await api.client.get(ALL)).json()
    second = (await api.client.get(first["next"])).json()
    assert [len(page["results"]) for page in (first, second)] == [100, 1]
    created = [shown["created_at"] for shown in first["results"] + second["results"]]
    assert created == sorted(created, reverse=True)
    back = (await api.client.get(second["previous"])).json()
    assert back["results"] == first["results"]
    assert (first["previous"], second["next"]) == (None, None)
    problem(await api.client.get(f"{ALL}?cursor=nonsense"), 404)


async def test_a_training_can_be_canceled(api: Api) -> None:
    """It leaves no version; once more changes nothing."""
    training = await create(api, "hang")
    await api.until(training["id"], "processing")
    for _ in range(2):
        answer = await api.client.post(f"{ALL}/{training['id']}/cancel")
        assert answer.status_code == 200
        assert answer.json()["status"] == "canceled"
        assert answer.json()["urls"]["get"] == f"{ORIGIN}{ALL}/{training['id']}"
    assert await versions(api) == []


async def test_canceling_one_that_has_ended_changes_nothing(api: Api) -> None:
    """It is shown as it ended."""
    shown = await trained(api)
    answer = await api.client.post(f"{ALL}/{shown['id']}/cancel")
    assert answer.json() == shown


@pytest.mark.parametrize(
    ("style", "error"),
    [("fail", "It diverged."), ("nothing", "The trainer returned no weights.")],
)
async def test_a_training_that_fails_leaves_no_version(api: Api, style: str, error: str) -> None:
    """It says why."""
    shown = await ended(api, await create(api, style))
    assert (shown["status"], shown["error"], shown["output"]) == ("failed", error, None)
    assert await versions(api) == []


async def test_a_destination_that_is_deleted_meanwhile_fails_the_training(api: Api) -> None:
    """There is nothing to leave the version on."""
    gate = GATES["slow"] = asyncio.Event()
    training = await create(api, "slow")
    await api.until(training["id"], "processing")
    assert (await api.client.delete(f"/v1/models/{MINE}")).status_code == 204
    gate.set()
    shown = await ended(api, training)
    assert shown["status"] == "failed"
    assert shown["error"] == "The destination safelight/mine is no longer here."


async def test_a_training_reads_files_of_any_type(api: Api) -> None:
    """A trainer's examples come as an archive."""
    value = {"style": "zip", "examples": "data:application/zip;base64,UEsDBA=="}
    shown = await trained(api, input=value)
    weights = await api.client.get(shown["output"]["weights"])
    assert weights.text == "zip504b0304"


async def test_secrets_of_a_training_are_not_shown(api: Api) -> None:
    """Neither in its input nor in its logs."""
    shown = await trained(api, input={"style": "a", "key": "sk-very-secret"})
    assert shown["input"]["key"] == "[REDACTED]"
    assert "with [REDACTED]" in shown["logs"]
    assert "sk-very-secret" not in str(shown)


async def test_webhook_and_deadline_are_those_of_predictions(api: Api) -> None:
    """The body's webhook, the header's deadline."""
    hooked = body("hang", webhook="https://hooks.test/a", webhook_events_filter=["completed"])
    shown = (await api.post(CREATE, hooked, cancel_after="90s")).json()
    assert shown["deadline"] > shown["created_at"]
    assert shown["webhook"] == "https://hooks.test/a"
    assert shown["webhook_events_filter"] == ["completed"]


async def test_the_schema_of_a_version_tells_how_to_train_it(api: Api) -> None:
    """Beside how to run it, under Cog's own names."""
    path = f"/v1/models/tests/styler/versions/{STYLER.version}"
    schemas = (await api.client.get(path)).json()["openapi_schema"]["components"]["schemas"]
    assert schemas["Input"]["properties"].keys() == {"prompt", "replicate_weights"}
    assert schemas["TrainingInput"]["properties"].keys() == {"style", "examples", "key"}
    assert "weights" in schemas["TrainingOutput"]["properties"]


async def test_a_training_cut_by_a_stop_is_not_run_again(running: Running) -> None:
    """Nobody knows what it cost; it leaves no version."""
    async with running(MODELS) as api:
        await made(api)
        training = await create(api, "hang")
        await api.until(training["id"], "processing")
    async with running(MODELS) as api:
        shown = await ended(api, training)
        assert shown["status"] == "failed"
        assert "its outcome is unknown" in shown["error"]
        assert await versions(api) == []


async def test_a_training_that_costs_nothing_runs_again_and_leaves_one_version(
    running: Running,
) -> None:
    """As its model says that it may."""
    models = (*ENTRIES, replace(STYLER, repeatable=True))
    gate = GATES["again"] = asyncio.Event()
    async with running(models) as api:
        await made(api)
        training = await create(api, "again")
        await api.until(training["id"], "processing")
    gate.set()
    async with running(models) as api:
        shown = await ended(api, training)
        assert [shown["output"]["version"]] == [f"{MINE}:{name}" for name in await versions(api)]


async def test_a_training_whose_trainer_is_gone_fails(api: Api) -> None:
    """It waited through an update that took the trainer away."""
    latest = api.engine.registry.model(*ECHO.split("/")).latest
    assert latest is not None
    facts: Json = {"model": ECHO, "version": latest.id, "destination": MINE}
    waiting = made_prediction(account="safelight", created_at=datetime.now(UTC), **facts)
    await api.engine.store.insert(waiting)
    shown = await ended(api, {"id": waiting.id})
    assert shown["status"] == "failed"
    assert "no longer here" in shown["error"]
    assert await versions(api) == []


async def test_what_a_training_left_outlives_a_restart(running: Running) -> None:
    """Version and weights."""
    async with running(MODELS) as api:
        await made(api)
        await trained(api)
    async with running(MODELS) as api:
        assert (await api.run(MINE, {"prompt": "a"}))["output"] == "a, baroque"


async def test_trainings_and_what_they_leave_wait_in_the_right_queues(api: Api) -> None:
    """Trainings apart; what runs the trained version with what runs its base."""
    training = await trained(api)
    run = await api.run(MINE, {"prompt": "a"})
    store = api.engine.store
    queues = [(await store.get(one["id"], None)).queue for one in (training, run)]
    assert queues == ["tests/styler trainings (test)", "tests/styler (test)"]
