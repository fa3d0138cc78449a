"""From a reference to what runs it."""

from datetime import UTC, datetime

import cog
import msgspec
import pytest
from tests.support.engine import runnable

from safelight.account import Mode
from safelight.errors import InvalidInput, InvalidVersion, NotFound
from safelight.ids import read_reference
from safelight.registry import Registry, Runnable


class Echo(cog.BaseRunner):
    @cog.concurrent(max=7)
    async def run(self, prompt: str, key: cog.Secret | None = None) -> str:
        return f"{prompt}{key}"


def with_older_version(newest: Runnable, older: Runnable) -> list[Runnable]:
    """The same model with two versions."""
    versions = (newest.version, older.version)
    model = msgspec.structs.replace(newest.model, versions=versions)
    return [Runnable(model, r.version, r.inputs, r.runners) for r in (newest, older)]


OLD, NEW, OTHER = (runnable(Echo, name, n) for n, name in ((1, "a"), (2, "a"), (3, "b")))
REGISTRY = Registry([*with_older_version(NEW, OLD), OTHER])


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("acme/a", NEW.version.id),
        ("acme/a:latest", NEW.version.id),
        (f"acme/a:{OLD.version.id}", OLD.version.id),
        (OLD.version.id, OLD.version.id),
        ("acme/b", OTHER.version.id),
    ],
)
def test_every_spelling_leads_to_its_version(text: str, version: str) -> None:
    """A bare name is its newest."""
    assert REGISTRY.resolve(read_reference(text)).version.id == version


@pytest.mark.parametrize(
    "text",
    [
        *("acme/c", "acme/a:oldest", "nobody/a", "f" * 64, "acme", "", "acme/a:"),
        f"acme/b:{OLD.version.id}",
    ],
)
def test_what_is_not_here_is_an_invalid_version(text: str) -> None:
    """Also a version under another model's name; the text is Replicate's."""
    with pytest.raises(InvalidVersion, match="The specified version does not exist"):
        REGISTRY.resolve(read_reference(text))


def test_models_are_listed_newest_first_once_each() -> None:
    """However many versions they have."""
    assert [model.full_name for model in REGISTRY.models] == ["acme/b", "acme/a"]
    assert REGISTRY.models[0].created_at == datetime(2025, 1, 4, tzinfo=UTC)


def test_a_model_and_its_versions_are_found_by_name() -> None:
    """`latest` is the newest."""
    assert REGISTRY.model("acme", "a").latest == NEW.version
    assert REGISTRY.version("acme", "a", "latest") == NEW.version
    assert REGISTRY.version("acme", "a", OLD.version.id) == OLD.version


@pytest.mark.parametrize("name", ["c", "A", "", "a/b"])
def test_a_model_that_is_not_here_is_not_found(name: str) -> None:
    """By exactly that name."""
    with pytest.raises(NotFound):
        REGISTRY.model("acme", name)
    with pytest.raises(NotFound):
        REGISTRY.version("acme", name, "latest")


def test_a_version_of_another_model_is_not_found() -> None:
    """Even though it is here."""
    with pytest.raises(NotFound):
        REGISTRY.version("acme", "b", OLD.version.id)


def test_a_worker_finds_what_runs_a_stored_version() -> None:
    """In either mode; None once it is gone."""
    found = REGISTRY.runnable(OLD.version.id)
    assert found is not None
    assert set(found.runners) == set(Mode)
    assert REGISTRY.runnable("f" * 64) is None


def test_concurrency_is_by_model() -> None:
    """What its runner takes at once, whichever version."""
    assert REGISTRY.concurrency() == {
        (name, mode): 7 for name in ("acme/a", "acme/b") for mode in Mode
    }


async def test_each_runner_is_set_up_once() -> None:
    """Although several versions share it."""
    calls: list[str] = []

    class Counted(cog.BaseRunner):
        async def setup(self) -> None:
            calls.append("setup")

        async def run(self) -> str:
            return ""

    one = runnable(Counted, "c")
    shared = Runnable(one.model, NEW.version, one.inputs, one.runners)
    await Registry([one, shared]).setup()
    assert calls == ["setup"]


def test_secrets_are_told_from_the_input_that_is_shown() -> None:
    """What is stored is redacted; what is absent stays absent."""
    given = {"prompt": "x", "key": "sk-1", "unknown": 1}
    shown, secrets = REGISTRY.checked_input(NEW, given)
    assert shown == {"prompt": "x", "key": "[REDACTED]"}
    assert secrets == {"key": "sk-1"}
    assert REGISTRY.checked_input(NEW, {"prompt": "x"}) == ({"prompt": "x"}, {})


def test_an_input_that_does_not_fit_is_refused() -> None:
    """By its schema."""
    with pytest.raises(InvalidInput, match="prompt is required"):
        REGISTRY.checked_input(NEW, {})
