"""The fields of a request body, as a table: read, and every fault named at once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast
from urllib.parse import urlsplit

import msgspec

from safelight.errors import InvalidField, InvalidInput, Malformed
from safelight.wire.encoding import Json

Check = Callable[[str, Any], Iterator[InvalidField]]
"""What is wrong with a field's value, given its name."""

_JSON_NAMES: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_LONGEST_URL: Final = 2048
_MOST_FAULTS: Final = 100
"""Of a million wrong fields, only so many are named."""
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Field:
    """One field: the type that its value must have, and what else must be so."""

    type: type
    checks: Sequence[Check] = ()
    is_required: bool = False

    def faults(self, name: str, value: object) -> Iterator[InvalidField]:
        """All that is wrong; null is as good as absent where the field may be left out."""
        if value is None and not self.is_required:
            return
        if type(value) is not self.type:
            yield wrong_type(name, _JSON_NAMES[self.type], value)
            return
        for check in self.checks:
            yield from check(name, value)


def read_json(body: bytes) -> object:
    """Any JSON.

    Raises:
        Malformed: It is none.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"The request body is not JSON: {_reason(error)}.") from error
    except RecursionError as error:
        raise Malformed("The request body is nested too deeply.") from error


def read_fields(body: bytes, known: Mapping[str, Field]) -> Json:
    """The fields of a JSON object.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such an object; every fault is named.
    """
    fields = read_object(body)
    refuse(faults_of(fields, known))
    return fields


def refuse(faults: Iterable[InvalidField]) -> None:
    """Pass what has no fault.

    Raises:
        InvalidInput: There are some.
    """
    if found := list(islice(faults, _MOST_FAULTS)):
        raise InvalidInput(found)


def read_object(body: bytes) -> Json:
    """A JSON object; raises as `read_fields` does."""
    value = read_json(body)
    if not isinstance(value, dict):
        raise InvalidInput([wrong_type("", "object", value)])
    return cast("Json", value)


def faults_of(fields: Json, known: Mapping[str, Field]) -> Iterable[InvalidField]:
    """All that is wrong with them."""
    for name, field in known.items():
        if field.is_required and name not in fields:
            yield InvalidField("required", "", f"{name} is required")
    for name, value in fields.items():
        if name in known:
            yield from known[name].faults(name, value)
        else:
            yield not_allowed(name)


def one_of(choices: Iterable[str]) -> Check:
    """One of these texts."""
    allowed = sorted(choices)

    def check(name: str, value: str) -> Iterator[InvalidField]:
        if value not in allowed:
            shown = ", ".join(f'"{choice}"' for choice in allowed)
            yield InvalidField("enum", name, f"{name} must be one of the following: {shown}")

    return check


def matching(pattern: str) -> Check:
    """A text of which all is as the pattern says."""
    compiled = re.compile(pattern)

    def check(name: str, value: str) -> Iterator[InvalidField]:
        if compiled.fullmatch(value) is None:
            yield InvalidField("pattern", name, f"Does not match pattern '^{pattern}$'")

    return check


def at_most(characters: int) -> Check:
    """A text no longer than this."""

    def check(name: str, value: str) -> Iterator[InvalidField]:
        if len(value) > characters:
            text = f"String length must be less than or equal to {characters}"
            yield InvalidField("string_lte", name, text)

    return check


def between(least: int, most: int) -> Check:
    """A number from one to the other, both included."""

    def check(name: str, value: int) -> Iterator[InvalidField]:
        if value < least:
            yield InvalidField("number_gte", name, f"Must be greater than or equal to {least}")
        if value > most:
            yield InvalidField("number_lte", name, f"Must be less than or equal to {most}")

    return check


def web_url(name: str, value: str) -> Iterator[InvalidField]:
    """A URL that a browser may open; an empty text is none."""
    if value and not (is_web_url(value) and _is_readable(value)):
        yield InvalidField("format", name, "Does not match format 'uri'")
    yield from at_most(_LONGEST_URL)(name, value)


def not_allowed(name: str) -> InvalidField:
    """The fault of a field that nobody knows."""
    text = f"Additional property {name[:_LONGEST_NAME]} is not allowed"
    return InvalidField("additional_property_not_allowed", "", text)


def wrong_type(field: str, expected: str, value: object) -> InvalidField:
    """The fault of a value of another type."""
    given = _JSON_NAMES.get(type(value), "object")
    return InvalidField(
        "invalid_type", field, f"Invalid type. Expected: {expected}, given: {given}"
    )


def is_web_url(text: str) -> bool:
    """Whether it begins as one."""
    return text.startswith(("https://", "http://"))


def _is_readable(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:  # such as `http://[`
        return False


def _reason(error: Exception) -> str:
    # msgspec takes half of a surrogate pair at the end of a string for the end of the input.
    if str(error) == "Input data was truncated":
        return "it ends too early, or a \\u escape is one half of a surrogate pair"
    return str(error)
