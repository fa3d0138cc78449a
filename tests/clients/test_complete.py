"""Every method that a client has is called by a test of that client."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replicate.client import Client
from replicate.deployment import DeploymentPredictions
from replicate.model import Model
from replicate.prediction import Prediction
from replicate.resource import Namespace
from replicate.training import Training
from replicate.version import Versions
from tests.clients.conftest import Run

HERE = Path(__file__).parent
REMOVED = {"Model.predict"}
"""What only raises."""


def _sources(pattern: str) -> str:
    files = [path for path in HERE.glob(pattern) if path.name != Path(__file__).name]
    assert files
    return "\n".join(path.read_text() for path in files)


def _uncalled(names: Iterator[str], source: str) -> list[str]:
    return [name for name in names if not re.search(rf"\b{re.escape(name)}\b", source)]


def _namespaces(place: object, path: str) -> Iterator[tuple[str, Namespace]]:
    for name, member in inspect.getmembers(type(place), lambda it: isinstance(it, property)):
        assert isinstance(member, property)
        found = getattr(place, name) if not name.startswith("_") else None
        if isinstance(found, Namespace):
            yield f"{path}{name}", found
            yield from _namespaces(found, f"{path}{name}.")


def _methods(kind: type) -> Iterator[str]:
    inherited = dir(Namespace) + dir(Model.__mro__[1])
    for name, _ in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_") and name not in inherited:
            yield name


def test_each_method_of_pythons_client_is_called() -> None:
    """Those of its namespaces."""
    client = Client(api_token="none")
    source = _sources("test_python_[!2]*.py") + _sources("test_python.py")
    names = [
        f"{path}.{method}"
        for path, found in _namespaces(client, "")
        for method in _methods(type(found))
    ]
    assert len(names) > 50
    assert "deployments.predictions.async_create" in names
    names += ["client.run", "client.async_run", "client.stream", "client.async_stream"]
    assert _uncalled(iter(names), source) == []


@pytest.mark.parametrize(
    "kind",
    [Model, Prediction, Training, Versions, DeploymentPredictions],
    ids=lambda it: it.__name__,
)
def test_each_method_of_pythons_objects_is_called(kind: type) -> None:
    """Those that act on what was got."""
    source = _sources("test_python_[!2]*.py") + _sources("test_python.py") + _sources("test_f*.py")
    names = [name for name in _methods(kind) if f"{kind.__name__}.{name}" not in REMOVED]
    assert names
    assert [name for name in names if f".{name}(" not in source] == []


def test_each_method_of_javascripts_client_is_called(js: Run) -> None:
    """Those in its namespaces, and its own."""
    told: Any = js("""
        const walk = (place, path) => Object.entries(place).flatMap(([name, found]) =>
          typeof found === "function" && name !== "fetch" ? [`${path}${name}`]
          : found && typeof found === "object" ? walk(found, `${path}${name}.`) : []);
        tell([...walk(replicate, ""), "run", "stream", "paginate", "wait"]);
    """)
    assert "deployments.predictions.create" in told
    names = (f"replicate.{name}" for name in told)
    assert _uncalled(names, _sources("test_javascript*.py")) == []


WALK = """
from replicate._resource import SyncAPIResource, AsyncAPIResource
def walk(place, path):
    for name in dir(type(place)):
        if name.startswith(("_", "with_")): continue
        kind = getattr(type(place), name)
        found = getattr(place, name)
        if isinstance(found, (SyncAPIResource, AsyncAPIResource)):
            yield from walk(found, f"{path}{name}.")
        elif callable(found) and path: yield f"{path}{name}"
tell([[*walk(client, "client.")], [*walk(later, "later.")]])
"""


def test_each_method_of_pythons_next_client_is_called(python: Run) -> None:
    """Blocking and not."""
    told: Any = python(WALK)
    source = _sources("test_python_2*.py")
    assert _uncalled(iter(["replicate.run", "replicate.use", "replicate.stream"]), source) == []
    for names, prefix in zip(told, ("client", "later"), strict=True):
        mine = [name for name in names if name.count(".") > 1]
        assert len(mine) > 30
        mine += [f"{prefix}.{name}" for name in ("run", "search")]
        assert _uncalled(iter(mine), source) == []
