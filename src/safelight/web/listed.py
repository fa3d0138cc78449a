"""Predictions as lists show them: no more of each than a tile or a row needs."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

import msgspec

OVER: Final = frozenset({"succeeded", "failed", "canceled", "aborted"})
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".avif"})
_LINE: Final = 240
"""Characters of a prompt, an error or a text that a list shows."""


class _Input(msgspec.Struct, frozen=True):
    prompt: Any = None


class _Metrics(msgspec.Struct, frozen=True):
    predict_time: float | None = None
    cost_usd: float | None = None


class Listed(msgspec.Struct, frozen=True):
    """One of a list; inputs and logs, which may be large, are left in the JSON."""

    id: str
    model: str
    status: str
    created_at: str
    source: str = ""
    input: _Input = _Input()
    output: Any = None
    error: str | None = None
    data_removed: bool = False
    test: bool = False
    metrics: _Metrics = _Metrics()

    @property
    def is_over(self) -> bool:
        """Whether nothing changes any more."""
        return self.status in OVER

    @property
    def title(self) -> str:
        """What was asked for, in one line."""
        told = self.input.prompt
        return _line(told) if isinstance(told, str) and told.strip() else ""

    @property
    def name(self) -> str:
        """The model without its owner."""
        return self.model.rpartition("/")[2]

    @property
    def problem(self) -> str:
        """The first line of the error."""
        lines = (self.error or "").strip().splitlines()
        return _line(lines[0]) if lines else ""

    @property
    def files(self) -> list[str]:
        """Paths of the output's files."""
        return [found for item in _items(self.output) if (found := output_path(item))]

    @property
    def pictures(self) -> list[str]:
        """Those that a browser shows."""
        return [file for file in self.files if _suffix(file) in _PICTURES]

    @property
    def told(self) -> str:
        """The beginning of an output that is no file."""
        items = [item for item in _items(self.output) if item is not None and not output_path(item)]
        texts = (t if isinstance(t, str) else msgspec.json.encode(t).decode() for t in items[:40])
        return _line(" ".join(texts))


class Part(msgspec.Struct, frozen=True):
    """A part of the list, and where it goes on."""

    results: list[Listed]
    next: str | None = None
    previous: str | None = None


def _items(output: object) -> Iterator[object]:
    if isinstance(output, list):
        yield from cast("list[object]", output)
    else:
        yield output


def output_path(item: object) -> str | None:
    """The path of an output file of ours; None for anything else."""
    if not isinstance(item, str) or not item.startswith(("http://", "https://")):
        return None
    try:
        path = urlsplit(item).path
    except ValueError:  # a text that begins as an address does
        return None
    return path if path.startswith("/outputs/") and " " not in item else None


def _suffix(path: str) -> str:
    return PurePosixPath(unquote(path)).suffix.lower()


def _line(text: str) -> str:
    flat = " ".join(text[: 4 * _LINE].split())
    return flat if len(flat) <= _LINE else f"{flat[:_LINE].rstrip()}…"
