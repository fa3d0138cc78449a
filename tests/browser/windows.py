"""Windows of a real browser, each watched for what must not happen in it."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    Request,
)
from tests.serving import PATIENCE, Server, serving

LINK = re.compile(rb"https?://\S+/enter\?ticket=\S+")
_PATIENCE = 20_000.0
"""Milliseconds after which what should have been seen is not there."""


@dataclass(frozen=True)
class Playground:
    """A server, and the link to its pages that it prints when it starts."""

    server: Server
    link: str

    @property
    def origin(self) -> str:
        """Where its pages are."""
        return self.server.http

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.origin).port or 0

    def cookies(self) -> Any:
        """Of somebody who has opened the link."""
        with httpx.Client(trust_env=False) as client:
            client.get(self.link)
            return [
                {"name": one.name, "value": one.value or "", "url": self.origin}
                for one in client.cookies.jar
            ]

    def api(self) -> httpx.Client:
        """A client of its API, in test mode; whoever asks for it closes it."""
        headers = {"authorization": f"Bearer {self.server.test_token}"}
        return httpx.Client(
            base_url=f"{self.origin}/v1/", headers=headers, timeout=PATIENCE, trust_env=False
        )


@contextmanager
def playing(folder: Path, port: int = 0, **environment: str) -> Generator[Playground]:
    """A server for people while the context lasts."""
    with serving(folder, port=port, **environment) as server:
        yield Playground(server, _link(server))


def _link(server: Server) -> str:
    """Read on in the greeting until the link is there."""
    assert server.process.stdout is not None
    for line in iter(server.process.stdout.readline, b""):
        if found := LINK.search(line):
            return found.group().decode()
        if b"Stop with Ctrl-C" in line:
            break
    raise AssertionError("the server printed no link")


@dataclass
class Watch:
    """What has gone wrong in the windows of one context, but for what a test allows."""

    context: BrowserContext
    origin: str
    faults: list[str] = field(default_factory=list[str])
    allowed: list[str] = field(default_factory=list[str])
    answers: list[str] = field(default_factory=list[str])
    """What dialogs have asked, of which each was agreed to."""
    agrees: bool = False

    def __post_init__(self) -> None:
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        self.context.on("request", self._on_request)
        self.context.on("requestfailed", self._on_failed)
        self.context.on("dialog", self._on_dialog)

    def allow(self, *patterns: str) -> None:
        """These faults are what the test is about."""
        self.allowed.extend(patterns)

    def assert_nothing_went_wrong(self) -> None:
        """Nothing in the console, no failed request, none to elsewhere, no dialog."""
        left = [one for one in self.faults if not any(re.search(p, one) for p in self.allowed)]
        if left:
            raise AssertionError("\n".join(left))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", f"blob:{self.origin}/")):
            self.faults.append(f"elsewhere: {request.url}")

    def _on_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the browser left the page
            self.faults.append(f"failed: {request.method} {request.url} {request.failure}")

    def _on_dialog(self, dialog: Dialog) -> None:
        if self.agrees:
            self.answers.append(dialog.message)
            dialog.accept()
        else:
            self.faults.append(f"dialog: {dialog.message}")
            dialog.dismiss()


class Windows:
    """Opens windows on a playground, and closes them."""

    def __init__(self, browser: Browser, playground: Playground, cookies: Any) -> None:
        self._browser = browser
        self._playground = playground
        self._cookies = cookies
        self.watches: list[Watch] = []

    def open(self, *, signed_in: bool = True, **options: Any) -> Page:
        """A window of a browser of its own; *options* are those of a context."""
        context = self._browser.new_context(base_url=self._playground.origin, **options)
        context.set_default_timeout(_PATIENCE)
        self.watches.append(Watch(context, self._playground.origin))
        if signed_in:
            context.add_cookies(self._cookies)
        return context.new_page()

    def watch(self, page: Page) -> Watch:
        """Over the context of this page."""
        return next(one for one in self.watches if one.context == page.context)

    def close(self) -> None:
        """Close them all, and fail if something went wrong in one."""
        for watch in self.watches:
            watch.context.close()
        for watch in self.watches:
            watch.assert_nothing_went_wrong()


def launched(playwright: Playwright, path: str) -> Browser:
    """Chromium without a screen."""
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
