"""Streams over real connections: who listens, who leaves, and what ends a stream early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from tests.api.stepping import HANDS, STEPPER, Hand, Heard
from tests.support.making import PATIENCE, eventually

from safelight import engine as engines
from safelight.api.app import create_app
from safelight.api.context import Context
from safelight.api.stream import Streams
from safelight.bootstrap import prepare_home
from safelight.engine import Engine, running_engine
from safelight.prediction import Status
from safelight.server import Addresses, serve
from safelight.settings import Settings, read_settings
from safelight.stores.sqlite import SqliteStore

BEAT = timedelta(milliseconds=20)
CREATE = "/v1/models/tests/stepper/predictions"


@dataclass
class Stage:
    """A server in this process, and its listeners."""

    client: httpx.AsyncClient
    engine: Engine
    settings: Settings
    serving: asyncio.Task[None]
    listening: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    async def create(self, ticket: str) -> dict[str, Any]:
        """Accept a prediction that gives what is handed to it."""
        HANDS[ticket] = Hand()
        answer = await self.client.post(CREATE, json={"input": {"ticket": ticket}})
        assert answer.status_code == 201
        shown: dict[str, Any] = answer.json()
        return shown

    def listen(self, shown: dict[str, Any], last: str | None = None) -> Heard:
        """Follow a prediction from now on."""
        heard = Heard()
        url = shown["urls"]["stream"]
        self.listening.append(asyncio.create_task(heard.listen(self.client, url, last)))
        return heard

    async def ends(self) -> None:
        """Wait until all streams have."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self.listening)

    async def ended(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of a prediction."""

        async def look() -> dict[str, Any] | None:
            now: dict[str, Any] = (await self.client.get(shown["urls"]["get"])).json()
            return now if now["status"] not in {"starting", "processing"} else None

        return await eventually(look)

    async def stop(self) -> None:
        """Have the server stop, and wait until it has."""
        self.serving.cancel()
        await asyncio.gather(self.serving, return_exceptions=True)


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A server whose streams have a quick heartbeat."""
    home = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_GRACE": "0s"}
    settings = read_settings(home | {"SAFELIGHT_PORT": "0"}, tmp_path)
    token = prepare_home(settings).test_token
    monkeypatch.setattr(engines, "create_app", _quick)
    started: asyncio.Future[tuple[Addresses, Engine]] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(_serve(settings, started))
    addresses, engine = await asyncio.wait_for(started, PATIENCE)
    assert addresses.http is not None
    async with httpx.AsyncClient(
        base_url=addresses.http,
        headers={"authorization": f"Bearer {token}"},
        timeout=PATIENCE,
        limits=httpx.Limits(max_keepalive_connections=0),
    ) as client:
        stage = Stage(client, engine, settings, serving)
        yield stage
        for task in stage.listening:
            task.cancel()
        await asyncio.gather(*stage.listening, return_exceptions=True)
        await stage.stop()
    HANDS.clear()


def _quick(context: Context) -> Starlette:
    streams = Streams(context, BEAT)
    stream = Route("/v1/streams/bcwr-{capability}", streams.get)
    return Starlette(routes=[stream, Mount("/", create_app(context))])


async def _serve(settings: Settings, started: "asyncio.Future[tuple[Addresses, Engine]]") -> None:
    engine: list[Engine] = []

    @asynccontextmanager
    async def remembered(_settings: Settings) -> AsyncIterator[Engine]:
        async with running_engine(settings, [STEPPER]) as running:
            engine.append(running)
            yield running

    def ready(addresses: Addresses) -> None:
        started.set_result((addresses, engine[0]))

    await serve(settings, started=ready, engine=remembered, is_private=True)


async def test_every_listener_hears_the_same(stage: Stage) -> None:
    """Whether it came first, in the middle, or after the end; ids and all."""
    shown = await stage.create("a")
    early = stage.listen(shown)
    HANDS["a"].give("one ", "two ")
    await early.until(2)
    middle = stage.listen(shown)
    await middle.until(2)
    HANDS["a"].give("three", None)
    await stage.ends()
    late = stage.listen(shown)
    await stage.ends()
    words = [("output", "one "), ("output", "two "), ("output", "three")]
    assert early.said == [*words, ("done", "{}")]
    assert early.events == middle.events == late.events
    assert early.comments[0] == " hi"


async def test_a_quiet_stream_is_kept_alive_by_comments(stage: Stage) -> None:
    """Again and again, and they are no events."""
    shown = await stage.create("a")
    heard = stage.listen(shown)

    async def was_kept_alive() -> bool:
        return len(heard.comments) >= 4

    await eventually(was_kept_alive)
    assert heard.comments == [" hi", *[" still here"] * (len(heard.comments) - 1)]
    HANDS["a"].give("x", None)
    await stage.ends()
    assert heard.said == [("output", "x"), ("done", "{}")]


async def test_who_comes_back_in_the_middle_gets_what_is_left(stage: Stage) -> None:
    """After the last event that it says it had."""
    shown = await stage.create("a")
    first = stage.listen(shown)
    HANDS["a"].give("one", "two")
    await first.until(2)
    stage.listening.pop().cancel()
    again = stage.listen(shown, last=first.events[0][1])
    await again.until(1)
    assert again.events == first.events[1:]
    HANDS["a"].give("three", None)
    await stage.ends()
    assert again.said == [("output", "two"), ("output", "three"), ("done", "{}")]


async def test_who_leaves_does_not_disturb_the_run(stage: Stage) -> None:
    """Nor the one who stays."""
    shown = await stage.create("a")
    stays, leaves = stage.listen(shown), stage.listen(shown)
    HANDS["a"].give("one")
    await leaves.until(1)
    leaving = stage.listening.pop()
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    HANDS["a"].give("two", None)
    await stage.ends()
    assert stays.said == [("output", "one"), ("output", "two"), ("done", "{}")]
    assert leaves.said == [("output", "one")]
    assert (await stage.ended(shown))["output"] == ["one", "two"]


async def test_a_failure_after_some_output_is_an_error_and_then_done(stage: Stage) -> None:
    """Nobody misses the error, though the output is gone; it has the same id for everyone."""
    shown = await stage.create("a")
    early = stage.listen(shown)
    HANDS["a"].give("one", "two")
    await early.until(2)
    HANDS["a"].give(ValueError("no luck"))
    await stage.ends()
    end = [("error", '{"detail":"no luck"}'), ("done", '{"reason":"error"}')]
    assert early.said == [("output", "one"), ("output", "two"), *end]
    late = stage.listen(shown)
    rest = stage.listen(shown, last=early.events[1][1])
    after = stage.listen(shown, last=early.events[2][1])
    await stage.ends()
    assert late.events == rest.events == early.events[2:]
    assert after.events == early.events[3:]
    assert len({event_id for _, event_id, _ in early.events}) == 4


async def test_a_cancel_after_some_output_is_told(stage: Stage) -> None:
    """In `done`, and there is no error."""
    shown = await stage.create("a")
    heard = stage.listen(shown)
    HANDS["a"].give("one")
    await heard.until(1)
    await stage.client.post(shown["urls"]["cancel"])
    await stage.ends()
    assert heard.said == [("output", "one"), ("done", '{"reason":"canceled"}')]


async def test_what_never_ran_is_told_as_canceled(stage: Stage) -> None:
    """Its deadline struck while another held the model."""
    await stage.create("a")
    shown = await stage.create("b")
    heard = stage.listen(shown)
    waiting = await stage.engine.store.get(shown["id"], None)
    await stage.engine.store.save(waiting.abort(datetime.now(UTC)), Status.STARTING)
    await stage.ends()
    assert heard.said == [("done", '{"reason":"canceled"}')]


async def test_what_another_process_ended_is_told(stage: Stage) -> None:
    """It shares no more than the database."""
    shown = await stage.create("a")
    heard = stage.listen(shown)
    HANDS["a"].give("one")
    await heard.until(1)
    elsewhere = SqliteStore(stage.settings.database)
    running = await elsewhere.get(shown["id"], None)
    await elsewhere.save(running.cancel(datetime.now(UTC)), Status.PROCESSING)
    await elsewhere.close()
    await stage.ends()
    assert heard.said == [("output", "one"), ("done", '{"reason":"canceled"}')]


async def test_a_server_that_stops_ends_its_streams(stage: Stage) -> None:
    """In good order and without `done`, so that the clients come back."""
    shown = await stage.create("a")
    heard = stage.listen(shown)
    HANDS["a"].give("one")
    await heard.until(1)
    await stage.stop()
    await stage.ends()
    assert heard.said == [("output", "one")]


async def test_one_who_does_not_read_holds_nobody_up(stage: Stage) -> None:
    """The server keeps a place for it in the output, not a copy."""
    shown = await stage.create("a")
    host, port = stage.client.base_url.host, stage.client.base_url.port
    reader, writer = await asyncio.open_connection(host, port, limit=1024)
    path = httpx.URL(shown["urls"]["stream"]).path
    writer.write(f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode())
    heard = stage.listen(shown)
    items = [f"{number:06} {'x' * 10_000}" for number in range(2000)]
    HANDS["a"].give(*items, None)
    await stage.ends()
    assert [data for _, data in heard.said] == [*items, "{}"]
    rest = 0
    async with asyncio.timeout(PATIENCE):
        while b"event: done" not in (some := await reader.read(1 << 16)):
            rest += len(some)
    assert rest > 2000 * 10_000
    writer.close()


async def test_a_thousand_who_leave_leave_nothing_behind(stage: Stage) -> None:
    """Neither connection nor task."""
    shown = await stage.create("a")
    before = _held()
    url = httpx.URL(shown["urls"]["stream"])
    assert url.port is not None
    request = f"GET {url.path} HTTP/1.1\r\nhost: {url.host}:{url.port}\r\n\r\n".encode()
    for _ in range(10):
        pairs = await asyncio.gather(
            *[asyncio.open_connection(url.host, url.port) for _ in range(100)]
        )
        for reader, writer in pairs:
            writer.write(request)
            await reader.readuntil(b": hi\n\n")
            writer.close()
            await writer.wait_closed()

    async def is_as_before() -> bool:
        return all(now <= then for now, then in zip(_held(), before, strict=True))

    await eventually(is_as_before)
    HANDS["a"].give("x", None)
    assert (await stage.ended(shown))["status"] == "succeeded"


def _held() -> tuple[int, int]:
    """Tasks and open files of this process."""
    return len(asyncio.all_tasks()), len(list(Path("/proc/self/fd").iterdir()))
