"""Uploaded files: create, list, get, delete, download."""

import secrets
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.contents import content
from safelight.api.context import Context, answer
from safelight.api.operation import Operation
from safelight.api.paging import link, read_cursor, split
from safelight.api.uploads import Upload, received
from safelight.blob import Blob
from safelight.file import File, FileQuery
from safelight.ids import prediction_id

_AS_BYTES: Final = {
    "cache-control": "private, no-cache",
    "content-type": wire.UNKNOWN_TYPE,
    # Whatever it holds, a browser saves it and runs nothing of it on this origin.
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
}


class Files:
    """The endpoints of `/files`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._policy = context.file_policy

    def operations(self) -> "list[Operation]":
        """What is answered here to those who have a token."""
        files, file = "/v1/files", "/v1/files/{id}"
        return [
            Operation("files.list", "GET", files, self.list, Scope.READ),
            Operation("files.create", "POST", files, self.create, Scope.RUN),
            Operation("files.get", "GET", file, self.get, Scope.READ),
            Operation("files.delete", "DELETE", file, self.delete, Scope.WRITE),
        ]

    async def list(self, request: Request, token: Token) -> Response:
        """`GET /files`: newest first, 100 to a page."""
        position, is_backwards = read_cursor(request.query_params.get("cursor"))
        query = FileQuery(
            account=token.account,
            now=datetime.now(UTC),
            position=position,
            is_backwards=is_backwards,
        )
        page, following, previous = split(query, await self._context.store.files.list(query))
        origin = self._context.origin(request)
        path = origin + request.url.path
        shown = wire.page(
            [wire.file(file, origin) for file in page],
            link(path, request.query_params, following),
            link(path, request.query_params, previous),
        )
        return answer(shown)

    async def create(self, request: Request, token: Token) -> Response:
        """`POST /files`: a multipart body with the bytes in its part `content`."""
        async with received(request, self._policy.limit_bytes) as upload:
            blob = await self._context.blobs.take(upload.path)
        file = self._accepted(upload, blob, token)
        await self._context.store.files.add(file)
        shown = wire.file(file, self._context.origin(request))
        return answer(shown, 201, {"location": shown["urls"]["get"]})

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /files/{id}`: what is known of it, not its bytes."""
        name, now = request.path_params["id"], datetime.now(UTC)
        file = await self._context.store.files.get(name, token.account, now)
        return answer(wire.file(file, self._context.origin(request)))

    async def delete(self, request: Request, token: Token) -> Response:
        """`DELETE /files/{id}`."""
        name, now = request.path_params["id"], datetime.now(UTC)
        await self._context.store.files.remove(name, token.account, now)
        return Response(status_code=204, media_type="text/plain")

    async def download(self, request: Request) -> Response:
        """`GET /files/{id}/download`: the bytes, for whoever has a signed link; no token needed."""
        query = request.query_params
        file = await self._context.own_files.linked(request.path_params["id"], query)
        return content(file.blob, self._context.blobs, request, _AS_BYTES, file.name)

    def _accepted(self, upload: Upload, blob: Blob, token: Token) -> File:
        now = datetime.now(UTC)
        return File(
            id=prediction_id(secrets.token_bytes(23)),
            account=token.account,
            name=upload.description.name,
            media_type=upload.description.media_type,
            metadata=upload.description.metadata,
            blob=blob,
            md5=upload.md5,
            created_at=now,
            expires_at=self._policy.end(now),
        )
