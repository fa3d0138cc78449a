"""Values for tests: a prediction like any other, and patience without sleeping."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from safelight.ids import prediction_id
from safelight.prediction import Prediction

T = TypeVar("T")

NOW: Final = datetime(2025, 4, 28, 15, 15, 42, 634000, tzinfo=UTC)
SOON: Final = timedelta(seconds=20)
"""A lease, as tests take it."""
PATIENCE: Final = 20.0
"""Seconds after which what should have happened has not."""
MODEL: Final = "acme/img"
VERSION: Final = "a" * 64


def made(**facts: Any) -> Prediction:
    """A waiting prediction with a fresh id; *facts* replace what it is made of."""
    usual: dict[str, Any] = {
        "id": prediction_id(random.randbytes(23)),
        "account": "me",
        "token": "token-1",
        "model": MODEL,
        "version": VERSION,
        "input": {"prompt": "a cat"},
        "created_at": NOW,
    }
    return Prediction(**usual | facts)


async def eventually(look: Callable[[], Awaitable[T | None]], within: float = PATIENCE) -> T:
    """What *look* gives, once it gives something; it is asked again until then."""
    give_up = time.monotonic() + within
    while not (found := await look()):
        assert time.monotonic() < give_up, f"{look} saw nothing within {within} s"
        await asyncio.sleep(0.005)
    return found
