"""The body that asks for an archive of predictions."""

from collections.abc import Iterator
from typing import Final

from safelight.errors import InvalidField
from safelight.wire.fields import Field, read_fields, wrong_type

MOST: Final = 1000
"""Predictions in one archive."""


def _ids(name: str, value: list[object]) -> Iterator[InvalidField]:
    if not 1 <= len(value) <= MOST:
        yield InvalidField("array_items", name, f"Array must have 1 to {MOST} items")
        return
    for index, item in enumerate(value):
        if not isinstance(item, str):
            yield wrong_type(f"{name}.{index}", "string", item)


_FIELDS: Final = {"ids": Field(list, [_ids], is_required=True)}


def read_archive(body: bytes) -> list[str]:
    """The ids of the predictions, each once, in the order asked for.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body.
    """
    return list(dict.fromkeys(read_fields(body, _FIELDS)["ids"]))
