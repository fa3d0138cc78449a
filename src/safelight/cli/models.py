"""`safelight models`: list, show, create and delete what can be run here."""

import asyncio

import click
from rich.table import Table
from rich.text import Text

from safelight.cli.client import Json
from safelight.cli.connecting import connected
from safelight.cli.failing import Misuse
from safelight.cli.finding import current_settings
from safelight.cli.inputs import input_properties
from safelight.cli.missing import get_model
from safelight.cli.showing import console, print_json, print_table, table
from safelight.ids import Reference, read_reference

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NAME = click.argument("name", metavar="OWNER/NAME")


@click.group
def command() -> None:
    """List, show, create and delete the models that can be run here."""


@command.command("list")
@_AS_JSON
def list_(*, as_json: bool) -> None:
    """List all models."""
    models = asyncio.run(_listed())
    if as_json:
        print_json(models)
        return
    rows = table("Model", "Runs", "Description")
    rows.columns[0].no_wrap = True
    for model in models:
        name = f"{model['owner']}/{model['name']}"
        first_sentence = (model["description"] or "").split(". ")[0]
        rows.add_row(name, str(model["run_count"]), Text(first_sentence))
    print_table(rows)


@command.command
@_NAME
@_AS_JSON
def show(*, name: str, as_json: bool) -> None:
    """Show a model and its inputs."""
    model = asyncio.run(_shown(_read(name)))
    if as_json:
        print_json(model)
        return
    out = console()
    out.print(Text(f"{model['owner']}/{model['name']}", style="bold"))
    out.print(Text(model["description"] or ""))
    if (version := model["latest_version"]) is None:
        out.print(Text("It has no version yet.", style="dim"))
        return
    out.print(Text(f"version {version['id']}", style="dim"))
    out.print(_inputs(version["openapi_schema"]))


@command.command
@_NAME
@click.option("--public", is_flag=True, help="Let every account see and run it.")
@click.option("--description", default=None, help="What it does.")
@click.option("--hardware", default="cpu", show_default=True, help="What it is to run on.")
def create(*, name: str, public: bool, description: str | None, hardware: str) -> None:
    """Create a model of your own, without a version: trainings give it some."""
    reference = _read(name)
    body = {
        "owner": reference.owner,
        "name": reference.name,
        "visibility": "public" if public else "private",
        "hardware": hardware,
        "description": description,
    }
    model = asyncio.run(_created(body))
    click.echo(f"Created {model['owner']}/{model['name']}.")


@command.command
@_NAME
def delete(*, name: str) -> None:
    """Delete a private model of your own that has no versions."""
    reference = _read(name)
    asyncio.run(_deleted(reference))
    click.echo(f"Deleted {reference.model}.")


def _read(name: str) -> Reference:
    reference = read_reference(name)
    if reference is None or reference.model is None:
        raise Misuse(f"{name!r} is no model: write owner/name.")
    return reference


async def _created(body: Json) -> Json:
    async with connected(current_settings()) as client:
        return await client.post("/v1/models", body)


async def _deleted(reference: Reference) -> None:
    async with connected(current_settings()) as client:
        await get_model(client, reference)
        await client.delete(f"/v1/models/{reference.model}")


async def _listed() -> list[Json]:
    async with connected(current_settings()) as client:
        return [model async for model in client.all("/v1/models")]


async def _shown(reference: Reference) -> Json:
    async with connected(current_settings()) as client:
        return await get_model(client, reference)


def _inputs(openapi: Json) -> Table:
    required = openapi["components"]["schemas"]["Input"].get("required", ())
    rows = table("Input", "Type", "Default", "Description")
    rows.columns[0].no_wrap = True
    for name, schema in input_properties(openapi).items():
        default = schema.get("default")
        rows.add_row(
            Text(name, style="bold" if name in required else ""),
            Text(_kind(schema)),
            Text("required" if name in required else "" if default is None else str(default)),
            Text(schema.get("description") or ""),
        )
    return rows


def _kind(schema: Json) -> str:
    """What may be given, in a few words."""
    if "enum" in schema:
        return " ".join(str(choice) for choice in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}s"
    if schema.get("format") == "uri":
        return "file"
    if schema.get("format") == "password":
        return "secret"
    kind = str(schema.get("type", "any"))
    if "minimum" in schema or "maximum" in schema:
        return f"{kind} {schema.get('minimum', '')}..{schema.get('maximum', '')}"
    return kind
