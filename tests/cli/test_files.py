"""Files from the command line: uploaded, looked at, linked and deleted."""

import json
import urllib.request
from pathlib import Path

from PIL import Image
from tests.cli.conftest import Make, Program


def picture(program: Program, name: str, side: int = 8) -> Path:
    path = program.directory / name
    Image.effect_noise((side, side), 100).save(path)
    return path


def test_files_are_uploaded_and_their_addresses_printed(served: Program) -> None:
    """One a line, to be given as inputs."""
    paths = [str(picture(served, name)) for name in ("a.png", "b \u00e4\"'.webp")]
    done = served.run("files", "upload", *paths)
    assert done.returncode == 0, done.stderr
    addresses = done.stdout.splitlines()
    assert len(addresses) == 2
    assert all("/v1/files/" in address for address in addresses)
    files = json.loads(served.run("files", "list", "--json").stdout)
    assert [file["urls"]["get"] for file in files][:2] == addresses[::-1]
    assert [file["name"] for file in files][:2] == ["b \u00e4\"'.webp", "a.png"]
    assert files[1]["content_type"] == "image/png"
    assert "a.png" in served.run("files", "list").stdout
    used = ("run", "--test", "openai/gpt-image-2", "prompt=x", f"input_images={addresses[0]}")
    done = served.run(*used, "--json")
    assert done.returncode == 0, done.stderr


def test_a_file_is_shown_linked_and_deleted(served: Program) -> None:
    """The link opens its bytes without a token, until it is deleted."""
    path = picture(served, "c.png")
    (made,) = json.loads(served.run("files", "upload", "--json", str(path)).stdout)
    assert json.loads(served.run("files", "show", made["id"], "--json").stdout) == made
    assert made["checksums"]["sha256"] in served.run("files", "show", made["id"]).stdout
    address = served.run("files", "link", made["id"], "--minutes", "5").stdout.strip()
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == path.read_bytes()
    assert "is deleted" in served.run("files", "delete", made["id"]).stdout
    for command in ("show", "delete", "link"):
        done = served.run("files", command, made["id"])
        assert done.returncode == 1
        assert (
            done.stderr
            == f"safelight: there is no file {made['id']}: see `safelight files list`.\n"
        )


def test_a_link_names_the_public_origin(make_program: Make) -> None:
    """Also when no server runs at the moment: then where one would be."""
    for variables, origin in (
        ({"SAFELIGHT_PUBLIC_URL": "https://pictures.example/"}, "https://pictures.example"),
        ({"SAFELIGHT_PORT": "8499"}, "http://127.0.0.1:8499"),
    ):
        program = make_program(**variables)
        path = picture(program, "a.png")
        (made,) = json.loads(program.run("files", "upload", "--json", str(path)).stdout)
        done = program.run("files", "link", made["id"])
        assert done.stdout.startswith(f"{origin}/v1/files/{made['id']}/download?owner=safelight&")


def test_a_path_without_a_file_is_a_misuse(served: Program) -> None:
    """Nothing is uploaded, whatever else was named."""
    before = served.run("files", "list", "--json").stdout
    path = str(picture(served, "d.png"))
    for wrong in ("nowhere.png", "."):
        assert served.run("files", "upload", path, wrong).returncode == 2
    assert served.run("files", "list", "--json").stdout == before


def test_a_large_input_is_uploaded_before_the_run(served: Program) -> None:
    """A small one goes within the prediction."""
    large, small = picture(served, "large.png", 1024), picture(served, "small.png")
    assert large.stat().st_size > 256_000
    command = ("run", "--test", "openai/gpt-image-2", "prompt=x", "--json")
    done = served.run(*command, f"input_images=@{large}", f"input_images=@{small}")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["input"]["input_images"]
    assert second.startswith("data:image/png;base64,")
    newest = json.loads(served.run("files", "list", "--json", "--limit", "1").stdout)[0]
    assert newest["urls"]["get"] == first
    assert newest["name"] == "large.png"


def test_a_name_that_no_request_can_carry_is_told(served: Program) -> None:
    """On one line, and nothing is uploaded."""
    path = served.directory / "a\r\nx: y.png"
    path.write_bytes(b"x")
    done = served.run("files", "upload", str(path))
    assert done.returncode == 1
    assert done.stderr.endswith("cannot be sent under its name: rename it.\n")
    assert done.stderr.count("\n") == 1
