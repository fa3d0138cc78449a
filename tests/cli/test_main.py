"""The program as a whole: its commands, its help, its errors."""

import importlib
import sys
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner

from safelight.cli import COMMANDS, main


def test_help_lists_every_command_and_imports_none(make_program: Callable[..., Any]) -> None:
    """A newcomer's first call answers at once."""
    program = make_program(PYTHONPROFILEIMPORTTIME="1")
    done = program.run("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "safelight.cli" in imported
    heavy = ("cog", "aiohttp", "numpy", "cryptography", "rich", "uvicorn", "starlette", "PIL")
    assert not [name for name in imported if name.split(".")[0] in heavy]
    assert not (program.directory / "home").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_itself_says(name: str) -> None:
    """The list is written apart from the commands, so that they need not be imported."""
    command: click.Command = importlib.import_module(f"safelight.cli.{name}").command
    assert (command.help or "").splitlines()[0] == COMMANDS[name]


@pytest.mark.parametrize(
    "arguments",
    [
        ["predictions", "list"],
        ["predictions", "show"],
        ["predictions", "cancel"],
        ["predictions", "delete"],
        ["files", "list"],
        ["files", "upload"],
        ["files", "show"],
        ["files", "delete"],
        ["files", "link"],
        ["models", "list"],
        ["models", "show"],
        ["accounts", "create"],
        ["accounts", "list"],
        ["tokens", "create"],
        ["tokens", "list"],
        ["tokens", "revoke"],
    ],
)
def test_every_subcommand_explains_itself(arguments: list[str]) -> None:
    """Nothing is started to do so."""
    done = CliRunner().invoke(main, [*arguments, "--help"])
    assert done.exit_code == 0
    assert f"main {' '.join(arguments)}" in done.output


def test_an_unknown_command_is_a_misuse() -> None:
    """It exits as shells expect."""
    assert CliRunner().invoke(main, ["paint"]).exit_code == 2


def test_a_setting_that_cannot_be_used_is_told_in_one_line() -> None:
    """No traceback: the person at the terminal can mend it."""
    done = CliRunner().invoke(main, ["env"], env={"SAFELIGHT_PORT": "http"})
    assert done.exit_code == 2
    assert done.stderr.startswith("safelight: SAFELIGHT_PORT cannot be 'http'")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["run", "gpt-image-2"], ["models", "show", "a b"]])
def test_a_reference_that_names_no_model_is_refused(arguments: list[str]) -> None:
    """The message shows the form."""
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "owner/name" in done.stderr


def test_the_module_is_the_program(make_program: Callable[..., Any]) -> None:
    """`python -m safelight` works where the script is not on the path."""
    assert "Usage: safelight" in make_program().run("--help").stdout
    assert "safelight.__main__" not in sys.modules
