"""`safelight deployments`: list, show, create, update and delete."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote

import click
from rich.text import Text

from safelight.cli.client import Client, Json, Refused
from safelight.cli.connecting import connected
from safelight.cli.failing import Failure, Misuse
from safelight.cli.finding import current_settings
from safelight.cli.missing import get_version
from safelight.cli.showing import console, print_json, print_table, table
from safelight.deployment import MOST_MAX_INSTANCES, MOST_MIN_INSTANCES
from safelight.ids import Reference, read_reference

F = TypeVar("F", bound=Callable[..., Any])

_AS_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NAME: Final = click.argument("name", metavar="NAME")
_VERSION: Final = "64 hex digits; the latest when left out."


@click.group
def command() -> None:
    """List, show, create, update and delete deployments."""


def _configured(*, hardware: str | None, least: int | None, most: int | None) -> Callable[[F], F]:
    """The options of a configuration, with their defaults."""

    def add(function: F) -> F:
        shown = most is not None
        for option in (
            click.option(
                "--max-instances",
                type=click.IntRange(0, MOST_MAX_INSTANCES),
                default=most,
                show_default=shown,
                help="Likewise.",
            ),
            click.option(
                "--min-instances",
                type=click.IntRange(0, MOST_MIN_INSTANCES),
                default=least,
                show_default=shown,
                help="Kept for Replicate's sake: all runs on this machine.",
            ),
            click.option("--hardware", default=hardware, show_default=shown, help="A SKU."),
        ):
            function = option(function)
        return function

    return add


@command.command("list")
@_AS_JSON
def list_(*, as_json: bool) -> None:
    """List all deployments, newest first."""
    found = asyncio.run(_listed())
    if as_json:
        print_json(found)
        return
    rows = table("Name", "Model", "Version", "Release", "Since")
    rows.columns[0].no_wrap = True
    for deployment in found:
        release = deployment["current_release"]
        number, since = str(release["number"]), release["created_at"][:16].replace("T", " ")
        version = release["version"][:12]
        rows.add_row(deployment["name"], Text(release["model"]), version, number, since)
    print_table(rows)


@command.command
@_NAME
@_AS_JSON
def show(*, name: str, as_json: bool) -> None:
    """Show a deployment and its current release."""
    _print(asyncio.run(_shown(name)), as_json=as_json)


@command.command
@_NAME
@click.option("--model", required=True, metavar="OWNER/NAME", help="What it runs.")
@click.option("--version", help=_VERSION)
@_configured(hardware="cpu", least=0, most=1)
@_AS_JSON
def create(*, name: str, model: str, as_json: bool, **asked: Any) -> None:  # noqa: ANN401 - options
    """Create a deployment."""
    reference = read_reference(model)
    if reference is None or reference.model is None:
        raise Misuse(f"{model!r} is no model: write owner/name.")
    _print(asyncio.run(_created(name, reference, asked)), as_json=as_json)


@command.command
@_NAME
@click.option("--version", help="64 hex digits.")
@_configured(hardware=None, least=None, most=None)
@_AS_JSON
def update(*, name: str, as_json: bool, **asked: Any) -> None:  # noqa: ANN401 - options
    """Change a deployment: its next release has what is given, and keeps the rest."""
    change = {field: value for field, value in asked.items() if value is not None}
    if not change:
        raise Misuse("nothing to change: give one of the options that --help lists.")
    _print(asyncio.run(_updated(name, change)), as_json=as_json)


@command.command
@_NAME
def delete(*, name: str) -> None:
    """Delete a deployment that nothing runs through."""
    asyncio.run(_deleted(name))
    click.echo(f"{name} is deleted.")


async def _listed() -> list[Json]:
    async with connected(current_settings()) as client:
        return [deployment async for deployment in client.all("/v1/deployments")]


async def _shown(name: str) -> Json:
    async with connected(current_settings()) as client:
        return await _got(client, name)


async def _created(name: str, reference: Reference, asked: Json) -> Json:
    async with connected(current_settings()) as client:
        version = asked["version"] or reference.version
        if version in {None, "latest"}:
            version = (await get_version(client, reference))["id"]
        body = asked | {"name": name, "model": reference.model, "version": version}
        return await client.post("/v1/deployments", body)


async def _updated(name: str, change: Json) -> Json:
    async with connected(current_settings()) as client:
        await _got(client, name)
        return await client.patch(await _path(client, name), change)


async def _deleted(name: str) -> None:
    async with connected(current_settings()) as client:
        await _got(client, name)
        await client.delete(await _path(client, name))


async def _got(client: Client, name: str) -> Json:
    try:
        return await client.get(await _path(client, name))
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        hint = "see `safelight deployments list`"
        raise Failure(f"there is no deployment {name}: {hint}.") from refused


async def _path(client: Client, name: str) -> str:
    owner, _, rest = name.rpartition("/")
    owner = owner or (await client.get("/v1/account"))["username"]
    return f"/v1/deployments/{quote(owner, safe='')}/{quote(rest, safe='')}"


def _print(deployment: Json, *, as_json: bool) -> None:
    if as_json:
        print_json(deployment)
        return
    release = deployment["current_release"]
    configuration = release["configuration"]
    told = {
        "release": release["number"],
        "model": release["model"],
        "version": release["version"],
        "since": release["created_at"],
        **configuration,
    }
    out = console()
    out.print(Text(f"{deployment['owner']}/{deployment['name']}", style="bold"))
    for name, value in told.items():
        out.print(Text(f"{name.replace('_', ' ') + ':':15}{value}"), soft_wrap=True)
