"""Uploads: a multipart body, written to disk as it arrives."""

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.types import Message

from safelight import wire
from safelight.errors import Malformed, StoreUnavailable, TooLarge, UnsupportedMedia

_AT_ONCE: Final = 1_000_000
"""Bytes that are gathered before a thread writes them: memory holds no more of an upload."""
_MOST_FIELDS: Final = 1_000
_FIELD_BYTES: Final = 1_000_000
"""Of all parts but the file, together."""
_ENVELOPE: Final = 2_000_000
"""Bytes by which a body may be longer than its file."""
_MEGABYTE: Final = 1024 * 1024
_STALLED: Final = timedelta(seconds=60)
"""After so long without a byte an upload is given up: a caller that is gone may never say so."""
_PLAIN: Final = frozenset({"", "7bit", "8bit", "binary"})
"""Transfer encodings of a part that leave its bytes as they are."""


@dataclass(frozen=True)
class Upload:
    """A file that has arrived, in a temporary place, and what its sender says of it."""

    path: Path
    md5: str
    description: wire.Description


@asynccontextmanager
async def received(request: Request, limit_bytes: int) -> AsyncGenerator[Upload]:
    """The file in a multipart body; on leaving, what has not been taken away is gone.

    Raises:
        UnsupportedMedia: The body is not multipart, or is compressed.
        TooLarge: The file, or all else, is over the limit; the rest is not read.
        Malformed: The body breaks off or stalls, or is no multipart.
        InvalidInput: There is no file in it, or what is said of it cannot be used.
        StoreUnavailable: The disk refuses.
    """
    _refuse_announced(request, limit_bytes)
    form, landing = _Form(_boundary(request)), _Landing(limit_bytes)
    try:
        async for chunk in _chunks(request, limit_bytes + _ENVELOPE):
            await landing.add(form.read(chunk))
        form.end()
        md5 = await landing.end()
        yield Upload(landing.path, md5, wire.read_upload(form.content, form.fields))
    finally:
        await asyncio.shield(asyncio.to_thread(landing.clear))


def _refuse_announced(request: Request, limit_bytes: int) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit_bytes + _ENVELOPE:
        raise _too_large(limit_bytes)


def _too_large(limit_bytes: int) -> TooLarge:
    megabytes, rest = divmod(limit_bytes, _MEGABYTE)
    limit = f"{limit_bytes} bytes" if rest else f"{megabytes}MB"
    return TooLarge(f"Files must be less than {limit} in size")


def _boundary(request: Request) -> bytes:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia("Send the body as it is, without a Content-Encoding.")
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise UnsupportedMedia(
            "Send the file as multipart/form-data, in a part named `content`, as in"
            " curl -F content=@cat.png"
        )
    if not options.get(b"boundary"):
        raise Malformed("The Content-Type names no boundary between the parts of the body.")
    return options[b"boundary"]


async def _chunks(request: Request, limit_bytes: int) -> AsyncIterator[bytes]:
    size = 0
    while True:
        message = await _next(request)
        if message["type"] == "http.disconnect":
            raise Malformed("The caller has hung up before the end of the body.")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit_bytes:
            raise TooLarge("There is too much in the body beside the file.")
        yield chunk
        if not message.get("more_body", False):
            return


async def _next(request: Request) -> Message:
    try:
        async with asyncio.timeout(_STALLED.total_seconds()):
            return await request.receive()
    except TimeoutError:
        seconds = f"{_STALLED.total_seconds():g} s"
        raise Malformed(f"No more of the body has come for {seconds}: it is given up.") from None


class _Form:
    """Takes a multipart body apart: the bytes of the file, and what the other parts say."""

    def __init__(self, boundary: bytes) -> None:
        self.content: wire.ContentPart | None = None
        self.fields: list[tuple[str, bytes]] = []
        self._room = _FIELD_BYTES
        self._headers: dict[bytes, bytes] = {}
        self._header = [b"", b""]
        self._field: tuple[str, bytearray] | None = None
        self._content: list[bytes] = []
        self._has_ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise Malformed(f"The multipart body cannot be read: {error}.") from error

    def read(self, chunk: bytes) -> bytes:
        """Read on; gives what there was of the file.

        Raises:
            Malformed: This is no multipart body, or one of too many fields.
            TooLarge: The fields are larger than they have any use for.
        """
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise Malformed(f"The multipart body cannot be read: {error}.") from error
        # Together: content that is full of half boundaries comes in pieces of a few bytes.
        content = b"".join(self._content)
        self._content.clear()
        return content

    def end(self) -> None:
        """Make sure that it was all.

        Raises:
            Malformed: It breaks off.
        """
        if not self._has_ended:
            raise Malformed("The multipart body ends before its last boundary.")

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _on_header_end(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value
        self._header = [b"", b""]

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode(errors="replace")
        coding = self._headers.get(b"content-transfer-encoding", b"").decode(errors="replace")
        if coding.strip().lower() not in _PLAIN:
            raise Malformed(f"The part {name} is encoded as {coding[:40]}: send it as it is.")
        if name != wire.CONTENT:
            self._field = (name, bytearray())
        elif self.content is not None:
            raise Malformed(f"There are two parts named {name}: send one file at a time.")
        else:
            media_type = self._headers.get(b"content-type")
            self.content = wire.ContentPart(options.get(b"filename"), media_type)

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self._content.append(data[start:end])
            return
        self._room -= end - start
        if self._room < 0:
            raise TooLarge(f"The fields beside the file are over {_FIELD_BYTES // 1_000_000} MB.")
        self._field[1].extend(data[start:end])

    def _on_part_end(self) -> None:
        if self._field is not None:
            self.fields.append((self._field[0], bytes(self._field[1])))
            self._field = None
        if len(self.fields) > _MOST_FIELDS:
            raise Malformed(f"There are more than {_MOST_FIELDS} fields beside the file.")

    def _on_end(self) -> None:
        self._has_ended = True


class _Landing:
    """A temporary file that grows off the event loop, and its MD5."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._size = 0
        self._path: Path | None = None
        self._digest = hashlib.md5(usedforsecurity=False)
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0

    @property
    def path(self) -> Path:
        """Where it is, once something was written."""
        assert self._path is not None
        return self._path

    async def add(self, content: bytes) -> None:
        """Take more of it.

        Raises:
            TooLarge: It is over the limit.
        """
        self._size += len(content)
        if self._size > self._limit_bytes:
            raise _too_large(self._limit_bytes)
        self._gathered.append(content)
        self._gathered_bytes += len(content)
        if self._gathered_bytes >= _AT_ONCE:
            await self._write()

    async def end(self) -> str:
        """Write the rest; gives its MD5 as 32 hex digits."""
        await self._write()
        return self._digest.hexdigest()

    def clear(self) -> None:
        """Remove the file, if it is still there."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    async def _write(self) -> None:
        content = b"".join(self._gathered)
        self._gathered, self._gathered_bytes = [], 0
        try:
            await asyncio.to_thread(self._append, content)
        except OSError as error:
            raise StoreUnavailable(f"The file cannot be stored: {error.strerror}.") from error

    def _append(self, content: bytes) -> None:
        self._digest.update(content)
        if self._path is None:
            # In the engine's own folder, beside the blobs: taking it in is a rename, and what a
            # killed engine leaves goes with that folder.
            with tempfile.NamedTemporaryFile(prefix="upload-", delete=False) as file:
                self._path = Path(file.name)
                file.write(content)
        else:
            with self._path.open("ab") as file:
                file.write(content)
