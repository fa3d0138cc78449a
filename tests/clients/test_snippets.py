"""The snippets of Replicate's own pages, run as they stand but for the base URL.

Python's reads it from the environment. Two of them are wrong, on Replicate as here: in Python `url`
is an attribute, and `fs.writeFile` of Node.js wants a callback.
"""

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.clients.conftest import Run

SNIPPETS = Path(__file__).parent / "snippets"
FORMS = {"gpt_image_1": "WEBP", "image_generation": "PNG", "imagen_4_fast": "JPEG"}
SIZES = {"gpt_image_1": 3 / 2, "image_generation": 16 / 9, "imagen_4_fast": 4 / 3}
MODELS = ["gpt_image_1", "image_generation"]


def _snippet(name: str) -> str:
    return (SNIPPETS / f"{name}.txt").read_text()


def _for_this_server(module: str) -> str:
    """JavaScript's client has no variable for the base URL."""
    base = "baseUrl: process.env.REPLICATE_BASE_URL"
    changed = module.replace("new Replicate()", f"new Replicate({{ {base} }})")
    changed = changed.replace(
        "auth: process.env.REPLICATE_API_TOKEN,", f"auth: process.env.REPLICATE_API_TOKEN, {base},"
    )
    assert changed != module
    return changed


def _check(content: bytes, name: str) -> None:
    """The picture has the format and the shape that the snippet asks for."""
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == FORMS[name]
        assert image.width / image.height == pytest.approx(SIZES[name], rel=0.08)


def _needs_curl() -> None:
    if not shutil.which("curl") or not shutil.which("bash"):
        pytest.skip("There is no curl, or no bash, here.")


@pytest.mark.parametrize("name", MODELS)
def test_pythons_snippet_runs_up_to_its_own_mistake(run_python: Run, name: str) -> None:
    """The picture is there; then `url` is called, which is text."""
    done = run_python(_snippet(f"{name}.py"))
    assert done.code == 1
    assert done.err.splitlines()[-1] == "TypeError: 'str' object is not callable"
    assert done.out == ""


@pytest.mark.parametrize("name", MODELS)
def test_pythons_snippet_runs_without_its_mistake(run_python: Run, name: str) -> None:
    """It prints an address and writes a picture."""
    snippet = _snippet(f"{name}.py")
    done = run_python(snippet.replace(".url()", ".url"))
    assert done.code == 0, done.err
    assert done.out.startswith("https://127.0.0.1:")
    _check((done.folder / "my-image.png").read_bytes(), name)


@pytest.mark.parametrize("name", MODELS)
def test_javascripts_snippet_runs_up_to_its_own_mistake(run_node: Run, name: str) -> None:
    """The address is printed; then Node.js wants a callback."""
    done = run_node(_for_this_server(_snippet(f"{name}.mjs")))
    assert done.code == 1
    assert "href: 'https://127.0.0.1:" in done.out
    assert (
        'TypeError [ERR_INVALID_ARG_TYPE]: The "cb" argument must be of type function' in done.err
    )


@pytest.mark.parametrize("name", MODELS)
def test_javascripts_snippet_runs_without_its_mistake(run_node: Run, name: str) -> None:
    """With the promise form of `writeFile`, a picture is written."""
    module = _for_this_server(_snippet(f"{name}.mjs"))
    done = run_node(module.replace("fs.writeFile(", "await fs.promises.writeFile("))
    assert done.code == 0, done.err
    assert "href: 'https://127.0.0.1:" in done.out
    _check((done.folder / "my-image.png").read_bytes(), name)


def test_javascripts_newer_snippet_runs(run_node: Run) -> None:
    """It has no mistake."""
    done = run_node(_for_this_server(_snippet("imagen_4_fast.mjs")))
    assert done.code == 0, done.err
    assert "/output.jpg'" in done.out
    _check((done.folder / "output.jpg").read_bytes(), "imagen_4_fast")


@pytest.mark.parametrize("name", MODELS)
def test_curls_snippet_runs(run: Run, client_environment: dict[str, str], name: str) -> None:
    """The answer is the finished prediction, and its output can be downloaded."""
    _needs_curl()
    base_url = client_environment["REPLICATE_BASE_URL"]
    snippet = _snippet(f"{name}.sh").replace("https://api.replicate.com/v1", base_url)
    done = run("bash", "-c", snippet)
    assert done.code == 0, done.err
    shown: dict[str, Any] = json.loads(done.out)
    assert shown["status"] == "succeeded"
    url = shown["output"][0] if isinstance(shown["output"], list) else shown["output"]
    downloaded = subprocess.run(
        ["curl", "-sS", "--fail", url],
        env=client_environment,
        capture_output=True,
        check=True,
        timeout=30,
    )
    _check(downloaded.stdout, name)


def test_the_account_can_be_asked_for_with_curl(
    run: Run, client_environment: dict[str, str]
) -> None:
    """How the documentation has one check a token."""
    _needs_curl()
    base_url = client_environment["REPLICATE_BASE_URL"]
    command = f'curl -s {base_url}/account -H "Authorization: Bearer $REPLICATE_API_TOKEN"'
    assert json.loads(run("bash", "-c", command).out)["type"] == "user"
