"""A disk that is full or read-only: creates say so, nothing is lost, and all goes on afterwards."""

import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from tests.crash.home import TOKEN, Home, Json, until
from tests.crash.models import ENTRIES, LEDGER

from safelight.carrier import UNKNOWN
from safelight.engine import Engine, running_engine
from safelight.settings import read_settings
from safelight.stores.sqlite import SqliteStore

PAGEFUL: Final = 8192
"""Characters that no free corner of a database takes."""
MOST_CREATES: Final = 500


@dataclass
class Api:
    """An engine in this process, and a caller of it."""

    engine: Engine
    client: httpx.AsyncClient
    folder: Path

    @property
    def disk(self) -> sqlite3.Connection:
        """The connection that writes."""
        assert isinstance(self.engine.store, SqliteStore)
        return self.engine.store._database._writing

    async def create(self, ticket: str, kind: str = "paid", **more: object) -> httpx.Response:
        """Ask for a prediction."""
        body = {"input": {"ticket": ticket, **more}}
        return await self.client.post(f"/v1/models/crash/{kind}/predictions", json=body)

    async def show(self, prediction_id: str) -> Json:
        """Show a prediction."""
        return dict((await self.client.get(f"/v1/predictions/{prediction_id}")).json())

    async def reached(self, prediction_id: str, status: str) -> Json:
        """Wait until a prediction has *status*."""
        shown: Json = {}

        async def has_it() -> bool:
            shown.update(await self.show(prediction_id))
            return shown["status"] == status

        await until(has_it, f"{prediction_id} to be {status}")
        return shown

    async def has_called(self, ticket: str) -> None:
        """Wait until the model has made the call that costs."""

        async def has() -> bool:
            return ticket in self.calls()

        await until(has, f"the call of {ticket}")

    def calls(self) -> list[str]:
        """The ledger."""
        ledger = self.folder / "ledger"
        return ledger.read_text().splitlines() if ledger.exists() else []

    def open_gate(self) -> None:
        """Let held predictions go on."""
        (self.folder / "gate").touch()


@pytest.fixture
async def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """An engine on a disk that the test commands."""
    monkeypatch.setenv(LEDGER, str(tmp_path / "ledger"))
    environment = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_API_TOKEN": TOKEN}
    settings = read_settings(environment | {"SAFELIGHT_GRACE": "5s"}, tmp_path)
    async with (
        running_engine(settings, ENTRIES) as engine,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(engine.app, raise_app_exceptions=False),
            base_url="http://safelight.test",
            headers={"authorization": f"Bearer {TOKEN}"},
        ) as client,
    ):
        yield Api(engine, client, tmp_path)


@contextmanager
def full(disk: sqlite3.Connection) -> Generator[None]:
    """The database may not grow by a page."""
    (most,) = disk.execute("PRAGMA max_page_count").fetchone()
    (now,) = disk.execute("PRAGMA page_count").fetchone()
    disk.execute(f"PRAGMA max_page_count = {now}")
    yield
    disk.execute(f"PRAGMA max_page_count = {most}")


@contextmanager
def read_only(disk: sqlite3.Connection) -> Generator[None]:
    """Every write is refused, as on a read-only file; chmod would not bind root."""
    disk.execute("PRAGMA query_only = ON")
    yield
    disk.execute("PRAGMA query_only = OFF")


async def test_a_full_disk_answers_503_and_recovers(api: Api) -> None:
    """What was accepted before, during and after ends well; what was refused leaves nothing."""
    accepted = [(await api.create("before", "free", held=True)).json()["id"]]
    await api.reached(accepted[0], "processing")
    with full(api.disk):
        refused = await api.create("during" * PAGEFUL)
        assert_refused(refused.status_code, refused.headers, refused.json())
        accepted += await _small_ones(api)
        for name in accepted:
            assert (await api.show(name))["id"] == name
    again = await api.create("after" * PAGEFUL)
    assert again.status_code == 201
    api.open_gate()
    for name in (*accepted, again.json()["id"]):
        await api.reached(name, "succeeded")
    listed = (await api.client.get("/v1/predictions")).json()["results"]
    assert {shown["id"] for shown in listed} == {*accepted, again.json()["id"]}


async def test_runs_are_counted_again_after_a_full_disk(api: Api) -> None:
    """A refused count does not stop the counting."""
    with read_only(api.disk):
        assert (await api.create("refused")).status_code == 503
    for ticket in ("first", "second"):
        created = (await api.create(ticket)).json()
        await api.reached(created["id"], "succeeded")
    model = (await api.client.get("/v1/models/crash/paid")).json()
    assert model["run_count"] >= 1


async def test_a_read_only_database_answers_503_and_still_shows(api: Api) -> None:
    """Creating and canceling are refused; reading is not."""
    before = (await api.create("before", held=True)).json()
    await api.reached(before["id"], "processing")
    with read_only(api.disk):
        for path in ("/v1/models/crash/paid/predictions", f"/v1/predictions/{before['id']}/cancel"):
            refused = await api.client.post(path, json={"input": {"ticket": "during"}})
            assert_refused(refused.status_code, refused.headers, refused.json())
        assert (await api.show(before["id"]))["status"] == "processing"
    api.open_gate()
    await api.reached(before["id"], "succeeded")
    assert api.calls() == ["before"]


