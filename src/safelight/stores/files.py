"""Uploaded files on SQLite."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from safelight.blob import Blob
from safelight.errors import NotFound
from safelight.file import MISSING, File, FileQuery
from safelight.stores.database import Database
from safelight.stores.rows import micros, moment

_FILE: Final = (
    "SELECT id, account, name, media_type, metadata, blob, size, md5, created_at, expires_at"
    " FROM files"
)
_KEPT: Final = "(expires_at IS NULL OR expires_at > ?)"
_ADD: Final = "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_GET: Final = f"{_FILE} WHERE id = ? AND {_KEPT}"
_REMOVE: Final = f"DELETE FROM files WHERE id = ? AND account = ? AND {_KEPT}"  # noqa: S608 - no value in it
_REMOVE_EXPIRED: Final = "DELETE FROM files WHERE expires_at <= ? RETURNING blob"


class SqliteFiles:
    """Implements `safelight.file.FileStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, file: File) -> None:
        """See `FileStore.add`."""
        f = file
        expires = None if f.expires_at is None else micros(f.expires_at)
        described = (f.id, f.account, f.name, f.media_type, msgspec.json.encode(f.metadata))
        content = (f.blob.key, f.blob.size, f.md5)
        await self._database.execute(_ADD, (*described, *content, micros(f.created_at), expires))

    async def get(self, file_id: str, account: str | None, now: datetime) -> File:
        """See `FileStore.get`."""
        row = self._database.row(_GET, (file_id, micros(now)))
        file = None if row is None else _file_from(row)
        if file is None or account not in (None, file.account):
            raise NotFound(MISSING)
        return file

    async def list(self, query: FileQuery) -> Sequence[File]:
        """See `FileStore.list`."""
        where, values = f"account = ? AND {_KEPT}", [query.account, micros(query.now)]
        if query.position is not None:
            created_at, file_id = query.position
            where += f" AND (created_at, id) {'>' if query.is_backwards else '<'} (?, ?)"
            values += [micros(created_at), file_id]
        order = "ASC" if query.is_backwards else "DESC"
        rows = await self._database.scan(
            f"{_FILE} WHERE {where} ORDER BY created_at {order}, id {order}"
            f" LIMIT {query.limit + 1:d}",
            values,
        )
        found = [_file_from(row) for row in rows]
        return found[::-1] if query.is_backwards else found

    async def remove(self, file_id: str, account: str, now: datetime) -> None:
        """See `FileStore.remove`."""
        if await self._database.execute(_REMOVE, (file_id, account, micros(now))) == 0:
            raise NotFound(MISSING)

    async def remove_expired(self, now: datetime) -> frozenset[str]:
        """See `FileStore.remove_expired`."""

        def change(connection: sqlite3.Connection) -> frozenset[str]:
            rows = connection.execute(_REMOVE_EXPIRED, (micros(now),)).fetchall()
            return frozenset(key for (key,) in rows)

        return await self._database.submit(change, durable=False)

    async def keys(self) -> frozenset[str]:
        """See `FileStore.keys`."""
        rows = await self._database.scan("SELECT DISTINCT blob FROM files")
        return frozenset(key for (key,) in rows)


def _file_from(row: tuple[Any, ...]) -> File:
    file_id, account, name, media_type, metadata, key, size, md5, created_at, expires_at = row
    return File(
        id=file_id,
        account=account,
        name=name,
        media_type=media_type,
        metadata=msgspec.json.decode(metadata, type=dict[str, Any]),
        blob=Blob(key=key, size=size),
        md5=md5,
        created_at=moment(created_at),
        expires_at=None if expires_at is None else moment(expires_at),
    )
