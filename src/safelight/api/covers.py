"""Covers of the models in the box."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.api.context import Context
from safelight.api.models import named
from safelight.errors import NotFound

_FOR_A_DAY: Final = {
    "cache-control": "public, max-age=86400",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
}


class Covers:
    """The endpoint of `/covers/{owner}/{name}.webp`; needs no token."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def get(self, request: Request) -> Response:
        """The picture, unless the caller has it already."""
        path = self._context.library.cover(**named(request))
        if path is None:
            raise NotFound("File not found")
        content, etag = _read(path)
        headers = {**_FOR_A_DAY, "etag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="image/webp")


@cache
def _read(path: Path) -> tuple[bytes, str]:
    """Bytes and ETag: there are few covers, and all are small."""
    content = path.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()}"'
