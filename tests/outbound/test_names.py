"""Names are looked up in threads: what one of them takes, no other pays for."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from safelight.outbound.names import Names

FOUND: list[tuple[Any, ...]] = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]


class NameServer:
    """Answers for most names, and for `slow` only when it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int, _family: int) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        if host == "slow":
            self.released.wait(20)
        if host == "nowhere":
            raise socket.gaierror("no such name")
        if host == "odd":
            raise UnicodeError("label too long")
        return FOUND


@pytest.fixture
def server() -> Iterator[NameServer]:
    """One that is released in the end."""
    server = NameServer()
    yield server
    server.released.set()


async def test_the_systems_own_names_are_found() -> None:
    """With the port, and as addresses."""
    found = await Names(1).resolve("localhost", 80)
    assert ("127.0.0.1", 80) in [(one["host"], one["port"]) for one in found]


async def test_a_name_that_nobody_answers_for_holds_up_no_other(server: NameServer) -> None:
    """Nor does it keep its thread from whoever comes next, once it is given up."""
    names = Names(2, server)
    slow = asyncio.create_task(names.resolve("slow", 80))
    (found,) = await names.resolve("quick", 80)
    assert found["host"] == "192.0.2.1"
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    assert len(await names.resolve("quick", 80)) == 1


async def test_no_more_are_asked_for_at_once_than_were_said(server: NameServer) -> None:
    """A thread that was given up counts until it ends."""
    names = Names(1, server)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(names.resolve("slow", 80), 0.05)
    assert server.asked == ["slow"]
    server.released.set()
    assert len(await names.resolve("quick", 80)) == 1


@pytest.mark.parametrize("name", ["nowhere", "odd"])
async def test_what_is_not_found_is_an_error(server: NameServer, name: str) -> None:
    """Of the kind that a connector understands."""
    names = Names(1, server)
    for _ in range(2):
        with pytest.raises(OSError, match=r"no "):
            await names.resolve(name, 80)
