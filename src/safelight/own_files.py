"""Files of this server, named by their own URLs: read from the store, never fetched over HTTP."""

import asyncio
import re
from datetime import timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

from safelight.blob import BlobStore, OutputFile
from safelight.capability import Capabilities
from safelight.errors import NotFound
from safelight.outgoing import Fetched, Fetcher, FetchFailed
from safelight.store import Store

_OUTPUT: Final = re.compile(r"/outputs/([a-z0-9]+)/([^/]+)")
_MISSING: Final = "File not found"


class OwnFiles:
    """Implements `safelight.outgoing.Fetcher`: own outputs from disk, all else by another fetcher.

    A URL is ours by its unguessable path, whatever host or port it was seen under.
    """

    def __init__(
        self, fetcher: Fetcher, store: Store, blobs: BlobStore, capabilities: Capabilities
    ) -> None:
        self._fetcher = fetcher
        self._store = store
        self._blobs = blobs
        self._capabilities = capabilities

    async def fetch(
        self, url: str, *, limit_bytes: int, within: timedelta, trusted_origin: str | None = None
    ) -> Fetched:
        """See `Fetcher.fetch`."""
        match = _OUTPUT.fullmatch(urlsplit(url).path)
        if match is None or self._capabilities.read_output(match[1]) is None:
            return await self._fetcher.fetch(
                url, limit_bytes=limit_bytes, within=within, trusted_origin=trusted_origin
            )
        try:
            file = await self.find(match[1], unquote(match[2]))
            path = self._blobs.path(file.blob.key)
        except NotFound:
            raise FetchFailed("the output file is no longer here") from None
        if file.blob.size > limit_bytes:
            raise FetchFailed(f"the output file is larger than {limit_bytes // 1_000_000} MB")
        return Fetched(await asyncio.to_thread(path.read_bytes), file.media_type)

    async def find(self, capability: str, name: str) -> OutputFile:
        """The output file that a URL names.

        Raises:
            NotFound: The capability is not ours, or opens no such file.
        """
        prediction_id = self._capabilities.read_output(capability)
        if prediction_id is None:
            raise NotFound(_MISSING)
        prediction = await self._store.get(prediction_id, None)
        for file in prediction.files:
            if file.name == name:
                return file
        raise NotFound(_MISSING)
