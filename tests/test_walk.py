"""The walk of one prediction, from the request to its end: read this first, from top to bottom.

Each step uses the real pieces: the API's own endpoint, a SQLite file, a worker, a Cog model.
"""
# ruff: noqa: T201 - print() is how a Cog model logs

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cog
import httpx
import pytest
from tests.support.engine import VAULT, Bench, runnable

from safelight.account import Mode, issue
from safelight.api.app import create_app
from safelight.api.context import Context
from safelight.blobs.directory import DirectoryBlobs
from safelight.capability import Capabilities
from safelight.errors import InvalidInput, InvalidVersion, StaleWrite
from safelight.file import DownloadLinks, FilePolicy
from safelight.ids import read_reference
from safelight.library import Library
from safelight.own_files import OwnFiles
from safelight.prediction import Status
from safelight.registry import Registry
from safelight.repeats import Repeats
from safelight.signing import Signing
from safelight.store import Room
from safelight.stores.sqlite import SqliteStore
from safelight.webhook import Event
from safelight.wire import Wire

TOKEN = "r8_test_walking"
ORIGIN = "https://safelight.test"
HOOK = "https://hooks.test/walk"
EVENTS = ["start", "completed"]


class Painter(cog.BaseRunner):
    """The model of this walk: it looks at what is on disk when it is entered, then paints."""

    database: Path
    seen_on_disk: list[object]

    async def run(self, prompt: str) -> list[cog.Path]:
        """Paint."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = "SELECT status, (SELECT group_concat(event) FROM deliveries) FROM predictions"
            Painter.seen_on_disk = connection.execute(rows).fetchall()
        print(f"Painting {prompt}")
        self.record_metric("image_count", 1)
        path = cog.Path(self.database.parent) / "out-0.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
        return [path]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A store on disk, and the painter as `acme/painter`."""
    Painter.database, Painter.seen_on_disk = tmp_path / "safelight.db", []
    store = SqliteStore(Painter.database)
    yield Bench(store, Registry([runnable(Painter, "painter")]), DirectoryBlobs(tmp_path / "blobs"))
    await store.close()


