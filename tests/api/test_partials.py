"""Who streams is shown unfinished pictures, and pays for them."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import pytest
from PIL import Image
from tests.api.calls import ORIGIN, Api, Json, Running, problem
from tests.api.deploying import APP, deployed, latest
from tests.standins import openai as openai_standin
from tests.standins.openai import OpenAIStandIn
from tests.standins.receiver import Receiver
from tests.support.making import eventually

from safelight.errors import SpendLimitReached
from safelight.ledger import Period, SpendLimit
from safelight.sweeper import YOUNG, Sweeper

MODEL: Final = "openai/gpt-image-2"
IMAGEN: Final = "google/imagen-4-fast"
ASKED: Final = {"quality": "low", "output_format": "png"}
EVENT: Final = re.compile(r"event: (\w+)\nid: \d+:(\d+)\ndata: (.*)\n")


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    """OpenAI's API on loopback."""
    async with OpenAIStandIn() as standin:
        yield standin


@pytest.fixture
async def live(running: Running, openai: OpenAIStandIn) -> AsyncIterator[Api]:
    """An engine that buys there, also for Imagen's callers."""
    variables = {
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_API_KEY": openai_standin.KEY,
        "SAFELIGHT_ROUTES": f"{IMAGEN}=openai:gpt-image-2",
    }
    async with running(**variables) as started:
        started.client.headers["authorization"] = f"Bearer {started.live_token}"
        yield started


async def stream(api: Api, prompt: str, model: str = MODEL, **asked: object) -> Json:
    """Create as `stream()` of the official client for Python does."""
    inputs = asked if model != MODEL else ASKED | asked
    body = {"input": {"prompt": prompt, **inputs}, "stream": True}
    answer = await api.post(f"/v1/models/{model}/predictions", body)
    assert answer.status_code == 201, answer.text
    created: Json = answer.json()
    return created


async def partly(api: Api, created: Json) -> Json:
    """As it is shown once there is something to see."""

    async def look() -> Json | None:
        shown = await api.get(created["id"])
        return shown if shown["output"] is not None else None

    shown = await eventually(look)
    assert shown["status"] == "processing"
    return shown


async def told(api: Api, created: Json) -> Sequence[tuple[str, int, str]]:
    """All events of its stream, until it ends."""
    answer = await api.client.get(created["urls"]["stream"])
    return [(name, int(number), data) for name, number, data in EVENT.findall(answer.text)]


async def seen(api: Api, url: str) -> Image.Image:
    answer = await api.client.get(url)
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def made_of(kind: str, events: Sequence[tuple[str, int, str]]) -> Sequence[str]:
    """The names of the files, those of finished ones cut down to a star."""
    names = [data.rsplit("/", 1)[-1] for name, _, data in events if name == kind]
    return [name if name.startswith("partial-") else "*" for name in names]


async def test_what_is_unfinished_is_the_output_until_it_is_finished(
    live: Api, openai: OpenAIStandIn
) -> None:
    """On GET and on the stream; its file opens while the run goes on, and nothing counts it."""
    created = await stream(live, "!held")
    listening = asyncio.create_task(told(live, created))
    (url,) = (await partly(live, created))["output"]
    assert url.startswith(f"{ORIGIN}/outputs/")
    assert url.endswith("/partial-1.png")
    assert (await seen(live, url)).size == (1024, 1024)
    openai.release.set()
    ended = await live.until(created["id"], "succeeded")
    assert len(ended["output"]) == 1
    assert "partial" not in str(ended["output"])
    events = await listening
    assert [name for name, *_ in events][-2:] == ["output", "done"]
    assert events[0] == ("output", 0, url)
    assert events[-2][2] == ended["output"][0]
    numbers = [number for _, number, _ in events]
    assert numbers == sorted(set(numbers))
    assert await told(live, created) == list(events[-2:]), "who comes late sees what is finished"


async def test_one_who_comes_back_goes_on_behind_what_they_have(
    live: Api, openai: OpenAIStandIn
) -> None:
    """An event has the same id for everyone, also when it was told in between."""
    created = await stream(live, "!held")
    await partly(live, created)
    openai.release.set()
    await live.until(created["id"], "succeeded")
    (last,) = [number for name, number, _ in await told(live, created) if name == "output"]
    headers = {"last-event-id": f"1:{last - 1}"}
    answer = await live.client.get(created["urls"]["stream"], headers=headers)
    assert [name for name, *_ in EVENT.findall(answer.text)] == ["output", "done"]


