"""The models that an account can run: those in the box, and those that accounts created."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import cog
import msgspec
import pytest
from tests.support.engine import Bench, runnable
from tests.support.making import NOW

from safelight.account import Mode
from safelight.blobs.directory import DirectoryBlobs
from safelight.errors import Forbidden, InvalidVersion, NotFound
from safelight.ids import read_reference
from safelight.library import Library
from safelight.model import Collection, Model, ModelStore, Version
from safelight.registry import Registry, Runnable, Trainer
from safelight.stores.sqlite import SqliteStore

TUNED = "https://example.com/tuned.tar"


class Tunable(cog.BaseRunner):
    async def run(self, prompt: str, replicate_weights: str | None = None) -> str:
        return f"{prompt} with {replicate_weights}"


class Fixed(cog.BaseRunner):
    async def run(self, prompt: str) -> str:
        return prompt


TUNABLE, FIXED = runnable(Tunable, "tunable", 1), runnable(Fixed, "fixed", 2)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A store, and two models in the box."""
    store = SqliteStore(tmp_path / "safelight.db")
    yield Bench(store, Registry([TUNABLE, FIXED]), DirectoryBlobs(tmp_path / "blobs"))
    await store.close()


@pytest.fixture
def library(bench: Bench) -> Library:
    """The box and the store."""
    return Library(bench.registry, bench.store.models)


def trained(number: int, runs_on: Runnable, **facts: Any) -> Version:
    """A version that this one runs."""
    usual = {
        "id": f"{number:064x}",
        "created_at": NOW + timedelta(seconds=number),
        "base": runs_on.version.id,
        "weights": TUNED,
    }
    return msgspec.structs.replace(runs_on.version, **usual | facts)


async def keep(models: ModelStore, name: str, *versions: Version, **facts: Any) -> None:
    """A model of `me`, private unless told otherwise."""
    usual = {"owner": "me", "visibility": "private", "created_at": NOW}
    model = Model(name=name, **usual | facts)
    await models.add(model)
    for version in versions:
        await models.add_version(model.owner, name, version)


async def found(library: Library, text: str, account: str = "me") -> Runnable:
    return await library.resolve(read_reference(text), account)


async def test_the_box_is_found_without_a_query(library: Library, bench: Bench) -> None:
    """Even once the database is closed."""
    await bench.store.close()
    assert await found(library, "acme/fixed") is FIXED
    assert await found(library, FIXED.version.id) is FIXED
    assert await library.runnable(FIXED.version.id) is FIXED
    assert await library.model("acme", "fixed", "anyone") is FIXED.model
    assert await library.version("acme", "fixed", "latest", "anyone") is FIXED.version


@pytest.mark.parametrize("spelling", ["me/mine", "me/mine:latest", "me/mine:{id}", "{id}"])
async def test_a_stored_version_is_found_in_every_spelling(
    library: Library, bench: Bench, spelling: str
) -> None:
    """Under its own name, with the schema of its base."""
    await keep(bench.store.models, "mine", trained(11, TUNABLE), trained(12, TUNABLE))
    newest = trained(12, TUNABLE)
    got = await found(library, spelling.format(id=newest.id))
    assert got.model.full_name == "me/mine"
    assert got.version == newest
    assert got.inputs is TUNABLE.inputs


@pytest.mark.parametrize("spelling", ["me/mine", f"me/mine:{11:064x}", f"{11:064x}"])
async def test_a_private_model_is_nobody_elses(
    library: Library, bench: Bench, spelling: str
) -> None:
    """Not even its existence is told; its worker runs it all the same."""
    await keep(bench.store.models, "mine", trained(11, TUNABLE))
    with pytest.raises(InvalidVersion):
        await found(library, spelling, "you")
    for asked in (
        library.model("me", "mine", "you"),
        library.version("me", "mine", "latest", "you"),
    ):
        with pytest.raises(NotFound):
            await asked
    assert "me/mine" not in {model.full_name for model in await library.models("you")}
    assert await library.runnable(f"{11:064x}") is not None


async def test_a_public_model_is_everyones(library: Library, bench: Bench) -> None:
    """To see and to run."""
    await keep(bench.store.models, "mine", trained(11, TUNABLE), visibility="public")
    assert (await found(library, "me/mine", "you")).version.id == f"{11:064x}"
    assert (await library.model("me", "mine", "you")).full_name == "me/mine"
    names = [model.full_name for model in await library.models("you")]
    assert sorted(names) == ["acme/fixed", "acme/tunable", "me/mine"]


@pytest.mark.parametrize(
    "text", ["me/none", "me/empty", "me/empty:latest", f"me/mine:{99:064x}", "f" * 64, "", "me"]
)
async def test_what_cannot_be_run_is_an_invalid_version(
    library: Library, bench: Bench, text: str
) -> None:
    """Such as a model without versions."""
    await keep(bench.store.models, "empty")
    await keep(bench.store.models, "mine", trained(11, TUNABLE))
    with pytest.raises(InvalidVersion):
        await found(library, text)


