"""A model whose pictures an upstream makes."""

import asyncio
import logging
from datetime import timedelta
from typing import ClassVar, Final

import cog
import msgspec

from safelight.audience import AUDIENCE, Show
from safelight.catalog.files import discard, save_unfinished
from safelight.catalog.formats import in_format
from safelight.catalog.rehearsal import Rehearsal
from safelight.catalog.retired import REHEARSED, substitution
from safelight.errors import RunFailed
from safelight.upstream import PARTIALS, ImageRequest, ImageResult, OnPartial, Picture, Upstream

PATIENCE: Final = timedelta(seconds=2)
"""For how long an unfinished picture may hold up what is paid for."""
_log: Final = logging.getLogger("safelight.catalog")


class AskingModel(cog.BaseRunner):
    """Asks an upstream; one that was given none rehearses, so that it runs bare under Cog."""

    full_name: ClassVar[str]
    """`owner/name`, for what is said in the logs."""
    own: ClassVar[frozenset[str]]
    """The upstream models that are this very model, as `provider:model`."""
    default_model: ClassVar[str]
    """The provider's id of the model."""

    def __init__(self, upstream: Upstream | None = None, model: str | None = None) -> None:
        self.upstream = upstream
        self.model = model or self.default_model

    def setup(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - Cog takes setup() with or without weights
        """Fall back to a rehearsal."""
        self.upstream = self.upstream or Rehearsal()

    async def ask(self, request: ImageRequest, key: str | None = None) -> ImageResult:
        """Have it painted, once, in the format of the request, and record who did.

        Whoever looks on is shown unfinished pictures.

        Raises:
            UpstreamError: Nothing usable came back.
        """
        if self.upstream is None:
            raise RunFailed(f"{self.full_name} was not set up.")
        show, on_partial = AUDIENCE.get(), None
        if show is not None:
            request = msgspec.structs.replace(request, partials=PARTIALS)
            on_partial = _showing(request, show)
        result = await self.upstream.generate(request, key, on_partial)
        if result.upstream != REHEARSED:
            self.record_metric("upstream", result.upstream)
        pictures = await in_format(result.pictures, request.format, request.compression)
        return msgspec.structs.replace(result, pictures=pictures)

    def print_substitution(self, result: ImageResult) -> None:
        """Say so in the logs when another model answered: a successor is never used in silence."""
        line = substitution(self.full_name, self.own, result.upstream)
        if line is not None:
            print(line)


def _showing(request: ImageRequest, show: Show) -> OnPartial:
    """Never raises, nor takes long: the run may be paid for, and goes on whatever comes of it."""
    left = request.partials * request.count

    async def on_partial(picture: Picture) -> None:
        nonlocal left
        left -= 1
        if left < 0:  # more than were asked for
            return
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await _show(picture, request, show)
        except Exception as error:  # noqa: BLE001 - see above
            _log.warning("An unfinished picture could not be shown: %r", error)

    return on_partial


async def _show(picture: Picture, request: ImageRequest, show: Show) -> None:
    pictures = await in_format((picture,), request.format, request.compression)
    path = await save_unfinished(pictures[0])
    try:
        await show(path)
    except BaseException:
        await asyncio.shield(discard(path))
        raise
