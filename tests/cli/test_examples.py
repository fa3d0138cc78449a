"""The examples run as they stand, with the variables of `safelight env --test`."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NODE_MODULES = tuple(
    folder / "node_modules" for folder in (ROOT, EXAMPLES, ROOT / "tests" / "clients")
)
"""Where the JavaScript client may have been installed."""


@pytest.fixture
def variables(served: Any) -> dict[str, str]:
    """What a shell has after evaluating `safelight env --test`."""
    lines = served.run("env", "--test").stdout.splitlines()
    return dict(shlex.split(line)[1].split("=", 1) for line in lines)


def run(command: list[str], variables: dict[str, str], directory: Path) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **variables},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sizes_in(directory: Path) -> dict[str, tuple[int, int]]:
    sizes: dict[str, tuple[int, int]] = {}
    for path in directory.iterdir():
        with Image.open(path) as image:
            image.load()
            sizes[path.name] = image.size
    return sizes


def test_python_makes_pictures(variables: dict[str, str], tmp_path: Path) -> None:
    """Outputs are files, since they come over HTTPS."""
    said = run([sys.executable, str(EXAMPLES / "python_run.py")], variables, tmp_path)
    assert "from https://" in said
    assert sizes_in(tmp_path) == {"harbour-0.webp": (1536, 1024), "harbour-1.webp": (1536, 1024)}


def test_python_follows_and_cancels(variables: dict[str, str], tmp_path: Path) -> None:
    """One prediction ends by itself, the other is told to."""
    said = run([sys.executable, str(EXAMPLES / "python_predictions.py")], variables, tmp_path)
    first, second, third = said.splitlines()
    assert first.endswith(" is starting")
    assert " is succeeded: https://" in second
    assert third.endswith(" is canceled")


def test_curl_makes_a_picture(variables: dict[str, str], tmp_path: Path) -> None:
    """A shell, curl and sed are enough."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    variables["CURL_CA_BUNDLE"] = variables["SSL_CERT_FILE"]
    run(["sh", str(EXAMPLES / "curl.sh")], variables, tmp_path)
    assert sizes_in(tmp_path) == {"harbour.jpg": (1280, 896)}


def test_node_makes_pictures(variables: dict[str, str], tmp_path: Path) -> None:
    """With the official JavaScript client, where it is installed."""
    node = shutil.which("node")
    modules = next((path for path in NODE_MODULES if (path / "replicate").exists()), None)
    if node is None or modules is None:
        pytest.skip("node, or its package `replicate`, is not installed")
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "node_modules").symlink_to(modules)  # node looks beside the program
    shutil.copy(EXAMPLES / "node_run.mjs", tmp_path / "program")
    (tmp_path / "made").mkdir()
    run([node, str(tmp_path / "program" / "node_run.mjs")], variables, tmp_path / "made")
    assert sizes_in(tmp_path / "made").keys() == {"harbour-0.webp", "harbour-1.webp"}


def test_the_demo_makes_the_four_pictures(tmp_path: Path) -> None:
    """In a HOME of its own, on free ports, and it leaves no server behind."""
    ours = ("SAFELIGHT_", "REPLICATE_")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    kept["PYTHONPATH"] = str(EXAMPLES.parent / "src")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "demo.py")],
        env=kept,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    demo = tmp_path / "demo"
    assert not (demo / ".safelight" / "server.json").exists()
    shutil.rmtree(demo / ".safelight")
    assert sizes_in(demo) == {
        "gpt-image-1-1.webp": (1536, 1024),
        "gpt-image-1-2.webp": (1536, 1024),
        "gpt-image-2.webp": (1536, 1024),
        "imagen-4-fast.jpg": (1280, 896),
        "image-generation.png": (1344, 768),
    }
    assert all(name in done.stdout for name in sizes_in(demo))
