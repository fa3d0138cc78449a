"""The playground's pages: what each loads, how long the server takes, and its first paint."""

import http.client
import json
import re
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode, urljoin

from playwright.sync_api import Browser, sync_playwright

from bench.figure import Figure, under
from bench.peers import PATIENCE, safelight
from safelight.web.pages import PAGES

HEAVIEST: Final = 60.0
"""Kilobytes of script and style that a page may have, uncompressed."""
FIRST_PAINT: Final = 100.0
"""Milliseconds in which something has to be seen."""
RUNS: Final = 12
"""Predictions that the lists show."""
_GETS: Final = 10
"""Of each page, a round."""
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_NO_PAGES: Final = ("/part", ".csv", "/deployments/{name}")
"""Ends of addresses that answer with a part of a page, with a file, or with another address."""
_LOADED: Final = re.compile(r'<(?:script[^>]*\ssrc|link rel="stylesheet" href)="([^"]+)"')
_IMPORTED: Final = re.compile(r'\bfrom "(\./[^"]+)"')
_PAINT: Final = "() => performance.getEntriesByName('first-paint')[0]?.startTime ?? null"
Json = dict[str, Any]


@dataclass
class _Measured:
    """What one page was found to be."""

    path: str
    weight: float
    """Kilobytes of script and style."""
    took: list[float] = field(default_factory=list[float])
    """Milliseconds from the request to the last byte."""
    first: list[float] = field(default_factory=list[float])
    """Milliseconds to the first paint, of a browser that has nothing of ours."""
    later: list[float] = field(default_factory=list[float])
    """The same, with scripts and styles in its cache."""


def measure_playground(rounds: int) -> list[Figure]:
    """The heaviest and the slowest page of all; each is printed."""
    with (
        tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder,
        safelight(Path(folder)) as ours,
    ):
        tokens: Json = json.loads(Path(folder, "home", "tokens.json").read_text())
        visitor = _Visitor(ours.target.port, tokens["test"])
        pages = [_Measured(path, visitor.weight(path)) for path in _paths(visitor)]
        for _ in range(rounds * _GETS):
            for page in pages:
                page.took.append(visitor.get(page.path)[0] * 1000)
        browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
        if browser is not None:
            _paint(browser, visitor, pages, rounds)
    _print(pages, browser)
    return _figures(pages)


def _figures(pages: Sequence[_Measured]) -> list[Figure]:
    found = [
        _worst("page, script and style", "kB", {p.path: p.weight for p in pages}, HEAVIEST),
        _worst("page, server time, median", "ms", {p.path: median(p.took) for p in pages}),
    ]
    if all(page.first for page in pages):
        first = {page.path: median(page.first) for page in pages}
        later = {page.path: median(page.later) for page in pages}
        found += [_usual("first paint, first visit", first), _worst("the same", "ms", first)]
        found += [_usual("first paint, cached", later), _worst("the same", "ms", later)]
    return found


def _usual(name: str, values: Mapping[str, float]) -> Figure:
    goal = f"<= {FIRST_PAINT:.0f} ms"
    usual = median(values.values())
    return Figure(f"{name}, median page", "ms", usual, goal=goal, good=under(FIRST_PAINT))


def _worst(name: str, unit: str, values: Mapping[str, float], goal: float | None = None) -> Figure:
    path = max(values, key=lambda one: values[one])
    name = f"{name}, most: {_short(path)}"
    if goal is None:
        return Figure(name, unit, values[path])
    return Figure(name, unit, values[path], goal=f"<= {goal:.0f} {unit}", good=under(goal))


def _print(pages: Sequence[_Measured], browser: str | None) -> None:
    for page in sorted(pages, key=lambda one: one.path):
        paints = "".join(f"{median(t):8.0f} ms" for t in (page.first, page.later) if t)
        took = f"{page.weight:6.1f} kB{median(page.took):8.1f} ms"
        print(f"{_short(page.path):36}{took}{paints}")
    if browser is None:
        print(f"First paint was not measured: none of {', '.join(_BROWSERS)} is on the PATH.")


def _short(path: str) -> str:
    """Without ids, which would be others each time."""
    return re.sub(r"[0-9a-z]{26}|msg_\w+", "ID", path)


def _paths(visitor: "_Visitor") -> list[str]:
    """An address of every page that there is, with something on it.

    Raises:
        LookupError: Of a page it is not known what to show on it.
    """
    filled = visitor.filled()
    found: list[str] = []
    for page in PAGES:
        if page.method != "GET" or page.path.endswith(_NO_PAGES):
            continue
        if "{" in page.path and page.path not in filled:
            raise LookupError(f"Say what {page.path} shows when it is measured.")
        found.append(filled.get(page.path, page.path))
    return found


