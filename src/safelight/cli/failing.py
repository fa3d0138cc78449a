"""How a command fails: one line that begins with the program's name, and an exit code."""

from typing import IO, Any

import click


class Failure(click.ClickException):
    """Ends the program with a message for the person at the terminal, and exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it; to stderr when *file* is None."""
        click.echo(f"safelight: {self.format_message()}", file=file, err=file is None)


class Misuse(Failure):
    """The arguments or settings cannot be used: nothing was begun."""

    exit_code = 2
