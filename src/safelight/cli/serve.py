"""`safelight serve`: the server, and how to point a client at it."""

import shlex
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from safelight.bootstrap import Home, prepare_home
from safelight.cli.doctor import examine_providers
from safelight.cli.finding import current_settings
from safelight.engine import running_engine
from safelight.server import Addresses, run
from safelight.settings import Settings

_PORT = click.IntRange(0, 65535)


@click.command
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=_PORT, help="Port for plain HTTP; 0 picks a free one.")
@click.option("--tls-port", type=_PORT, help="Port for HTTPS; 0 turns it off.")
def command(**options: Any) -> None:  # noqa: ANN401 - click passes what was given
    """Start the server, and say how to point a client at it.

    It runs until Ctrl-C or SIGTERM; running predictions then get SAFELIGHT_GRACE to end.
    """
    given = {name: value for name, value in options.items() if value is not None}
    settings = replace(current_settings(), **given)
    home = prepare_home(settings)

    def started(addresses: Addresses) -> None:
        click.echo(_greeting(settings, home, addresses))

    run(settings, started=started, engine=partial(running_engine, examine=examine_providers))


def _greeting(settings: Settings, home: Home, addresses: Addresses) -> str:
    where = " and ".join(origin for origin in (addresses.http, addresses.https) if origin)
    program = _program()
    tokens = f"live {hint(home.live_token)}, test {hint(home.test_token)}"
    return f"""\
Safelight is at {where}

Open the playground (on this machine):
  {addresses.entrance}

Point a client at it, in the shell that it runs in:
  eval "$({program} env --test)"   test mode: no key, no network, no cost
  eval "$({program} env)"          live: with your provider keys
Then, in Python:
  import replicate
  pictures = replicate.run("openai/gpt-image-2", input={{"prompt": "a harbour at dawn"}})
  open("harbour.webp", "wb").write(pictures[0].read())
or with curl:
  curl -s -H "Authorization: Bearer $REPLICATE_API_TOKEN" -H "Prefer: wait" \\
    -H "Content-Type: application/json" -d '{{"input": {{"prompt": "a harbour at dawn"}}}}' \\
    "$REPLICATE_BASE_URL/models/openai/gpt-image-2/predictions"

Tokens: {tokens}. Data: {settings.home}. Stop with Ctrl-C."""


def _program() -> str:
    """How to call this program from another shell."""
    if shutil.which("safelight"):
        return "safelight"
    called = Path(sys.argv[0]).absolute()
    is_module = called.name == "__main__.py"
    return f"{shlex.quote(sys.executable)} -m safelight" if is_module else shlex.quote(str(called))


def hint(token: str) -> str:
    """Enough of a token to tell it from others, not to use it."""
    prefix = "r8_test_" if token.startswith("r8_test_") else "r8_"
    return f"{prefix}...{token[-4:]}"
