"""The real server with one more model, which can be trained.

python -P training_server.py serve --port 0 --tls-port 0
"""

import asyncio
import hashlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cog
import uvloop

from safelight.catalog import listing
from safelight.engine import Engine, running_engine
from safelight.server import Addresses, serve
from safelight.settings import Settings, read_settings


class Style(cog.BaseRunner):
    """Says the prompt in the style that its weights are."""

    async def run(
        self,
        prompt: str = cog.Input(description="What to say"),
        replicate_weights: cog.Path | None = cog.Input(default=None),  # noqa: B008 - Cog's way
    ) -> str:
        """The prompt and the style, a file of text."""
        style = replicate_weights.read_text() if replicate_weights else "plain"
        return f"{prompt} ({style})"


class StyleTrainer(cog.BaseRunner):
    """Makes weights of a word."""

    async def run(
        self, style: str = cog.Input(description="The style; `never` takes for ever")
    ) -> cog.Path:
        """A file."""
        print(f"Learning {style}")  # noqa: T201 - how a Cog model logs
        if style == "never":
            await asyncio.Event().wait()
        if style == "bad":
            raise ValueError("no luck")
        weights = Path(tempfile.mkdtemp()) / "weights.txt"
        weights.write_text(style)
        return cog.Path(weights)


ENTRY: Final = listing.Entry(
    owner="tests",
    name="style",
    description="Can be trained.",
    runner=Style,
    test_runner=Style,
    trainer=StyleTrainer,
    version=hashlib.sha256(b"style").hexdigest(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    official=False,
    cover_prompt="A brush",
)


@asynccontextmanager
async def training_engine(settings: Settings) -> AsyncIterator[Engine]:
    """The real engine, with the model besides."""
    async with running_engine(settings, (*listing.ENTRIES, ENTRY)) as engine:
        yield engine


def _say(addresses: Addresses) -> None:
    sys.stdout.write(f"Safelight is at {addresses.http} and {addresses.https}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    found = replace(read_settings(os.environ, Path.cwd()), port=0, tls_port=0)
    uvloop.run(serve(found, started=_say, engine=training_engine))
