"""`kill -9` while webhooks are on their way, over and over on one HOME, with a real receiver.

SAFELIGHT_CRASH_ROUNDS sets how many kills (a tenth of it, at least four), SAFELIGHT_CRASH_SEED
which ones.
"""

import asyncio
import os
import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import Final

from standardwebhooks import Webhook
from tests.crash.home import Failed, Home, Server, until
from tests.standins.receiver import Receiver, waits

ROUNDS: Final = max(4, int(os.environ.get("SAFELIGHT_CRASH_ROUNDS", "12")) // 10)
SEED: Final = int(os.environ.get("SAFELIGHT_CRASH_SEED", str(random.randrange(10**6))))
CLIENTS: Final = 8
ON_THEIR_WAY: Final = 8
ENDS: Final = frozenset({"succeeded", "failed", "canceled"})


async def test_no_random_kill_loses_the_news_of_an_end(home: Home) -> None:
    """Every accepted prediction's end arrives, each under one id, however often it is sent."""
    chance = random.Random(SEED)
    accepted: set[str] = set()
    async with Receiver([waits]) as receiver:
        for number in range(ROUNDS):
            async with home.server() as server:
                await _die_telling(server, receiver, accepted, chance, number)
        receiver.released.set()
        async with home.server() as server:
            await until(lambda: _all_told(home, receiver, accepted), f"seed {SEED}: the news")
            _, shown = await server.ask("GET", "/v1/webhooks/default/secret")
            await server.stop()
    ids: dict[str, set[str]] = defaultdict(set)
    for received in receiver.received:
        Webhook(shown["key"]).verify(received.body, received.headers)
        if received.status in ENDS:
            ids[received.shown["id"]].add(received.id)
    assert len(accepted) >= CLIENTS
    assert accepted <= ids.keys()
    assert {len(names) for names in ids.values()} == {1}
    assert len(receiver.received) > len(ids), "nothing was on its way at any kill"


async def _die_telling(
    server: Server, receiver: Receiver, accepted: set[str], chance: random.Random, number: int
) -> None:
    clients = [
        asyncio.create_task(_create(server, receiver.url, accepted, f"{number}.{client}"))
        for client in range(CLIENTS)
    ]
    receiver.released.clear()  # now it answers nobody
    if number % 2 == 0:
        await until(lambda: _on_their_way(receiver), f"seed {SEED}: the requests")
    else:
        receiver.released.set()  # or everybody at once
        await asyncio.wait(clients, timeout=chance.uniform(0.05, 0.5))
    server.process.kill()
    await server.has_died()
    receiver.released.set()
    await asyncio.gather(*clients)


async def _create(server: Server, url: str, accepted: set[str], name: str) -> None:
    try:
        for number in range(10**6):
            status, shown = await server.create("free", f"{name}.{number}", webhook=url)
            assert status == 201, shown
            accepted.add(shown["id"])
    except Failed:
        pass  # the server is dead, and what has no answer was promised nothing


async def _on_their_way(receiver: Receiver) -> bool:
    return receiver.at_once >= ON_THEIR_WAY


async def _all_told(home: Home, receiver: Receiver, accepted: set[str]) -> bool:
    """Whether all ends have arrived, and the server knows that they have."""
    statuses = home.statuses()
    with closing(sqlite3.connect(home.path / "safelight.db", timeout=10)) as connection:
        rows = connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state")
        states = dict(rows.fetchall())
    told = {received.shown["id"] for received in receiver.received if received.status in ENDS}
    return accepted <= told and set(statuses.values()) <= ENDS and states.keys() == {"delivered"}
