"""Models and collections, listed, shown, made and deleted with the program."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.cli import main


class _Program:
    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str) -> Result:
        environment = {"SAFELIGHT_HOME": str(self.home), "COLUMNS": "200"}
        return CliRunner().invoke(main, arguments, env=environment)


@pytest.fixture
def program(tmp_path: Path) -> _Program:
    return _Program(tmp_path / "home")


def test_a_model_is_made_shown_and_deleted(program: _Program) -> None:
    """Without a version it cannot be run, and that is said."""
    made = program("models", "create", "safelight/mine", "--description", "Of my own")
    assert made.stdout == "Created safelight/mine.\n", made.output
    shown = json.loads(program("models", "show", "safelight/mine", "--json").stdout)
    assert (shown["visibility"], shown["description"]) == ("private", "Of my own")
    assert "no version yet" in program("models", "show", "safelight/mine").stdout
    assert "safelight/mine" in program("models", "list").stdout
    ran = program("run", "safelight/mine", "prompt=a")
    assert (ran.exit_code, "no version yet" in ran.stderr) == (1, True)
    assert program("models", "delete", "safelight/mine").stdout == "Deleted safelight/mine.\n"
    gone = program("models", "delete", "safelight/mine")
    assert (gone.exit_code, "there is no model" in gone.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("create", "mine"), 2, "write owner/name"),
        (("create", "other/mine"), 1, "The owner must be safelight"),
        (("create", "safelight/echo"), 1, "There is a model safelight/echo already."),
        (("create", "safelight/mine", "--hardware", "abacus"), 1, "hardware must be one of"),
        (("delete", "safelight/echo"), 1, "comes with Safelight"),
        (("delete", "safelight/ecco"), 1, "Did you mean safelight/echo"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    program: _Program, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """The server's own, where it answers."""
    result = program("models", *arguments)
    assert result.exit_code == code
    assert message in result.stderr


def test_collections_are_listed_and_shown(program: _Program) -> None:
    """With their models."""
    listed = json.loads(program("collections", "list", "--json").stdout)
    assert "try-it-first" in [collection["slug"] for collection in listed]
    assert "try-it-first" in program("collections", "list").stdout
    shown = program("collections", "show", "try-it-first").stdout
    assert "safelight/sketch" in shown
    whole = json.loads(program("collections", "show", "try-it-first", "--json").stdout)
    assert [model["name"] for model in whole["models"]] == ["sketch", "echo"]


def test_a_collection_that_is_not_there_is_answered_with_those_that_are(
    program: _Program,
) -> None:
    """By their slugs."""
    result = program("collections", "show", "nope")
    assert result.exit_code == 1
    assert "there is no collection nope" in result.stderr
    assert "try-it-first" in result.stderr
