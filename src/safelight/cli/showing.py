"""Tables and JSON on stdout."""

import os
import sys
from typing import Final

import click
import msgspec
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_WIDE: Final = 200
"""Columns where no terminal sets a limit: a line that is read by a program stays whole."""
_NARROWEST: Final = 10
"""Columns of the terminal in which folded text can still be read."""
_GAP: Final = 2


def print_json(value: object) -> None:
    """Print any JSON, indented."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def print_table(rows: Table) -> None:
    """Print a table; where the terminal would cut or crush its columns, a block for each row."""
    out = console()
    if _least_width(out, rows) <= out.width:
        out.print(rows)
        return
    titles = [f"{column.header}:" for column in rows.columns]
    longest = max(map(len, titles))
    for row in zip(*(column.cells for column in rows.columns), strict=True):
        for title, cell in zip(titles, row, strict=True):
            if str(cell):
                out.print(Text(f"{title:{longest}} {cell}"), soft_wrap=True)
        out.print()


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


def _least_width(out: Console, rows: Table) -> int:
    widths = (
        max(Measurement.get(out, out.options, text).maximum for text in (c.header, *c.cells))
        for c in rows.columns
    )
    pairs = zip(widths, rows.columns, strict=True)
    needed = [width if column.no_wrap else min(width, _NARROWEST) for width, column in pairs]
    return sum(needed) + _GAP * (len(needed) - 1)
