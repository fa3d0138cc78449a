"""A model whose pictures an upstream makes."""

from typing import ClassVar

import cog
import msgspec

from safelight.catalog.formats import in_format
from safelight.catalog.rehearsal import Rehearsal
from safelight.catalog.retired import REHEARSED, substitution
from safelight.errors import RunFailed
from safelight.upstream import ImageRequest, ImageResult, OnPartial, Upstream


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

    async def ask(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        """Have it painted, once, in the format of the request, and record who did.

        Raises:
            UpstreamError: Nothing usable came back.
        """
        if self.upstream is None:
            raise RunFailed(f"{self.full_name} was not set up.")
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
