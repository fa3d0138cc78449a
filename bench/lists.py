"""What a page of a list costs its reader, in an account with a million predictions."""

import json
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from bench.history import APART, COUNT, history
from bench.load import Target
from bench.peers import safelight

LIST: Final = "/v1/predictions"
PLACES: Final = 20
"""Places a round that pages are read from, spread over the whole list."""
WARM_UP: Final = 50
"""Pages read before it counts."""


@dataclass(frozen=True)
class Pages:
    """How long pages of one kind took, in milliseconds."""

    kind: str
    took: list[float]

    @property
    def median(self) -> float:
        return median(self.took)

    @property
    def p95(self) -> float:
        return quantiles(self.took, n=20)[-1]


def measure_lists(rounds: int) -> list[Pages]:
    """Pages of every kind in turn; but for the first, each is of a place of its own."""
    with safelight(history(Path("build").absolute())) as ours, _connected(ours.target) as reader:
        for _ in range(WARM_UP):
            reader.get(LIST)
        kinds = _kinds(reader, rounds * PLACES)
        took: dict[str, list[float]] = {kind: [] for kind in kinds}
        for paths in zip(*kinds.values(), strict=True):
            for kind, path in zip(kinds, paths, strict=True):
                seconds, _ = reader.get(path)
                took[kind].append(seconds * 1000)
    return [Pages(kind, times) for kind, times in took.items()]


def _kinds(reader: "_Reader", places: int) -> dict[str, list[str]]:
    """For each kind of page the path of one at each place."""
    _, first = reader.get(LIST)
    newest = datetime.fromisoformat(first["results"][0]["created_at"])
    kinds: dict[str, list[str]] = {
        "first": [LIST] * places,
        "deep, by cursor": [],
        "deep, backwards": [],
        "between two times": [],
    }
    for place in range(places):
        moment = newest - (place + 0.5) / places * COUNT * APART
        _, before = reader.get(f"{LIST}?created_before={_text(moment)}")
        kinds["deep, by cursor"].append(_cursor(before["next"]))
        _, deeper = reader.get(kinds["deep, by cursor"][-1])
        kinds["deep, backwards"].append(_cursor(deeper["previous"]))
        since = _text(moment - timedelta(days=1))
        kinds["between two times"].append(
            f"{LIST}?created_after={since}&created_before={_text(moment)}"
        )
    return kinds


def _text(moment: datetime) -> str:
    return quote(moment.isoformat())


def _cursor(url: str) -> str:
    """The path with the cursor alone."""
    return f"{LIST}?cursor={parse_qs(urlsplit(url).query)['cursor'][0]}"


class _Reader:
    """One kept connection."""

    def __init__(self, connection: socket.socket, target: Target) -> None:
        self._connection = connection
        self._head = f"Host: 127.0.0.1:{target.port}\r\nAuthorization: Bearer {target.token}\r\n"
        self._space = memoryview(bytearray(1 << 20))

    def get(self, path: str) -> tuple[float, Any]:
        """Seconds from the request to the last byte, and the page: 100 predictions."""
        started = time.perf_counter()
        self._connection.sendall(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())
        answer = b""
        body, whole = b"", None
        while whole is None or len(body) < whole:
            received = self._connection.recv_into(self._space)
            assert received, "The server hung up."
            answer += self._space[:received]
            head, found, body = answer.partition(b"\r\n\r\n")
            if found:
                whole = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        seconds = time.perf_counter() - started
        page = json.loads(body)
        assert len(page["results"]) == 100, answer[:500]
        return seconds, page


@contextmanager
def _connected(target: Target) -> Generator[_Reader]:
    with socket.create_connection(("127.0.0.1", target.port)) as connection:
        yield _Reader(connection, target)


def main() -> None:
    """The lists alone."""
    for pages in measure_lists(10):
        print(f"{pages.kind:20}{pages.median:8.2f} ms median{pages.p95:8.2f} ms p95")


if __name__ == "__main__":
    main()
