"""Which engines live on one HOME: each holds a file lock, and a dead one lets go of it."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LOCK: Final = ".lock"


@contextmanager
def present(folder: Path) -> Generator[str]:
    """Be known as an engine while the context lasts; gives its name, unlike any other's.

    The operating system drops the lock of a process that dies, however it dies.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{os.getpid()}-{secrets.token_hex(6)}"
    path = folder / f"{name}{_LOCK}"
    fresh = folder / f".{name}"
    with fresh.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        fresh.rename(path)  # only now: seen before it is locked, it would pass for dead
        try:
            yield name
        finally:
            path.unlink(missing_ok=True)
            shutil.rmtree(scratch(folder, name), ignore_errors=True)


def dead(folder: Path) -> list[str]:
    """The names of engines that died without a word."""
    return [path.stem for path in folder.glob(f"*{_LOCK}") if _is_free(path)]


def bury(folder: Path, name: str) -> None:
    """Remove what a dead engine left, once its leases are released."""
    shutil.rmtree(scratch(folder, name), ignore_errors=True)
    (folder / f"{name}{_LOCK}").unlink(missing_ok=True)


def scratch(folder: Path, name: str) -> Path:
    """Where that engine keeps temporary files."""
    return folder / name


def _is_free(path: Path) -> bool:
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return path.exists()  # else its engine left in order between the two lines
    except OSError:  # locked by a living engine, or just removed by it
        return False