@pytest.mark.parametrize("base", [None, "e" * 64])
async def test_without_its_base_a_version_cannot_be_run(
    library: Library, bench: Bench, base: str | None
) -> None:
    """It can still be looked at."""
    await keep(bench.store.models, "mine", trained(11, TUNABLE, base=base))
    with pytest.raises(InvalidVersion):
        await found(library, "me/mine")
    assert await library.runnable(f"{11:064x}") is None
    assert (await library.version("me", "mine", "latest", "me")).base == base


async def ran(library: Library, bench: Bench, text: str, **inputs: Any) -> object:
    """What a worker makes of it."""
    got = await found(library, text)
    facts = {"model": got.model.full_name, "version": got.version.id}
    async with bench.working():
        prediction = await bench.create(got.model.name, input=inputs, **facts)
        ended = await bench.end_of(prediction)
        assert ended.error is None, ended.logs
        return ended.output


async def test_a_trained_version_runs_with_its_weights(library: Library, bench: Bench) -> None:
    """Unless the caller gives others."""
    await keep(bench.store.models, "tunable", trained(11, TUNABLE))
    assert await ran(library, bench, "me/tunable", prompt="a") == f"a with {TUNED}"
    mine = {"prompt": "a", "replicate_weights": "mine"}
    assert await ran(library, bench, "me/tunable", **mine) == "a with mine"
    assert await ran(library, bench, "acme/tunable", prompt="a") == "a with None"


async def test_weights_go_only_where_they_are_taken(library: Library, bench: Bench) -> None:
    """A base without such an input runs as it is."""
    await keep(bench.store.models, "fixed", trained(11, FIXED))
    assert await ran(library, bench, "me/fixed", prompt="a") == "a"


async def test_what_was_trained_from_a_trained_version_has_its_own_weights(
    library: Library, bench: Bench
) -> None:
    """And the runner of the first."""
    first = trained(11, TUNABLE)
    second = trained(12, TUNABLE, base=first.id, weights="newer")
    await keep(bench.store.models, "tunable", first, second)
    assert await ran(library, bench, "me/tunable", prompt="a") == "a with newer"


@pytest.mark.parametrize("account", ["me", "acme"])
async def test_only_what_is_ones_own_can_be_changed(
    library: Library, bench: Bench, account: str
) -> None:
    """The box is nobody's, whatever the account is called."""
    await keep(bench.store.models, "mine", visibility="public")
    await keep(bench.store.models, "theirs", owner="you", visibility="public")
    for owner, name in (("acme", "fixed"), ("you", "theirs")):
        with pytest.raises(Forbidden):
            await library.own(owner, name, account)
    assert (await library.own("me", "mine", "me")).full_name == "me/mine"


def test_a_collection_has_only_models_in_the_box(bench: Bench) -> None:
    """Without one it is left out."""
    here = Collection(slug="a", name="A", description="", models=("acme/fixed", "acme/gone"))
    gone = Collection(slug="b", name="B", description="", models=("acme/gone",))
    (left,) = Library(bench.registry, bench.store.models, [gone, here]).collections
    assert (left.slug, left.models) == ("a", ("acme/fixed",))


class Narrow(cog.BaseRunner):
    inside = most = 0

    async def run(self) -> str:
        Narrow.inside += 1
        Narrow.most = max(Narrow.most, Narrow.inside)
        for _ in range(20):
            await asyncio.sleep(0)
        Narrow.inside -= 1
        return "done"


async def test_what_was_trained_shares_the_room_of_its_base(tmp_path: Path) -> None:
    """A model that takes one run at a time gets one, under whatever names."""
    base = runnable(Narrow, "narrow", 3)
    store = SqliteStore(tmp_path / "narrow.db")
    bench = Bench(store, Registry([base]), DirectoryBlobs(tmp_path / "blobs"))
    await keep(store.models, "narrow", trained(11, base, weights=None))
    mine = {"model": "me/narrow", "version": f"{11:064x}"}
    created = [await bench.create("narrow", **facts) for facts in (mine, {}, mine, {})]
    async with bench.working():
        assert [(await bench.end_of(one)).output for one in created] == ["done"] * 4
    assert Narrow.most == 1
    await store.close()


async def test_what_was_trained_waits_with_its_base(library: Library, bench: Bench) -> None:
    """Also what was trained from what was trained."""
    first = trained(11, TUNABLE)
    again = trained(12, TUNABLE, base=first.id)
    await keep(bench.store.models, "mine", first, again)
    for version in (first, again):
        assert (await found(library, version.id)).shares == "acme/tunable"
    assert (await found(library, "acme/tunable")).shares is None


def test_trainings_have_a_queue_of_their_own() -> None:
    """They may take hours, and the model's predictions do not wait for them."""
    trainer = Trainer(TUNABLE.inputs, FIXED.runners)
    registry = Registry([msgspec.structs.replace(TUNABLE, trainer=trainer)])
    training = registry.resolve(read_reference("acme/tunable")).to_train()
    assert training is not None
    assert training.shares is not None
    assert registry.concurrency() == {
        (room, mode): 1 for room in ("acme/tunable", training.shares) for mode in Mode
    }
