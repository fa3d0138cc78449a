"""Stored content as an answer: whole, in part, or not at all to one who has it already."""

import os
import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from safelight.blob import Blob, BlobStore
from safelight.errors import NotFound
from safelight.file import MISSING

_SPAN: Final = r"(?:\d{1,18}-\d{0,18}|-\d{1,18})"
_RANGES: Final = re.compile(rf"bytes={_SPAN}(?: *, *{_SPAN})*", re.IGNORECASE | re.ASCII)
_CLOSED: Final = re.compile(r"(\d+)-(\d+)", re.ASCII)
_CONDITIONAL: Final = frozenset({b"range", b"if-range"})


class Content(FileResponse):
    """The bytes of a blob; they are known by their ETag alone.

    When a blob was last taken says what other accounts do: it is not shown.
    """

    chunk_size = 256 * 1024
    """Bytes read in one hop to a thread: a picture is a few of them, a slow reader holds one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See `FileResponse`; a range that makes no sense is ignored, as RFC 9110 has it."""
        settled = {b"if-range"} if self._has_range(Headers(scope=scope)) else _CONDITIONAL
        headers = [pair for pair in scope["headers"] if pair[0] not in settled]
        await super().__call__({**scope, "headers": headers}, receive, send)

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """See `FileResponse`."""
        self.headers["content-length"] = str(stat_result.st_size)

    def _has_range(self, asked: Headers) -> bool:
        range_ = asked.get("range", "").strip()
        if _RANGES.fullmatch(range_) is None or asked.get("if-range") not in {None, self._etag}:
            return False
        return all(int(first) <= int(last) for first, last in _CLOSED.findall(range_))

    @property
    def _etag(self) -> str:
        return self.headers["etag"]


def content(
    blob: Blob,
    blobs: BlobStore,
    request: Request,
    headers: Mapping[str, str],
    filename: str | None = None,
) -> Response:
    """The answer to a GET or HEAD, with *headers* that tell its type.

    With a *filename* a browser saves it instead of showing it.

    Raises:
        NotFound: The bytes are gone.
    """
    tagged = {**headers, "etag": f'"{blob.key}"'}
    known = request.headers.get("if-none-match", "")
    if tagged["etag"] in known or known.strip() == "*":
        return Response(status_code=304, headers=tagged)
    path = blobs.path(blob.key)
    try:
        found = path.stat()
    except FileNotFoundError:  # it was there a moment ago
        raise NotFound(MISSING) from None
    return Content(path, 200, tagged, filename=filename, stat_result=found)
