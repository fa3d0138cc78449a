"""What a signature becomes, and what a request is told when it does not fit."""
# ruff: noqa: ARG002, B008 - Cog reads a signature that the body here has no use for

import enum
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import cog
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.errors import InvalidField, InvalidInput
from safelight.schema import InputSchema, openapi_schema


class Mood(enum.Enum):
    CALM = "calm"
    WILD = "wild"


class Painter(cog.BaseRunner):
    @cog.concurrent(max=2)
    async def run(  # noqa: PLR0917 - a model has as many inputs as it has
        self,
        key: cog.Secret = cog.Input(description="Your key"),
        prompt: str = cog.Input(min_length=2, max_length=20),
        count: int = cog.Input(default=1, ge=1, le=10),
        scale: float = cog.Input(default=7.5, ge=1.5, le=28),
        tiled: bool = cog.Input(default=False, deprecated=True),
        ratio: str = cog.Input(default="1:1", choices=["1:1", "3:2"]),
        steps: Literal[1, 2, 4] = cog.Input(default=4),
        mood: Mood = Mood.CALM,
        tag: str = cog.Input(default="aa", regex="^a+$"),
        image: cog.Path | None = cog.Input(default=None),
        images: list[cog.Path] | None = cog.Input(default=None),
        sizes: list[int] = cog.Input(default=[8, 16]),
        extra: dict[str, Any] | None = cog.Input(default=None),
        either: int | list[str] = cog.Input(default=3),
        anything: Any = cog.Input(default="x"),
    ) -> list[cog.Path]:
        return []


PAINTER = InputSchema(openapi_schema(Painter))
GOOD = {"key": "sk-1", "prompt": "a cat"}


def refusals(value: object) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidInput) as caught:
        PAINTER.check(value)
    return [(f.type, f.field, f.description) for f in caught.value.fields]


def properties() -> dict[str, Any]:
    return openapi_schema(Painter)["components"]["schemas"]["Input"]["properties"]


def test_the_document_has_the_head_and_the_components_that_cog_writes() -> None:
    """The top-level keys and every fixed component are there, and `paths` is not."""
    document = openapi_schema(Painter)
    assert document["openapi"] == "3.0.2"
    assert document["info"] == {"title": "Cog", "version": "0.1.0"}
    assert set(document) == {"openapi", "info", "components"}
    assert set(document["components"]["schemas"]) == {
        *("Input", "Output", "Status", "WebhookEvent", "ValidationError"),
        *("HTTPValidationError", "PredictionRequest", "PredictionResponse"),
        *("ratio", "steps", "mood"),
    }


def test_inputs_keep_the_order_of_the_signature() -> None:
    """`x-order` counts the parameters from nought."""
    assert [schema["x-order"] for schema in properties().values()] == list(range(15))


def test_only_inputs_without_default_and_without_none_are_required() -> None:
    """The list of required inputs follows the signature."""
    schemas = openapi_schema(Painter)["components"]["schemas"]
    assert schemas["Input"]["required"] == ["key", "prompt"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "key",
            {
                "type": "string",
                "format": "password",
                "writeOnly": True,
                "x-cog-secret": True,
                "title": "Key",
                "description": "Your key",
                "x-order": 0,
            },
        ),
        (
            "count",
            {
                "type": "integer",
                "title": "Count",
                "default": 1,
                "minimum": 1,
                "maximum": 10,
                "x-order": 2,
            },
        ),
        (
            "tiled",
            {
                "type": "boolean",
                "title": "Tiled",
                "default": False,
                "deprecated": True,
                "x-order": 4,
            },
        ),
        (
            "ratio",
            {
                "allOf": [{"$ref": "#/components/schemas/ratio"}],
                "default": "1:1",
                "x-order": 5,
            },
        ),
        (
            "mood",
            {
                "allOf": [{"$ref": "#/components/schemas/mood"}],
                "default": "calm",
                "x-order": 7,
            },
        ),
        (
            "images",
            {
                "type": "array",
                "items": {"type": "string", "format": "uri"},
                "title": "Images",
                "nullable": True,
                "x-order": 10,
            },
        ),
        ("anything", {"title": "Anything", "default": "x", "x-order": 14}),
    ],
)
def test_an_input_is_written_as_cog_writes_it(name: str, expected: dict[str, Any]) -> None:
    """Each construct has its own encoding."""
    assert properties()[name] == expected


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("ratio", "string", ["1:1", "3:2"]),
        ("steps", "integer", [1, 2, 4]),
        ("mood", "string", ["calm", "wild"]),
    ],
)
def test_choices_become_a_component_however_they_are_declared(
    name: str, kind: str, values: list[object]
) -> None:
    """`choices=`, Literal and Enum end in the same form."""
    assert openapi_schema(Painter)["components"]["schemas"][name] == {
        "type": kind,
        "title": name,
        "enum": values,
        "description": "An enumeration.",
    }


