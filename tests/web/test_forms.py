"""A schema as a form, values as literals, readmes as markup: what pages are made from."""

import ast
import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.web.forms import Field, Kind, fields_of, read, sample, says
from safelight.web.markdown import markup
from safelight.web.notation import JAVASCRIPT, PYTHON, Variable, shell

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=8,
)


@given(VALUES)
def test_a_literal_of_python_is_the_value_again(value: object) -> None:
    """Whatever is in it."""
    assert ast.literal_eval(PYTHON.literal(value)) == value


@given(VALUES)
def test_a_shell_gives_curl_the_same_json(value: object) -> None:
    """One word, in which nothing was changed."""
    (word,) = shlex.split(shell(value))
    assert json.loads(word) == value


def test_a_variable_stands_where_a_secret_was() -> None:
    """In each language's own way."""
    held = {"a": "it's", "key": Variable("KEY")}
    assert 'os.environ["KEY"]' in PYTHON.literal(held)
    assert "key: process.env.KEY" in JAVASCRIPT.literal(held)
    assert '"key": "\'"$KEY"\'"' in shell(held)


def _document(**properties: object) -> dict[str, object]:
    wanted = {"properties": properties, "required": ["prompt"]}
    return {"components": {"schemas": {"Input": wanted, "size": {"enum": ["s", "l"]}}}}


DOCUMENT = _document(
    prompt={"type": "string", "x-order": 0},
    size={"allOf": [{"$ref": "#/components/schemas/size"}], "default": "s", "x-order": 1},
    count={"type": "integer", "minimum": 1, "maximum": 4, "default": 1, "x-order": 2},
    key={"type": "string", "format": "password", "x-order": 3},
    image={"type": "string", "format": "uri", "x-order": 4},
    images={"type": "array", "items": {"type": "string", "format": "uri"}, "x-order": 5},
    words={"type": "array", "items": {"type": "string"}, "x-order": 6},
    tiled={"type": "boolean", "default": True, "x-order": 7},
    other={"type": "object", "x-order": 8},
)


def test_a_schema_becomes_fields_in_its_order() -> None:
    """Each asked for in its own way; what refers to something is what it refers to."""
    kinds = [(one.name, one.kind.value) for one in fields_of(DOCUMENT)]
    assert kinds == [
        ("prompt", "text"),
        ("size", "choice"),
        ("count", "integer"),
        ("key", "secret"),
        ("image", "file"),
        ("images", "files"),
        ("words", "texts"),
        ("tiled", "boolean"),
        ("other", "other"),
    ]
    assert fields_of({}) == []


def test_what_was_left_as_it_is_by_itself_is_left_out() -> None:
    """And what was filled in has its type."""
    posted = {"prompt": ["a\r\nb"], "size": ["s"], "count": ["3"], "images": ["x y\nz", ""]}
    posted |= {"words": ["one\r\n\r\ntwo"], "tiled": [], "other": ['{"a": 1}'], "key": [" k "]}
    filled = read(fields_of(DOCUMENT), {f"input.{name}": texts for name, texts in posted.items()})
    assert filled == {
        "prompt": "a\nb",
        "count": 3,
        "key": "k",
        "images": ["x", "y", "z"],
        "words": ["one", "two"],
        "tiled": False,
        "other": {"a": 1},
    }


def test_what_is_no_number_is_left_to_the_api_to_refuse() -> None:
    """As it was written."""
    filled = read(fields_of(DOCUMENT), {"input.count": ["many"], "input.tiled": ["true"]})
    assert filled == {"count": "many"}


def test_a_sample_has_what_has_to_be_there_and_no_secret() -> None:
    """Something of each type."""
    kinds = [Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.FILE, Kind.FILES, Kind.TEXTS, Kind.SECRET]
    fields = [Field(name=kind.value, kind=kind, is_required=True) for kind in kinds]
    fields += [Field(name="pick", kind=Kind.CHOICE, is_required=True, choices=("a", "b"))]
    fields += [
        Field(name="free", kind=Kind.TEXT),
        Field(name="x", kind=Kind.OTHER, is_required=True),
    ]
    filled = sample(fields)
    assert set(filled) == {one.name for one in fields} - {"free", "secret"}
    assert (filled["pick"], filled["integer"], filled["boolean"]) == ("a", 1, False)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string"}, "string"),
        ({"type": "array", "items": {"type": "string", "format": "uri"}}, "uri[]"),
        ({}, "any"),
    ],
)
def test_an_output_is_told_in_a_word(schema: dict[str, object], told: str) -> None:
    """Its format, if it has one."""
    assert says(schema) == told


@given(st.text())
def test_no_readme_brings_a_tag_of_its_own(text: str) -> None:
    """Nothing in it is taken for markup but Markdown."""
    shown = str(markup(f"<script>{text}</script> <img src=x onerror=y>"))
    assert "<script" not in shown
    assert "<img" not in shown
