"""`safelight models`: list and show what can be run here."""

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
from safelight.cli.showing import console, print_json, table
from safelight.ids import Reference, read_reference

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group
def command() -> None:
    """List and show the models that can be run here."""


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
    console().print(rows)


@command.command
@click.argument("name", metavar="OWNER/NAME")
@_AS_JSON
def show(*, name: str, as_json: bool) -> None:
    """Show a model and its inputs."""
    reference = read_reference(name)
    if reference is None or reference.model is None:
        raise Misuse(f"{name!r} is no model: write owner/name.")
    model = asyncio.run(_shown(reference))
    if as_json:
        print_json(model)
        return
    out = console()
    out.print(Text(f"{model['owner']}/{model['name']}", style="bold"))
    out.print(Text(model["description"] or ""))
    out.print(Text(f"version {model['latest_version']['id']}", style="dim"))
    out.print(_inputs(model["latest_version"]["openapi_schema"]))


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
