"""LiteLLM's proxy, the gateway that is compared: in an environment of its own in build/."""

import json
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.load import Target
from bench.peers import Peer, answered, free_port, running, without_ours

VERSION: Final = "1.106.2"
NAME: Final = f"LiteLLM {VERSION}"
_KEY: Final = "sk-bench"
_PATIENCE: Final = 120.0
"""Seconds: it imports for a long time."""
_INSTALLING: Final = 600.0


class NotInstalled(Exception):
    """The peer is not to be had here; the message says why."""


def installed(build: Path) -> Path:
    """The environment's folder of commands; made the first time, which takes a minute.

    Raises:
        NotInstalled: pip did not get it.
    """
    folder = build / f"litellm-{VERSION}"
    if not (folder / "bin" / "litellm").exists():
        shutil.rmtree(folder, ignore_errors=True)  # an interrupted try
        subprocess.run((sys.executable, "-m", "venv", str(folder)), check=True)
        _pip(folder, f"litellm[proxy]=={VERSION}")
    return folder / "bin"


def _pip(folder: Path, package: str) -> None:
    pip = (str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check")
    try:
        done = subprocess.run(
            (*pip, "install", package), capture_output=True, timeout=_INSTALLING, check=False
        )
    except subprocess.TimeoutExpired as error:
        shutil.rmtree(folder)
        raise NotInstalled("pip took too long") from error
    if done.returncode:
        shutil.rmtree(folder)
        lines = [line for line in done.stderr.decode().splitlines() if line.startswith("ERROR")]
        raise NotInstalled(lines[-1][:100] if lines else f"pip failed with {done.returncode}")


@contextmanager
def litellm(build: Path, folder: Path, provider: str) -> Generator[Peer]:
    """One worker, as it starts by default; it asks for a key, keeps nothing, and has no database.

    Raises:
        NotInstalled: It could not be installed, or does not start.
    """
    commands, port = installed(build), free_port()
    config = folder / "config.yaml"
    config.write_text(json.dumps(_config(provider)))  # JSON is YAML
    command = (str(commands.resolve() / "litellm"), "--config", str(config))
    command += ("--host", "127.0.0.1", "--port", str(port))
    environment = without_ours(LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_LOG="ERROR")
    with running(command, folder, environment) as (process, started):
        try:
            ready = answered(process, f"http://127.0.0.1:{port}/health/liveliness", _PATIENCE)
        except RuntimeError as error:
            raise NotInstalled("it does not start") from error
        target = Target(port, "/v1/images/generations", _KEY)
        yield Peer(NAME, process, target, ready - started)


def _config(provider: str) -> dict[str, object]:
    model = {
        "model_name": "gpt-image-1",
        "litellm_params": {
            "model": "openai/gpt-image-1",
            "api_base": provider,
            "api_key": "sk-made-up",
        },
        "model_info": {"mode": "image_generation"},
    }
    return {
        "model_list": [model],
        "litellm_settings": {"telemetry": False},
        "general_settings": {"master_key": _KEY},
    }
