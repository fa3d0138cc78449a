"""JSON checked against the inputs of a model's version."""

import copy
import itertools
import json
import typing
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from safelight.errors import InvalidField, InvalidInput, Malformed
from safelight.signature import REF, Json, json_type, openapi_schema

__all__ = ["REDACTED", "InputSchema", "Json", "openapi_schema"]

REDACTED = "[REDACTED]"
"""What stands wherever a secret input is stored, logged, sent or shown."""

_FETCHABLE = r"^(?:[hH][tT][tT][pP][sS]?://[^/\s?#]|[dD][aA][tT][aA]:[^,]{0,1000},)"
"""What `format: uri` means for an input: a web address or a data URI, however sloppy.

A pattern, because a Python callback would be given a copy of a data URI of many megabytes."""

_LONGEST_TEXT = 1_048_576
"""Characters of a text input that declares no limit of its own: no model reads a longer one."""

_MOST_PROBLEMS = 100
"""Of a list of a million wrong items, only so many are named."""

_LONG = 65_536
"""Characters of a string that are looked at when explaining what is wrong with it."""

_PROBLEMS = {
    "minimum": ("number_gte", "Must be greater than or equal to {}"),
    "maximum": ("number_lte", "Must be less than or equal to {}"),
    "exclusiveMinimum": ("number_gt", "Must be greater than {}"),
    "exclusiveMaximum": ("number_lt", "Must be less than {}"),
    "multipleOf": ("multiple_of", "Must be a multiple of {}"),
    "minLength": ("string_gte", "String length must be greater than or equal to {}"),
    "maxLength": ("string_lte", "String length must be less than or equal to {}"),
    "pattern": ("pattern", "Does not match pattern '{}'"),
    "minItems": ("array_min_items", "Array must have at least {} items"),
    "maxItems": ("array_max_items", "Array must have at most {} items"),
    "anyOf": ("number_any_of", "Must validate at least one schema (anyOf)"),
    "oneOf": ("number_one_of", "Must validate one and only one schema (oneOf)"),
}
"""JSON Schema keyword -> Replicate's `type` and text (gojsonschema's stock messages)."""


def is_placeholder(secret: str) -> bool:
    """Whether it only stands in the place of a secret: blanks, `[REDACTED]`, `<your key>`.

    Replicate's own snippets carry such texts in required fields.
    """
    text = secret.strip()
    return text in {"", REDACTED} or (text.startswith("<") and text.endswith(">"))


class InputSchema:
    """The inputs of one version, ready to check what a caller sent; built once, then shared."""

    def __init__(self, document: Json) -> None:
        """Compile the `Input` component of an OpenAPI document.

        Raises:
            ValueError: The document is not a valid schema, e.g. a pattern does not compile.
        """
        schemas = document["components"]["schemas"]
        raw: dict[str, Json] = schemas["Input"].get("properties", {})
        ordered = sorted(raw.items(), key=lambda item: item[1].get("x-order", 0))
        self._properties = {name: _inlined(schema, schemas) for name, schema in ordered}
        self._behind_all_of = frozenset(name for name in raw if "allOf" in raw[name])
        self._required = frozenset(schemas["Input"].get("required", ()))
        self._integers = tuple(n for n, s in self._properties.items() if _holds(s, type="integer"))
        self._valid = jsonschema_rs.Draft7Validator(
            {
                "type": "object",
                "properties": self._properties,
                "required": sorted(self._required),
            },
            validate_formats=False,
        ).is_valid
        optional = [(n, s) for n, s in self._properties.items() if n not in self._required]
        self._absent: Json = {name: schema.get("default") for name, schema in optional}
        mutable = any(isinstance(default, list | dict) for default in self._absent.values())
        self._fresh_absent = copy.deepcopy if mutable else dict[str, Any]
        files = {n: s for n, s in self._properties.items() if _holds(s, format="uri")}
        self.file_names = frozenset(files)
        """Inputs that are a file or a list of files."""
        self.file_list_names = frozenset(name for name, s in files.items() if "items" in s)
        """Those of them that are lists."""
        self.secret_names = frozenset(
            name for name, s in self._properties.items() if s.get("x-cog-secret")
        )
        output = schemas.get("Output", {})
        fields: dict[str, Json] = output.get("properties", {})
        self.output_is_file = any(_holds(s, format="uri") for s in (output, *fields.values()))
        """True when the output is a file, a list of files or has a field that is one."""

    def has(self, name: str) -> bool:
        """Whether there is an input by that name."""
        return name in self._properties

    def check(self, value: object) -> Json:
        """Give back the known inputs of a request; no defaults are filled in, nothing long copied.

        Raises:
            InvalidInput: It names every bad field, and shows no value.
        """
        if not isinstance(value, dict):
            raise InvalidInput([_wrong_type("input", "object", value)])
        given = typing.cast("Json", value)
        known, required = self._properties, self._required
        kept = {
            name: item
            for name, item in given.items()
            if name in known and (item is not None or name in required)
        }
        try:
            is_valid = self._valid(kept)
        except ValueError as error:  # the validator's own limit
            raise Malformed(f"The input is nested too deeply: {error}.") from error
        if not is_valid:
            raise InvalidInput(list(itertools.islice(self._explain(kept), _MOST_PROBLEMS)))
        for name in self._integers:
            if name in kept and not isinstance(kept[name], int):
                kept[name] = _whole(kept[name])
        return kept

    def complete(self, value: Json) -> Json:
        """Add what a runner takes for granted: each default, and None for an optional input."""
        return self._fresh_absent(self._absent) | value

    def split_secrets(self, value: Json) -> tuple[Json, dict[str, str]]:
        """Separate a checked input into what may be shown and what may not."""
        secrets = {name: value[name] for name in self.secret_names if name in value}
        return {**value, **dict.fromkeys(secrets, REDACTED)}, secrets

    def _explain(self, kept: Json) -> Iterator[InvalidField]:
        """Say what is wrong, lazily; missing inputs first, then in the order of the signature."""
        for name in self._properties:
            if name in self._required and name not in kept:
                yield InvalidField("required", "input", f"{name} is required")
        for name, schema in self._properties.items():
            if name in kept:
                yield from self._explain_one(name, schema, kept[name])

    def _explain_one(self, name: str, schema: Json, item: object) -> Iterator[InvalidField]:
        path = f"input.{name}"
        clean = True
        for problem in _problems(path, schema, item):
            clean = False
            yield problem
        if not clean and name in self._behind_all_of:
            yield InvalidField("number_all_of", path, "Must validate all the schemas (allOf)")


