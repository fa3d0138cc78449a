"""Brings a database to the newest schema: numbered files, each applied once, in a transaction."""

import sqlite3
from importlib.resources import files
from typing import Final

from safelight.errors import StoreUnavailable

_FOLDER: Final = files("safelight.stores") / "migrations"


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing.

    Raises:
        StoreUnavailable: The database is of a newer Safelight, or cannot be written.
    """
    scripts = sorted(
        (entry.name, entry) for entry in _FOLDER.iterdir() if entry.name.endswith(".sql")
    )
    (done,) = connection.execute("PRAGMA user_version").fetchone()
    if done > len(scripts):
        raise StoreUnavailable(
            f"The database has schema {done}, this Safelight knows {len(scripts)}: "
            "it was written by a newer one. Update Safelight."
        )
    for number, (_, script) in enumerate(scripts[done:], done + 1):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE; {script.read_text()} PRAGMA user_version = {number}; COMMIT;"
            )
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.rollback()
            raise StoreUnavailable(
                f"The database cannot be brought up to date: {error}."
            ) from error
