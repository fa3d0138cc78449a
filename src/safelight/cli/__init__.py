"""The command line: which commands there are; each is imported when it is called."""

import importlib
from typing import Any, Final, cast

import click

from safelight.cli.failing import Failure, Misuse
from safelight.errors import SafelightError
from safelight.settings import InvalidSetting

COMMANDS: Final = {
    "serve": "Start the server, and say how to point a client at it.",
    "env": "Print the `export` lines that point a client at this server.",
    "run": "Run a model once, and save what it makes.",
    "predictions": "List, show, cancel and delete predictions.",
    "files": "List, upload, show, delete and link files for inputs.",
    "models": "List, show, create and delete the models that can be run here.",
    "deployments": "List, show, create, update and delete deployments.",
    "collections": "List and show collections of models.",
    "accounts": "Create, list and limit the accounts that tokens speak for.",
    "webhooks": "List, show and replay what was sent, and show the signing secret.",
    "tokens": "Create, list, limit and revoke API tokens.",
    "usage": "Show what has been spent, and the limits that bind.",
    "doctor": "Check keys, disk, ports and certificates, and say what to do.",
}
"""Each command and the first line of its help, so that `--help` imports none of them."""


class Commands(click.Group):
    """A group whose commands live in a module each; errors become one line, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """In the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's own signature
        cmd_name: str,
    ) -> click.Command | None:
        """Import the command's module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"safelight.cli.{cmd_name}")
        return cast("click.Command", module.command)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's own signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; what the caller can mend is told in one line."""
        try:
            return super().invoke(ctx)
        except InvalidSetting as error:
            raise Misuse(str(error)) from error
        except SafelightError as error:
            raise Failure(error.detail) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="safelight")
def main() -> None:
    """Your own Replicate for pictures: its HTTP API on your own keys, or on no key at all."""
