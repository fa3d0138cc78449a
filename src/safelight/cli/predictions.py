"""`safelight predictions`: list, show and cancel."""

import asyncio
from typing import Any

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from safelight.cli.client import Json
from safelight.cli.connecting import connected
from safelight.cli.finding import current_settings

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group
def command() -> None:
    """List, show and cancel predictions."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@_AS_JSON
def list_(*, limit: int, as_json: bool) -> None:
    """List predictions, newest first."""
    found = asyncio.run(_listed(limit))
    if as_json:
        _print_json(found)
    else:
        Console().print(_table(found))


@command.command
@click.argument("prediction_id", metavar="ID")
@_AS_JSON
def show(*, prediction_id: str, as_json: bool) -> None:
    """Show one prediction, with its logs."""
    found = asyncio.run(_asked("GET", f"/v1/predictions/{prediction_id}"))
    if as_json:
        _print_json(found)
    else:
        _print_whole(found)


@command.command
@click.argument("prediction_id", metavar="ID")
@_AS_JSON
def cancel(*, prediction_id: str, as_json: bool) -> None:
    """Cancel a prediction; one that has ended stays as it is."""
    found = asyncio.run(_asked("POST", f"/v1/predictions/{prediction_id}/cancel"))
    if as_json:
        _print_json(found)
    else:
        click.echo(f"{found['id']} {found['status']}")


async def _listed(limit: int) -> list[Json]:
    found: list[Json] = []
    async with connected(current_settings()) as client:
        async for prediction in client.all("/v1/predictions"):
            found.append(prediction)
            if len(found) == limit:
                break
    return found


async def _asked(method: str, path: str) -> Json:
    async with connected(current_settings()) as client:
        return await (client.get(path) if method == "GET" else client.post(path))


def _table(predictions: list[Json]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("ID", "Model", "Status", "Created", "Seconds"):
        table.add_column(title, no_wrap=title in ("ID", "Model"))
    for prediction in predictions:
        seconds = prediction.get("metrics", {}).get("predict_time")
        table.add_row(
            prediction["id"],
            prediction["model"],
            prediction["status"] + (" (test)" if prediction.get("test") else ""),
            prediction["created_at"][:19].replace("T", " "),
            "" if seconds is None else f"{seconds:.1f}",
        )
    return table


def _print_whole(prediction: Json) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for name in ("id", "model", "version", "status", "error", "created_at", "completed_at"):
        if prediction.get(name) is not None:
            console.print(f"{name + ':':14}{prediction[name]}", markup=False)
    for name in ("input", "metrics", "output"):
        if prediction.get(name):
            shown = msgspec.json.format(msgspec.json.encode(prediction[name])).decode()
            console.print(f"{name}:", markup=False)
            console.print(_cut_lines(shown), markup=False)
    if prediction["logs"]:
        console.print("logs:", markup=False)
        console.print(prediction["logs"], markup=False)


def _cut_lines(text: str) -> str:
    """Without the megabytes of a data URI."""
    longest = 400
    lines = (line if len(line) <= longest else line[:longest] + "..." for line in text.splitlines())
    return "\n".join(lines)


def _print_json(value: Any) -> None:  # noqa: ANN401 - any JSON
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
