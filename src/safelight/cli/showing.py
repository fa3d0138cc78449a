"""Tables and JSON on stdout."""

import os
import sys
from typing import Final

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

_WIDE: Final = 200
"""Columns where no terminal sets a limit: a line that is read by a program stays whole."""


def print_json(value: object) -> None:
    """Print any JSON, indented."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def console() -> Console:
    """Stdout, as wide as the terminal."""
    has_limit = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if has_limit else _WIDE, highlight=False)


def table(*titles: str) -> Table:
    """A table with a line under its head, to which rows are added."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for title in titles:
        made.add_column(title, overflow="fold")
    return made
