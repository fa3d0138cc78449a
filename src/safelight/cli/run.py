"""`safelight run`: one prediction, from the arguments to the saved files."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import click
import msgspec

from safelight.cli.client import Client, Json
from safelight.cli.connecting import connected
from safelight.cli.failing import Misuse
from safelight.cli.finding import current_settings
from safelight.cli.inputs import input_properties, read_inputs, with_uploads
from safelight.cli.missing import get_version
from safelight.cli.progress import Progress
from safelight.cli.saving import check_directory, save_files
from safelight.cli.showing import print_json
from safelight.ids import Reference, read_reference

_ENDS: Final = {"succeeded": 0, "failed": 1, "canceled": 130, "aborted": 130}
_INTERRUPTED: Final = 130
_FIRST_LOOK, _LAST_LOOK = 0.05, 0.5
"""Seconds between looks at a prediction: soon at first, for those that end at once."""


@dataclass(frozen=True)
class _Order:
    reference: Reference
    arguments: Sequence[str]
    directory: Path
    as_json: bool
    test: bool


@click.command
@click.argument("reference", metavar="OWNER/NAME[:VERSION]")
@click.argument("arguments", metavar="KEY=VALUE...", nargs=-1)
@click.option(
    "-o",
    "--output",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to save files; by default here.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the prediction, not the paths.")
@click.option("--test", is_flag=True, help="Test mode: no key, no network, no cost.")
def command(
    *, reference: str, arguments: Sequence[str], directory: Path, as_json: bool, test: bool
) -> None:
    """Run a model once, and save what it makes.

    Values are read by the model's own schema: numbers, true or false, JSON for objects. A file is
    given as image=@photo.png, and a list by repeating its key. `safelight models show OWNER/NAME`
    tells the inputs. The paths of saved files and text outputs go to stdout, the rest to stderr.
    Exits with 0 when it succeeded, 1 when it failed, 2 when it was misused, 130 when it was
    canceled.
    """
    read = read_reference(reference)
    if read is None or read.model is None:
        raise Misuse(f"{reference!r} is no model: write owner/name[:version].")
    order = _Order(read, arguments, directory, as_json, test)
    try:
        sys.exit(asyncio.run(_run(order)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(_INTERRUPTED)


async def _run(order: _Order) -> int:
    async with connected(current_settings(), test=order.test, runs=True) as client:
        with _interrupts() as interrupted, Progress() as progress:
            version = await get_version(client, order.reference)
            properties = input_properties(version["openapi_schema"])
            inputs = await with_uploads(read_inputs(order.arguments, properties), client)
            if b'"uri"' in msgspec.json.encode(_output_schema(version)):  # it gives files
                check_directory(order.directory)
            prediction = await _create(client, order.reference, version["id"], inputs)
            prediction = await _followed(client, prediction, progress, interrupted)
        return await _delivered(client, prediction, version, order)


@contextlib.contextmanager
def _interrupts() -> Generator[asyncio.Event]:
    """An event that Ctrl-C sets; the second Ctrl-C ends the program."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    task = asyncio.current_task()

    def interrupt() -> None:
        if asked.is_set() and task:
            task.cancel()
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        yield asked
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _create(client: Client, reference: Reference, version: str, inputs: Json) -> Json:
    if reference.version is None:
        path = f"/v1/models/{reference.owner}/{reference.name}/predictions"
        return await client.post(path, {"input": inputs})
    return await client.post("/v1/predictions", {"version": version, "input": inputs})


async def _followed(
    client: Client, prediction: Json, progress: Progress, interrupted: asyncio.Event
) -> Json:
    """Show the prediction until it has ended; an interrupt cancels it at the server."""
    path, pause, canceled = f"/v1/predictions/{prediction['id']}", _FIRST_LOOK, False
    while prediction["status"] not in _ENDS:
        progress.show(prediction)
        if interrupted.is_set() and not canceled:
            canceled = True
            progress.say("canceling...")
            prediction = await client.post(f"{path}/cancel")
            continue
        if canceled:
            await asyncio.sleep(pause)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(interrupted.wait(), pause)
        pause = min(pause * 1.5, _LAST_LOOK)
        prediction = await client.get(path)
    progress.show(prediction, is_last=True)
    return prediction


async def _delivered(client: Client, prediction: Json, version: Json, order: _Order) -> int:
    """Save files, print texts; gives the exit code."""
    output, saved = await save_files(prediction["output"], client, order.directory)
    if prediction["error"]:
        click.echo(f"safelight: {prediction['error']}", err=True)
    if order.as_json:
        print_json(prediction)
        for path in saved:
            click.echo(f"saved {path}", err=True)
    elif output is not None:
        click.echo(_as_text(output, _output_schema(version)))
    return _ENDS[prediction["status"]]


def _output_schema(version: Json) -> Json:
    schema: Json = version["openapi_schema"]["components"]["schemas"].get("Output", {})
    return schema


def _as_text(output: object, schema: Json) -> str:
    if isinstance(output, str):
        return output
    items = cast("list[Any]", output if isinstance(output, list) else [output])
    if not all(isinstance(item, str) for item in items):
        return msgspec.json.format(msgspec.json.encode(output)).decode()
    return ("" if schema.get("x-cog-array-display") == "concatenate" else "\n").join(items)
