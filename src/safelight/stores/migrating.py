"""Brings a database to the newest schema: numbered files, each applied once, in a transaction."""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from safelight.errors import StoreUnavailable

_FOLDER: Final = files("safelight.stores") / "migrations"


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, all or nothing.

    Raises:
        StoreUnavailable: The database is of a newer Safelight, or cannot be written.
    """
    scripts = sorted(
        (entry.name, entry) for entry in _FOLDER.iterdir() if entry.name.endswith(".sql")
    )
    if _version(connection) == len(scripts):
        return
    try:
        with connection:
            # Of processes that start at once one migrates; the others wait here, and find it done.
            connection.execute("BEGIN IMMEDIATE")
            _apply(connection, [script.read_text() for _, script in scripts])
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The database cannot be brought up to date: {error}.") from error


def _apply(connection: sqlite3.Connection, scripts: list[str]) -> None:
    done = _version(connection)
    if done > len(scripts):
        raise StoreUnavailable(
            f"The database has schema {done}, this Safelight knows {len(scripts)}: "
            "it was written by a newer one. Update Safelight."
        )
    for script in scripts[done:]:
        for statement in _statements(script):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(scripts)}")


def _version(connection: sqlite3.Connection) -> int:
    (done,) = connection.execute("PRAGMA user_version").fetchone()
    return done


def _statements(script: str) -> Iterator[str]:
    # One by one, because `executescript` would commit first.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
