"""What waits for its upstream stays `starting`, in its order, and says why."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.api.calls import Api, Running
from tests.standins.openai import KEY, OpenAIStandIn
from tests.support.making import eventually

MODEL, OTHER = "openai/gpt-image-2", "openai/gpt-image-1"
"""Both are answered by the same model of the same provider."""
LIMITS = "SAFELIGHT_UPSTREAM_LIMITS"
Json = dict[str, Any]


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    """OpenAI's API on loopback."""
    async with OpenAIStandIn() as standin:
        yield standin


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks around each second: what waits has to be woken."""
    monkeypatch.setattr("safelight.worker.LOOK_EVERY", timedelta(hours=1))


def at(openai: OpenAIStandIn, limits: str) -> dict[str, str]:
    """The variables of the provider and its limits."""
    return {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": KEY, LIMITS: limits}


async def ask(api: Api, prompt: str, model: str = MODEL, **more: str) -> str:
    """Create a prediction in live mode; gives its id."""
    value = {"prompt": prompt, "openai_api_key": "[REDACTED]"}  # which is none
    answer = await api.create(model, value, **api.live | more)
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["id"]
    return name


async def arrived(openai: OpenAIStandIn, calls: int) -> None:
    """Wait until so many calls have arrived."""

    async def look() -> bool:
        return len(openai.seen) >= calls

    await eventually(look)


def asked_for(openai: OpenAIStandIn) -> Sequence[str]:
    """The prompts, in the order in which they arrived."""
    return [str(json.loads(seen.body)["prompt"]) for seen in openai.seen]


async def reason_of(api: Api, name: str) -> str:
    """Wait until a prediction that waits says why, as the first of its queue."""

    async def look() -> str | None:
        shown = await api.get(name)
        assert shown["status"] == "starting", shown
        assert shown["queue"]["place"] == 1
        reason: str | None = shown["queue"]["reason"]
        return reason

    return await eventually(look)


async def succeed(api: Api, *names: str) -> None:
    """See that these come to a good end, without having waited once they had started."""
    for name in names:
        shown = await api.until(name, "succeeded", "failed")
        assert shown["status"] == "succeeded", shown["error"]
        assert "Waiting" not in shown["logs"]
        assert "queue" not in shown


@pytest.mark.usefixtures("no_looks")
async def test_what_has_no_room_stays_in_line_and_says_why(
    running: Running, openai: OpenAIStandIn
) -> None:
    """Test mode, which asks nobody, passes by."""
    async with running(**at(openai, "openai=2")) as api:
        names = [await ask(api, "!slow") for _ in range(2)]
        await arrived(openai, 2)
        names += [await ask(api, "a") for _ in range(2)]
        reason = "openai takes 2 calls at once; there is no room for more."
        assert (await api.get(names[2]))["queue"] == {"place": 1, "reason": reason}
        assert (await api.get(names[3]))["queue"] == {"place": 2, "reason": reason}
        assert (await api.run(MODEL, {"prompt": "a"}))["status"] == "succeeded"
        assert (await api.get(names[2]))["status"] == "starting"
        openai.release.set()
        await succeed(api, *names)
    assert openai.paid == 4


@pytest.mark.usefixtures("no_looks")
async def test_first_come_is_first_served_within_what_shares_a_limit(
    running: Running, openai: OpenAIStandIn
) -> None:
    """Whatever model they are of."""
    async with running(**at(openai, "openai:gpt-image-2=1")) as api:
        names = [await ask(api, "!slow")]
        await arrived(openai, 1)
        prompts = [f"number {number}" for number in range(6)]
        for number, prompt in enumerate(prompts):
            names.append(await ask(api, prompt, OTHER if number % 3 else MODEL))
        openai.release.set()
        await succeed(api, *names)
    assert asked_for(openai) == ["!slow", *prompts]


async def test_calls_in_a_time_are_waited_for_in_line(
    running: Running, openai: OpenAIStandIn
) -> None:
    """A caller with a key of their own has another allowance, and passes by."""
    async with running(**at(openai, "openai=1/m")) as api:
        await succeed(api, await ask(api, "first"))
        second = await ask(api, "second")
        assert (await reason_of(api, second)).startswith(
            "openai takes 1 call a minute; the next may start in "
        )
        answer = await api.create(MODEL, {"prompt": "own", "openai_api_key": KEY}, **api.live)
        await succeed(api, answer.json()["id"])
        assert (await api.get(second))["status"] == "starting"
    assert asked_for(openai) == ["first", "own"]


@pytest.mark.usefixtures("no_looks")
async def test_the_next_starts_when_its_time_has_come(
    running: Running, openai: OpenAIStandIn
) -> None:
    """Nobody waits for it after it has started."""
    async with running(**at(openai, "openai=1/s")) as api:
        await succeed(api, *[await ask(api, prompt) for prompt in ("first", "second", "third")])
    assert asked_for(openai) == ["first", "second", "third"]


async def test_a_pause_that_a_provider_asks_for_is_waited_for_in_line(
    running: Running, openai: OpenAIStandIn
) -> None:
    """However long; what has been refused fails, and the others stay as they are."""
    async with running(**at(openai, "")) as api:
        refused = await ask(api, "!slow-down")
        assert (await api.until(refused, "failed"))["status"] == "failed"
        waiting = await ask(api, "a")
        reason = await reason_of(api, waiting)
        assert reason.startswith("openai:gpt-image-2 asked for a pause; it ends in ")
    assert asked_for(openai) == ["!slow-down"]


@pytest.mark.usefixtures("no_looks")
async def test_they_start_when_the_pause_is_over(running: Running, openai: OpenAIStandIn) -> None:
    """Here of a second or two, told with a refusal."""
    async with running(**at(openai, "")) as api:
        busy = await ask(api, "!rate-tokens")

        async def is_told() -> bool:
            return "it is busy" in (await api.get(busy))["logs"]

        await eventually(is_told)
        waiting = await ask(api, "a")
        await reason_of(api, waiting)
        await api.client.post(f"/v1/predictions/{busy}/cancel", headers=api.live)
        await succeed(api, waiting)
    assert asked_for(openai) == ["!rate-tokens", "a"]


@pytest.mark.usefixtures("no_looks")
async def test_an_allowance_that_is_used_up_is_waited_for_in_line(
    running: Running, openai: OpenAIStandIn
) -> None:
    """The answer said so, before any call was refused."""
    openai.headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1s",
    }
    async with running(**at(openai, "")) as api:
        await succeed(api, await ask(api, "first"))
        second = await ask(api, "second")
        await reason_of(api, second)
        await succeed(api, second)
    assert openai.paid == 2


@pytest.mark.usefixtures("no_looks")
async def test_what_waits_can_be_canceled(running: Running, openai: OpenAIStandIn) -> None:
    """It leaves its place to the next, and nothing was sent for it."""
    async with running(**at(openai, "openai=1")) as api:
        first = await ask(api, "!slow")
        await arrived(openai, 1)
        second, third = await ask(api, "second"), await ask(api, "third")
        answer = await api.client.post(f"/v1/predictions/{second}/cancel", headers=api.live)
        assert answer.json()["status"] == "canceled"
        assert (await api.get(third))["queue"]["place"] == 1
        openai.release.set()
        await succeed(api, first, third)
    assert asked_for(openai) == ["!slow", "third"]


async def test_a_deadline_that_strikes_while_it_waits_aborts_it(
    running: Running, openai: OpenAIStandIn
) -> None:
    """It has cost nothing."""
    variables = at(openai, "openai=1") | {"SAFELIGHT_SHOW_ABORTED": "true"}
    async with running(**variables) as api:
        await ask(api, "!slow")
        await arrived(openai, 1)
        late = await ask(api, "late", cancel_after="5s")
        assert (await api.until(late, "aborted"))["error"] is None
        openai.release.set()
    assert asked_for(openai) == ["!slow"]


async def test_what_waits_outlives_the_server(running: Running, openai: OpenAIStandIn) -> None:
    """The next one runs it."""
    async with running(**at(openai, "openai=1")) as api:
        await ask(api, "!slow")
        await arrived(openai, 1)
        waiting = await ask(api, "a")
        await reason_of(api, waiting)
    openai.release.set()
    async with running(**at(openai, "openai=1")) as api:
        await succeed(api, waiting)
    assert asked_for(openai) == ["!slow", "a"]


async def test_a_place_is_told_of_one_prediction_alone(
    running: Running, openai: OpenAIStandIn
) -> None:
    """Neither in lists, nor by the create, nor of one that runs."""
    async with running(**at(openai, "openai=1")) as api:
        first = await ask(api, "!slow")
        await arrived(openai, 1)
        created = await api.create(MODEL, {"prompt": "a"}, **api.live)
        assert "queue" not in created.json()
        assert "queue" not in await api.get(first)
        listed = (await api.client.get("/v1/predictions", headers=api.live)).json()["results"]
        assert [one["status"] for one in listed] == ["starting", "processing"]
        assert not any("queue" in one for one in listed)
        openai.release.set()
        await succeed(api, first, created.json()["id"])
