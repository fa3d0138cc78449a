"""Saves output files, never over an existing one."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

from safelight.cli.client import Client
from safelight.cli.failing import Failure, Misuse

_MOST_NAMES: Final = 100_000


async def save_files(output: object, client: Client, directory: Path) -> tuple[object, list[Path]]:
    """*output* with a path in place of each file's URL, and those paths, in order.

    Raises:
        Failure: A file could not be fetched or written.
    """
    saved: list[Path] = []
    return await _saved(output, client, directory, saved), saved


async def _saved(value: object, client: Client, directory: Path, saved: list[Path]) -> object:
    if isinstance(value, str) and (path := client.own_path(value)):
        saved.append(write_new(directory, path, await client.download(path)))
        return str(saved[-1])
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [await _saved(item, client, directory, saved) for item in items]
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {key: await _saved(item, client, directory, saved) for key, item in fields.items()}
    return value


def check_directory(directory: Path) -> None:
    """Make *directory*, so that nothing is paid for that could not be saved.

    Raises:
        Misuse: It cannot be made, or not be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misuse(f"{directory} cannot be written: {error.strerror}.") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise Misuse(f"{directory} cannot be written: choose another with --output.")


def write_new(directory: Path, url: str, content: bytes) -> Path:
    """Write to a new file in *directory*, named by the end of *url*; gives its path.

    Raises:
        Failure: The directory cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path in _names(directory, url):
            try:
                with path.open("xb") as file:
                    file.write(content)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise Failure(f"{directory} cannot be written: {error.strerror}.") from error
    raise Failure(f"{directory} is full of files by that name.")


def _names(directory: Path, url: str) -> Iterator[Path]:
    # The server chose the name: nothing in it may lead out of the directory or hide the file.
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1].replace(os.sep, "").lstrip(".")
    first = Path(name.replace("\0", "") or "output")
    yield directory / first
    for number in range(1, _MOST_NAMES):
        yield directory / f"{first.stem}-{number}{first.suffix}"
