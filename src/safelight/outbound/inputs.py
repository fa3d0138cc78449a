"""Input files: a data URI or a web address becomes bytes whose type and size were looked at."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import msgspec

from safelight.errors import RunFailed
from safelight.media import dimensions, extension, is_data_uri, parse_data_uri, sniff
from safelight.outgoing import Fetcher, FetchFailed

_RASTER = frozenset(
    {"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/avif"}
)
_LOOP_CHARACTERS = 1_000_000  # longer data URIs are decoded off the event loop
_UNKNOWN = "application/octet-stream"


class FileInput(msgspec.Struct, frozen=True):
    """A file as sent, its media type told from the bytes, and a name with the right extension."""

    content: bytes
    media_type: str
    filename: str


class InputRejected(RunFailed):
    """A file input cannot be used; the message begins with the input's name."""


class Inputs:
    """Reads the files that inputs point at."""

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        limit_bytes: int = 100_000_000,
        most_pixels: int = 64_000_000,
        within: timedelta = timedelta(seconds=60),
    ) -> None:
        self._fetcher = fetcher
        self._limit_bytes = limit_bytes
        self._most_pixels = most_pixels
        self._within = within

    async def image(self, field: str, value: str) -> FileInput:
        """Read a picture; `field` is the path within the input, such as `input_images.0`.

        Raises:
            InputRejected: There is no file, it is too large, or its bytes are no raster picture.
        """
        file = await self.file(field, value)
        source = "data URI" if is_data_uri(value) else "file"
        if file.media_type not in _RASTER:
            raise InputRejected(
                f"input.{field}: the {source} holds no image: {_described(file)}."
                " Send a PNG, JPEG or WebP."
            )
        size = dimensions(file.content)
        if size is None:
            raise InputRejected(
                f"input.{field}: the {source} holds no image: it ends before its size is told."
            )
        if size[0] * size[1] > self._most_pixels:
            raise InputRejected(
                f"input.{field}: the image has {size[0]} x {size[1]} pixels;"
                f" {self._most_pixels / 1_000_000:g} megapixels are the most. Send a smaller one."
            )
        return file

    async def file(self, field: str, value: str) -> FileInput:
        """Read a file of any type.

        Raises:
            InputRejected: There is no file, or it is too large.
        """
        if is_data_uri(value):
            content, declared, stem = await self._decoded(field, value)
        else:
            content, declared, stem = await self._fetched(field, value)
        media_type = sniff(content) or _claimed(declared)
        return FileInput(content, media_type, stem + extension(media_type))

    async def _decoded(self, field: str, value: str) -> tuple[bytes, str, str]:
        if len(value) > 4 * self._limit_bytes:  # it would be over, even percent-encoded
            raise InputRejected(self._too_large(field))
        try:
            if len(value) > _LOOP_CHARACTERS:
                uri = await asyncio.to_thread(parse_data_uri, value)
            else:
                uri = parse_data_uri(value)
        except ValueError as error:
            raise InputRejected(f"input.{field}: the data URI cannot be read: {error}.") from error
        if len(uri.content) > self._limit_bytes:
            raise InputRejected(self._too_large(field))
        return uri.content, uri.declared, "input"

    def _too_large(self, field: str) -> str:
        limit = f"{self._limit_bytes / 1_000_000:g} MB"
        return f"input.{field}: the data URI holds more than {limit}. Send a smaller file."

    async def _fetched(self, field: str, value: str) -> tuple[bytes, str, str]:
        try:
            got = await self._fetcher.fetch(
                value, limit_bytes=self._limit_bytes, within=self._within
            )
        except FetchFailed as error:
            raise InputRejected(f"input.{field}: {error.detail}") from error
        return got.content, got.media_type, _stem(value)


def _claimed(declared: str) -> str:
    """Believe a declared type only if the bytes could not have told otherwise."""
    return _UNKNOWN if declared.startswith("image/") or "/" not in declared else declared


def _described(file: FileInput) -> str:
    if not file.content:
        return "it is empty"
    known = extension(file.media_type)
    return "its bytes are of no known type" if known == ".bin" else f"its bytes are {known[1:]}"


def _stem(url: str) -> str:
    name = unquote(urlsplit(url).path).rpartition("/")[2].rpartition(".")
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name[0] or name[2]).strip("-")
    return stem[:64] or "input"
