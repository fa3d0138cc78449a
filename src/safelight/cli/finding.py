"""Finds the settings, and the server that runs on this HOME, if one does."""

import http.client
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from safelight.settings import Settings, read_settings

_PATIENCE: Final = 2.0
"""Seconds that a server on this machine has to answer a trivial request."""


@dataclass(frozen=True)
class Running:
    """Where a running server is; origins such as `http://127.0.0.1:8484`."""

    http: str
    https: str | None
    pid: int


def current_settings() -> Settings:
    """The settings of this process: its environment, and `safelight.toml` where it runs.

    Raises:
        InvalidSetting: One cannot be used.
    """
    return read_settings(os.environ, Path.cwd())


def find_server(settings: Settings, token: str) -> Running | None:
    """The server that runs on this HOME and knows *token*."""
    running = _announced(settings.home / "server.json")
    return running if running and _knows(running.http, token) else None


def _announced(path: Path) -> Running | None:
    try:
        written: dict[str, Any] = json.loads(path.read_bytes())
        return Running(str(written["http"]), written.get("https"), int(written["pid"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _knows(origin: str, token: str) -> bool:
    # A server killed outright leaves its file behind, and its port to anyone: only one that
    # knows our token is ours.
    address = urlsplit(origin)
    connection = http.client.HTTPConnection(
        address.hostname or "localhost", address.port, timeout=_PATIENCE
    )
    try:
        connection.request("GET", "/v1/account", headers={"authorization": f"Bearer {token}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
