"""What the pages of the models show is there, is true, and is light."""

import hashlib
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from safelight.account import Mode
from safelight.catalog.listing import ENTRIES
from safelight.catalog.pages import DATA, Example, Page, collections, page_of
from safelight.prediction import FILE, Status
from safelight.schema import REDACTED, InputSchema, openapi_schema

NAMES = [entry.full_name for entry in ENTRIES]
EVERY_MODEL = pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
LARGEST_COVER = 60_000
LARGEST_FOLDER = 4_000_000


def page(entry: Any) -> Page:
    found = page_of(entry.full_name)
    assert found is not None
    return found


EXAMPLES = [
    pytest.param(entry, example, id=f"{entry.full_name}-{number}")
    for entry in ENTRIES
    for number, example in enumerate(page(entry).examples, 1)
]
EVERY_EXAMPLE = pytest.mark.parametrize(("entry", "example"), EXAMPLES)


@EVERY_MODEL
def test_a_readme_says_what_a_model_does_and_who_answers(entry: Any) -> None:
    """It has a title, names every input, and speaks of test mode and of the price."""
    text = page(entry).readme
    assert text.startswith("# ")
    assert 30 <= len(text.splitlines()) <= 60
    document = openapi_schema(entry.runner)
    inputs = document["components"]["schemas"]["Input"]["properties"]
    assert [name for name in inputs if f"`{name}`" not in text] == []
    assert "est mode" in text or "test token" in text
    assert "## Price" in text


@EVERY_MODEL
def test_a_cover_is_a_webp_that_loads_quickly(entry: Any) -> None:
    """About 768 pixels wide."""
    cover = page(entry).cover
    assert cover.stat().st_size < LARGEST_COVER
    with Image.open(cover) as image:
        image.load()
        assert (image.format, image.size) == ("WEBP", (768, 512))


@EVERY_MODEL
def test_a_page_has_one_to_three_examples(entry: Any) -> None:
    """The first is the default example."""
    assert 1 <= len(page(entry).examples) <= 3


@EVERY_EXAMPLE
def test_an_example_is_a_prediction_that_succeeded_in_test_mode(
    entry: Any, example: Example
) -> None:
    """Of the model's own version, made by nobody in particular."""
    shown = example.prediction
    assert (shown.model, shown.version) == (entry.full_name, entry.version)
    assert shown.hidden is entry.official
    assert (shown.mode, shown.source, shown.status) == (Mode.TEST, "web", Status.SUCCEEDED)
    assert shown.account == "examples"
    assert shown.started_at is not None
    assert shown.completed_at is not None
    total = shown.completed_at - shown.created_at
    assert total > timedelta()
    assert shown.metrics["total_time"] == pytest.approx(total.total_seconds(), abs=0.001)


@EVERY_EXAMPLE
def test_the_input_of_an_example_can_be_run_as_it_is(entry: Any, example: Example) -> None:
    """It fits the schema, and its secrets are no secrets."""
    schema = InputSchema(openapi_schema(entry.runner))
    given = example.prediction.input
    assert schema.check(dict(given)) == given
    assert {given[name] for name in schema.secret_names & given.keys()} <= {REDACTED}


@EVERY_EXAMPLE
def test_the_files_of_an_example_are_those_of_its_prediction(entry: Any, example: Example) -> None:
    """To the byte, and of the kind that their names say."""
    shown = example.prediction
    assert [*example.files] == [file.name for file in shown.files]
    for file in shown.files:
        path = example.files[file.name]
        content = path.read_bytes()
        assert len(content) == file.blob.size
        assert hashlib.sha256(content).hexdigest() == file.blob.key
        assert path.suffix == Path(file.name).suffix
        assert kind(path) == file.media_type


def kind(path: Path) -> str:
    if path.suffix == ".svg":
        return "image/svg+xml" if path.read_bytes().startswith(b"<svg") else "not an SVG"
    with Image.open(path) as image:
        image.load()
        return image.get_format_mimetype() or "unknown"


@EVERY_EXAMPLE
def test_the_output_of_an_example_refers_to_each_of_its_files(entry: Any, example: Example) -> None:
    """Once, and to no other."""
    output = example.prediction.output
    items = output if isinstance(output, list) else [output]
    numbers = [item[FILE] for item in items if isinstance(item, dict)]
    assert numbers == [*range(len(example.prediction.files))]
    assert numbers or isinstance(output, str)


def test_example_ids_look_like_ids_and_none_is_used_twice() -> None:
    """They are addresses, which people keep."""
    ids = [example.prediction.id for entry in ENTRIES for example in page(entry).examples]
    assert all(re.fullmatch("[0-9a-hjkmnp-tv-z]{26}", id_) for id_ in ids)
    assert len(set(ids)) == len(ids)


def test_nothing_lies_in_the_data_that_no_page_shows() -> None:
    """And together it is small."""
    shown = {DATA / "collections.toml"}
    for entry in ENTRIES:
        folder = DATA / entry.owner / entry.name
        shown |= {folder / "readme.md", page(entry).cover}
        for number, example in enumerate(page(entry).examples, 1):
            shown |= {folder / f"example-{number}.json", *example.files.values()}
    there = {path for path in DATA.rglob("*") if path.is_file()}
    assert there == shown
    assert sum(path.stat().st_size for path in there) < LARGEST_FOLDER


@pytest.mark.parametrize("name", ["", "openai", "acme/none", "../data/openai/gpt-image-1", "a/b/c"])
def test_what_is_no_model_has_no_page(name: str) -> None:
    """Whatever path its name would make."""
    assert page_of(name) is None


def test_collections_name_models_that_exist() -> None:
    """Each once, and every model is in some collection."""
    found = [name for collection in collections() for name in collection.models]
    assert set(found) == set(NAMES)
    for collection in collections():
        assert collection.models
        assert len(set(collection.models)) == len(collection.models)


def test_collections_have_addresses_and_words_of_their_own() -> None:
    """A slug, a name and two descriptions."""
    slugs = [collection.slug for collection in collections()]
    assert len(set(slugs)) == len(slugs)
    for collection in collections():
        assert re.fullmatch("[a-z]+(-[a-z]+)*", collection.slug)
        assert collection.name
        assert collection.description.endswith(".")
        assert (collection.full_description or "").strip()


def test_the_official_collection_has_all_official_models() -> None:
    """And no other."""
    by_slug = {collection.slug: set(collection.models) for collection in collections()}
    assert by_slug["official"] == {entry.full_name for entry in ENTRIES if entry.official}


def test_pages_are_not_read_before_one_is_asked_for() -> None:
    """An import reads no data."""
    code = (
        "import sys; opened = []; "
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) "
        "if event == 'open' else None); "
        "import safelight.catalog.pages as pages; "
        "print([name for name in opened if name.startswith(str(pages.DATA))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
