"""Each model in the box has the inputs of its page, in order."""

from typing import Any

import cog
import pytest

from safelight.catalog.listing import ENTRIES
from safelight.schema import openapi_schema

FILES = "file[]"
SECRET = "secret"

GPT_IMAGE_2_RATIOS = [
    *("1:1", "3:2", "2:3", "16:9", "9:16", "auto", "1024x1024", "1536x1024", "1024x1536"),
    *("2048x2048", "2048x1152", "1152x2048", "3840x2160", "2160x3840"),
]
FLUX_RATIOS = ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21"]

OPENAI_COMMON = [
    ("input_images", FILES, None, None),
    ("number_of_images", "integer", 1, (1, 10)),
    ("quality", "enum", "auto", ["low", "medium", "high", "auto"]),
    ("background", "enum", "auto", ["auto", "transparent", "opaque"]),
    ("output_compression", "integer", 90, (0, 100)),
    ("output_format", "enum", "webp", ["png", "jpeg", "webp"]),
    ("moderation", "enum", "auto", ["auto", "low"]),
    ("user_id", "string", None, None),
]

INPUTS: dict[str, list[tuple[str, str, object, object]]] = {
    "openai/gpt-image-1": [
        ("openai_api_key", SECRET, None, None),
        ("prompt", "string", None, None),
        ("aspect_ratio", "enum", "1:1", ["1:1", "3:2", "2:3"]),
        ("input_fidelity", "enum", "low", ["low", "high"]),
        *OPENAI_COMMON,
    ],
    "openai/gpt-image-2": [
        ("openai_api_key", SECRET, None, None),
        ("prompt", "string", None, None),
        ("aspect_ratio", "enum", "1:1", GPT_IMAGE_2_RATIOS),
        *OPENAI_COMMON,
    ],
    "google/imagen-4-fast": [
        ("prompt", "string", None, None),
        ("aspect_ratio", "enum", "1:1", ["1:1", "9:16", "16:9", "3:4", "4:3"]),
        ("output_format", "enum", "jpg", ["jpg", "png"]),
        (
            "safety_filter_level",
            "enum",
            "block_only_high",
            ["block_low_and_above", "block_medium_and_above", "block_only_high"],
        ),
    ],
    "jigsawstack/image-generation": [
        ("prompt", "string", None, None),
        ("aspect_ratio", "enum", "1:1", FLUX_RATIOS),
        ("width", "integer", None, None),
        ("height", "integer", None, None),
        ("steps", "integer", 4, (1, 90)),
        ("output_format", "enum", "png", ["png", "svg"]),
        ("url", "string", None, None),
        ("file_store_key", "string", None, None),
        ("negative_prompt", "string", None, None),
        ("guidance", "number", None, (1, 28)),
        ("seed", "integer", None, None),
        ("api_key", SECRET, None, None),
    ],
    "safelight/sketch": [
        ("prompt", "string", None, None),
        ("aspect_ratio", "enum", "1:1", FLUX_RATIOS),
        ("width", "integer", None, (256, 2048)),
        ("height", "integer", None, (256, 2048)),
        ("seed", "integer", None, None),
        ("output_format", "enum", "webp", ["webp", "png", "jpg"]),
        ("output_quality", "integer", 80, (0, 100)),
        ("transparent", "boolean", False, None),
        ("num_outputs", "integer", 1, (1, 4)),
        ("input_images", FILES, None, None),
    ],
    "safelight/echo": [("prompt", "string", None, None)],
}

REQUIRED = {
    "openai/gpt-image-1": ["openai_api_key", "prompt"],
    "openai/gpt-image-2": ["prompt"],
    "google/imagen-4-fast": ["prompt"],
    "jigsawstack/image-generation": ["prompt", "api_key"],
    "safelight/sketch": ["prompt"],
    "safelight/echo": ["prompt"],
}

FILE = {"title": "Output", "type": "string", "format": "uri"}
FILE_LIST = {"title": "Output", "type": "array", "items": {"type": "string", "format": "uri"}}
OUTPUT = {
    "openai/gpt-image-1": FILE_LIST,
    "openai/gpt-image-2": FILE_LIST,
    "google/imagen-4-fast": FILE,
    "jigsawstack/image-generation": FILE,
    "safelight/sketch": FILE_LIST,
    "safelight/echo": {"title": "Output", "type": "string"},
}

SCHEMAS = {entry.full_name: openapi_schema(entry.runner) for entry in ENTRIES}


def kind_of(schema: dict[str, Any]) -> str:
    if "allOf" in schema:
        return "enum"
    if schema.get("x-cog-secret"):
        return SECRET
    return FILES if schema["type"] == "array" else schema["type"]


def limits_of(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> object:
    if "allOf" in schema:
        return schemas[name]["enum"]
    return (schema["minimum"], schema["maximum"]) if "minimum" in schema else None


@pytest.mark.parametrize("name", INPUTS)
def test_the_inputs_are_those_of_the_page(name: str) -> None:
    """Names, order, kinds, defaults, limits and choices."""
    schemas = SCHEMAS[name]["components"]["schemas"]
    properties = schemas["Input"]["properties"]
    assert [
        (key, kind_of(schema), schema.get("default"), limits_of(key, schema, schemas))
        for key, schema in sorted(properties.items(), key=lambda item: item[1]["x-order"])
    ] == INPUTS[name]
    assert schemas["Input"]["required"] == REQUIRED[name]
    assert schemas["Output"] == OUTPUT[name]


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_is_described(name: str) -> None:
    """The playground shows a description under each field."""
    properties = SCHEMAS[name]["components"]["schemas"]["Input"]["properties"]
    assert all(schema.get("description") for schema in properties.values())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.full_name)
def test_every_model_runs_many_at_once(entry: Any) -> None:
    """Each declares how many predictions it takes at a time, in both modes."""
    for runner in (entry.runner, entry.test_runner):
        assert issubclass(runner, cog.BaseRunner)
        assert runner.run.__cog_concurrent_max__ >= 64


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.full_name)
def test_test_mode_has_the_same_schema(entry: Any) -> None:
    """What works in test mode works live."""
    assert openapi_schema(entry.test_runner) == SCHEMAS[entry.full_name]


def test_descriptions_have_the_literal_wording_of_the_pages() -> None:
    """Spot checks against the published pages."""
    one = SCHEMAS["openai/gpt-image-1"]["components"]["schemas"]["Input"]["properties"]
    two = SCHEMAS["openai/gpt-image-2"]["components"]["schemas"]["Input"]["properties"]
    assert one["user_id"]["description"] == (
        "An optional unique identifier representing your end-user. This helps OpenAI monitor and "
        "detect abuse."
    )
    assert one["input_fidelity"]["description"] == (
        "Control how much effort the model will exert to match the style and features, especially "
        "facial features, of input images"
    )
    assert two["openai_api_key"]["description"] == (
        "Your OpenAI API key (optional - uses proxy if not provided)"
    )
