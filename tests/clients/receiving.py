"""A receiver of webhooks: a real server on loopback that keeps what it is sent."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 30.0
"""Seconds after which what should have been sent has not."""


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    """Their names are in lower case."""
    body: bytes
    answered: int


@dataclass
class Receiver:
    """What has come so far; answers with each of these statuses, then with the last one."""

    answers: Sequence[int]
    url: str = ""
    received: list[Received] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[Received]:
        """The first so many requests, once they have come."""
        with self.changed:
            came = self.changed.wait_for(lambda: len(self.received) >= count, PATIENCE)
            assert came, f"{len(self.received)} of {count} webhooks came"
            return self.received[:count]

    def keep(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Note a request; what it is to be answered with."""
        with self.changed:
            status = self.answers[min(len(self.received), len(self.answers) - 1)]
            self.received.append(Received(path, headers, body, status))
            self.changed.notify_all()
            return status


@contextmanager
def receiving(*answers: int) -> Generator[Receiver]:
    """A receiver while the context lasts; it answers 200 unless it is told otherwise."""
    receiver = Receiver(answers or (200,))

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            headers = {name.lower(): text for name, text in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            self.send_response(receiver.keep(self.path, headers, body))
            self.send_header("content-length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
