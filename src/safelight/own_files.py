"""Files of this server, named by their own URLs: read from the store, never fetched over HTTP."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from safelight.blob import BlobStore, OutputFile
from safelight.capability import Capabilities
from safelight.errors import NotFound
from safelight.file import MISSING, DownloadLinks, File
from safelight.outgoing import Fetched, Fetcher, FetchFailed
from safelight.store import Store

_OUTPUT: Final = re.compile(r"/outputs/([a-z0-9]+)/([^/]+)")
_UPLOAD: Final = re.compile(r"(?:/v1){1,2}/files/([0-9a-z]{26})(/download)?")


class OwnFiles:
    """Outputs and uploaded files of this server, found by their URLs.

    A URL is ours by its path, whatever host or port it was seen under.
    """

    def __init__(
        self,
        store: Store,
        blobs: BlobStore,
        capabilities: Capabilities,
        links: DownloadLinks,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._capabilities = capabilities
        self._links = links

    def seen_by(self, account: str, fetcher: Fetcher) -> Fetcher:
        """What an account may read, and *fetcher* for all that is not ours."""
        return _Seen(self, account, fetcher)

    async def find(self, capability: str, name: str) -> OutputFile:
        """The output file that a URL names.

        Raises:
            NotFound: The capability is not ours, or opens no such file.
        """
        prediction_id = self._capabilities.read_output(capability)
        if prediction_id is None:
            raise NotFound(MISSING)
        prediction = await self._store.get(prediction_id, None)
        for file in (*prediction.files, *prediction.partials):
            if file.name == name:
                return file
        raise NotFound(MISSING)

    async def linked(self, file_id: str, query: Mapping[str, str]) -> File:
        """The uploaded file that a signed link opens, for whoever holds it.

        Raises:
            NotFound: The link is not right, or has expired, or the file is gone.
        """
        now = datetime.now(UTC)
        owner = self._links.check(file_id, query, now)
        return await self._store.files.get(file_id, owner, now)

    async def read(self, url: str, account: str, limit_bytes: int) -> Fetched | None:
        """The bytes at a URL of ours, for that account; None when the URL is not ours.

        Raises:
            FetchFailed: It is ours, and the file is gone, or another account's, or too large.
        """
        try:
            file = await self._at(url, account)
            if file is None:
                return None
            if file.blob.size > limit_bytes:
                raise FetchFailed(f"the file is larger than {limit_bytes // 1_000_000} MB")
            path = self._blobs.path(file.blob.key)
            content = await asyncio.to_thread(path.read_bytes)
        except (NotFound, FileNotFoundError):  # it may go between the look and the reading
            raise FetchFailed("the file is not here, or no longer") from None
        except OSError as error:
            raise FetchFailed(f"the file cannot be read: {error.strerror}") from error
        return Fetched(content, file.media_type)

    async def _at(self, url: str, account: str) -> OutputFile | File | None:
        try:
            address = urlsplit(url)
        except ValueError:
            return None  # it is nobody's, and who would fetch it says so
        output, upload = _OUTPUT.fullmatch(address.path), _UPLOAD.fullmatch(address.path)
        if output is not None and self._capabilities.read_output(output[1]) is not None:
            return await self.find(output[1], unquote(output[2]))
        if upload is None:
            return None
        if upload[2] is None:
            return await self._store.files.get(upload[1], account, datetime.now(UTC))
        if not await self._is_here(upload[1]):
            return None  # another server's link: Safelights can feed one another
        return await self.linked(upload[1], dict(parse_qsl(address.query)))

    async def _is_here(self, file_id: str) -> bool:
        try:
            await self._store.files.get(file_id, None, datetime.now(UTC))
        except NotFound:
            return False
        return True


class _Seen:
    """Implements `safelight.outgoing.Fetcher`: ours from disk, all else by another fetcher."""

    def __init__(self, own_files: OwnFiles, account: str, fetcher: Fetcher) -> None:
        self._own_files = own_files
        self._account = account
        self._fetcher = fetcher

    async def fetch(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Fetched:
        """See `Fetcher.fetch`."""
        own = await self._own_files.read(url, self._account, limit_bytes)
        if own is not None:
            return own
        return await self._fetcher.fetch(
            url, limit_bytes=limit_bytes, within=within, trusted_origin=trusted_origin
        )
