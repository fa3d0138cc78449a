"""Something to look at on each page, made over the API as any client makes it."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import httpx
from PIL import Image

Json = dict[str, Any]
PATIENCE = 60.0
"""Seconds after which what was made should have ended."""
OVER = ("succeeded", "failed", "canceled", "aborted")
SKETCH = "safelight/sketch"
PROMPTS: Sequence[tuple[str, Json]] = (
    ("safelight/echo", {"prompt": "Hello"}),
    (SKETCH, {"prompt": "[[fail: The paper is wet.]] A fern in a glass jar"}),
    (SKETCH, {"prompt": "A sailing boat in fog at dawn", "aspect_ratio": "3:2", "seed": 3}),
    (
        SKETCH,
        {"prompt": "An ocean with high waves under a stormy sky", "aspect_ratio": "1:1", "seed": 5},
    ),
    (SKETCH, {"prompt": "Mountains reflected in a still lake", "aspect_ratio": "16:9", "seed": 8}),
    (
        "google/imagen-4-fast",
        {"prompt": "A city at night in the rain, neon reflections, a yellow taxi"},
    ),
    ("openai/gpt-image-2", {"prompt": 'A small bakery at golden hour, its sign reads "BREAD"'}),
    (
        SKETCH,
        {
            "prompt": "A lighthouse on a cliff at sunset, two sailing boats",
            "num_outputs": 4,
            "width": 512,
        },
    ),
    (SKETCH, {"prompt": "A red fox in a snowy forest", "aspect_ratio": "3:2", "seed": 11}),
    (SKETCH, {"prompt": "A red fox in a snowy forest at dusk", "aspect_ratio": "3:2", "seed": 12}),
)
"""The oldest first."""


@dataclass(frozen=True)
class Seeds:
    """What was made."""

    runs: Sequence[str]
    """Predictions, in the order of PROMPTS."""
    many: Sequence[int]
    """How many pictures each of them has."""
    hooked: str
    """One that told a webhook."""
    deployment: str
    delivery: str
    file: str


def seeded(api: httpx.Client) -> Seeds:
    """Make it all; the predictions have ended when this returns."""
    runs = [made(api, model, given)["id"] for model, given in PROMPTS]
    with hearing() as origin:
        hooked = made(
            api,
            "safelight/sketch",
            {"prompt": "A letter in a green bottle", "width": 512},
            webhook=f"{origin}/heard",
            webhook_events_filter=["start", "completed"],
        )["id"]
        ended(api, hooked)
        delivery = _delivered(api, hooked)
    over = [ended(api, one) for one in runs]
    many = [len(one["output"]) if isinstance(one["output"], list) else 0 for one in over]
    api.post("tokens", json={"name": "nightly pictures", "mode": "test", "scopes": ["read", "run"]})
    return Seeds(runs, many, hooked, _deployed(api), delivery, uploaded(api, "harbour.png"))


def made(api: httpx.Client, model: str, given: Json, **more: Any) -> Json:
    """A prediction that has begun."""
    body = {"version": model, "input": given, **more}
    answer = api.post("predictions", json=body)
    assert answer.status_code == 201, answer.text
    shown: Json = answer.json()
    return shown


def ended(api: httpx.Client, prediction: str) -> Json:
    """The prediction when it is over."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        shown: Json = api.get(f"predictions/{prediction}").json()
        if shown["status"] in OVER:
            return shown
        time.sleep(0.05)
    raise AssertionError(f"{prediction} has not ended")


def uploaded(api: httpx.Client, name: str, content: bytes | None = None) -> str:
    """The id of a file."""
    answer = api.post("files", files={"content": (name, content or picture(), "image/png")})
    assert answer.status_code == 201, answer.text
    file: str = answer.json()["id"]
    return file


def picture(colour: str = "#c62b1d") -> bytes:
    """A small PNG of one colour."""
    content = BytesIO()
    Image.new("RGB", (24, 16), colour).save(content, "PNG")
    return content.getvalue()


@contextmanager
def hearing() -> Generator[str]:
    """A receiver of webhooks, by its origin, while the context lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Ear) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Ear(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


def _delivered(api: httpx.Client, prediction: str) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        query = {"prediction": prediction}
        sent: list[Json] = api.get("webhooks/deliveries", params=query).json()["results"]
        if sent and all(one["status"] == "delivered" for one in sent):
            return str(sent[0]["id"])
        time.sleep(0.05)
    raise AssertionError("the webhook was not heard")


def _deployed(api: httpx.Client) -> str:
    version = api.get(f"models/{SKETCH}").json()["latest_version"]["id"]
    body = {
        "name": "posters",
        "model": SKETCH,
        "version": version,
        "hardware": "cpu",
        "min_instances": 0,
        "max_instances": 2,
    }
    answer = api.post("deployments", json=body)
    assert answer.status_code == 200, answer.text
    release: Json = answer.json()
    return f"{release['owner']}/{release['name']}"