class _Visitor:
    """Somebody who has signed in, in test mode, on one kept connection."""

    def __init__(self, port: int, token: str) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._bearer = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        form = {"content-type": "application/x-www-form-urlencoded"}
        _, headers, _ = self._send("POST", "/enter", urlencode({"token": token}), form)
        self.cookie = headers["set-cookie"].partition(";")[0]

    def get(self, path: str) -> tuple[float, str]:
        """Seconds that it took, and what came."""
        started = time.perf_counter()
        status, _, body = self._send("GET", path, None, {"cookie": self.cookie})
        took = time.perf_counter() - started
        assert status == 200, f"{path}: {status}"
        return took, body.decode()

    def weight(self, path: str) -> float:
        """Kilobytes of all scripts and styles that a page loads, and that these load in turn."""
        waiting: list[str] = _LOADED.findall(self.get(path)[1])
        sizes: dict[str, int] = {}
        while waiting:
            address = waiting.pop()
            if address not in sizes:
                text = self.get(address)[1]
                sizes[address] = len(text.encode())
                waiting += [urljoin(address, one) for one in _IMPORTED.findall(text)]
        return sum(sizes.values()) / 1000

    def filled(self) -> Mapping[str, str]:
        """What stands where an address has a name in braces, and is therefore made."""
        runs = [self._run({"prompt": f"A lighthouse, {number}"}) for number in range(RUNS)]
        self._run({"prompt": "A bottle"}, webhook="https://hooks.invalid/heard")
        sent: Json = self._api("GET", "/v1/webhooks/deliveries")
        model: Json = self._api("GET", "/v1/models/safelight/sketch")
        release = {
            "name": "posters",
            "model": "safelight/sketch",
            "version": model["latest_version"]["id"],
            "hardware": "cpu",
            "min_instances": 0,
            "max_instances": 2,
        }
        self._api("POST", "/v1/deployments", release)
        sketch, collections = "/safelight/sketch", self._api("GET", "/v1/collections")
        return {
            "/compare": f"/compare?a={runs[0]}&b={runs[1]}",
            "/collections/{slug}": f"/collections/{collections['results'][0]['slug']}",
            "/p/{id}": f"/p/{runs[0]}",
            "/webhooks/{id}": f"/webhooks/{sent['results'][0]['id']}",
            "/deployments/{owner}/{name}": "/deployments/safelight/posters",
            "/{owner}/{name}": sketch,
            **{f"/{{owner}}/{{name}}/{tab}": f"{sketch}/{tab}" for tab in _TABS},
        }

    def _run(self, given: Json, **more: str) -> str:
        """The id of a small picture's prediction, which has ended."""
        small = {"width": 256, "height": 256}
        body = {"input": given | small, **more}
        path = "/v1/models/safelight/sketch/predictions"
        return str(self._api("POST", path, body)["id"])

    def _api(self, method: str, path: str, body: Json | None = None) -> Json:
        content = None if body is None else json.dumps(body)
        headers = self._bearer | {"prefer": "wait=30"}
        status, _, answer = self._send(method, path, content, headers)
        assert status < 300, answer
        told: Json = json.loads(answer)
        return told

    def _send(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()


_TABS: Final = ("api", "examples", "readme", "versions")


def _paint(program: str, visitor: _Visitor, pages: Sequence[_Measured], rounds: int) -> None:
    """Every page in a browser, twice in a round: with an empty cache, then with a full one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for turn in range(rounds + 1):
            for page in pages:
                first, later = _painted(browser, visitor, page.path)
                if turn:  # the first time the browser itself warms up
                    page.first.append(first)
                    page.later.append(later)
        browser.close()


def _painted(browser: Browser, visitor: _Visitor, path: str) -> tuple[float, float]:
    name, _, text = visitor.cookie.partition("=")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": name, "value": text, "url": visitor.origin}])
    page = context.new_page()
    took: list[float] = []
    for _ in range(2):
        page.goto(visitor.origin + path)
        handle = page.wait_for_function(_PAINT, timeout=PATIENCE * 1000)
        took.append(float(handle.json_value()))
    context.close()
    return took[0], took[1]


def main() -> None:
    """The pages alone."""
    for figure in measure_playground(3):
        print(f"{figure.name:60}{figure.ours:8.1f} {figure.unit}  {figure.goal}")


if __name__ == "__main__":
    main()