def _inlined(schema: Json, components: Json) -> Json:
    """A copy without references, for a validator of plain JSON Schema."""
    if "$ref" in schema:
        return _inlined(components[schema["$ref"].removeprefix(REF)], components)
    plain = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        plain = {**_inlined(part, components), **plain}
    if "items" in plain:
        plain["items"] = _inlined(plain["items"], components)
    if plain.get("format") == "uri":
        plain["pattern"] = _FETCHABLE
    elif plain.get("type") == "string":
        plain = {"maxLength": _LONGEST_TEXT, **plain}
    return plain


def _holds(schema: Json, **fact: str) -> bool:
    """True when the schema, or that of its items, has this keyword with this value."""
    ((keyword, value),) = fact.items()
    return value in (schema.get(keyword), schema.get("items", {}).get(keyword))


def _whole(value: Any) -> Any:  # noqa: ANN401 - any input that passed as integer or list of them
    """Integral floats as the integers that they stand for."""
    if isinstance(value, list):
        return [_whole(item) for item in typing.cast("list[Any]", value)]
    return int(value) if isinstance(value, float) else value


def _wrong_type(path: str, expected: str, value: object) -> InvalidField:
    text = f"Invalid type. Expected: {expected}, given: {json_type(value)}"
    return InvalidField("invalid_type", path, text)


def _problems(path: str, schema: Json, value: Any) -> Iterator[InvalidField]:  # noqa: ANN401 - from JSON
    """What is wrong with one value; once its type is wrong, nothing else is said of it."""
    itself = {keyword: limit for keyword, limit in schema.items() if keyword != "items"}
    try:
        validator = jsonschema_rs.Draft7Validator(itself, validate_formats=False)
        errors = list(validator.iter_errors(_shortened(value, schema)))
    except UnicodeEncodeError:
        yield InvalidField("format", path, "Must be Unicode text without lone surrogates")
        return
    if any(error.kind.name == "type" for error in errors):
        yield _wrong_type(path, schema["type"], value)
        return
    yield from (_problem(path, error.kind) for error in errors)
    if isinstance(value, list) and "items" in schema:
        passes = jsonschema_rs.Draft7Validator(schema["items"], validate_formats=False).is_valid
        for index, item in enumerate(typing.cast("list[Any]", value)):
            if not passes(item):
                yield from _problems(f"{path}.{index}", schema["items"], item)


def _problem(path: str, kind: jsonschema_rs.ValidationErrorKind) -> InvalidField:
    limit = kind.value
    if kind.name == "enum":
        choices = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in limit)
        name = path.removeprefix("input.")
        return InvalidField("enum", path, f"{name} must be one of the following: {choices}")
    if limit == _FETCHABLE:
        return InvalidField("format", path, "Does not match format 'uri'")
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    name, text = _PROBLEMS.get(kind.name, ("invalid", "Does not match the schema"))
    return InvalidField(name, path, text.format(limit))


def _shortened(value: Any, schema: Json) -> Any:  # noqa: ANN401 - any JSON value
    """The part of a long string that decides its fate; an error holds a copy of its value."""
    if not isinstance(value, str) or schema.get("pattern", _FETCHABLE) != _FETCHABLE:
        return value
    return value[: max(_LONG, schema.get("maxLength", 0) + 1, schema.get("minLength", 0))]
