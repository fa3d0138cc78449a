"""`safelight files`: list, upload, show, delete and link."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import click
import msgspec
from rich.text import Text

from safelight.bootstrap import prepare_home
from safelight.cli.client import Client, Json, Refused
from safelight.cli.connecting import connected
from safelight.cli.failing import Failure
from safelight.cli.finding import current_settings, find_server
from safelight.cli.showing import console, print_json, print_table, table
from safelight.engine import download_links
from safelight.settings import Settings

_AS_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_ID: Final = click.argument("file_id", metavar="ID")
_FACTS: Final = ("id", "name", "content_type", "size", "created_at", "expires_at")


@click.group
def command() -> None:
    """List, upload, show, delete and link files for inputs."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@_AS_JSON
def list_(*, limit: int, as_json: bool) -> None:
    """List uploaded files, newest first."""
    found = asyncio.run(_listed(limit))
    if as_json:
        print_json(found)
        return
    rows = table("ID", "Name", "Type", "Bytes", "Created", "Expires")
    for column in (0, 3, 4, 5):
        rows.columns[column].no_wrap = True
    for file in found:
        created, expires = (_minute(file[name]) for name in ("created_at", "expires_at"))
        kind, size = file["content_type"], str(file["size"])
        rows.add_row(file["id"], Text(file["name"]), Text(kind), size, created, expires)
    print_table(rows)


@command.command
@click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@_AS_JSON
def upload(*, paths: Sequence[Path], as_json: bool) -> None:
    """Upload files, and print the addresses to give as inputs."""
    made = asyncio.run(_uploaded(paths))
    if as_json:
        print_json(made)
    else:
        click.echo("\n".join(file["urls"]["get"] for file in made))


@command.command
@_ID
@_AS_JSON
def show(*, file_id: str, as_json: bool) -> None:
    """Show what is known of a file."""
    file = asyncio.run(_shown(file_id))
    if as_json:
        print_json(file)
        return
    out = console()
    for name in _FACTS:
        out.print(Text(f"{name + ':':14}{file[name]}"), soft_wrap=True)
    out.print(Text(f"{'sha256:':14}{file['checksums']['sha256']}"), soft_wrap=True)
    if file["metadata"]:
        metadata = msgspec.json.format(msgspec.json.encode(file["metadata"])).decode()
        out.print(Text(f"metadata:\n{metadata}"), soft_wrap=True)


@command.command
@_ID
def delete(*, file_id: str) -> None:
    """Delete a file."""
    asyncio.run(_deleted(file_id))
    click.echo(f"{file_id} is deleted.")


@command.command
@_ID
@click.option(
    "--minutes", type=click.IntRange(1), default=60, show_default=True, help="How long it opens."
)
def link(*, file_id: str, minutes: int) -> None:
    """Print an address that opens a file without a token."""
    click.echo(asyncio.run(_linked(file_id, minutes)))


async def _listed(limit: int) -> list[Json]:
    found: list[Json] = []
    async with connected(current_settings()) as client:
        async for file in client.all("/v1/files"):
            found.append(file)
            if len(found) == limit:
                break
    return found


async def _uploaded(paths: Sequence[Path]) -> list[Json]:
    async with connected(current_settings()) as client:
        return [await client.upload(path) for path in paths]


async def _shown(file_id: str) -> Json:
    async with connected(current_settings()) as client:
        return await _got(client, file_id)


async def _deleted(file_id: str) -> None:
    async with connected(current_settings()) as client:
        await _got(client, file_id)
        await client.delete(_path(file_id))


async def _linked(file_id: str, minutes: int) -> str:
    settings = current_settings()
    async with connected(settings) as client:
        owner = (await client.get("/v1/account"))["username"]
        file = await _got(client, file_id)
    expiry = int(datetime.now(UTC).timestamp()) + 60 * minutes
    signature = download_links(prepare_home(settings)).signature(owner, file["id"], expiry)
    query = urlencode({"owner": owner, "expiry": expiry, "signature": signature})
    return f"{_origin(settings)}{_path(file['id'])}/download?{query}"


def _origin(settings: Settings) -> str:
    """Where others reach the server; when none runs, where one would be."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    running = find_server(settings, prepare_home(settings).live_token)
    return running.http if running else f"http://{settings.host}:{settings.port}"


async def _got(client: Client, file_id: str) -> Json:
    try:
        return await client.get(_path(file_id))
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        raise Failure(f"there is no file {file_id}: see `safelight files list`.") from refused


def _path(file_id: str) -> str:
    return f"/v1/files/{quote(file_id, safe='')}"


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
