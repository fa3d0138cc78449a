"""Providers' official SDKs, unmodified, each in a folder of its own, and what they send."""

import asyncio
import json
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.standins.server import Seen

_BUILD = Path(__file__).parents[2] / "build"
_INSTALLING = 180.0
"""Seconds that a package registry has."""
_ASKING = 60.0
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")

ALWAYS_DIFFERENT: Mapping[str, str] = {
    "host": "each request goes where it goes",
    "content-length": "the same JSON can be written with spaces or without",
    "user-agent": "each names itself",
    "accept": "the answer is JSON whether asked for or not",
    "accept-encoding": "pictures in base64 do not get smaller, and undoing it takes time",
    "connection": "HTTP/1.1 keeps a connection open unless told otherwise",
}
"""Headers that are not compared, each with the reason."""


async def installed(name: str, version: str) -> Path:
    """Install an SDK with all that it needs, from the registry, where it stays."""
    folder = _BUILD / f"{name}-{version}"
    if any(folder.glob(f"{name.replace('-', '_')}-{version}.dist-info")):
        return folder
    pip = ["-m", "pip", "install", "--quiet", "--target", str(folder), f"{name}=={version}"]
    code, _, said = await _run(pip, dict(os.environ), _INSTALLING)
    if code != 0:
        pytest.skip(f"pip could not install {name} {version}: {said.strip()[-300:]}")
    return folder


async def ask(sdk: Path, program: str, **environment: str) -> Any:
    """Run a program that knows the SDK, and give what it prints last, as JSON."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own = {"PYTHONPATH": str(sdk), **kept, **environment}
    code, out, said = await _run(["-c", program], own, _ASKING)
    assert code == 0, said
    return json.loads(out.splitlines()[-1])


async def _run(
    arguments: list[str], environment: Mapping[str, str], seconds: float
) -> tuple[int | None, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stdout=pipe, stderr=pipe
    )
    try:
        out, said = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        process.kill()
        await process.wait()
        return None, "", f"it took more than {seconds:g} s"
    return process.returncode, out.decode(), said.decode()


def assert_same(ours: Seen, theirs: Seen, different: Collection[str] = ()) -> None:
    """Compare method, path, body, and the headers that mean something to the provider.

    *different* are names of headers that only the SDK of this provider sends.
    """
    assert (ours.method, ours.path) == (theirs.method, theirs.path)
    assert json.loads(ours.body) == json.loads(theirs.body)
    ignored = {*ALWAYS_DIFFERENT, *different}
    assert _meaningful(ours, ignored) == _meaningful(theirs, ignored)


def _meaningful(seen: Seen, ignored: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in seen.headers.items() if name not in ignored}
