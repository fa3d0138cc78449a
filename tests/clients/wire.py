"""Plain HTTP calls of a running server, each answer compared with Replicate's description."""

import ssl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from tests.serving import PATIENCE, Server
from tests.support.checking import check_response_now

T = TypeVar("T")
Json = dict[str, Any]
TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
ECHO = "safelight/echo"
SKETCH = "safelight/sketch"


class Caller:
    """Calls in test mode, over HTTPS."""

    def __init__(self, server: Server) -> None:
        self.server = server
        trust = ssl.create_default_context(cafile=str(server.bundle))
        self.http = httpx.Client(
            base_url=server.https,
            headers={"authorization": f"Bearer {server.test_token}"},
            verify=trust,
            timeout=PATIENCE * 2,
            event_hooks={"response": [check_response_now]},
        )
        self.stranger = httpx.Client(base_url=server.https, verify=trust, timeout=PATIENCE)
        """Without a token, and without checks: for what is open to all."""

    def close(self) -> None:
        """Leave no connection open."""
        self.http.close()
        self.stranger.close()

    def create(self, model: str, value: Json, **headers: str) -> httpx.Response:
        """Create a prediction; header names are written with underscores."""
        return self.post(f"/v1/models/{model}/predictions", {"input": value}, **headers)

    def post(self, path: str, value: object, **headers: str) -> httpx.Response:
        """POST JSON."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.http.post(path, json=value, headers=named)

    def made(self, model: str, value: Json, **headers: str) -> Json:
        """A prediction that was accepted."""
        answer = self.create(model, value, **headers)
        assert answer.status_code == 201, answer.text
        shown: Json = answer.json()
        return shown

    def get(self, path: str) -> Json:
        """What is at a path or an address."""
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def prediction(self, name: str) -> Json:
        """One prediction as it is now."""
        return self.get(f"/v1/predictions/{name}")

    def until(self, name: str, *statuses: str) -> Json:
        """One prediction once it has such a status, by default a terminal one."""
        wanted = frozenset(statuses) or TERMINAL

        def look() -> Json | None:
            shown = self.prediction(name)
            return shown if shown["status"] in wanted else None

        return eventually(look)


@contextmanager
def calling(server: Server) -> Generator[Caller]:
    """A caller while the context lasts."""
    caller = Caller(server)
    try:
        yield caller
    finally:
        caller.close()


def eventually(look: Callable[[], T | None], within: float = PATIENCE) -> T:
    """What *look* gives, once it gives something; it is asked again until then."""
    give_up = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < give_up, f"{look} saw nothing within {within} s"
        time.sleep(0.02)
    return found
