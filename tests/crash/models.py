"""Test models that write down, on disk and before they answer, each call that would be billed."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cog
from tests.crash.fuse import FUSE, Stop

from safelight.catalog.listing import Entry
from safelight.paying import PAYER
from safelight.upstream import ImageRequest, ImageResult, Picture, Usage

LEDGER: Final = "CRASH_LEDGER"
"""The variable that says where calls are written down."""
BOUGHT_FROM: Final = "openai:gpt-image-2"
_LOOK_EVERY: Final = 0.02
_KEY: Final = cog.Input(description="Proven by the receipt", default=None)


def proof(key: str) -> str:
    """What shows that a model was given this key, and is no secret itself."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


class Counting(cog.BaseRunner):
    """Writes its receipt to a file, so that blobs and temporary files take part too."""

    @cog.concurrent(max=64)
    async def run(
        self,
        ticket: str = cog.Input(description="Names the prediction in the ledger"),
        seconds: float = cog.Input(description="How long the call takes", default=0),
        held: bool = cog.Input(description="Whether it waits for the gate", default=False),
        key: cog.Secret | None = _KEY,
    ) -> cog.Path:
        """Wait, pay, wait, answer."""
        receipt = Path(tempfile.mkdtemp(prefix="receipt-")) / "receipt.txt"
        receipt.write_text(ticket)
        print(f"running {ticket}")  # noqa: T201 - how a Cog model logs
        FUSE.passes(Stop.RUNNING, ticket)
        await asyncio.sleep(seconds / 2)
        while held and not _gate().exists():  # noqa: ASYNC110 - another process opens it
            await asyncio.sleep(_LOOK_EVERY)
        _write_down(ticket)
        FUSE.passes(Stop.PAID, ticket)
        await asyncio.sleep(seconds / 2)
        shown = "no key" if key is None else proof(key.get_secret_value() or "")
        receipt.write_text(f"{ticket}: {shown}")
        return cog.Path(receipt)


class Buying(cog.BaseRunner):
    """Buys as an upstream does: on record before the call, and settled after it."""

    @cog.concurrent(max=64)
    async def run(
        self, ticket: str = cog.Input(description="Names the prediction in the ledger")
    ) -> str:
        """Attempt, call, settle."""
        FUSE.passes(Stop.RUNNING, ticket)
        request = ImageRequest(model="gpt-image-2", prompt=ticket)
        payer = PAYER.get()
        assert payer is not None
        purchase = await payer.attempt(BOUGHT_FROM, request)
        FUSE.passes(Stop.OPENED, ticket)
        _write_down(ticket)
        FUSE.passes(Stop.PAID, ticket)
        came = (Picture(b"", "image/png"),)
        usage = Usage(input_tokens=10, output_tokens=1000)
        await purchase.came(ImageResult(pictures=came, upstream=BOUGHT_FROM, usage=usage))
        FUSE.passes(Stop.SETTLED, ticket)
        return ticket


class Queueing(Counting):
    """One at a time: what comes meanwhile waits in the store."""

    @cog.concurrent(max=1)
    async def run(
        self,
        ticket: str = cog.Input(description="Names the prediction in the ledger"),
        held: bool = cog.Input(description="Whether it waits for the gate", default=False),
        key: cog.Secret | None = _KEY,
    ) -> cog.Path:
        """As the others."""
        return await super().run(ticket=ticket, seconds=0, held=held, key=key)


class Streaming(cog.BaseRunner):
    """Gives its receipts one by one, the second after the call."""

    async def run(
        self, ticket: str = cog.Input(description="Names the prediction in the ledger")
    ) -> AsyncIterator[cog.Path]:
        """Answer in two parts."""
        for number in range(2):
            receipt = Path(tempfile.mkdtemp(prefix="receipt-")) / f"receipt-{number}.txt"
            receipt.write_text(f"{ticket}: {number}")
            yield cog.Path(receipt)
            if number == 0:
                _write_down(ticket)


def _ledger() -> Path:
    return Path(os.environ[LEDGER])


def _gate() -> Path:
    return _ledger().with_name("gate")


def _write_down(ticket: str) -> None:
    with _ledger().open("ab", buffering=0) as file:
        file.write(ticket.encode() + b"\n")
        os.fsync(file.fileno())


def _entry(name: str, runner: type[cog.BaseRunner], *, repeatable: bool) -> Entry:
    return Entry(
        owner="crash",
        name=name,
        description="For the crash suite.",
        runner=runner,
        test_runner=runner,
        version=hashlib.sha256(name.encode()).hexdigest(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        official=False,
        repeatable=repeatable,
        cover_prompt="A wall",
    )


ENTRIES: Final = (
    _entry("paid", Counting, repeatable=False),
    _entry("free", Counting, repeatable=True),
    _entry("queue", Queueing, repeatable=True),
    _entry("stream", Streaming, repeatable=False),
    _entry("bought", Buying, repeatable=False),
)
