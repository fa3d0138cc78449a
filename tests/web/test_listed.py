"""What a list makes of one prediction."""

from typing import Any

import msgspec
import pytest

from safelight.web.listed import Listed

OURS = "https://safelight.test/outputs/abc"


def listed(**facts: Any) -> Listed:
    """As the API gives one, with much that a list does not need."""
    usual = {
        "id": "x1",
        "model": "acme/img",
        "status": "succeeded",
        "created_at": "2026-01-31T00:00:00.000Z",
        "input": {"prompt": "a cat", "image": "data:image/png;base64,AAAA"},
        "logs": "many\nlines",
        "urls": {},
    }
    return msgspec.json.decode(msgspec.json.encode(usual | facts), type=Listed)


@pytest.mark.parametrize(
    ("output", "pictures", "files", "told"),
    [
        (None, 0, 0, ""),
        (f"{OURS}/out.png", 1, 1, ""),
        ([f"{OURS}/a.WEBP", f"{OURS}/b.svg", f"{OURS}/c.mp4"], 2, 3, ""),
        (["hello ", "world"], 0, 0, "hello world"),
        ({"text": "x"}, 0, 0, '{"text":"x"}'),
        ("https:////evil.test/outputs/x.png", 0, 0, "https:////evil.test/outputs/x.png"),
        ("javascript:alert(1)/outputs/x.png", 0, 0, "javascript:alert(1)/outputs/x.png"),
        ("http://[/outputs/x.png", 0, 0, "http://[/outputs/x.png"),
        (f"{OURS}/out.png is where it is", 0, 0, f"{OURS}/out.png is where it is"),
    ],
)
def test_files_are_told_from_texts(output: object, pictures: int, files: int, told: str) -> None:
    """A text that looks like an address never becomes one of another server."""
    found = listed(output=output)
    assert (len(found.pictures), len(found.files), found.told) == (pictures, files, told)
    assert all(path.startswith("/outputs/") for path in found.files)


@pytest.mark.parametrize("prompt", [None, 7, ["a"], "", " \n "])
def test_one_without_a_prompt_has_no_title(prompt: object) -> None:
    """Whatever stands in its place."""
    assert listed(input={"prompt": prompt}).title == ""
    assert listed(input={}).title == ""


def test_long_texts_are_cut_to_one_line() -> None:
    """Prompts, errors and outputs; of an error its first line."""
    long = "word " * 1000
    found = listed(input={"prompt": f"a\n b\t{long}"}, error=f"Bad\n{long}", output=[long])
    assert found.title.startswith("a b word")
    assert found.title.endswith("…")
    assert len(found.title) < 250
    assert len(found.told) < 250
    assert found.problem == "Bad"
