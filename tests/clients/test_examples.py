"""Every file in examples/ runs as its first lines say."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image
from tests.clients.conftest import Run

from safelight.catalog.pages import DATA

EXAMPLES = Path(__file__).parents[2] / "examples"


def _check(path: Path, form: str) -> None:
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == form


def test_every_example_has_a_test() -> None:
    """A new one is to be added here."""
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == {
        "curl.sh",
        "demo.py",
        "make_pages.py",
        "node_run.mjs",
        "python_predictions.py",
        "python_run.py",
    }


def test_python_run(run_python: Run) -> None:
    """Saves two pictures."""
    done = run_python((EXAMPLES / "python_run.py").read_text())
    assert done.code == 0, done.err
    for name in ("harbour-0.webp", "harbour-1.webp"):
        assert f"{name} from https://" in done.out
        _check(done.folder / name, "WEBP")


def test_python_predictions(run_python: Run) -> None:
    """Follows one prediction, cancels another."""
    done = run_python((EXAMPLES / "python_predictions.py").read_text())
    assert done.code == 0, done.err
    first, second, third = done.out.splitlines()
    assert first.endswith(" is starting")
    assert " is succeeded: https://" in second
    assert third.endswith(" is canceled")


def test_node_run(run_node: Run) -> None:
    """Saves two pictures."""
    done = run_node((EXAMPLES / "node_run.mjs").read_text())
    assert done.code == 0, done.err
    for name in ("harbour-0.webp", "harbour-1.webp"):
        assert f"{name} from https://" in done.out
        _check(done.folder / name, "WEBP")


def test_curl(run: Run) -> None:
    """Saves a picture."""
    if not shutil.which("curl"):
        pytest.skip("There is no curl here.")
    done = run("sh", str(EXAMPLES / "curl.sh"))
    assert done.code == 0, done.err
    assert done.out.startswith("harbour.jpg from https://")
    _check(done.folder / "harbour.jpg", "JPEG")


def test_demo(run_python: Run) -> None:
    """Needs nothing that is running: starts a server of its own, and leaves four pictures."""
    done = run_python((EXAMPLES / "demo.py").read_text())
    assert done.code == 0, done.err
    demo = done.folder / "demo"
    found = sorted(path.name for path in demo.iterdir() if path.is_file())
    assert found == [
        "gpt-image-1-1.webp",
        "gpt-image-1-2.webp",
        "gpt-image-2.webp",
        "image-generation.png",
        "imagen-4-fast.jpg",
    ]
    for name in found:
        assert name in done.out
    assert not (demo / ".safelight" / "server.json").exists(), "the server is gone"


def test_make_pages(run_python: Run) -> None:
    """Leaves what is there as it is: the ids of examples never change."""
    before = {path: path.read_bytes() for path in DATA.rglob("*") if path.is_file()}
    done = run_python((EXAMPLES / "make_pages.py").read_text())
    assert done.code == 0, done.err
    assert {path: path.read_bytes() for path in DATA.rglob("*") if path.is_file()} == before
