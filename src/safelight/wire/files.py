"""Uploaded files as Replicate shows them, and what is told of one as it is uploaded."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec

from safelight.errors import InvalidField, InvalidInput
from safelight.file import LONGEST_NAME, File
from safelight.wire.encoding import Json

CONTENT: Final = "content"
"""The part of an upload that is the file itself."""
UNKNOWN_TYPE: Final = "application/octet-stream"
UNNAMED: Final = "file"
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Shown for files that are kept: clients want an instant."""
_TYPE: Final = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}( *;[\x20-\x7e]*)?", re.ASCII)
_BRACKETED: Final = re.compile(r"metadata((?:\[[^\[\]]*\])+)")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DEEPEST: Final = 20
_LONGEST_METADATA: Final = 65_536
"""Bytes of JSON: a page shows that of a hundred files."""


class ContentPart(msgspec.Struct, frozen=True):
    """What the head of the part with the bytes says; each is None when it says nothing."""

    filename: bytes | None
    media_type: bytes | None


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What an upload says of its file."""

    name: str
    media_type: str
    metadata: Json


def file(file: File, origin: str) -> Json:
    """A file."""
    return {
        "id": file.id,
        "name": file.name,
        "content_type": file.media_type,
        "size": file.blob.size,
        "etag": file.md5,
        "checksums": {"sha256": file.blob.key, "md5": file.md5},
        "metadata": file.metadata,
        "created_at": _milliseconds(file.created_at),
        "expires_at": _milliseconds(file.expires_at or _NEVER),
        "urls": {"get": f"{origin}/v1/files/{file.id}"},
    }


def read_upload(content: ContentPart | None, fields: Sequence[tuple[str, bytes]]) -> Description:
    """What an upload says of its file; *fields* are its other parts, by name, in their order.

    Metadata comes as JSON or, from Python's client 2, a field a key: `metadata[key]`.

    Raises:
        InvalidInput: There is no file, or what is said of it cannot be used; every fault is named.
    """
    faults: list[InvalidField] = []
    if content is None:
        faults.append(InvalidField("required", "", f"{CONTENT} is required"))
        content = ContentPart(None, None)
    given = dict(fields)
    description = Description(
        name=_name(given.get("filename") or content.filename or b"", faults),
        media_type=_media_type(given.get("type"), content.media_type, faults),
        metadata=_metadata(fields, given.get("metadata", b""), faults),
    )
    if faults:
        raise InvalidInput(faults)
    return description


def _milliseconds(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def _name(given: bytes, faults: list[InvalidField]) -> str:
    """The last part of a path: what a caller's folders are called is none of ours."""
    try:
        name = re.split(r"[/\\]", given.decode())[-1]
    except UnicodeDecodeError:
        faults.append(InvalidField("format", "filename", "filename is not UTF-8"))
        return UNNAMED
    if len(name.encode()) > LONGEST_NAME:
        text = f"filename must be at most {LONGEST_NAME} bytes of UTF-8"
        faults.append(InvalidField("string_lte", "filename", text))
    elif _CONTROL.search(name):
        faults.append(InvalidField("format", "filename", "filename has control characters in it"))
    return UNNAMED if name in ("", ".", "..") else name


def _media_type(field: bytes | None, part: bytes | None, faults: list[InvalidField]) -> str:
    if field:
        given = field.decode(errors="replace").strip()
        if _TYPE.fullmatch(given):
            return given
        text = f"type must be a media type such as image/png, not {given[:100]!r}"
        faults.append(InvalidField("format", "type", text))
    given = (part or b"").decode(errors="replace").strip()
    return given if _TYPE.fullmatch(given) else UNKNOWN_TYPE


def _metadata(fields: Iterable[tuple[str, bytes]], text: bytes, faults: list[InvalidField]) -> Json:
    try:
        metadata: Json = msgspec.json.decode(text, type=dict[str, Any]) if text.strip() else {}
        for name, value in fields:
            if match := _BRACKETED.fullmatch(name):
                _put(metadata, re.findall(r"\[([^\[\]]*)\]", match[1]), value.decode())
        _check_size(metadata)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        faults.append(InvalidField("invalid_type", "metadata", "metadata must be a JSON object"))
    except ValueError as error:
        faults.append(InvalidField("invalid_type", "metadata", f"metadata{error}"))
    else:
        return metadata
    return {}


def _check_size(metadata: Json) -> None:
    if len(msgspec.json.encode(metadata)) > _LONGEST_METADATA:
        raise ValueError(f" must be at most {_LONGEST_METADATA} bytes of JSON")
    level: list[object] = [metadata]
    for _ in range(_DEEPEST + 1):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise _too_deep()


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("Json", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def _put(metadata: Json, keys: Sequence[str], text: str) -> None:
    """Set what `[a][b]` names; `[a][]` adds to a list."""
    *parents, last = keys
    if last == "" and parents:
        *parents, last = parents
        place = _within(metadata, parents)
        known = place.setdefault(last, [])
        if not isinstance(known, list):
            raise _clash(keys)
        cast("list[object]", known).append(text)
    else:
        place = _within(metadata, parents)
        if last in place:
            raise _clash(keys)
        place[last] = text


def _within(metadata: Json, keys: Sequence[str]) -> Json:
    if len(keys) > _DEEPEST:
        raise _too_deep()
    place = metadata
    for key in keys:
        place = place.setdefault(key, {})
        if not isinstance(cast("object", place), dict):
            raise _clash(keys)
    return place


def _too_deep() -> ValueError:
    return ValueError(f" is nested more than {_DEEPEST} levels deep")


def _clash(keys: Sequence[str]) -> ValueError:
    return ValueError("".join(f"[{key}]" for key in keys) + " is given twice")
