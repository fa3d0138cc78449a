"""A model that can be trained, and what trains it."""
# ruff: noqa: B008 - Cog reads a model's inputs from the defaults of its run()

import asyncio
import hashlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import cog
from tests.api.calls import Api, Json

from safelight.catalog.listing import ENTRIES, Entry

GATES: Final[dict[str, asyncio.Event]] = {}
"""A training of such a style waits until its gate is opened."""


class Styler(cog.BaseRunner):
    """Says its prompt in a style, which is what training teaches it."""

    @cog.concurrent(max=10)
    async def run(
        self,
        prompt: str = cog.Input(description="What to say"),
        replicate_weights: cog.Path | None = cog.Input(description="A style", default=None),
    ) -> str:
        """Read the style from the weights."""
        style = "plain" if replicate_weights is None else replicate_weights.read_text()
        return f"{prompt}, {style}"


class Trained(cog.BaseModel):
    """What Cog's trainers return."""

    weights: cog.Path


class StyleTrainer(cog.BaseRunner):
    """Writes its input down as weights; some styles are faults."""

    @cog.concurrent(max=10)
    async def run(
        self,
        style: str = cog.Input(description="A style, or a fault"),
        examples: cog.Path | None = cog.Input(description="A file of any type", default=None),
        key: cog.Secret | None = cog.Input(description="A secret", default=None),
    ) -> Trained:
        """Learn."""
        print(f"learning {style} with {key and key.get_secret_value()}")  # noqa: T201 - a log
        if style == "hang":
            await asyncio.Event().wait()
        if style in GATES:
            await GATES[style].wait()
        if style == "fail":
            raise RuntimeError("It diverged.")
        if style == "nothing":
            return None  # pyright: ignore[reportReturnType]
        read = "" if examples is None else examples.read_bytes().hex()
        weights = Path(tempfile.mkdtemp()) / "weights.safetensors"
        weights.write_text(style + read)
        return Trained(weights=cog.Path(weights))


STYLER: Final = Entry(
    owner="tests",
    name="styler",
    description="For tests.",
    runner=Styler,
    test_runner=Styler,
    trainer=StyleTrainer,
    version=hashlib.sha256(b"styler").hexdigest(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    official=True,
    cover_prompt="A brush",
)
MODELS: Final = (*ENTRIES, STYLER)
ALL: Final = "/v1/trainings"
MINE: Final = "safelight/mine"
CREATE: Final = f"/v1/models/tests/styler/versions/{STYLER.version}/trainings"


def body(style: str = "baroque", **changes: Any) -> Json:
    usual = {"destination": MINE, "input": {"style": style}}
    return usual | changes


async def create(api: Api, style: str = "baroque", **changes: Any) -> Json:
    answer = await api.post(CREATE, body(style, **changes))
    assert answer.status_code == 201, answer.text
    shown: Json = answer.json()
    return shown


async def get(api: Api, name: str) -> Json:
    answer = await api.client.get(f"{ALL}/{name}")
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def ended(api: Api, training: Json) -> Json:
    await api.until(training["id"], "succeeded", "failed", "canceled", "aborted")
    return await get(api, training["id"])


async def trained(api: Api, style: str = "baroque", **changes: Any) -> Json:
    shown = await ended(api, await create(api, style, **changes))
    assert shown["status"] == "succeeded", shown
    return shown


async def versions(api: Api) -> list[str]:
    model = await api.engine.store.models.get("safelight", "mine")
    return [version.id for version in model.versions]


async def listed(api: Api, **headers: str) -> list[str]:
    answer = await api.client.get(ALL, headers=headers)
    assert answer.status_code == 200, answer.text
    return [shown["id"] for shown in answer.json()["results"]]
