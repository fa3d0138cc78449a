"""`safelight webhooks`: list, show and replay deliveries; show or rotate the signing secret."""

import asyncio
import sys
import time
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

import click
from rich.text import Text

from safelight.cli.client import Client, Json, Refused
from safelight.cli.connecting import connected
from safelight.cli.failing import Failure
from safelight.cli.finding import current_settings
from safelight.cli.showing import console, print_json, print_table, table

_AS_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_ID: Final = click.argument("delivery_id", metavar="ID")
_PATIENCE: Final = 15.0
"""Seconds that a replay is waited for: more than an attempt may take."""
_LOOK_EVERY: Final = 0.1
_FACTS: Final = ("id", "prediction", "event", "url", "status", "created_at", "next_attempt_at")


@click.group
def command() -> None:
    """List, show and replay what was sent, and show the signing secret."""


@command.command("list")
@click.option("--prediction", metavar="ID", help="Only what tells of this one.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@_AS_JSON
def list_(*, prediction: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, newest first."""
    found = asyncio.run(_listed(prediction, limit))
    if as_json:
        print_json(found)
        return
    rows = table("ID", "Event", "Status", "Attempts", "Created", "URL")
    for column in range(5):
        rows.columns[column].no_wrap = True
    for delivery in found:
        created, attempts = _second(delivery["created_at"]), str(delivery["attempt_count"])
        facts = (delivery["id"], delivery["event"], delivery["status"], attempts, created)
        rows.add_row(*facts, Text(delivery["url"]))
    print_table(rows)


@command.command
@_ID
@_AS_JSON
def show(*, delivery_id: str, as_json: bool) -> None:
    """Show one delivery, with its attempts."""
    delivery = asyncio.run(_shown(delivery_id))
    if as_json:
        print_json(delivery)
    else:
        _print_whole(delivery)


@command.command
@_ID
@_AS_JSON
def replay(*, delivery_id: str, as_json: bool) -> None:
    """Send a delivery again, and say how that ended: exits with 1 when it did not arrive."""
    delivery = asyncio.run(_replayed(delivery_id))
    if as_json:
        print_json(delivery)
    else:
        last = delivery["attempts"][-1]
        click.echo(f"{delivery['id']} {delivery['status']}: {_ended(last)}")
    if delivery["status"] != "delivered":
        sys.exit(1)


@command.command
@click.option("--rotate", is_flag=True, help="Make a new one; the old one signs on for a while.")
@click.option(
    "--overlap", type=click.IntRange(0), metavar="SECONDS", help="For how long; by default a day."
)
def secret(*, rotate: bool, overlap: int | None) -> None:
    """Print the secret with which receivers check signatures."""
    if overlap is not None and not rotate:
        raise click.UsageError("--overlap goes with --rotate.")
    click.echo(asyncio.run(_secret(overlap, rotate=rotate)))


async def _listed(prediction: str | None, limit: int) -> list[Json]:
    query = "" if prediction is None else "?" + urlencode({"prediction": prediction})
    found: list[Json] = []
    async with connected(current_settings()) as client:
        async for delivery in client.all(f"/v1/webhooks/deliveries{query}"):
            found.append(delivery)
            if len(found) == limit:
                break
    return found


async def _shown(delivery_id: str) -> Json:
    async with connected(current_settings()) as client:
        return await _got(client, delivery_id)


async def _replayed(delivery_id: str) -> Json:
    async with connected(current_settings(), sends=True) as client:
        before = await _got(client, delivery_id)
        await client.post(f"{_path(delivery_id)}/replay")
        give_up = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up:
            now = await _got(client, delivery_id)
            if now["attempt_count"] > before["attempt_count"]:
                return now
            await asyncio.sleep(_LOOK_EVERY)
    raise Failure(f"{delivery_id} is not sent yet: see `safelight webhooks show {delivery_id}`.")


async def _secret(overlap: int | None, *, rotate: bool) -> str:
    path = "/v1/webhooks/default/secret"
    async with connected(current_settings()) as client:
        if not rotate:
            return str((await client.get(path))["key"])
        body = {} if overlap is None else {"overlap": overlap}
        return str((await client.post(f"{path}/rotate", body))["key"])


async def _got(client: Client, delivery_id: str) -> Json:
    try:
        return await client.get(_path(delivery_id))
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        raise Failure(
            f"there is no delivery {delivery_id}: see `safelight webhooks list`."
        ) from refused


def _path(delivery_id: str) -> str:
    return f"/v1/webhooks/deliveries/{quote(delivery_id, safe='')}"


def _print_whole(delivery: Json) -> None:
    out = console()
    for name in _FACTS:
        if name in delivery:
            out.print(Text(f"{name + ':':17}{delivery[name]}"), soft_wrap=True)
    for attempt in delivery["attempts"]:
        facts = f"{_second(attempt['at'])}  {attempt['duration_ms']} ms  {_ended(attempt)}"
        out.print(Text(facts), soft_wrap=True)


def _ended(attempt: Json) -> str:
    if "error" in attempt:
        return str(attempt["error"])
    return f"answered {attempt['response_status']}"


def _second(instant: str) -> str:
    return instant[:19].replace("T", " ")
