"""Make the covers and examples of the models' pages, by running the models in test mode.

They are part of the package: src/safelight/catalog/data. What is there stays, so that the ids of
examples never change; to have one made anew, remove its files first. No key and no network are
needed.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from safelight.bootstrap import prepare_home
from safelight.catalog.listing import ENTRIES, Entry
from safelight.catalog.pages import DATA
from safelight.engine import Engine, running_engine
from safelight.prediction import Prediction, Status
from safelight.settings import Settings, read_settings

PATIENCE = timedelta(seconds=60)
COVER = {"width": 768, "height": 512, "output_quality": 70}
"""Of the sketch, which paints all covers."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a model's page is to show."""

    cover: str
    """The prompt."""
    seed: int = 7
    """Of the cover."""
    examples: tuple[Mapping[str, Any], ...] = field(default=({},))
    """What is different from the input of the listing's example."""


OCEAN = "An ocean with high waves at sunset"
FOX = "A red fox in a snowy forest at dawn"
TAXI = "A city street at night in the rain, neon reflections, a yellow taxi"
BOATS = 'Two sailing boats on a calm sea at sunset, "SAFELIGHT" in the sky'

PLANS: dict[str, Plan] = {
    "openai/gpt-image-1": Plan(
        cover=FOX,
        examples=(
            {"prompt": FOX},
            {
                "prompt": "A robot reading a book, sticker",
                "aspect_ratio": "1:1",
                "number_of_images": 1,
                "background": "transparent",
                "output_compression": 60,
            },
        ),
    ),
    "openai/gpt-image-2": Plan(
        cover="A wooden desk with a laptop, a cup of coffee and a plant",
        examples=(
            {},
            {
                "prompt": 'A birthday card that says "Happy Birthday, Ada", balloons',
                "aspect_ratio": "2:3",
                "output_compression": 70,
            },
        ),
    ),
    "google/imagen-4-fast": Plan(
        cover=TAXI,
        examples=({}, {"prompt": "A bowl of ramen on a wooden table", "aspect_ratio": "16:9"}),
    ),
    "jigsawstack/image-generation": Plan(
        cover=OCEAN,
        examples=(
            {},
            {
                "prompt": "Three penguins on ice under the northern lights",
                "output_format": "svg",
                "width": 512,
                "height": 288,
                "seed": 3,
            },
        ),
    ),
    "safelight/sketch": Plan(
        cover=BOATS,
        examples=(
            {"prompt": BOATS},
            {
                "prompt": "A hot air balloon over mountains at sunrise, watercolor",
                "aspect_ratio": "4:5",
                "output_quality": 60,
            },
            {
                "prompt": "A robot reading a book in a library",
                "width": 768,
                "height": 768,
                "num_outputs": 2,
                "output_quality": 60,
            },
        ),
    ),
    "safelight/echo": Plan(cover="A calm lake and mountains at dawn"),
}


@dataclass(frozen=True, kw_only=True)
class Studio:
    """An engine of its own, called as any caller calls it, in test mode."""

    engine: Engine
    client: httpx.AsyncClient
    blobs: Path

    async def run(self, model: str, given: Mapping[str, Any]) -> Prediction:
        """A prediction that has succeeded."""
        version = self.engine.registry.model(*model.split("/")).latest.id
        body = {"version": version, "input": given}
        answer = (await self.client.post("/v1/predictions", json=body)).raise_for_status()
        ended = await self.engine.store.ended(answer.json()["id"], PATIENCE)
        if ended is None or ended.status is not Status.SUCCEEDED:
            sys.exit(f"{model} did not succeed: {ended and ended.error}")
        return ended

    def take(self, prediction: Prediction, number: int, to: Path) -> None:
        """Copy the content of one of its output files."""
        key = prediction.files[number].blob.key
        shutil.copyfile(self.blobs / key[:2] / key[2:], to)
        print(f"{to.relative_to(DATA)}: {to.stat().st_size / 1000:.0f} kB")


async def make_page(studio: Studio, entry: Entry) -> None:
    """Make what the page of a model lacks."""
    plan = PLANS[entry.full_name]
    folder = DATA / entry.owner / entry.name
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "cover.webp").exists():
        painted = await studio.run(
            "safelight/sketch", {"prompt": plan.cover, "seed": plan.seed, **COVER}
        )
        studio.take(painted, 0, folder / "cover.webp")
    for number, changes in enumerate(plan.examples):
        stem = f"example-{number + 1}"
        if not (folder / f"{stem}.json").exists():
            merged = {**entry.example, **changes}
            await make_example(studio, entry, merged, folder / stem)


async def make_example(studio: Studio, entry: Entry, given: Mapping[str, Any], at: Path) -> None:
    """Run a model; keep the prediction, as one that nobody in particular made, and its files."""
    made = await studio.run(entry.full_name, given)
    for number, file in enumerate(made.files):
        studio.take(made, number, at.with_name(f"{at.name}-{number}{Path(file.name).suffix}"))
    nobody = {"account": "examples", "token": "examples", "source": "web", "origin": ""}
    shown = msgspec.structs.replace(made, **nobody, hidden=entry.official)
    at.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(shown)) + b"\n")


def settings_in(folder: Path) -> Settings:
    """Nothing but defaults, in a HOME that goes away."""
    environment = {"PATH": os.environ.get("PATH", ""), "SAFELIGHT_HOME": str(folder / "home")}
    return read_settings(environment, folder)


async def make_pages(folder: Path) -> None:
    """Make what is missing."""
    settings = settings_in(folder)
    tokens = prepare_home(settings)
    async with (
        running_engine(settings) as engine,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(engine.app),
            base_url="https://safelight.test",
            headers={"authorization": f"Bearer {tokens.test_token}"},
        ) as client,
    ):
        studio = Studio(engine=engine, client=client, blobs=settings.home / "blobs")
        for entry in ENTRIES:
            await make_page(studio, entry)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(make_pages(Path(temporary)))
