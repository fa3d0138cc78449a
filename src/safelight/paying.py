"""Who pays for a call: each attempt is on record before it is made, and settled afterwards."""

from contextvars import ContextVar
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from safelight.upstream import ImageRequest, ImageResult, UpstreamError


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """What a call cost, in US dollars."""

    cost: Decimal
    is_estimate: bool
    """True when the provider said nothing of what it used."""


class Purchase(Protocol):
    """One attempt to buy, which is on disk."""

    async def came(self, result: ImageResult) -> Bill | None:
        """It was answered: book what it cost; None when no price is known."""
        ...

    async def failed(self, error: UpstreamError) -> None:
        """It was not: book nothing if it did no work, else what it may have cost, as unknown."""
        ...


class Payer(Protocol):
    """Keeps the record for one prediction."""

    async def attempt(
        self, upstream: str, request: ImageRequest, *, by_caller: bool = False
    ) -> Purchase:
        """Put the attempt on record; on return it is on disk, and the call may be made.

        *upstream* is `provider:model`; *by_caller* when it is the caller's own key that pays.

        Raises:
            RunFailed: The spend limit does not allow it; nothing may be called.
        """
        ...


PAYER: Final[ContextVar[Payer | None]] = ContextVar("safelight_payer", default=None)
"""Of the prediction that the code at hand works for; None where nothing is recorded."""
