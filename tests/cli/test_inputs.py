"""Arguments are typed by the model's own schema, and each fault is named."""

import base64
from pathlib import Path
from typing import Any

import pytest

from safelight.cli.inputs import (
    LARGEST_INLINE,
    InvalidArgument,
    input_properties,
    read_inputs,
)

SCHEMA: dict[str, Any] = {
    "components": {
        "schemas": {
            "Input": {
                "properties": {
                    "count": {"type": "integer", "x-order": 1},
                    "prompt": {"type": "string", "x-order": 0},
                    "guidance": {"type": "number"},
                    "raw": {"type": "boolean"},
                    "image": {"type": "string", "format": "uri"},
                    "images": {"type": "array", "items": {"type": "string", "format": "uri"}},
                    "sizes": {"type": "array", "items": {"type": "integer"}},
                    "options": {"type": "object"},
                    "anything": {},
                    "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "aspect_ratio": {
                        "allOf": [{"$ref": "#/components/schemas/aspect_ratio"}],
                        "default": "1:1",
                    },
                    "steps": {"allOf": [{"$ref": "#/components/schemas/steps"}]},
                }
            },
            "aspect_ratio": {"type": "string", "enum": ["1:1", "3:2"]},
            "steps": {"type": "integer", "enum": [1, 4]},
        }
    }
}
PROPERTIES = input_properties(SCHEMA)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("prompt=a=b", "a=b"),
        ("prompt=4", "4"),
        ("prompt=@ann", "@ann"),
        ("prompt=", ""),
        ("count=4", 4),
        ("guidance=2.5", 2.5),
        ("guidance=2", 2.0),
        ("raw=true", True),
        ("raw=No", False),
        ("image=https://example.com/a.png", "https://example.com/a.png"),
        ("image=data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        ("sizes=3", [3]),
        ("sizes=[1, 2]", [1, 2]),
        ('options={"a": 1}', {"a": 1}),
        ("anything=[1]", [1]),
        ("anything=words", "words"),
        ("maybe=7", 7),
        ("aspect_ratio=3:2", "3:2"),
        ("steps=4", 4),
    ],
)
def test_a_value_has_the_type_that_the_schema_asks_for(argument: str, expected: object) -> None:
    """Strings stay strings, whatever they look like."""
    (value,) = read_inputs([argument], PROPERTIES).values()
    assert value == expected
    assert type(value) is type(expected)


def test_a_file_is_sent_as_a_data_uri(tmp_path: Path) -> None:
    """Its type is told by its name."""
    (tmp_path / "a.png").write_bytes(b"picture")
    encoded = base64.b64encode(b"picture").decode()
    read = read_inputs([f"image=@{tmp_path / 'a.png'}"], PROPERTIES)
    assert read == {"image": f"data:image/png;base64,{encoded}"}


def test_a_large_file_is_left_to_be_uploaded(tmp_path: Path) -> None:
    """A data URI of megabytes would be stored and shown with the prediction."""
    path = tmp_path / "a.png"
    path.write_bytes(bytes(LARGEST_INLINE))
    assert isinstance(read_inputs([f"image=@{path}"], PROPERTIES)["image"], str)
    path.write_bytes(bytes(LARGEST_INLINE + 1))
    assert read_inputs([f"images=@{path}"], PROPERTIES) == {"images": [path]}


def test_a_repeated_key_makes_a_list(tmp_path: Path) -> None:
    """Files and URLs can be mixed, and keep their order."""
    (tmp_path / "a.webp").write_bytes(b"")
    read = read_inputs(
        ["images=https://x/1", f"images=@{tmp_path / 'a.webp'}", "prompt=x", "images=https://x/2"],
        PROPERTIES,
    )
    assert read["images"] == ["https://x/1", "data:image/webp;base64,", "https://x/2"]


def test_inputs_are_listed_in_the_models_order() -> None:
    """The order of keys means nothing; `x-order` does."""
    names = list(input_properties(SCHEMA))
    assert names.index("prompt") < names.index("count")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("a harbour", "key=value"),
        ("promt=x", "did you mean prompt"),
        ("zzz=x", "there are prompt"),
        ("count=4.5", "not a whole number"),
        ("guidance=much", "not a number"),
        ("raw=perhaps", "not true or false"),
        ("image=photo.png", "written @photo.png"),
        ("image=@/nowhere/photo.png", "cannot be read"),
        ("sizes=[1", "not a JSON list"),
        ("options=[1]", "not a JSON object"),
    ],
)
def test_an_argument_that_cannot_be_read_is_named(argument: str, message: str) -> None:
    """Misspelt inputs would be dropped by the server without a word."""
    with pytest.raises(InvalidArgument) as caught:
        read_inputs([argument], PROPERTIES)
    assert message in caught.value.message
    assert caught.value.message.startswith(argument.split("=", maxsplit=1)[0])


def test_all_faults_are_told_at_once() -> None:
    """One look at the message is enough to mend the call."""
    with pytest.raises(InvalidArgument) as caught:
        read_inputs(["count=x", "raw=x", "prompt=a", "prompt=b"], PROPERTIES)
    assert [line.split(":")[0] for line in caught.value.message.splitlines()] == [
        "count",
        "raw",
        "prompt",
    ]
    assert "given twice" in caught.value.message
