"""`safelight predictions`: list, show and cancel."""

import asyncio
from http import HTTPStatus
from urllib.parse import quote

import click
import msgspec
from rich.text import Text

from safelight.cli.client import Json, Refused
from safelight.cli.connecting import connected
from safelight.cli.failing import Failure
from safelight.cli.finding import current_settings
from safelight.cli.progress import waiting_line
from safelight.cli.showing import console, print_json, print_table, table

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
        print_json(found)
    else:
        _print_table(found)


@command.command
@click.argument("prediction_id", metavar="ID")
@_AS_JSON
def show(*, prediction_id: str, as_json: bool) -> None:
    """Show one prediction, with its logs."""
    found = asyncio.run(_asked(prediction_id))
    if as_json:
        print_json(found)
    else:
        _print_whole(found)


@command.command
@click.argument("prediction_id", metavar="ID")
@_AS_JSON
def cancel(*, prediction_id: str, as_json: bool) -> None:
    """Cancel a prediction; one that has ended stays as it is."""
    found = asyncio.run(_asked(prediction_id, cancel=True))
    if as_json:
        print_json(found)
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


async def _asked(prediction_id: str, *, cancel: bool = False) -> Json:
    path = f"/v1/predictions/{quote(prediction_id, safe='')}"
    async with connected(current_settings()) as client:
        try:
            return await (client.post(f"{path}/cancel") if cancel else client.get(path))
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            raise Failure(
                f"there is no prediction {prediction_id}: see `safelight predictions list`."
            ) from refused


def _print_table(predictions: list[Json]) -> None:
    rows = table("ID", "Model", "Status", "Created", "Time")
    for column in (0, 2, 3, 4):
        rows.columns[column].no_wrap = True
    for prediction in predictions:
        seconds = prediction.get("metrics", {}).get("predict_time")
        rows.add_row(
            prediction["id"],
            prediction["model"],
            prediction["status"] + (", test" if prediction.get("test") else ""),
            prediction["created_at"][:16].replace("T", " "),
            "" if seconds is None else f"{seconds:.1f} s",
        )
    print_table(rows)


def _print_whole(prediction: Json) -> None:
    out = console()
    for name in ("id", "model", "version", "status", "error", "created_at", "completed_at"):
        if prediction.get(name) is not None:
            out.print(Text(f"{name + ':':14}{prediction[name]}"), soft_wrap=True)
    if waiting := waiting_line(prediction):
        out.print(Text(waiting), soft_wrap=True)
    if prediction["data_removed"]:
        out.print("Its input, output, logs and files were removed when their retention ended.")
    for name in ("input", "metrics", "output"):
        if prediction.get(name):
            shown = msgspec.json.format(msgspec.json.encode(prediction[name])).decode()
            out.print(Text(f"{name}:\n{_cut_lines(shown)}"), soft_wrap=True)
    if prediction["logs"]:
        out.print(Text(f"logs:\n{prediction['logs']}"), soft_wrap=True)


def _cut_lines(text: str) -> str:
    """Without the megabytes of a data URI."""
    longest = 400
    lines = (line if len(line) <= longest else line[:longest] + "..." for line in text.splitlines())
    return "\n".join(lines)