@pytest.mark.parametrize("count", [1, 3])
async def test_each_costs_what_the_provider_counts(
    live: Api, openai: OpenAIStandIn, count: int
) -> None:
    """And the estimate that was held covers it."""
    created = await stream(live, "a cat", number_of_images=count)
    ended = await live.until(created["id"], "succeeded")
    plain = await live.run(MODEL, ASKED | {"prompt": "a cat", "number_of_images": count})
    more = ended["metrics"]["cost_usd"] - plain["metrics"]["cost_usd"]
    assert more == pytest.approx(2 * 100 * count * 30 / 1_000_000)
    entries = [
        (await live.engine.store.ledger.of_prediction(one["id"]))[0] for one in (ended, plain)
    ]
    for entry in entries:
        assert entry.cost is not None
        assert entry.estimate is not None
        assert entry.cost <= entry.estimate
        assert entry.pictures == count
    assert openai.paid == 2
    assert [form.fields.get("partial_images") for form in openai.forms] == [2, None]


async def test_an_estimate_counts_them_for_who_streams(live: Api) -> None:
    """It takes what a create takes."""
    costs: list[Decimal] = []
    for streams in (False, True):
        body = {"input": {"prompt": "a", "number_of_images": 2}, "stream": streams}
        answer = await live.post(f"/v1/models/{MODEL}/estimate", body)
        costs.append(Decimal(str(answer.json()["estimate_usd"])))
        assert answer.json()["estimate_usd"] == answer.json()["upstreams"][0]["estimate_usd"]
    assert costs[1] - costs[0] == Decimal("0.012")


async def test_a_limit_that_leaves_no_room_for_them_refuses_the_create(live: Api) -> None:
    """The same without a stream is taken."""
    body = {"input": ASKED | {"prompt": "a"}}
    plain = (await live.post(f"/v1/models/{MODEL}/estimate", body)).json()["estimate_usd"]
    limit = SpendLimit(Decimal(str(plain)) + Decimal("0.001"), Period.MONTH)
    await live.engine.store.ledger.limit_account("safelight", limit)
    refused = await live.post(f"/v1/models/{MODEL}/predictions", body | {"stream": True})
    problem(refused, SpendLimitReached.status)
    assert (await live.post(f"/v1/models/{MODEL}/predictions", body)).status_code == 201


async def test_a_failure_after_one_leaves_no_output(live: Api) -> None:
    """Nor a file: it may be the picture that was refused."""
    async with asyncio.timeout(20):
        created = await stream(live, "!breaks")
        ended = await live.until(created["id"], "failed")
    assert ended["output"] is None
    assert [name for name, *_ in await told(live, created)] == ["error", "done"]
    kept = await live.engine.store.get(created["id"], None)
    assert (kept.output, kept.files, kept.partials) == (None, (), ())


async def test_a_cancel_after_one_leaves_no_output(live: Api) -> None:
    """Whoever listens hears that it ended; the file is gone."""
    created = await stream(live, "!held")
    listening = asyncio.create_task(told(live, created))
    (url,) = (await partly(live, created))["output"]
    answer = await live.client.post(f"/v1/predictions/{created['id']}/cancel")
    assert answer.json()["output"] is None
    assert answer.json()["status"] == "canceled"
    assert (await listening)[-1][0] == "done"
    problem(await live.client.get(url), 404)


async def test_a_single_output_is_shown_as_one(live: Api, openai: OpenAIStandIn) -> None:
    """In the format of the finished one."""
    created = await stream(live, "!held", IMAGEN)
    shown = await partly(live, created)
    assert shown["output"].endswith("/partial-1.jpg")
    assert (await seen(live, shown["output"])).format == "JPEG"
    openai.release.set()
    assert (await live.until(created["id"], "succeeded"))["output"].endswith("/output.jpg")


async def test_of_several_the_newest_is_shown_alone(live: Api) -> None:
    """The provider does not say which of them it is of."""
    created = await stream(live, "a", number_of_images=3)
    ended = await live.until(created["id"], "succeeded")
    assert len(ended["output"]) == 3
    numbers = [number for name, number, _ in await told(live, created) if name == "output"]
    assert numbers == [6, 7, 8], "two of each came before"


async def test_nobody_who_does_not_stream_pays_for_any(live: Api, openai: OpenAIStandIn) -> None:
    """Nor is shown one."""
    answer = await live.create(MODEL, ASKED | {"prompt": "a"})
    events = await told(live, answer.json())
    assert made_of("output", events) == ["*"]
    assert "stream" not in openai.forms[0].fields


