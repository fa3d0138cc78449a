"""`kill -9` at random moments under load, over and over on one HOME.

SAFELIGHT_CRASH_ROUNDS sets how many kills, SAFELIGHT_CRASH_SEED which ones.
"""

import asyncio
import os
import random
from dataclasses import dataclass, field
from typing import Final

from tests.crash.home import Failed, Home, Json, Row, Server, until
from tests.crash.models import proof

from safelight.carrier import ERASED, UNKNOWN
from safelight.prediction import Status

ROUNDS: Final = int(os.environ.get("SAFELIGHT_CRASH_ROUNDS", "12"))
SEED: Final = int(os.environ.get("SAFELIGHT_CRASH_SEED", str(random.randrange(10**6))))
CLIENTS: Final = 16
KEY: Final = "sk-random-but-never-in-clear"
LOOK_AT_ALL_EVERY: Final = 50
"""Rounds between looks at every row that there is; the others look at what is new."""


@dataclass
class Story:
    """What the callers have been told, in all rounds so far."""

    accepted: dict[str, str] = field(default_factory=dict)
    """Tickets of what was answered with 201, by id."""
    ended: dict[str, Status] = field(default_factory=dict)
    """How predictions have been seen to end, by id."""
    canceled: set[str] = field(default_factory=set)
    """Ids that a caller asked to cancel."""
    surprises: list[tuple[int, Json]] = field(default_factory=list)
    """Answers that no caller should get."""
    checked: int = 0
    """Rows, from the first, that were found in order."""

    def note(self, shown: Json) -> None:
        """Remember an answer, which must not contradict an earlier one."""
        status = Status(shown["status"])
        if status.is_terminal:
            assert self.ended.setdefault(shown["id"], status) is status, shown


async def test_no_random_kill_breaks_a_promise(home: Home) -> None:
    """Nothing accepted is lost, nothing ends twice, nothing paid is bought twice."""
    chance = random.Random(SEED)
    story = Story()
    kills = 0
    try:
        for number in range(ROUNDS):
            if chance.random() < 0.15:
                await _die_while_starting(home, chance)
                kills += 1
            async with home.server() as server:
                await _all_have_ended(home, story)
                _check(home, story, everything=number % LOOK_AT_ALL_EVERY == 0)
                await _die_under_load(server, story, chance, number)
                kills += 1
        async with home.server() as server:
            await _all_have_ended(home, story)
            _check(home, story, everything=True)
            await server.stop()
        assert home.engines() == []
    finally:
        print(  # noqa: T201 - shown by pytest when it fails, and with -s
            f"\nSAFELIGHT_CRASH_SEED={SEED}: {kills} kills, {len(story.accepted)} accepted,"
            f" {len(story.ended)} ended, {sum(home.calls().values())} calls"
        )


async def _die_while_starting(home: Home, chance: random.Random) -> None:
    async with home.starting() as process:
        await _moment(process.wait(), chance.uniform(0.1, 0.8))


async def _die_under_load(server: Server, story: Story, chance: random.Random, number: int) -> None:
    clients = [
        asyncio.create_task(
            _call(server, story, random.Random(f"{SEED} {number} {n}"), f"{number}.{n}")
        )
        for n in range(CLIENTS)
    ]
    await _moment(asyncio.gather(*clients), chance.uniform(0.0, 1.0))
    server.process.kill()
    await server.has_died()
    await asyncio.gather(*clients)
    assert not story.surprises


async def _moment(running: "asyncio.Future[object]", seconds: float) -> None:
    """Let it run for so long: the moment of the kill is what chance decides."""
    await asyncio.wait([asyncio.ensure_future(running)], timeout=seconds)


async def _call(server: Server, story: Story, chance: random.Random, name: str) -> None:
    try:
        for number in range(10**6):
            await _create(server, story, chance, f"{name}.{number}")
    except Failed:
        pass  # the server is dead, and what has no answer was promised nothing


async def _create(server: Server, story: Story, chance: random.Random, ticket: str) -> None:
    kind = chance.choice(["paid", "paid", "free", "free", "queue"])
    more: Json = {} if kind == "queue" else {"seconds": chance.choice([0, 0, 0.02, 0.1, 0.3])}
    if chance.random() < 0.2:
        more["key"] = KEY
    if chance.random() < 0.3:
        more["webhook"] = "http://127.0.0.1:9/hook"
    headers = {"prefer": "wait=1"} if chance.random() < 0.4 else {}
    status, shown = await server.create(kind, ticket, headers, **more)
    if status != 201:
        story.surprises.append((status, shown))
        return
    story.accepted[shown["id"]] = ticket
    story.note(shown)
    if chance.random() < 0.1:
        story.canceled.add(shown["id"])
        story.note(await server.cancel(shown["id"]))
    elif chance.random() < 0.5:
        story.note(await server.get(shown["id"]))


async def _all_have_ended(home: Home, story: Story) -> None:
    async def have() -> bool:
        return not any(
            row.prediction.status in {Status.STARTING, Status.PROCESSING}
            for row in home.rows(story.checked).values()
        )

    await until(have, "the recovery")


def _check(home: Home, story: Story, *, everything: bool) -> None:
    if everything:
        story.checked = 0
        assert not home.holds(KEY)
    rows = home.rows(story.checked)
    calls = home.calls()
    for name, row in rows.items():
        _check_one(home, story, row, calls[row.ticket])
        story.ended[name] = row.prediction.status
    story.checked += len(rows)
    assert len(rows) == len({row.ticket for row in rows.values()})
    if everything:
        assert {name: rows[name].ticket for name in story.accepted} == story.accepted
        assert calls.keys() <= {row.ticket for row in rows.values()}


def _check_one(home: Home, story: Story, row: Row, calls: int) -> None:
    ended = row.prediction
    assert story.ended.get(ended.id, ended.status) is ended.status, ended
    assert row.completed == (ended.webhook is not None), ended
    assert calls <= 1 or row.kind != "paid", ended
    if ended.status is Status.SUCCEEDED:
        assert calls >= 1, ended
        assert home.text(ended.files[0].blob.key) == f"{row.ticket}: {_shown_key(ended.input)}"
    elif ended.status is Status.CANCELED:
        assert ended.id in story.canceled, ended
    else:
        assert ended.error == (UNKNOWN if row.kind == "paid" else ERASED), ended
        assert row.kind == "paid" or "key" in ended.input, ended


def _shown_key(inputs: Json) -> str:
    return proof(KEY) if "key" in inputs else "no key"
