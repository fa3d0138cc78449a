"""The listing is whole and consistent, and light to import."""

import re
import subprocess
import sys
from typing import Any

import pytest

from safelight.catalog.asking import AskingModel
from safelight.catalog.listing import ENTRIES
from safelight.schema import InputSchema, openapi_schema


def test_the_six_models_are_listed_under_their_names() -> None:
    """In the order in which pages show them."""
    assert [entry.full_name for entry in ENTRIES] == [
        "openai/gpt-image-1",
        "openai/gpt-image-2",
        "google/imagen-4-fast",
        "jigsawstack/image-generation",
        "safelight/sketch",
        "safelight/echo",
    ]


def test_version_ids_are_64_hex_digits_and_none_is_used_twice() -> None:
    """A bare id resolves to one model."""
    ids = [id_ for entry in ENTRIES for id_ in (entry.version, *entry.other_versions)]
    assert all(re.fullmatch("[0-9a-f]{64}", id_) for id_ in ids)
    assert len(set(ids)) == len(ids)


def test_minted_version_ids_never_change() -> None:
    """Clients keep them."""
    minted = {entry.full_name: entry.version[:12] for entry in ENTRIES}
    assert minted["google/imagen-4-fast"] == "cb0c5a051931"
    assert minted["safelight/sketch"] == "b36227896e07"
    assert minted["safelight/echo"] == "8e7099513613"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.full_name)
def test_an_example_fits_its_schema(entry: Any) -> None:
    """The playground can run it as it is."""
    assert InputSchema(openapi_schema(entry.runner)).check(dict(entry.example)) == entry.example


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.full_name)
def test_what_may_cost_money_is_never_repeated(entry: Any) -> None:
    """A model with a provider takes an upstream, and is not run again after a crash."""
    has_provider = entry.provider is not None
    assert issubclass(entry.runner, AskingModel) == has_provider
    assert (entry.default_model is not None) == has_provider
    assert entry.repeatable != has_provider
    if has_provider:
        assert entry.runner.full_name == entry.full_name


def test_official_models_are_those_of_replicate() -> None:
    """The others show their version ids."""
    assert [entry.name for entry in ENTRIES if entry.official] == [
        "gpt-image-1",
        "gpt-image-2",
        "imagen-4-fast",
    ]


def test_listing_the_models_loads_nothing_of_the_painter() -> None:
    """The painter lives in processes of its own."""
    code = "import safelight.catalog.listing, sys; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