@pytest.mark.parametrize("count", [1, 2])
async def test_in_test_mode_the_sketch_is_shown_coarser_first(api: Api, count: int) -> None:
    """In its size and format; each can be looked at."""
    asked = {"openai_api_key": "k", "number_of_images": count, "output_format": "webp"}
    created = await stream(api, "a red fox", "openai/gpt-image-1", **asked)
    events = await told(api, created)
    expected = [f"partial-{n + 1}.webp" for n in range(2 * count)] + ["*"] * count
    assert made_of("output", events) == expected
    pictures = [await seen(api, data) for name, _, data in events if name == "output"]
    assert {(one.format, one.size) for one in pictures} == {("WEBP", (1024, 1024))}
    shown = await api.get(created["id"])
    assert shown["metrics"]["image_count"] == len(shown["output"]) == count


@pytest.mark.parametrize("model", [IMAGEN, "jigsawstack/image-generation"])
async def test_in_test_mode_providers_that_show_none_show_none(api: Api, model: str) -> None:
    """As in live mode."""
    key = {"api_key": "k"} if model != IMAGEN else {}
    created = await stream(api, "a red fox", model, **key)
    assert made_of("output", await told(api, created)) == ["*"]


async def test_a_version_and_a_deployment_stream_likewise(api: Api) -> None:
    """The row says so, whichever process runs it."""
    model = "openai/gpt-image-1"
    await deployed(api, model=model, version=latest(api, model))
    body: Json = {"input": {"prompt": "a", "openai_api_key": "k"}, "stream": True}
    by_version = await api.post("/v1/predictions", body | {"version": latest(api, model)})
    by_deployment = await api.post(f"{APP}/predictions", body)
    for answer in (by_version, by_deployment):
        assert answer.status_code == 201, answer.text
        assert (await api.engine.store.get(answer.json()["id"], None)).streamed
        events = await told(api, answer.json())
        assert made_of("output", events) == ["partial-1.webp", "partial-2.webp", "*"]


async def test_their_bytes_leave_the_disk_after_the_run(api: Api) -> None:
    """The sweeper takes them for what nobody refers to; the finished picture stays."""
    created = await stream(api, "a red fox")
    urls = [data for name, _, data in await told(api, created) if name == "output"]
    sweeper = Sweeper(
        api.engine.store,
        api.engine.blobs,
        keep_for=None,
        clock=lambda: datetime.now(UTC) + YOUNG,
    )
    assert await sweeper.collect_blobs() == 0
    assert await sweeper.collect_blobs() > 0
    assert [(await api.client.get(url)).status_code for url in urls] == [404, 404, 200]


async def test_they_stay_on_the_disk_while_the_run_goes_on(
    live: Api, openai: OpenAIStandIn
) -> None:
    """However long it takes."""
    created = await stream(live, "!held")
    (url,) = (await partly(live, created))["output"]
    sweeper = Sweeper(
        live.engine.store,
        live.engine.blobs,
        keep_for=None,
        clock=lambda: datetime.now(UTC) + 9 * YOUNG,
    )
    assert [await sweeper.collect_blobs() for _ in range(3)] == [0, 0, 0]
    await seen(live, url)
    openai.release.set()
    await live.until(created["id"], "succeeded")


async def test_webhooks_of_output_keep_their_pace(live: Api, openai: OpenAIStandIn) -> None:
    """An unfinished picture is an output like any other."""
    async with Receiver() as receiver:
        body = {
            "input": ASKED | {"prompt": "!held"},
            "stream": True,
            "webhook": receiver.url,
            "webhook_events_filter": ["output"],
        }
        created = (await live.post(f"/v1/models/{MODEL}/predictions", body)).json()
        (first,) = await receiver.until(1)
        assert first.shown["status"] == "processing"
        assert first.shown["output"][0].endswith("/partial-1.png")
        openai.release.set()
        ended = await live.until(created["id"], "succeeded")

        async def last() -> bool:
            return receiver.received[-1].shown["output"] == ended["output"]

        await eventually(last)


async def test_one_that_cannot_be_stored_is_passed_over(
    live: Api, openai: OpenAIStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on, and nothing of it is left on the disk."""
    blobs = live.settings.home / "blobs"
    aside = blobs.rename(blobs.with_name("aside"))
    blobs.write_bytes(b"no folder")
    created = await stream(live, "!held")

    async def passed_over() -> bool:
        return "An unfinished picture could not be shown" in caplog.text

    await eventually(passed_over)
    assert (await live.get(created["id"]))["output"] is None
    blobs.unlink()
    aside.rename(blobs)
    openai.release.set()
    ended = await live.until(created["id"], "succeeded")
    assert len(ended["output"]) == 1
