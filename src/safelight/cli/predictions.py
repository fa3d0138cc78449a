"""`safelight predictions`: list, show, cancel and delete."""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import quote, urlencode

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
    """List, show, cancel and delete predictions."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.option("--status", help="Only of this status, or of several: `failed,canceled`.")
@click.option("--model", help="Only of this model: OWNER/NAME.")
@_AS_JSON
def list_(*, limit: int, status: str | None, model: str | None, as_json: bool) -> None:
    """List predictions, newest first."""
    wanted = {"status": status, "model": model}
    given = {name: value for name, value in wanted.items() if value is not None}
    found = asyncio.run(_listed(limit, given))
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


@command.command
@click.argument("prediction_id", metavar="ID")
def delete(*, prediction_id: str) -> None:
    """Delete a prediction that has ended, with its files; what it cost stays in the usage."""
    asyncio.run(_deleted(prediction_id))
    click.echo(f"{prediction_id} is deleted.")


async def _listed(limit: int, wanted: Mapping[str, str]) -> list[Json]:
    found: list[Json] = []
    path = f"/v1/predictions?{urlencode(wanted)}" if wanted else "/v1/predictions"
    async with connected(current_settings()) as client:
        async for prediction in client.all(path):
            found.append(prediction)
            if len(found) == limit:
                break
    return found


async def _asked(prediction_id: str, *, cancel: bool = False) -> Json:
    path = _path(prediction_id)
    async with connected(current_settings()) as client:
        with _missing(prediction_id):
            return await (client.post(f"{path}/cancel") if cancel else client.get(path))


async def _deleted(prediction_id: str) -> None:
    async with connected(current_settings()) as client:
        with _missing(prediction_id):
            await client.delete(_path(prediction_id))


def _path(prediction_id: str) -> str:
    return f"/v1/predictions/{quote(prediction_id, safe='')}"


@contextmanager
def _missing(prediction_id: str) -> Generator[None]:
    try:
        yield
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
