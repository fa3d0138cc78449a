"""Output files are saved under the server's names, never over another file."""

from pathlib import Path

import pytest

from safelight.cli.failing import Failure, Misuse
from safelight.cli.saving import check_directory, write_new

URL = "http://127.0.0.1:8484/outputs/abc/out-0.webp"


def test_a_file_keeps_its_name(tmp_path: Path) -> None:
    """The directory is made when it is missing."""
    path = write_new(tmp_path / "new", URL, b"1")
    assert path == tmp_path / "new" / "out-0.webp"
    assert path.read_bytes() == b"1"


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    """The next free number is put behind the name."""
    paths = [write_new(tmp_path, URL, content) for content in (b"1", b"2", b"3")]
    assert [path.name for path in paths] == ["out-0.webp", "out-0-1.webp", "out-0-2.webp"]
    assert [path.read_bytes() for path in paths] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://x/outputs/..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("http://x/outputs/..", "output"),
        ("http://x/outputs/.bashrc", "bashrc"),
        ("http://x/outputs/a.png?b=/c", "a.png"),
        ("http://x/", "output"),
    ],
)
def test_no_name_leads_out_of_the_directory(url: str, name: str, tmp_path: Path) -> None:
    """The server chooses the name, the caller the place."""
    path = write_new(tmp_path, url, b"")
    assert path == tmp_path / name


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The picture is still at the server."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Failure, match="cannot be written"):
        write_new(tmp_path / "file", URL, b"")


def test_a_directory_that_cannot_be_made_is_a_misuse(tmp_path: Path) -> None:
    """It is found before anything is paid for, so nothing was begun."""
    (tmp_path / "file").touch()
    with pytest.raises(Misuse, match="cannot be written"):
        check_directory(tmp_path / "file" / "new")
    check_directory(tmp_path / "new")
    assert (tmp_path / "new").is_dir()
