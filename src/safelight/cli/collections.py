"""`safelight collections`: list and show."""

import asyncio
from http import HTTPStatus
from urllib.parse import quote

import click
from rich.markdown import Markdown
from rich.text import Text

from safelight.cli.client import Json, Refused
from safelight.cli.connecting import connected
from safelight.cli.failing import Failure
from safelight.cli.finding import current_settings
from safelight.cli.showing import console, print_json, print_table, table

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group
def command() -> None:
    """List and show collections of models."""


@command.command("list")
@_AS_JSON
def list_(*, as_json: bool) -> None:
    """List all collections."""
    found = asyncio.run(_listed())
    if as_json:
        print_json(found)
        return
    rows = table("Slug", "Name", "Description")
    rows.columns[0].no_wrap = True
    for collection in found:
        rows.add_row(collection["slug"], Text(collection["name"]), Text(collection["description"]))
    print_table(rows)


@command.command
@click.argument("slug")
@_AS_JSON
def show(*, slug: str, as_json: bool) -> None:
    """Show a collection and its models."""
    collection = asyncio.run(_shown(slug))
    if as_json:
        print_json(collection)
        return
    out = console()
    out.print(Text(collection["name"], style="bold"))
    out.print(Markdown(collection["full_description"] or collection["description"]))
    rows = table("Model", "Description")
    rows.columns[0].no_wrap = True
    for model in collection["models"]:
        first_sentence = (model["description"] or "").split(". ")[0]
        rows.add_row(f"{model['owner']}/{model['name']}", Text(first_sentence))
    out.print(rows)


async def _listed() -> list[Json]:
    async with connected(current_settings()) as client:
        return [collection async for collection in client.all("/v1/collections")]


async def _shown(slug: str) -> Json:
    async with connected(current_settings()) as client:
        try:
            return await client.get(f"/v1/collections/{quote(slug, safe='')}")
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            known = ", ".join([c["slug"] async for c in client.all("/v1/collections")])
            raise Failure(f"there is no collection {slug}. There are: {known}.") from refused