class Answer(cog.BaseModel):
    text: str
    picture: cog.Path | None


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (str, {"type": "string"}),
        (Any, {}),
        (cog.Path, {"type": "string", "format": "uri"}),
        (list[cog.Path], {"type": "array", "items": {"type": "string", "format": "uri"}}),
        (
            Iterator[cog.Path],
            {
                "type": "array",
                "items": {"type": "string", "format": "uri"},
                "x-cog-array-type": "iterator",
            },
        ),
        (
            AsyncIterator[str],
            {"type": "array", "items": {"type": "string"}, "x-cog-array-type": "iterator"},
        ),
        (
            cog.ConcatenateIterator[str],
            {
                "type": "array",
                "items": {"type": "string"},
                "x-cog-array-type": "iterator",
                "x-cog-array-display": "concatenate",
            },
        ),
        (
            Answer,
            {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "title": "Text"},
                    "picture": {
                        "type": "string",
                        "format": "uri",
                        "nullable": True,
                        "title": "Picture",
                    },
                },
                "required": ["text"],
            },
        ),
    ],
)
def test_an_output_is_written_as_cog_writes_it(annotation: object, expected: object) -> None:
    """Files, text, streams and records are told apart."""

    def run(self: object, prompt: str) -> object: ...

    run.__annotations__["return"] = annotation
    runner = type("Runner", (cog.BaseRunner,), {"run": run})
    output = openapi_schema(runner)["components"]["schemas"]["Output"]
    assert output == {"title": "Output", **expected}  # type: ignore[dict-item]


def test_predict_is_read_where_there_is_no_run() -> None:
    """Models from before 2026 keep working."""

    class Old(cog.BasePredictor):
        def predict(self, text: str = "hi") -> str:
            return text

    schemas = openapi_schema(Old)["components"]["schemas"]
    assert schemas["Input"] == {
        "type": "object",
        "title": "Input",
        "properties": {"text": {"type": "string", "title": "Text", "default": "hi", "x-order": 0}},
    }


def runner_of(**annotations: object) -> type:
    """A model whose `run` has these annotations."""
    parameters = [name for name in annotations if name != "return"]
    scope: dict[str, Any] = {}
    exec(f"def run(self, {', '.join(parameters)}): ...", scope)  # noqa: S102 - our own text
    scope["run"].__annotations__.update(annotations)
    return type("Odd", (cog.BaseRunner,), {"run": scope["run"]})


@pytest.mark.parametrize(
    "annotation", [complex, list[cog.Secret], cog.Path | str, list[complex], Iterator[str]]
)
def test_an_input_that_json_or_a_server_cannot_carry_is_named(annotation: object) -> None:
    """The author of a model learns which input is at fault before anyone sends it."""
    with pytest.raises(TypeError, match="input odd"):
        openapi_schema(runner_of(odd=annotation))


def test_bare_lists_hold_anything() -> None:
    """A list without a type for its items is a list of any JSON."""
    schemas = openapi_schema(runner_of(items=list))["components"]["schemas"]
    assert schemas["Input"]["properties"]["items"]["items"] == {}


def test_a_class_without_run_is_refused() -> None:
    """A base class alone is no model."""
    with pytest.raises(TypeError, match="neither run"):
        openapi_schema(type("Empty", (cog.BaseRunner,), {}))


def test_unknown_keys_and_optional_nulls_are_dropped() -> None:
    """What the model does not know, it is not given."""
    assert PAINTER.check({**GOOD, "who": 1, "image": None, "count": None}) == GOOD


