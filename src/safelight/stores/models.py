"""Models that accounts create, and their versions, on SQLite."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from safelight.errors import Conflict, NotFound
from safelight.model import README_IN_LISTS, Model, Telling, Version
from safelight.stores.database import Database
from safelight.stores.rows import micros, moment

_TEXTS: Final = ("owner", "name", "visibility", "hardware", *Telling.__struct_fields__, "cover_url")
_MODEL: Final = ", ".join(f"m.{name}" for name in ("created_at", *_TEXTS))
_VERSION: Final = "v.id, v.created_at, v.cog_version, v.openapi_schema, v.base, v.weights"
_ADD: Final = (
    f"INSERT INTO models (created_at, {', '.join(_TEXTS)})"  # noqa: S608 - names of columns
    f" VALUES (?{', ?' * len(_TEXTS)}) ON CONFLICT DO NOTHING"
)
_GET: Final = f"SELECT {_MODEL} FROM models m WHERE m.owner = ? AND m.name = ?"  # noqa: S608 - likewise
_VERSIONS: Final = (
    f"SELECT {_VERSION} FROM versions v WHERE v.owner = ? AND v.name = ?"  # noqa: S608 - likewise
    " ORDER BY v.created_at DESC, v.id DESC"
)
_IN_LISTS: Final = _MODEL.replace("m.readme", f"substr(m.readme, 1, {README_IN_LISTS})")
_LIST: Final = f"""
    SELECT {_IN_LISTS}, {_VERSION} FROM models m LEFT JOIN versions v ON v.id = (
        SELECT id FROM versions WHERE owner = m.owner AND name = m.name
        ORDER BY created_at DESC, id DESC LIMIT 1
    )
    WHERE m.visibility = 'public' OR m.owner = ?
"""  # noqa: S608 - likewise
_BY_ID: Final = f"""
    SELECT {_MODEL}, {_VERSION} FROM versions v
    JOIN models m ON m.owner = v.owner AND m.name = v.name WHERE v.id = ?
"""  # noqa: S608 - likewise
_HAS_MODEL: Final = "SELECT 1 FROM models WHERE owner = ? AND name = ?"
_HAS_VERSIONS: Final = "SELECT 1 FROM versions WHERE owner = ? AND name = ?"
_ADD_VERSION: Final = """
    INSERT INTO versions (id, owner, name, created_at, cog_version, openapi_schema, base, weights)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_HAS_HEIR: Final = "SELECT 1 FROM versions WHERE base = ?"
_IS_DEPLOYED: Final = """
    SELECT 1 FROM deployments d WHERE ? = (
        SELECT version FROM releases WHERE account = d.account AND deployment = d.name
        ORDER BY number DESC LIMIT 1
    )
"""
_REMOVE_VERSION: Final = "DELETE FROM versions WHERE owner = ? AND name = ? AND id = ?"
_MISSING: Final = "There is no model {owner}/{name}."

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


def version_left(
    move: Callable[[sqlite3.Connection], None], full_name: str, version: Version
) -> Callable[[sqlite3.Connection], None]:
    """A change: *move*, and the version that it leaves on that model, or neither.

    It raises NotFound when there is no such model, and whatever *move* raises.
    """
    owner, _, name = full_name.partition("/")
    row = _row_of(owner, name, version)

    def change(connection: sqlite3.Connection) -> None:
        _require(connection, owner, name)
        move(connection)
        connection.execute(_ADD_VERSION, row)

    return change


