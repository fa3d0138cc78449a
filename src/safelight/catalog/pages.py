"""What a model's page shows: its readme, its cover, its examples; and the collections."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from safelight.model import Collection
from safelight.prediction import Prediction

DATA: Final = Path(__file__).parent / "data"
"""`owner/name/` with `readme.md`, `cover.webp` and the examples, as examples/make_pages.py made."""


class _Collections(msgspec.Struct, frozen=True):
    collection: tuple[Collection, ...]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A prediction that was really made, in test mode, and its output files."""

    prediction: Prediction
    files: Mapping[str, Path]
    """Where each of its `files` lies, by name."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What there is to see of one model."""

    readme: str
    """Markdown."""
    cover: Path
    """A webp."""
    examples: tuple[Example, ...]
    """The default example first; never empty."""


def page_of(full_name: str) -> Page | None:
    """The page of the model `owner/name`; None when it has none."""
    # Looked up, never joined to a path: the name may be a caller's.
    return _pages().get(full_name)


@cache
def collections() -> Sequence[Collection]:
    """All collections, in the order in which they are shown."""
    table = tomllib.loads((DATA / "collections.toml").read_text("utf-8"))
    return msgspec.convert(table, _Collections).collection


@cache
def _pages() -> Mapping[str, Page]:
    folders = (path.parent for path in sorted(DATA.glob("*/*/readme.md")))
    return {f"{folder.parent.name}/{folder.name}": _page(folder) for folder in folders}


def _page(folder: Path) -> Page:
    return Page(
        readme=(folder / "readme.md").read_text("utf-8"),
        cover=folder / "cover.webp",
        examples=tuple(_example(path) for path in sorted(folder.glob("example-*.json"))),
    )


def _example(path: Path) -> Example:
    prediction = msgspec.json.decode(path.read_bytes(), type=Prediction)
    files = {
        file.name: path.with_name(f"{path.stem}-{number}{Path(file.name).suffix}")
        for number, file in enumerate(prediction.files)
    }
    return Example(prediction=prediction, files=files)
