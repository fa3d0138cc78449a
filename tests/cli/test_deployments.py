"""Deployments from the command line: made, looked at, changed and deleted."""

import json
import subprocess

import pytest
from tests.cli.conftest import Program

ECHO = "safelight/echo"


def deployments(program: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
    return program.run("deployments", *arguments)


def shown(program: Program, *arguments: str) -> dict[str, object]:
    """What a command prints as JSON."""
    done = deployments(program, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_deployment_lives_from_create_to_delete(served: Program) -> None:
    """Each step shows it as it then is."""
    made = shown(served, "create", "one", "--model", ECHO)
    model = json.loads(served.run("models", "show", ECHO, "--json").stdout)
    release = made["current_release"]
    assert isinstance(release, dict)
    assert release["version"] == model["latest_version"]["id"]
    assert release["configuration"] == {"hardware": "cpu", "min_instances": 0, "max_instances": 1}
    assert shown(served, "show", "one") == shown(served, "show", "safelight/one") == made
    changed = shown(served, "update", "one", "--max-instances", "7", "--hardware", "gpu-t4")
    release = changed["current_release"]
    assert isinstance(release, dict)
    assert release["number"] == 2
    assert release["configuration"] == {
        "hardware": "gpu-t4",
        "min_instances": 0,
        "max_instances": 7,
    }
    told = deployments(served, "show", "one").stdout
    for text in ("safelight/one", "release:       2", ECHO, "gpu-t4", "max instances: 7"):
        assert text in told
    assert deployments(served, "delete", "one").stdout == "one is deleted.\n"
    for command in (("show",), ("delete",), ("update", "--max-instances", "1")):
        done = deployments(served, command[0], "one", *command[1:])
        assert done.returncode == 1
        assert done.stderr == (
            "safelight: there is no deployment one: see `safelight deployments list`.\n"
        )


def test_deployments_are_listed_newest_first(served: Program) -> None:
    """As a table, or as JSON."""
    for name in ("first", "second"):
        shown(served, "create", name, "--model", ECHO)
    listed = json.loads(deployments(served, "list", "--json").stdout)
    assert [deployment["name"] for deployment in listed][:2] == ["second", "first"]
    lines = deployments(served, "list").stdout.splitlines()
    (line,) = [line for line in lines if line.startswith("first ")]
    assert ECHO in line
    for name in ("first", "second"):
        deployments(served, "delete", name)


def test_a_version_can_be_named(served: Program) -> None:
    """By an option, or behind the model's name; one of another model is refused."""
    model = json.loads(served.run("models", "show", ECHO, "--json").stdout)
    version = model["latest_version"]["id"]
    shown(served, "create", "a", "--model", ECHO, "--version", version)
    shown(served, "create", "b", "--model", f"{ECHO}:{version}")
    done = deployments(served, "create", "c", "--model", "safelight/sketch", "--version", version)
    assert done.returncode == 1
    assert "does not exist" in done.stderr
    for name in ("a", "b"):
        deployments(served, "delete", name)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("create", "x"), 2, "Missing option '--model'"),
        (("create", "x", "--model", "echo"), 2, "'echo' is no model: write owner/name."),
        (("create", "x", "--model", "safelight/ecko"), 1, "Did you mean safelight/echo"),
        (("create", "X!", "--model", ECHO), 1, "name: Does not match pattern"),
        (("create", "x", "--model", ECHO, "--max-instances", "21"), 2, "--max-instances"),
        (("create", "x", "--model", ECHO, "--min-instances", "3"), 1, "min_instances: Must be"),
        (("update", "x"), 2, "nothing to change"),
    ],
)
def test_what_cannot_be_is_told_in_words(
    served: Program, arguments: tuple[str, ...], code: int, text: str
) -> None:
    """And the exit code tells misuse from refusal."""
    done = deployments(served, *arguments)
    assert done.returncode == code
    assert text in done.stderr
