"""`kill -9` at each stop of the walk: what was promised is kept by the server that comes after."""

import signal
from collections.abc import Mapping
from typing import Any, Final

import pytest
from tests.crash.fuse import Stop
from tests.crash.home import Failed, Home, Server
from tests.crash.models import proof

from safelight.carrier import ERASED, UNKNOWN

KEY: Final = "sk-never-to-be-found-on-any-disk"
NOWHERE: Final = "http://127.0.0.1:9/hook"
VICTIM: Final = {"x-victim": "1"}

NOT_ACCEPTED: Final = (
    Stop.KNOWN,
    Stop.RESOLVED,
    Stop.CHECKED,
    Stop.MADE,
    Stop.INSERTING,
)
NOT_STARTED: Final = (Stop.INSERTED, Stop.CLAIMED, Stop.STARTING)
UNKNOWN_CALLS: Final = {Stop.STARTED: 0, Stop.RUNNING: 0, Stop.PAID: 1, Stop.ENDING: 1}
"""How often the call had been made when the server died after the intent and before the end."""


@pytest.mark.parametrize("stop", NOT_ACCEPTED)
async def test_what_was_not_accepted_leaves_nothing(home: Home, stop: Stop) -> None:
    """No answer, no row, no call; the caller may create again."""
    await _dies(home, stop, "paid")
    assert not _victims(home)
    async with home.server() as server:
        _, created = await server.create("paid", "victim again")
        assert (await server.ended(created["id"]))["status"] == "succeeded"
    assert home.calls() == {"victim again": 1}


@pytest.mark.parametrize("stop", NOT_STARTED)
async def test_what_was_accepted_and_not_started_runs_once(home: Home, stop: Stop) -> None:
    """Its intent never reached the disk, so no money was spent; its secret still works."""
    await _dies(home, stop, "paid", key=KEY)
    assert not home.holds(KEY)
    ended = await _recovered(home)
    assert ended["status"] == "succeeded"
    assert home.calls() == {"victim": 1}
    assert not home.holds(KEY)


@pytest.mark.parametrize(("stop", "calls"), UNKNOWN_CALLS.items())
async def test_a_paid_call_of_unknown_outcome_is_not_bought_again(
    home: Home, stop: Stop, calls: int
) -> None:
    """It fails, and says why."""
    await _dies(home, stop, "paid")
    ended = await _recovered(home)
    assert (ended["status"], ended["error"]) == ("failed", UNKNOWN)
    assert home.calls()["victim"] == calls


@pytest.mark.parametrize(("stop", "calls"), UNKNOWN_CALLS.items())
async def test_a_repeatable_run_is_run_again(home: Home, stop: Stop, calls: int) -> None:
    """Repeating is harmless, so the caller gets what was asked for; nothing is logged twice."""
    await _dies(home, stop, "free")
    ended = await _recovered(home)
    assert ended["status"] == "succeeded"
    assert ended["logs"] == "running victim"
    assert home.calls()["victim"] == calls + 1


@pytest.mark.parametrize("kind", ["paid", "free"])
async def test_what_has_ended_stays_as_it_ended(home: Home, kind: str) -> None:
    """The end was on disk before the answer, and so was its webhook event."""
    await _dies(home, Stop.ENDED, kind)
    before = _victims(home)
    ended = await _recovered(home)
    assert ended["status"] == "succeeded"
    assert _victims(home) == before
    assert home.calls() == {"victim": 1}


async def test_dying_while_showing_a_prediction_changes_nothing(home: Home) -> None:
    """Reading is only reading."""
    async with home.server(Stop.SHOWING) as server:
        _, created = await server.create("paid", "victim", webhook=NOWHERE)
        await server.ended(created["id"])
        before = _victims(home)
        with pytest.raises(Failed):
            await server.get(created["id"], VICTIM)
        assert await server.has_died() == -signal.SIGKILL
    assert (await _recovered(home))["status"] == "succeeded"
    assert _victims(home) == before