async def test_a_waiting_prediction_starts_when_the_disk_is_back(api: Api) -> None:
    """Its claim does not have to lapse first, and it is not run before its intent is stored."""
    first = (await api.create("first", "queue", held=True)).json()
    second = (await api.create("second", "queue")).json()
    await api.reached(first["id"], "processing")
    with read_only(api.disk):
        api.open_gate()
        await api.has_called("first")
        refused = await api.create("third", "queue")
        assert refused.status_code == 503
        assert (await api.show(second["id"]))["status"] == "starting"
    await api.reached(first["id"], "succeeded")
    await api.reached(second["id"], "succeeded")
    assert api.calls() == ["first", "second"]


async def test_a_paid_result_waits_for_the_database(api: Api) -> None:
    """It is stored when the disk is back, and was paid for once."""
    created = (await api.create("paid", held=True)).json()
    await api.reached(created["id"], "processing")
    with read_only(api.disk):
        api.open_gate()
        await api.has_called("paid")
        assert (await api.create("refused")).status_code == 503
        assert (await api.show(created["id"]))["status"] == "processing"
    ended = await api.reached(created["id"], "succeeded")
    assert (await api.client.get(ended["output"])).text == "paid: no key"
    assert api.calls() == ["paid"]


@pytest.mark.parametrize("kind", ["paid", "stream"])
async def test_a_paid_result_waits_for_the_blob_store(api: Api, kind: str) -> None:
    """Also one that comes in parts, at each part."""
    blobs = api.folder / "home" / "blobs"
    blobs.rename(blobs.with_name("aside"))
    blobs.touch()  # no folder can be made in a file
    created = (await api.create("paid", kind)).json()
    await api.reached(created["id"], "processing")
    if kind == "paid":
        await api.has_called("paid")
    blobs.unlink()
    blobs.with_name("aside").rename(blobs)
    ended = await api.reached(created["id"], "succeeded")
    outputs = [ended["output"]] if kind == "paid" else ended["output"]
    texts = [(await api.client.get(url)).text for url in outputs]
    assert texts == (["paid: no key"] if kind == "paid" else ["paid: 0", "paid: 1"])
    assert api.calls() == ["paid"]


async def test_a_server_whose_files_may_not_grow_answers_503_and_recovers(home: Home) -> None:
    """The operating system refuses the writes; what is paid meanwhile is stored afterwards."""
    async with home.server() as server:
        _, paid = await server.create("paid", "paid", held=True)
        _, free = await server.create("free", "free")
        await server.reached(paid["id"], "processing")
        await server.ended(free["id"])
        with no_growth(home, server.process.pid):
            accepted = await _until_refused(server)
            home.open_gate()
            await until(lambda: _has_called(home, "paid"), "the call")
            assert (await server.get(paid["id"]))["status"] == "processing"
        status, after = await server.create("paid", "after")
        assert status == 201
        for name in (*accepted, paid["id"], after["id"]):
            assert (await server.ended(name))["status"] == "succeeded"
        await server.stop()
    assert home.statuses().keys() == {*accepted, paid["id"], free["id"], after["id"]}
    assert set(home.calls().values()) == {1}


async def test_dying_with_a_full_disk_loses_nothing_that_was_accepted(home: Home) -> None:
    """The paid result in memory is gone with the server; it is not bought again, and says so."""
    async with home.server() as server:
        _, paid = await server.create("paid", "paid", held=True)
        await server.reached(paid["id"], "processing")
        with no_growth(home, server.process.pid):
            accepted = await _until_refused(server)
            home.open_gate()
            await until(lambda: _has_called(home, "paid"), "the call")
            server.process.kill()
            assert await server.has_died() == -signal.SIGKILL
    async with home.server() as server:
        ended = await server.ended(paid["id"])
        assert (ended["status"], ended["error"]) == ("failed", UNKNOWN)
        for name in accepted:
            assert (await server.ended(name))["status"] == "succeeded"
    assert home.calls()["paid"] == 1


@contextmanager
def no_growth(home: Home, process: int) -> Generator[None]:
    """No file of the server may become larger than its database's log is now."""
    most = (home.path / "safelight.db-wal").stat().st_size
    soft, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (most, hard))
    yield
    with suppress(ProcessLookupError):  # it was killed meanwhile
        resource.prlimit(process, resource.RLIMIT_FSIZE, (soft, hard))


def assert_refused(status: int, headers: Any, problem: Json) -> None:
    """A problem document that says what is wrong, and when to try again."""
    assert status == 503
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["retry-after"]) >= 1
    assert problem["title"] == "Storage unavailable"
    assert "Nothing was accepted" in problem["detail"]
    assert "SAFELIGHT_HOME" in problem["detail"]


async def _small_ones(api: Api) -> list[str]:
    """Fill what room is left, until even a small prediction is refused."""
    accepted: list[str] = []
    for number in range(MOST_CREATES):
        answer = await api.create(f"small {number}", "free")
        if answer.status_code == 503:
            return accepted
        accepted.append(answer.json()["id"])
    raise AssertionError("the disk was never full")


async def _until_refused(server: Any) -> list[str]:
    accepted: list[str] = []
    for number in range(MOST_CREATES):
        status, shown = await server.create("free", f"small {number}")
        if status == 503:
            assert shown["title"] == "Storage unavailable"
            return accepted
        accepted.append(shown["id"])
    raise AssertionError("the disk was never full")


async def _has_called(home: Home, ticket: str) -> bool:
    return home.calls()[ticket] > 0