def test_integral_floats_become_integers() -> None:
    """A client in JavaScript may send 2.0; the runner gets 2."""
    checked = PAINTER.check({**GOOD, "count": 2.0, "sizes": [1.0, 2], "scale": 2.0})
    assert [type(n) for n in (checked["count"], *checked["sizes"], checked["scale"])] == [
        *(int, int, int),
        float,
    ]


def test_defaults_are_filled_only_when_asked() -> None:
    """A stored input is what was sent; a runner gets a value for every parameter."""
    checked = PAINTER.check(GOOD)
    assert checked == GOOD
    complete = PAINTER.complete(checked)
    assert set(complete) == set(properties())
    assert complete["count"] == 1
    assert complete["image"] is None
    complete["sizes"].append(32)
    assert PAINTER.complete(checked)["sizes"] == [8, 16]


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ({"count": 0}, ("number_gte", "count", "Must be greater than or equal to 1")),
        ({"count": 11}, ("number_lte", "count", "Must be less than or equal to 10")),
        ({"count": 10**30}, ("number_lte", "count", "Must be less than or equal to 10")),
        (
            {"count": "3"},
            ("invalid_type", "count", "Invalid type. Expected: integer, given: string"),
        ),
        (
            {"count": 2.5},
            ("invalid_type", "count", "Invalid type. Expected: integer, given: number"),
        ),
        (
            {"count": True},
            ("invalid_type", "count", "Invalid type. Expected: integer, given: boolean"),
        ),
        ({"scale": 1}, ("number_gte", "scale", "Must be greater than or equal to 1.5")),
        (
            {"prompt": 5.0},
            ("invalid_type", "prompt", "Invalid type. Expected: string, given: integer"),
        ),
        (
            {"prompt": None},
            ("invalid_type", "prompt", "Invalid type. Expected: string, given: null"),
        ),
        (
            {"prompt": "x"},
            ("string_gte", "prompt", "String length must be greater than or equal to 2"),
        ),
        (
            {"prompt": "x" * 21},
            ("string_lte", "prompt", "String length must be less than or equal to 20"),
        ),
        ({"tag": "b"}, ("pattern", "tag", "Does not match pattern '^a+$'")),
        ({"image": "/etc/passwd"}, ("format", "image", "Does not match format 'uri'")),
        ({"image": ""}, ("format", "image", "Does not match format 'uri'")),
        ({"image": "file:///x"}, ("format", "image", "Does not match format 'uri'")),
        ({"image": "https://"}, ("format", "image", "Does not match format 'uri'")),
        (
            {"image": ["https://x"]},
            ("invalid_type", "image", "Invalid type. Expected: string, given: array"),
        ),
        (
            {"images": ["https://a/b", "cat.png"]},
            ("format", "images.1", "Does not match format 'uri'"),
        ),
        (
            {"images": "https://a/b"},
            ("invalid_type", "images", "Invalid type. Expected: array, given: string"),
        ),
        (
            {"sizes": [1, {}]},
            ("invalid_type", "sizes.1", "Invalid type. Expected: integer, given: object"),
        ),
        ({"either": {}}, ("number_any_of", "either", "Must validate at least one schema (anyOf)")),
    ],
)
def test_a_wrong_value_is_told_in_replicates_words(
    extra: dict[str, Any], problem: tuple[str, str, str]
) -> None:
    """One problem, one line, with its field and its stock text."""
    kind, field, text = problem
    assert refusals({**GOOD, **extra}) == [(kind, f"input.{field}", text)]


@pytest.mark.parametrize(
    ("extra", "kind", "text"),
    [
        ({"ratio": "7:1"}, "enum", 'ratio must be one of the following: "1:1", "3:2"'),
        ({"ratio": 3}, "invalid_type", "Invalid type. Expected: string, given: integer"),
        ({"steps": 3}, "enum", "steps must be one of the following: 1, 2, 4"),
    ],
)
def test_a_wrong_choice_is_accompanied_by_the_allof_line(
    extra: dict[str, Any], kind: str, text: str
) -> None:
    """The validator that Replicate uses reports the reference as well."""
    field = f"input.{next(iter(extra))}"
    assert refusals({**GOOD, **extra}) == [
        (kind, field, text),
        ("number_all_of", field, "Must validate all the schemas (allOf)"),
    ]


