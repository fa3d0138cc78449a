"""A browser without JavaScript, as far as the tests of lists and forms need one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from tests.api.calls import ORIGIN, PATIENCE, Api, Running

MARKUP = "<script>alert(1)</script>"
Json = dict[str, Any]


class Shown(HTMLParser):
    """A page as it was read: its tags with their attributes, and its text."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.headers = answer.headers
        self.source = answer.text
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: text or "" for name, text in attrs}))

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    @property
    def text(self) -> str:
        """What is read on it, with single spaces."""
        return " ".join("".join(self._texts).split())

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]

    @property
    def scripts(self) -> list[str]:
        """Where its scripts come from; one without an address would be of somebody's text."""
        return [attributes["src"] for tag, attributes in self.tags if tag == "script"]

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of the tags that have these."""
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]

    def value(self, name: str) -> str:
        """What a field holds."""
        (field,) = (a for t, a in self.tags if t == "input" and a.get("name") == name)
        return field.get("value", "")


class Browser:
    """Somebody who has signed in."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.csrf = ""

    async def get(self, path: str) -> Shown:
        """Look at a page."""
        shown = Shown(await self.client.get(path))
        tokens = shown.all("meta", name="csrf")
        self.csrf = tokens[0]["content"] if tokens else ""
        return shown

    async def post(self, path: str, fields: Json | None = None, **named: Any) -> Shown:
        """Post a form, and read the page that one is sent to."""
        return Shown(await self.send(path, (fields or {}) | named, follow=True))

    async def send(
        self, path: str, fields: Json, *, follow: bool = False, files: Any = None
    ) -> httpx.Response:
        """Post a form of this session."""
        data = {"csrf": self.csrf} | fields
        return await self.client.post(path, data=data, files=files, follow_redirects=follow)


@asynccontextmanager
async def browsing(api: Api, *tokens: str) -> AsyncIterator[Browser]:
    """Signed in with these tokens; the last one's mode is on."""
    transport = httpx.ASGITransport(api.engine.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=PATIENCE) as client:
        for token in tokens:
            answer = await client.post("/enter", data={"token": token})
            assert answer.status_code == 303, answer.text
        browser = Browser(client)
        await browser.get("/")
        yield browser


@pytest.fixture
async def browser(api: Api) -> AsyncIterator[Browser]:
    """Signed in with a live and a test token, in test mode."""
    async with browsing(api, api.live_token, api.test_token) as signed_in:
        yield signed_in


async def narrowed(api: Api, *scopes: str) -> str:
    """A test token with these scopes."""
    answer = await api.post("/v1/tokens", {"name": "narrow", "scopes": list(scopes)})
    secret: str = answer.json()["token"]
    return secret


__all__ = ["MARKUP", "Browser", "Json", "Running", "Shown", "browser", "browsing", "narrowed"]