@pytest.mark.parametrize("kind", ["paid", "free"])
async def test_dying_again_during_the_recovery_changes_nothing(home: Home, kind: str) -> None:
    """The third server does what the second one could not."""
    await _dies(home, Stop.RUNNING, kind)
    async with home.starting(Stop.TAKEN_OVER) as process:
        assert await process.wait() == -signal.SIGKILL
    ended = await _recovered(home)
    assert ended["status"] == ("failed" if kind == "paid" else "succeeded")
    assert home.calls()["victim"] == (0 if kind == "paid" else 1)


async def test_a_repeatable_run_whose_secrets_are_erased_fails_and_says_so(home: Home) -> None:
    """It must not be run with `[REDACTED]` for a key."""
    await _dies(home, Stop.PAID, "free", key=KEY)
    ended = await _recovered(home)
    assert (ended["status"], ended["error"]) == ("failed", ERASED)
    assert home.calls()["victim"] == 1


@pytest.mark.parametrize("stop", [Stop.KNOWN, Stop.INSERTING, Stop.CLAIMED, Stop.PAID, Stop.ENDED])
async def test_the_others_are_served_at_once_wherever_one_kills_the_server(
    home: Home, stop: Stop
) -> None:
    """Ended, running and waiting ones alike: a dead engine's leases do not have to lapse."""
    async with home.server(stop) as server:
        accepted = await _a_full_house(server)
        done = await server.get(accepted["done"])
        with pytest.raises(Failed):
            await server.create("paid", "victim", VICTIM | {"prefer": "wait"})
        assert await server.has_died() == -signal.SIGKILL
    assert not home.holds(KEY)
    home.open_gate()
    async with home.server() as server:
        ended = {name: await server.ended(found) for name, found in accepted.items()}
        assert ended["done"] == done
        assert (ended["paid"]["status"], ended["paid"]["error"]) == ("failed", UNKNOWN)
        for name in ("free", "queue", "waiting", "sealed"):
            assert ended[name]["status"] == "succeeded", ended[name]
        assert await server.text(ended["sealed"]["output"]) == f"sealed: {proof(KEY)}"
        await server.stop()
    assert home.engines() == []
    assert {name: home.calls()[name] for name in accepted} == {
        "done": 1,
        "paid": 0,
        "free": 1,
        "queue": 1,
        "waiting": 1,
        "sealed": 1,
    }
    assert all(row.completed == 1 for row in home.rows().values() if row.ticket in accepted)


async def _dies(home: Home, stop: Stop, kind: str, **more: object) -> None:
    """Have a server die with one prediction in its hands."""
    headers = VICTIM | {"prefer": "wait"}
    async with home.server(stop) as server:
        with pytest.raises(Failed):
            await server.create(kind, "victim", headers, webhook=NOWHERE, **more)
        assert await server.has_died() == -signal.SIGKILL


async def _recovered(home: Home) -> dict[str, Any]:
    """How the victim ends with a server that does not die, and what must hold for any victim."""
    ((victim, _),) = _victims(home).items()
    async with home.server() as server:
        ended = await server.ended(victim)
        if ended["status"] == "succeeded":
            key = proof(KEY) if "key" in ended["input"] else "no key"
            assert await server.text(ended["output"]) == f"victim: {key}"
        (lock, scratch) = sorted(home.engines(), key=lambda name: not name.endswith(".lock"))
        assert lock == f"{scratch}.lock", "a dead engine's files are still there"
        await server.stop()
    assert home.engines() == []
    assert _victims(home)[victim].completed == 1
    return ended


def _victims(home: Home) -> Mapping[str, Any]:
    return {name: row for name, row in home.rows().items() if row.ticket == "victim"}


async def _a_full_house(server: Server) -> dict[str, str]:
    """One prediction in each state that a kill can meet, by ticket."""
    accepted: dict[str, str] = {}
    for ticket, kind, more in (
        ("done", "paid", {}),
        ("paid", "paid", {"held": True}),
        ("free", "free", {"held": True}),
        ("queue", "queue", {"held": True}),
        ("waiting", "queue", {}),
        ("sealed", "queue", {"key": KEY}),
    ):
        status, created = await server.create(kind, ticket, webhook=NOWHERE, **more)
        assert status == 201
        accepted[ticket] = created["id"]
    await server.reached(accepted["done"], "succeeded")
    for ticket in ("paid", "free", "queue"):
        await server.reached(accepted[ticket], "processing")
    return accepted
