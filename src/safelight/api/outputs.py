"""Output files, opened by their unguessable names."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.api.contents import content
from safelight.api.context import Context

_ALWAYS: Final = {
    "cache-control": "public, max-age=31536000, immutable",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    # An SVG is a document: opened by itself it must not run a script on this origin.
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    ),
}


class Outputs:
    """The endpoint of `/outputs/{capability}/{name}`; needs no token, and tolerates one."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def get(self, request: Request) -> Response:
        """The bytes, whole or a range, unless the caller has them already."""
        file = await self._context.own_files.find(
            request.path_params["capability"], request.path_params["name"]
        )
        headers = {**_ALWAYS, "content-type": _shown(file.media_type)}
        return content(file.blob, self._context.blobs, request, headers)


def _shown(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
