"""The bench measures what it says: its stand-in for a provider, its caller, and its table."""

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from bench import __main__ as table
from bench.calls import Connection, post
from bench.figure import Figure, at_least, at_most
from bench.pictures import StandIn, stand_in
from bench.providers import TooSlow, check

from safelight.media import dimensions

SIZE = 30_000
SOON = 10.0


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    """The stand-in, with small pictures."""
    with stand_in(SIZE) as started:
        yield started


async def test_the_official_client_reads_the_pictures_of_the_stand_in(provider: StandIn) -> None:
    """Each has the size that was asked for, a header that tells so, and bytes of its own."""
    async with openai.AsyncOpenAI(base_url=provider.base_url, api_key="sk-made-up") as client:
        answers = [await client.images.generate(model="x", prompt="a boat") for _ in range(2)]
    pictures = [base64.b64decode(a.data[0].b64_json or "") for a in answers if a.data]
    assert [len(picture) for picture in pictures] == [SIZE, SIZE]
    assert dimensions(pictures[0]) == (1024, 1024)
    assert pictures[0] != pictures[1]


async def test_held_answers_leave_when_they_are_released_and_are_counted(
    provider: StandIn,
) -> None:
    """None comes before; afterwards it is known of each when its last byte left."""
    calls = (await provider.told("POST", "/hold"))["calls"]
    callers = [await Connection.open(provider.port) for _ in range(3)]
    asked = [
        asyncio.create_task(caller.ask(_numbered(provider, number)))
        for number, caller in enumerate(callers, start=70)
    ]
    async with asyncio.timeout(SOON):
        while (await provider.told("GET", "/state"))["held"] < 3:
            assert not any(task.done() for task in asked)
        await provider.told("POST", "/release/1000.0")
        answers = await asyncio.gather(*asked)
    state = await provider.told("GET", "/state")
    for caller in callers:
        caller.close()
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert {"70", "71", "72"} <= state["left"].keys()
    assert state["calls"] == calls + 3


def _numbered(provider: StandIn, number: int) -> bytes:
    body = json.dumps({"prompt": f"a boat, number {number}"}).encode()
    return post("/v1/images/generations", provider.port, None, body)


def test_a_stand_in_that_would_be_what_is_measured_fails_the_bench() -> None:
    """No table is better than a wrong one."""
    check(alone=300, fastest=100)
    with pytest.raises(TooSlow, match="250 pictures"):
        check(alone=250, fastest=100)


def test_a_peer_that_is_missing_is_named_in_the_table_with_the_reason() -> None:
    """And a goal beside it counts as missed, not as met."""
    figure = Figure("pictures", "1/s", 50, None, ">= 4x", at_least(4), "LiteLLM not installed: no")
    row = table.as_text([figure]).splitlines()[-1]
    assert "LiteLLM not installed: no" in row
    assert "missed" in row


def test_rows_that_were_not_measured_again_stay_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says when it was measured."""
    monkeypatch.setattr(table, "RESULTS", tmp_path / "bench.json")
    cost = Figure("cost", "ms", 5, 10, "<= 0.5x", at_most(0.5), "the SDK")
    table.keep({"sketch": [Figure("sketch", "ms", 200)], "providers": [cost]})
    table.keep({"providers": [Figure("cost", "ms", 6, 10, "<= 0.5x", at_most(0.5), "the SDK")]})
    rows = json.loads((tmp_path / "bench.json").read_text())
    assert [(row["name"], row["safelight"], row["met"]) for row in rows] == [
        ("sketch", 200, None),
        ("cost", 6, False),
    ]
    assert all(row["measured_at"] for row in rows)
