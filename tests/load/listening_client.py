"""Listens to streams over many connections, and says when all have heard the next event.

python -m tests.load.listening_client COUNT URL...
"""

import asyncio
import json
import sys
from collections import Counter
from typing import Final
from urllib.parse import urlsplit

import uvloop

from safelight.server import allow_many_connections

CONNECTING: Final = 200
"""Connections that are opened at once."""


class Crowd:
    """All who listen; prints `heard N` once each of them has had N events, the greeting first."""

    def __init__(self, count: int) -> None:
        self.heard: list[list[tuple[str, ...]]] = []
        self._count = count
        self._having: Counter[int] = Counter()
        self._connecting = asyncio.Semaphore(CONNECTING)

    async def listen(self, url: str) -> None:
        """Keep each event that comes, until the stream ends."""
        parts = urlsplit(url)
        request = f"GET {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nconnection: close\r\n\r\n"
        async with self._connecting:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(request.encode())
            await reader.readuntil(b": hi\n\n")
        self._count_in(0)
        events: list[tuple[str, ...]] = []
        self.heard.append(events)
        event: list[str] = []
        async for line in reader:  # what is no field belongs to the chunks
            if line.startswith((b"event: ", b"id: ", b"data: ")):
                event.append(line.decode().rstrip("\n"))
            elif line == b"\n" and event:
                events.append(tuple(event))
                event = []
                self._count_in(len(events))
        writer.close()

    def _count_in(self, number: int) -> None:
        self._having[number] += 1
        if self._having[number] == self._count:
            sys.stdout.write(f"heard {number}\n")
            sys.stdout.flush()


async def _listen(count: int, urls: list[str]) -> None:
    crowd = Crowd(count)
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(crowd.listen(urls[number % len(urls)]))
    stories = Counter(json.dumps(events) for events in crowd.heard)
    told = [[count, json.loads(story)] for story, count in stories.items()]
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    allow_many_connections()
    uvloop.run(_listen(int(sys.argv[1]), sys.argv[2:]))