class SqliteModels:
    """Implements `safelight.model.ModelStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, model: Model) -> None:
        """See `ModelStore.add`."""
        row = (micros(model.created_at), *(getattr(model, name) for name in _TEXTS))
        if await self._database.execute(_ADD, row) == 0:
            raise Conflict(f"There is a model {model.full_name} already.")

    async def get(self, owner: str, name: str) -> Model:
        """See `ModelStore.get`."""
        row = self._database.row(_GET, (owner, name))
        if row is None:
            raise NotFound
        versions = self._database.rows(_VERSIONS, (owner, name))
        return _model_from(row, tuple(map(_version_from, versions)))

    async def list(self, account: str) -> Sequence[Model]:
        """See `ModelStore.list`."""
        rows = await self._database.scan(_LIST, (account,))
        return await asyncio.to_thread(lambda: [_joined(row)[0] for row in rows])

    async def describe(self, owner: str, name: str, told: Mapping[str, str | None]) -> None:
        """See `ModelStore.describe`."""
        known = [column for column in Telling.__struct_fields__ if column in told]
        settings = ", ".join(f"{column} = ?" for column in ("owner", *known))
        statement = f"UPDATE models SET {settings} WHERE owner = ? AND name = ?"  # noqa: S608 - columns
        values = (owner, *(told[column] for column in known), owner, name)
        if await self._database.execute(statement, values) == 0:
            raise NotFound

    async def remove(self, owner: str, name: str) -> None:
        """See `ModelStore.remove`."""

        def change(connection: sqlite3.Connection) -> None:
            if connection.execute(_HAS_VERSIONS, (owner, name)).fetchone():
                raise Conflict(f"{owner}/{name} has versions: delete them first.")
            statement = "DELETE FROM models WHERE owner = ? AND name = ?"
            if connection.execute(statement, (owner, name)).rowcount == 0:
                raise NotFound

        await self._database.submit(change)

    async def add_version(self, owner: str, name: str, version: Version) -> None:
        """See `ModelStore.add_version`."""
        row = _row_of(owner, name, version)

        def change(connection: sqlite3.Connection) -> None:
            _require(connection, owner, name)
            connection.execute(_ADD_VERSION, row)

        await self._database.submit(change)

    async def version(self, version_id: str) -> tuple[Model, Version] | None:
        """See `ModelStore.version`."""
        row = self._database.row(_BY_ID, (version_id,))
        if row is None:
            return None
        model, version = _joined(row)
        assert version is not None
        return model, version

    async def remove_version(self, owner: str, name: str, version_id: str) -> None:
        """See `ModelStore.remove_version`."""

        def change(connection: sqlite3.Connection) -> None:
            if connection.execute(_HAS_HEIR, (version_id,)).fetchone():
                raise Conflict("Another version was trained from this one: delete that first.")
            if connection.execute(_IS_DEPLOYED, (version_id,)).fetchone():
                raise Conflict("A deployment runs this version: change or delete that first.")
            if connection.execute(_REMOVE_VERSION, (owner, name, version_id)).rowcount == 0:
                raise NotFound

        await self._database.submit(change)


def _require(connection: sqlite3.Connection, owner: str, name: str) -> None:
    if connection.execute(_HAS_MODEL, (owner, name)).fetchone() is None:
        raise NotFound(_MISSING.format(owner=owner, name=name))


def _row_of(owner: str, name: str, version: Version) -> tuple[Any, ...]:
    v = version
    schema = _encode(v.openapi_schema)
    return v.id, owner, name, micros(v.created_at), v.cog_version, schema, v.base, v.weights


def _joined(row: Sequence[Any]) -> tuple[Model, Version | None]:
    """From the columns of a model and those of a version, or as many nulls."""
    split = 1 + len(_TEXTS)
    version = None if row[split] is None else _version_from(row[split:])
    return _model_from(row[:split], () if version is None else (version,)), version


def _model_from(row: Sequence[Any], versions: tuple[Version, ...]) -> Model:
    created_at, *texts = row
    facts = dict(zip(_TEXTS, texts, strict=True))
    return Model(**facts, created_at=moment(created_at), versions=versions)


def _version_from(row: Sequence[Any]) -> Version:
    version_id, created_at, cog_version, schema, base, weights = row
    return Version(
        id=version_id,
        created_at=moment(created_at),
        cog_version=cog_version,
        openapi_schema=_decode(schema),
        base=base,
        weights=weights,
    )