@pytest.fixture
async def caller(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API on that store, with a token that it knows."""
    token = issue(TOKEN, token_id="t1", name="mine", account="me", now=datetime.now(UTC))
    await bench.store.accounts.add_token(token)
    capabilities = Capabilities(b"c" * 32)
    context = Context(
        store=bench.store,
        library=Library(bench.registry, bench.store.models),
        blobs=bench.blobs,
        own_files=OwnFiles(bench.store, bench.blobs, capabilities, DownloadLinks(b"d" * 32)),
        file_policy=FilePolicy(1_000_000, None),
        repeats=Repeats(bench.store, b"r" * 32),
        vault=VAULT,
        signing=Signing(bench.store.outbox, VAULT),
        capabilities=capabilities,
        wire=Wire(capabilities, shows_aborted=False),
        public_url=None,
        max_body=1_000_000,
    )
    transport = httpx.ASGITransport(create_app(context))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        client.headers["authorization"] = f"Bearer {TOKEN}"
        yield client


def on_disk(statement: str) -> list[tuple[object, ...]]:
    """What any other process reads from the database at this moment."""
    with closing(sqlite3.connect(Painter.database)) as connection:
        return connection.execute(statement).fetchall()


def body(**facts: object) -> dict[str, object]:
    """The JSON of a create."""
    usual = {"version": "acme/painter", "input": {"prompt": "a cat"}}
    return {**usual, "webhook": HOOK, "webhook_events_filter": EVENTS, **facts}


async def test_1_the_caller_is_known(caller: httpx.AsyncClient) -> None:
    """A token that the store does not know gets no further."""
    stranger = {"authorization": "Bearer r8_stranger"}
    assert (await caller.post("/v1/predictions", json=body(), headers=stranger)).status_code == 401
    assert (await caller.post("/v1/predictions", json=body())).status_code == 201


async def test_2_a_reference_leads_to_a_model_a_version_and_a_runner(bench: Bench) -> None:
    """Whatever its spelling; or it is 422."""
    found = bench.registry.resolve(read_reference("acme/painter"))
    assert bench.registry.resolve(read_reference(found.version.id)) is found
    assert found.model.full_name == "acme/painter"
    assert set(found.runners) == {Mode.LIVE, Mode.TEST}
    with pytest.raises(InvalidVersion):
        bench.registry.resolve(read_reference("acme/sculptor"))


async def test_3_the_input_is_complete_and_known(bench: Bench) -> None:
    """What is unknown is dropped, what is missing is named."""
    found = bench.registry.resolve(read_reference("acme/painter"))
    assert bench.registry.checked_input(found, {"prompt": "a cat", "x": 1})[0] == {
        "prompt": "a cat"
    }
    with pytest.raises(InvalidInput, match="prompt is required"):
        bench.registry.checked_input(found, {})


async def test_4_and_5_once_201_goes_out_it_is_on_disk(caller: httpx.AsyncClient) -> None:
    """The promise: a value with status `starting`, committed; no crash loses it."""
    answer = await caller.post("/v1/predictions", json=body())
    shown = answer.json()
    assert (answer.status_code, shown["status"]) == (201, "starting")
    assert answer.headers["location"] == shown["urls"]["get"]
    assert on_disk("SELECT id, status, owner FROM predictions") == [(shown["id"], "starting", None)]
    assert on_disk("SELECT event FROM deliveries") == []


async def test_6_a_worker_claims_it_and_nobody_else_runs_it(bench: Bench) -> None:
    """It is leased, under a fence that rises with each claim."""
    created = await bench.create("painter", input={"prompt": "a cat"})
    until = datetime.now(UTC) + timedelta(seconds=20)
    (held,) = await bench.store.claim("w1", Room(1, {"acme/painter": 1}), until)
    assert (held.prediction, held.claim.owner, held.claim.fence) == (created, "w1", 1)
    assert await bench.store.claim("w2", Room(1, {"acme/painter": 1}), until) == []


async def test_7_the_intent_is_on_disk_before_the_model_is_entered(
    bench: Bench, caller: httpx.AsyncClient
) -> None:
    """`processing`, and the `start` webhook, in one transaction: from here money may be spent."""
    created = (await caller.post("/v1/predictions", json=body())).json()
    async with bench.working():
        await bench.end_of(await bench.store.get(created["id"], "me"))
    assert Painter.seen_on_disk == [("processing", "start")]


async def test_8_what_the_model_tells_is_in_the_prediction(bench: Bench) -> None:
    """What it printed, measured and returned."""
    async with bench.working():
        ended = await bench.run("painter", prompt="a cat")
    assert ended.logs == "Painting a cat"
    assert ended.metrics["image_count"] == 1
    assert ended.output == [{"$file": 0}]
    assert bench.blobs.path(ended.files[0].blob.key).read_bytes() == b"\x89PNG\r\n\x1a\n"


async def test_9_its_end_and_the_webhook_of_it_are_one(
    bench: Bench, caller: httpx.AsyncClient
) -> None:
    """Both are on disk, or neither; and nobody can end it again."""
    created = (await caller.post("/v1/predictions", json=body())).json()
    async with bench.working():
        ended = await bench.end_of(await bench.store.get(created["id"], "me"))
    assert on_disk("SELECT status FROM predictions") == [("succeeded",)]
    assert on_disk("SELECT event FROM deliveries ORDER BY seq") == [("start",), ("completed",)]
    running = await bench.create("painter", input={"prompt": "a dog"}, webhook=HOOK)
    canceled = running.cancel(datetime.now(UTC))
    await bench.store.save(canceled, Status.STARTING)
    with pytest.raises(StaleWrite):
        await bench.store.save(running.start(datetime.now(UTC)), Status.STARTING)
    owed = await bench.store.outbox.of_prediction(running.id)
    assert [delivery.event for delivery in owed] == [Event.COMPLETED]
    assert ended.status is Status.SUCCEEDED


async def test_10_it_is_shown_as_replicate_shows_it(
    bench: Bench, caller: httpx.AsyncClient
) -> None:
    """To whoever waits, asks or is called back: one document, and its files open."""
    async with bench.working():
        create = caller.post("/v1/predictions", json=body(), headers={"prefer": "wait"})
        shown = (await asyncio.wait_for(create, 20)).json()
    assert (shown["status"], shown["error"], shown["test"]) == ("succeeded", None, True)
    assert shown == (await caller.get(shown["urls"]["get"])).json()
    (url,) = shown["output"]
    assert url.startswith(f"{ORIGIN}/outputs/")
    assert (await caller.get(url)).content == b"\x89PNG\r\n\x1a\n"
    *_, completed = await bench.store.outbox.of_prediction(shown["id"])
    assert completed.url == HOOK
    told = await bench.store.outbox.as_it_was(completed)
    assert Wire(Capabilities(b"c" * 32), shows_aborted=False).prediction(told, ORIGIN) == shown
