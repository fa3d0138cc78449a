"""The API as the commands call it, on the running server or on an engine of their own."""

import mimetypes
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, cast

import aiohttp
import msgspec

from safelight.cli.failing import Failure

Json = dict[str, Any]
_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=120)


class Refused(Failure):
    """The server answered with a problem."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """Speaks to one server with one token."""

    def __init__(self, origin: str, token: str, public_url: str | None = None) -> None:
        self._origin = origin.rstrip("/")
        # Outputs carry the public origin, which this machine itself may not be able to reach.
        self._origins = tuple(url.rstrip("/") for url in (origin, public_url) if url)
        self._session = aiohttp.ClientSession(
            headers={"authorization": f"Bearer {token}"}, timeout=_TIMEOUT
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, path: str) -> Json:
        """The JSON at a path such as `/v1/account`.

        Raises:
            Refused: The server answered with a problem.
            Failure: It did not answer.
        """
        return msgspec.json.decode(await self._send("GET", path), type=Json)

    async def post(self, path: str, body: object = None) -> Json:
        """The JSON answered to *body*; raises as `get` does."""
        content = None if body is None else msgspec.json.encode(body)
        return msgspec.json.decode(await self._send("POST", path, content), type=Json)

    async def patch(self, path: str, body: object) -> Json:
        """The JSON answered to a change; raises as `get` does."""
        answer = await self._send("PATCH", path, msgspec.json.encode(body))
        return msgspec.json.decode(answer, type=Json)

    async def delete(self, path: str) -> None:
        """Delete what is at a path; raises as `get` does."""
        await self._send("DELETE", path)

    async def upload(self, file: Path) -> Json:
        """Upload a file as it is read; gives what the server says of it.

        Raises:
            Refused: The server answered with a problem.
            Failure: It did not answer, or the file cannot be read.
        """
        try:
            with file.open("rb") as content:
                form = aiohttp.FormData(quote_fields=False)
                form.add_field(
                    "content", content, content_type=media_type_of(file), filename=file.name
                )
                return msgspec.json.decode(await self._send("POST", "/v1/files", form), type=Json)
        except OSError as error:
            raise Failure(f"{file} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Failure(f"{str(file)!r} cannot be sent under its name: rename it.") from error

    async def all(self, path: str) -> AsyncIterator[Json]:
        """Each item of a list, page after page."""
        while True:
            page = await self.get(path)
            for item in cast("list[Json]", page["results"]):
                yield item
            following = page["next"]
            if following is None:
                return
            path = self.own_path(following) or following

    async def download(self, path: str) -> bytes:
        """The bytes at a path; raises as `get` does."""
        return await self._send("GET", path)

    def own_path(self, url: str) -> str | None:
        """The path of a URL of this server; None for any other text."""
        for origin in self._origins:
            if url.startswith(f"{origin}/"):
                return url.removeprefix(origin)
        return None

    async def _send(
        self, method: str, path: str, content: bytes | aiohttp.FormData | None = None
    ) -> bytes:
        headers = {"content-type": "application/json"} if isinstance(content, bytes) else {}
        try:
            async with self._session.request(
                method, self._origin + path, data=content, headers=headers
            ) as response:
                answer = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Failure(
                f"the server at {self._origin} does not answer ({error})."
                " Start it with `safelight serve`."
            ) from error
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise Refused(response.status, _message(response.status, answer))
        return answer


def media_type_of(file: Path) -> str:
    """What a file is by its name."""
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def _message(status: int, answer: bytes) -> str:
    """The problem as people read it: what is wrong, and each field that is."""
    try:
        problem = msgspec.json.decode(answer, type=Json)
    except msgspec.MsgspecError:
        return f"the server answered {status}."
    faults: list[Json] = problem.get("invalid_fields") or []
    if not faults:
        return str(problem.get("detail") or f"the server answered {status}.").strip()
    lines = (_fault(fault) for fault in faults)
    return f"{problem.get('title', 'The request is not valid')}:\n" + "\n".join(lines)


def _fault(fault: Json) -> str:
    field = str(fault.get("field", "")).removeprefix("input").removeprefix(".")
    return f"  {field}: {fault['description']}" if field else f"  {fault['description']}"
