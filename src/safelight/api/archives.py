"""Archives: many predictions with their files in one download, written while it is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import IO, BinaryIO, Final, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context
from safelight.api.creating import FRESH
from safelight.api.operation import Operation
from safelight.errors import NotFound, NothingToDownload
from safelight.prediction import Prediction

_PIECE: Final = 256 * 1024
"""Bytes read at once."""
_MOST_NAMED: Final = 20
_RECORD: Final = "prediction.json"
_Entry = tuple[ZipInfo, Callable[[], IO[bytes]]]


class Archives:
    """The endpoint of `/predictions/archive`, which Replicate does not have."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        path = "/v1/predictions/archive"
        return [Operation("predictions.archive", "POST", path, self.create, Scope.READ)]

    async def create(self, request: Request, token: Token) -> Response:
        """`POST /predictions/archive`: a ZIP file, nothing of which is sent if one is missing."""
        ids = wire.read_archive(await self._context.body(request))
        found = await self._context.store.without_inputs(ids, token.account)
        _check(ids, found)
        for prediction in found:
            for file in prediction.files:
                self._context.blobs.path(file.blob.key)
        name = _name(found)
        headers = {**FRESH, "content-disposition": f'attachment; filename="{name}"'}
        pieces = self._pieces(ids, token.account, self._context.origin(request))
        return StreamingResponse(pieces, headers=headers, media_type="application/zip")

    async def _pieces(self, ids: Sequence[str], account: str, origin: str) -> AsyncIterator[bytes]:
        sent = _Sent()
        with ZipFile(cast("BinaryIO", sent), "w", ZIP_STORED) as archive:
            for prediction_id in ids:
                # One that was deleted meanwhile breaks the download off: half would pass for whole.
                prediction = await self._context.store.get(prediction_id, account)
                for info, opened in self._entries(prediction, origin):
                    with opened() as file, archive.open(info, "w") as entry:
                        while await asyncio.to_thread(_copy, file, entry):
                            yield sent.taken()
        yield sent.taken()

    def _entries(self, prediction: Prediction, origin: str) -> Iterator[_Entry]:
        folder = f"{prediction.model.rpartition('/')[2]}-{prediction.id}"
        record = _RECORD
        while any(file.name == record for file in prediction.files):
            record = f"_{record}"
        at = prediction.completed_at or prediction.created_at
        shown = wire.encode(self._context.wire.prediction(prediction, origin)) + b"\n"
        yield _info(f"{folder}/{record}", at, len(shown)), partial(BytesIO, shown)
        for file in prediction.files:
            path = self._context.blobs.path(file.blob.key)
            info = _info(f"{folder}/{file.name}", at, file.blob.size)
            yield info, partial(path.open, "rb")


class _Sent:
    """A file that is written once, from front to end, and taken away as it grows."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._pieces.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> bytes:
        """What was written since."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _copy(file: IO[bytes], entry: IO[bytes]) -> bool:
    """One piece; says whether there was one."""
    piece = file.read(_PIECE)
    entry.write(piece)
    return bool(piece)


def _info(name: str, at: datetime, size: int) -> ZipInfo:
    info = ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    info.external_attr = 0o644 << 16
    info.file_size = size  # which decides whether the entry is one for more than 4 GB
    return info


def _check(ids: Sequence[str], found: Sequence[Prediction]) -> None:
    here = {prediction.id for prediction in found}
    if missing := [one for one in ids if one not in here]:
        named = ", ".join(one[:100] for one in missing[:_MOST_NAMED])
        more = f", and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        raise NotFound(f"There are no predictions by these ids: {named}{more}.")
    if not any(prediction.files for prediction in found):
        raise NothingToDownload


def _name(found: Sequence[Prediction]) -> str:
    if len(found) == 1:
        return f"{found[0].model.rpartition('/')[2]}-{found[0].id}.zip"
    return f"predictions-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.zip"