def test_every_bad_field_is_named_at_once() -> None:
    """Missing inputs come first, on their parent; the rest follows the signature."""
    assert [(kind, field) for kind, field, _ in refusals({"tag": "b", "count": 0})] == [
        ("required", "input"),
        ("required", "input"),
        ("number_gte", "input.count"),
        ("pattern", "input.tag"),
    ]


def test_the_detail_has_a_line_for_each_problem() -> None:
    """The text is the one that clients print."""
    with pytest.raises(InvalidInput) as caught:
        PAINTER.check({"key": "k", "count": 0})
    assert caught.value.detail == (
        "- input: prompt is required\n- input.count: Must be greater than or equal to 1\n"
    )
    assert caught.value.fields[0] == InvalidField("required", "input", "prompt is required")


@pytest.mark.parametrize(("value", "given"), [([], "array"), ("x", "string"), (None, "null")])
def test_an_input_that_is_no_object_is_refused(value: object, given: str) -> None:
    """The whole of `input` has a type too."""
    assert refusals(value) == [
        ("invalid_type", "input", f"Invalid type. Expected: object, given: {given}")
    ]


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/a b.png",
        "HTTP://127.0.0.1:5000/v1/files/x",
        "data:image/png;base64,iVBORw0KGgo=",
        "data:application/octet-stream,aGVs\nbG8=\n",
        "data:,",
        "data:image/svg+xml;charset=utf-8,<svg/>",
    ],
)
def test_web_addresses_and_sloppy_data_uris_pass(uri: str) -> None:
    """What the documentation's own shell recipe produces is accepted."""
    assert PAINTER.check({**GOOD, "image": uri})["image"] is uri


def test_files_and_secrets_are_known_by_name() -> None:
    """The server can tell single files from lists, and what must not be shown."""
    assert PAINTER.file_names == {"image", "images"}
    assert PAINTER.file_list_names == {"images"}
    assert PAINTER.secret_names == {"key"}
    assert PAINTER.output_is_file


def test_secrets_are_split_off_and_leave_a_mark() -> None:
    """The shown form says that there was one; the other form holds it."""
    redacted, secrets = PAINTER.split_secrets(GOOD)
    assert redacted == {"key": "[REDACTED]", "prompt": "a cat"}
    assert secrets == {"key": "sk-1"}
    assert GOOD["key"] == "sk-1"


def test_an_error_never_shows_the_value() -> None:
    """A key pasted into the wrong field does not come back in an error."""
    told = repr(refusals({"key": ["sk-hidden"], "prompt": "sk-hidden" * 9, "ratio": "sk-hidden"}))
    assert "hidden" not in told


def test_long_values_are_neither_copied_nor_slow_to_judge() -> None:
    """Fifty megabytes of prompt, good or bad, cost a fraction of a second."""
    long = "data:image/png;base64," + "A" * 50_000_000
    started = time.process_time()
    assert PAINTER.check({**GOOD, "image": long})["image"] is long
    assert refusals({**GOOD, "prompt": long})[0][0] == "string_lte"
    assert refusals({**GOOD, "image": long[5:]})[0][0] == "format"
    assert time.process_time() - started < 2


def test_a_million_wrong_items_are_told_of_a_hundred_times() -> None:
    """The answer to a hostile list stays short."""
    started = time.process_time()
    assert len(refusals({**GOOD, "images": [1] * 1_000_000})) == 100
    assert time.process_time() - started < 2


TEXT = st.text("aé1:", max_size=9)
ATOM = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
JSON = ATOM | st.lists(ATOM, max_size=3) | st.dictionaries(TEXT, ATOM, max_size=2)


@settings(deadline=None)  # the machine may be busy
@given(st.dictionaries(st.sampled_from([*properties(), "unknown"]), JSON, max_size=5))
def test_any_json_is_either_passed_or_explained(value: dict[str, object]) -> None:
    """A refusal always names something, and what passed passes again unchanged."""
    try:
        checked = PAINTER.check(value)
    except InvalidInput as refusal:
        assert refusal.fields  # noqa: PT017 - either outcome is right, each has its claim
    else:
        assert PAINTER.check(checked) == checked
