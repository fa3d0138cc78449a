"""The API as the pages call it: in this process, over the same door as everybody else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from safelight.prediction import SOURCE
from safelight.web.cutting import Cutting

_PASSED_ON: Final = (b"host", b"x-request-id")
_Query = Mapping[str, str | None]


class Refused(Exception):
    """The API said no; *problem* is what it said, as JSON."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or status))
        self.status = status
        self.problem = problem


class Answer(msgspec.Struct, frozen=True):
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever the API answers
        """The body.

        Raises:
            Refused: The answer is no success.
        """
        if self.status >= 400:
            raise Refused(self.status, _problem(self))
        return msgspec.json.decode(self.body) if self.body else None


class Caller:
    """Calls the API on behalf of one request for a page, with a token of its session."""

    def __init__(self, api: ASGIApp, request: Request, token: str) -> None:
        self._api = api
        self._request = request
        self._token = token

    async def get(self, path: str, query: _Query | None = None) -> Any:  # noqa: ANN401 - JSON
        """The JSON of one address, such as `/v1/models`; what is None in *query* is left out.

        Raises:
            Refused: The API said no.
        """
        return (await self.call("GET", path, query=query)).json()

    async def brief(self, path: str, query: _Query, longest: int) -> Answer:
        """One address, of each string of its JSON at most so many bytes.

        For lists, whose rows may be many megabytes each.

        Raises:
            Refused: The API said no, or it is too large all the same.
        """
        told = {name: text for name, text in query.items() if text is not None}
        scope = authorized(self._request.scope, "GET", path, self._token)
        scope["query_string"] = urlencode(told).encode()
        answer = _Gathered(b"", Cutting(longest), _LARGEST_LIST)
        await self._api(scope, answer.receive, answer.send)
        if answer.is_too_large:
            raise Refused(413, {"detail": "This list is too large for a page."})
        found = Answer(answer.status, answer.headers, b"".join(answer.pieces))
        if found.status >= 400:
            raise Refused(found.status, _problem(found))
        return found

    async def post(self, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send JSON, and give the JSON that comes back; raises as `get` does."""
        return (await self.call("POST", path, body=body)).json()

    async def call(
        self, method: str, path: str, *, query: _Query | None = None, body: object = None
    ) -> Answer:
        """One call, whatever it answers; *body* is JSON, or bytes with their own headers."""
        told = {name: text for name, text in (query or {}).items() if text is not None}
        content = b"" if body is None else msgspec.json.encode(body)
        return await self.send(method, path, urlencode(told), content, [_JSON] if content else [])

    async def send(
        self,
        method: str,
        path: str,
        query: str,
        content: bytes,
        headers: Sequence[tuple[bytes, bytes]],
    ) -> Answer:
        """One call with a body of any type."""
        scope = authorized(self._request.scope, method, path, self._token)
        scope |= {"query_string": query.encode(), "headers": [*scope["headers"], *headers]}
        answer = _Gathered(content)
        await self._api(scope, answer.receive, answer.send)
        return Answer(answer.status, answer.headers, b"".join(answer.pieces))

    def streamed(self, method: str, path: str, body: object, refused: "Refusing") -> Response:
        """An answer that is passed on while it comes; *refused* answers if the API says no."""
        scope = authorized(self._request.scope, method, path, self._token)
        scope["headers"].append(_JSON)
        return _Streamed(self._api, scope, msgspec.json.encode(body), refused)


_JSON: Final = (b"content-type", b"application/json")
_LARGEST_LIST: Final = 32_000_000
"""Bytes of a list, its strings cut."""
Refusing = Callable[[Refused], Awaitable[Response]]


def authorized(scope: Scope, method: str, path: str, token: str) -> dict[str, Any]:
    """The scope of a call to the API in place of a request for a page."""
    passed = [(name, value) for name, value in scope["headers"] if name in _PASSED_ON]
    return {
        **{key: scope[key] for key in ("type", "asgi", "http_version", "scheme", "client")},
        "server": scope.get("server"),
        "extensions": scope.get("extensions", {}),
        SOURCE: "web",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [*passed, (b"authorization", f"Bearer {token}".encode())],
    }


class _Gathered:
    """Both ends of a call: gives the body, and keeps the answer."""

    def __init__(
        self, content: bytes, cut: Callable[[bytes], bytes] = bytes, largest: int | None = None
    ) -> None:
        """Keep what *cut* leaves of each piece; of more than *largest* bytes, nothing."""
        self._content: bytes | None = content
        self._cut = cut
        self._largest = largest
        self._size = 0
        self._is_over = asyncio.Event()
        self.status = 500
        self.headers: dict[str, str] = {}
        self.pieces: list[bytes] = []
        self.is_too_large = False

    async def receive(self) -> Message:
        if self._content is None:
            # Not before the answer has come: one that is streamed ends where its caller hangs up.
            await self._is_over.wait()
            return {"type": "http.disconnect"}
        content, self._content = self._content, None
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): text.decode() for name, text in message["headers"]}
            return
        self._keep(message.get("body", b""))
        if not message.get("more_body"):
            self._is_over.set()

    def _keep(self, piece: bytes) -> None:
        if self.is_too_large:
            return
        kept = self._cut(piece)
        self._size += len(kept)
        self.pieces.append(kept)
        if self._largest is not None and self._size > self._largest:
            self.is_too_large = True
            self.pieces.clear()
            self._is_over.set()  # and nobody goes on making more


class _Streamed(Response):
    def __init__(self, api: ASGIApp, asked: Scope, content: bytes, refused: Refusing) -> None:
        super().__init__()
        self._api = api
        self._asked = asked
        self._content = content
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Gathered(self._content)
        is_asked, is_passed = False, False

        async def give() -> Message:
            nonlocal is_asked
            if is_asked:
                return await receive()  # it hears of it when the browser goes away
            is_asked = True
            return await answer.receive()

        async def take(message: Message) -> None:
            nonlocal is_passed
            if message["type"] == "http.response.start":
                is_passed = message["status"] < 400
            await (send(message) if is_passed else answer.send(message))

        await self._api(self._asked, give, take)
        if not is_passed:
            told = Answer(answer.status, answer.headers, b"".join(answer.pieces))
            response = await self._refused(Refused(told.status, _problem(told)))
            await response(scope, receive, send)


def _problem(answer: Answer) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"title": "Unexpected answer", "detail": f"The API answered {answer.status}."}
