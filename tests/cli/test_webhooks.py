"""Deliveries are listed, shown and sent again, with or without a server."""

import json
import sqlite3
from collections.abc import Generator
from contextlib import closing
from typing import Any
from urllib.request import Request, urlopen

import pytest
from tests.cli.conftest import Make, Program
from tests.clients.receiving import Receiver, receiving


@pytest.fixture
def receiver() -> Generator[Receiver]:
    """Answers the first request with an error, and all others as it should."""
    with receiving(500, 200) as started:
        yield started


@pytest.fixture
def program(make_program: Make) -> Program:
    """The program, which may call this machine."""
    return make_program(SAFELIGHT_ALLOW_PRIVATE_URLS="127.0.0.1", COLUMNS="200")


def home_of(program: Program, name: str) -> dict[str, Any]:
    """A file in its HOME."""
    path = program.directory / "home" / name
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def created(program: Program, receiver: Receiver) -> str:
    """A prediction whose end is told; the server must run."""
    body = {
        "input": {"prompt": "a"},
        "webhook": receiver.url,
        "webhook_events_filter": ["completed"],
    }
    request = Request(
        f"{home_of(program, 'server.json')['http']}/v1/models/safelight/echo/predictions",
        json.dumps(body).encode(),
        {
            "authorization": f"Bearer {home_of(program, 'tokens.json')['test']}",
            "content-type": "application/json",
        },
    )
    with urlopen(request, timeout=20) as answer:
        return str(json.load(answer)["id"])


def listed(program: Program, *arguments: str) -> list[dict[str, Any]]:
    """The log as JSON."""
    done = program.run("webhooks", "list", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_delivery_is_listed_shown_and_sent_again(program: Program, receiver: Receiver) -> None:
    """By the running server; afterwards, by an engine of the command's own."""
    with program.serving():
        prediction = created(program, receiver)
        receiver.wait_for(1)
        (delivery,) = listed(program, "--prediction", prediction)
        again = program.run("webhooks", "replay", delivery["id"])
        assert (again.returncode, again.stderr) == (0, "")
        assert again.stdout == f"{delivery['id']} delivered: answered 200\n"
    third = program.run("webhooks", "replay", delivery["id"], "--json")
    sent = json.loads(third.stdout)["attempt_count"]
    assert sent >= 3  # by itself it is sent again, too, if that time comes first
    received = receiver.wait_for(sent)
    assert {request.headers["webhook-id"] for request in received} == {delivery["id"]}
    shown = program.run("webhooks", "show", delivery["id"]).stdout
    assert [line.split("  ")[-1] for line in shown.splitlines()[-sent:]] == [
        "answered 500",
        *["answered 200"] * (sent - 1),
    ]
    table = program.run("webhooks", "list").stdout
    assert delivery["id"] in table
    assert "delivered" in table
    assert receiver.url in table
    assert listed(program, "--prediction", "nothing") == []


def test_looking_sends_nothing(program: Program, receiver: Receiver) -> None:
    """What is due waits for a server, or for whoever asks for it; the command ends at once."""
    with program.serving():
        prediction = created(program, receiver)  # is answered 500, and due again
        receiver.wait_for(1)
    (before,) = listed(program, "--prediction", prediction)
    program.run("webhooks", "secret")
    with closing(sqlite3.connect(program.directory / "home" / "safelight.db")) as connection:
        connection.execute("UPDATE deliveries SET due_at = 0 WHERE due_at IS NOT NULL")
        connection.commit()
    for command in (("webhooks", "show", before["id"]), ("predictions", "show", prediction)):
        assert program.run(*command).returncode == 0
    assert program.run("predictions", "list").returncode == 0
    (after,) = listed(program, "--prediction", prediction)
    assert after["attempt_count"] == before["attempt_count"] == 1
    with program.serving():
        receiver.wait_for(2)


def test_the_secret_is_printed_and_rotated(program: Program) -> None:
    """Stdout has the secret and nothing else."""
    secret = program.run("webhooks", "secret").stdout
    assert secret.startswith("whsec_")
    assert program.run("webhooks", "secret").stdout == secret
    rotated = program.run("webhooks", "secret", "--rotate", "--overlap", "60").stdout
    assert rotated.startswith("whsec_")
    assert rotated != secret
    assert program.run("webhooks", "secret").stdout == rotated


@pytest.mark.parametrize("verb", ["show", "replay"])
def test_what_is_not_there_fails(program: Program, verb: str) -> None:
    """The message says where to look."""
    done = program.run("webhooks", verb, "msg_nothing")
    assert done.returncode == 1
    assert "there is no delivery msg_nothing: see `safelight webhooks list`" in done.stderr


def test_an_overlap_without_a_rotation_is_a_misuse(program: Program) -> None:
    """It would do nothing."""
    done = program.run("webhooks", "secret", "--overlap", "60")
    assert done.returncode == 2
    assert "--overlap goes with --rotate" in done.stderr


def test_a_replay_that_does_not_arrive_fails(program: Program) -> None:
    """What it says goes to stdout all the same, as JSON too."""
    with receiving(200) as receiver, program.serving():
        prediction = created(program, receiver)
        receiver.wait_for(1)
        (delivery,) = listed(program, "--prediction", prediction)
    done = program.run("webhooks", "replay", delivery["id"])
    assert done.returncode == 1
    assert "refused the connection" in done.stdout
    done = program.run("webhooks", "replay", delivery["id"], "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] != "delivered"
