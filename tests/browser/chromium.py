"""Where Chromium is; it is installed where that can be done."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALLING = 240.0
"""Seconds that the system's packages have."""


@cache
def chromium(log: Path) -> str | None:
    """Its path; None where there is none, and *log* says what was tried."""
    if found := _found():
        return found
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    with log.open("wb") as file:
        for command in (("update",), ("install", "-y", "--no-install-recommends", "chromium")):
            try:
                subprocess.run(
                    ("apt-get", *command),
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                    check=True,
                    timeout=_INSTALLING,
                )
            except (subprocess.SubprocessError, OSError) as error:
                file.write(f"{error}\n".encode())
                return None
    return _found()


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
