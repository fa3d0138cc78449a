"""Which part of a list is asked for; all lists go from the newest to the oldest."""

from datetime import datetime
from typing import Protocol

import msgspec


class Listed(Protocol):
    """Whatever can stand in a list: creation time and id are its place there."""

    @property
    def id(self) -> str:
        """Tells apart what was created in the same microsecond."""
        ...

    @property
    def created_at(self) -> datetime:
        """Newest first."""
        ...


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A page, and where it begins."""

    limit: int = 100
    position: tuple[datetime, str] | None = None
    """Creation time and id of the row to go on from."""
    is_backwards: bool = False
    """Towards the newer ones."""
