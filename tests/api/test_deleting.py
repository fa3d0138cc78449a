"""Predictions that are deleted: what goes, what stays, what cannot go."""

import pytest
from tests.api.calls import ECHO, Api, Running, problem
from tests.api.others import made
from tests.api.stepping import HANDS, STEPPER, Hand
from tests.api.training import MODELS, create
from tests.standins.receiver import Receiver
from tests.support.making import eventually

from safelight.errors import NotFound, StaleWrite
from safelight.model import EXAMPLES

SKETCH = "safelight/sketch"


async def test_a_deleted_prediction_is_gone_with_its_files(api: Api) -> None:
    """From get, from lists, and from the address of its output, at once."""
    shown = await api.run(SKETCH, {"prompt": "a cat"})
    (url,) = [shown["output"]] if isinstance(shown["output"], str) else shown["output"]
    path = f"/v1/predictions/{shown['id']}"
    assert (await api.client.get(url)).status_code == 200
    answer = await api.client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    problem(await api.client.get(path), 404)
    problem(await api.client.get(url), 404)
    problem(await api.client.get(url, headers={"if-none-match": "*"}), 404)
    problem(await api.client.get(shown["urls"]["stream"]), 404)
    problem(await api.client.delete(path), 404)
    assert (await api.client.get("/v1/predictions")).json()["results"] == []


async def test_nobody_refers_to_its_files_any_more(api: Api) -> None:
    """The sweeper collects them, but for those that another prediction has too."""
    one = await api.run(SKETCH, {"prompt": "a cat", "seed": 1})
    store = api.engine.store
    keys = {file.blob.key for file in (await store.get(one["id"], None)).files}
    assert keys
    assert await store.retention.unreferenced(keys) == frozenset()
    await api.client.delete(f"/v1/predictions/{one['id']}")
    assert await store.retention.unreferenced(keys) == keys


async def test_what_runs_is_canceled_first(running: Running) -> None:
    """The refusal says how; afterwards it goes, and a late result brings nothing back."""
    hand = HANDS["late"] = Hand()
    async with running((STEPPER,)) as api:
        shown = await _created(api, "late")
        await api.until(shown, "processing")
        path = f"/v1/predictions/{shown}"
        detail = problem(await api.client.delete(path), 409)["detail"]
        assert f"POST {path}/cancel" in detail
        assert (await api.client.post(f"{path}/cancel")).status_code == 200
        assert (await api.client.delete(path)).status_code == 204
        hand.give("late", None)
        HANDS["next"] = Hand()
        HANDS["next"].give("done", None)
        await api.until(await _created(api, "next"), "succeeded")  # the only room is free again
        problem(await api.client.get(path), 404)


async def _created(api: Api, ticket: str) -> str:
    answer = await api.create("tests/stepper", {"ticket": ticket})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_training_stays(running: Running) -> None:
    """It is the record of how a version was made."""
    async with running(MODELS) as api:
        await made(api)
        training = await create(api, "hang")
        path = f"/v1/predictions/{training['id']}"
        assert "training" in problem(await api.client.delete(path), 409)["detail"]
        await api.client.post(f"/v1/trainings/{training['id']}/cancel")
        assert "training" in problem(await api.client.delete(path), 409)["detail"]
        prediction = await api.engine.store.get(training["id"], None)
        with pytest.raises(StaleWrite):
            await api.engine.store.forget(prediction)


async def test_an_example_is_everybodys(api: Api) -> None:
    """It can be seen, and not deleted."""
    answer = await api.client.get(f"/v1/models/{SKETCH}/examples")
    example = answer.json()["results"][0]["id"]
    assert (await api.engine.store.get(example, None)).account == EXAMPLES
    path = f"/v1/predictions/{example}"
    assert "example" in problem(await api.client.delete(path), 403)["detail"]
    assert (await api.client.get(path)).status_code == 200


async def test_its_deliveries_stay_in_the_log(api: Api) -> None:
    """And tell nothing of it: what is replayed finds it gone."""
    async with Receiver() as receiver:
        body = {"input": {"prompt": "hello"}, "webhook": receiver.url}
        answer = await api.post(
            f"/v1/models/{ECHO}/predictions",
            {**body, "webhook_events_filter": ["completed"]},
            prefer="wait=20",
        )
        name = answer.json()["id"]
        log = f"/v1/webhooks/deliveries?prediction={name}"

        async def delivered() -> str | None:
            (one,) = (await api.client.get(log)).json()["results"]
            return str(one["id"]) if one["status"] == "delivered" else None

        delivery = await eventually(delivered)
        assert (await api.client.delete(f"/v1/predictions/{name}")).status_code == 204
        path = f"/v1/webhooks/deliveries/{delivery}"
        assert (await api.client.post(f"{path}/replay")).status_code == 202

        async def failed() -> str | None:
            one = (await api.client.get(path)).json()
            return str(one["attempts"][-1]["error"]) if one["status"] == "failed" else None

        assert "gone" in await eventually(failed)


async def test_its_key_does_not_make_another(api: Api) -> None:
    """A create that comes again is told why it gets nothing."""
    shown = await api.run(ECHO, {"prompt": "hello"}, idempotency_key="one")
    await api.client.delete(f"/v1/predictions/{shown['id']}")
    answer = await api.create(ECHO, {"prompt": "hello"}, prefer="wait=20", idempotency_key="one")
    assert "deleted" in problem(answer, 409)["detail"]


async def test_of_two_who_delete_one_is_too_late(api: Api) -> None:
    """The store says so, whatever was looked at before."""
    shown = await api.run(ECHO, {"prompt": "hello"})
    prediction = await api.engine.store.get(shown["id"], None)
    await api.engine.store.forget(prediction)
    with pytest.raises(StaleWrite):
        await api.engine.store.forget(prediction)
    with pytest.raises(NotFound):
        await api.engine.store.get(shown["id"], None)
