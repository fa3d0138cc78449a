"""Puts the examples of the models in the box where all other predictions are."""

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from safelight.blob import BlobStore
from safelight.catalog.listing import Entry
from safelight.catalog.pages import Example, page_of
from safelight.errors import NotFound, StoreUnavailable
from safelight.model import EXAMPLES
from safelight.prediction import Prediction
from safelight.store import Store

_log: Final = logging.getLogger("safelight.gallery")


async def show_examples(entries: Sequence[Entry], store: Store, blobs: BlobStore) -> None:
    """Keep each example that the store has not got, with its files."""
    pages = [page for entry in entries if (page := page_of(entry.full_name)) is not None]
    examples = [example for page in pages for example in page.examples]
    missing = [example for example in examples if not await _is_kept(example, store)]
    if not missing:
        return
    try:
        await store.restore(await asyncio.gather(*(_kept(one, blobs) for one in missing)))
    except (OSError, StoreUnavailable) as error:  # all else works without them
        _log.error("The examples cannot be shown: %s", error)


async def _is_kept(example: Example, store: Store) -> bool:
    try:
        await store.get(example.prediction.id, EXAMPLES)
    except NotFound:
        return False
    return True


async def _kept(example: Example, blobs: BlobStore) -> Prediction:
    for source in example.files.values():
        await blobs.take(await asyncio.to_thread(_copied, source))
    return msgspec.structs.replace(example.prediction, account=EXAMPLES)


def _copied(source: Path) -> Path:
    """A copy that may be taken away."""
    with tempfile.NamedTemporaryFile(suffix=source.suffix, delete=False) as copy:
        copy.write(source.read_bytes())
    return Path(copy.name)
