"""Deployments and their releases on SQLite."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from safelight.deployment import Configuration, Deployment, Release
from safelight.errors import Conflict, NotFound, StaleWrite
from safelight.page import Part
from safelight.stores.database import Database
from safelight.stores.rows import micros, moment, part_of

_RELEASE: Final = (
    "r.number, r.model, r.version, r.created_at, r.created_by,"
    " r.hardware, r.min_instances, r.max_instances"
)
_CURRENT: Final = f"""
    SELECT d.account, d.name, d.created_at, {_RELEASE}
    FROM deployments d JOIN releases r ON r.account = d.account AND r.deployment = d.name
    WHERE r.number = (
        SELECT max(number) FROM releases WHERE account = d.account AND deployment = d.name
    )
"""  # noqa: S608 - no value in it
_ADD: Final = "INSERT INTO deployments (account, name, created_at) VALUES (?, ?, ?)"
_ADD_RELEASE: Final = "INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NUMBER: Final = "SELECT max(number) FROM releases WHERE account = ? AND deployment = ?"
_BUSY: Final = """
    SELECT count(*) FROM predictions
    WHERE account = ? AND deployment = ? AND deployment IS NOT NULL
        AND status IN ('starting', 'processing')
"""
_REMOVE: Final = "DELETE FROM deployments WHERE account = ? AND name = ?"
_REMOVE_RELEASES: Final = "DELETE FROM releases WHERE account = ? AND deployment = ?"


class SqliteDeployments:
    """Implements `safelight.deployment.DeploymentStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, deployment: Deployment) -> None:
        """See `DeploymentStore.add`."""
        d = deployment
        release = _row_of(d.owner, d.name, d.release)

        def change(connection: sqlite3.Connection) -> None:
            if _number(connection, d.owner, d.name) is not None:
                raise Conflict(f"There is a deployment {d.owner}/{d.name} already.")
            connection.execute(_ADD, (d.owner, d.name, micros(d.created_at)))
            connection.execute(_ADD_RELEASE, release)

        await self._database.submit(change)

    async def get(self, owner: str, name: str) -> Deployment:
        """See `DeploymentStore.get`."""
        row = self._database.row(f"{_CURRENT} AND d.account = ? AND d.name = ?", (owner, name))
        if row is None:
            raise NotFound
        return _deployment_from(row)

    async def list(self, owner: str, part: Part) -> Sequence[Deployment]:
        """See `DeploymentStore.list`."""
        tail, values = part_of(part, ["account = ?"], [owner], key="name")
        named = f"SELECT account, name, created_at FROM deployments{tail}"  # noqa: S608 - no value in it
        # The page first, then the current release of each on it.
        rows = await self._database.scan(
            _CURRENT.replace("FROM deployments d", f"FROM ({named}) d")
            + " ORDER BY d.created_at DESC, d.name DESC",
            values,
        )
        return [_deployment_from(row) for row in rows]

    async def release(self, owner: str, name: str, release: Release) -> None:
        """See `DeploymentStore.release`."""
        row = _row_of(owner, name, release)

        def change(connection: sqlite3.Connection) -> None:
            number = _number(connection, owner, name)
            if number is None:
                raise NotFound
            if number + 1 != release.number:
                raise StaleWrite(f"The deployment {owner}/{name} has been changed meanwhile.")
            connection.execute(_ADD_RELEASE, row)

        await self._database.submit(change)

    async def releases(self, owner: str, name: str) -> Sequence[Release]:
        """See `DeploymentStore.releases`."""
        rows = self._database.rows(
            f"SELECT {_RELEASE} FROM releases r"  # noqa: S608 - no value in it
            " WHERE account = ? AND deployment = ? ORDER BY number DESC",
            (owner, name),
        )
        return [_release_from(row) for row in rows]

    async def remove(self, owner: str, name: str) -> None:
        """See `DeploymentStore.remove`."""

        def change(connection: sqlite3.Connection) -> None:
            if _number(connection, owner, name) is None:
                raise NotFound
            (busy,) = connection.execute(_BUSY, (owner, name)).fetchone()
            if busy:
                raise Conflict(
                    f"The deployment {owner}/{name} is in use: {busy} of its predictions wait or"
                    " run. Cancel them, or let them end."
                )
            connection.execute(_REMOVE_RELEASES, (owner, name))
            connection.execute(_REMOVE, (owner, name))

        await self._database.submit(change)


def _number(connection: sqlite3.Connection, owner: str, name: str) -> int | None:
    """Of the current release; None when there is no such deployment."""
    (number,) = connection.execute(_NUMBER, (owner, name)).fetchone()
    return number


def _row_of(owner: str, name: str, release: Release) -> tuple[Any, ...]:
    r, c = release, release.configuration
    asked = (c.hardware, c.min_instances, c.max_instances)
    return owner, name, r.number, r.model, r.version, micros(r.created_at), r.created_by, *asked


def _deployment_from(row: Sequence[Any]) -> Deployment:
    owner, name, created_at, *release = row
    return Deployment(
        owner=owner, name=name, created_at=moment(created_at), release=_release_from(release)
    )


def _release_from(row: Sequence[Any]) -> Release:
    number, model, version, created_at, created_by, hardware, least, most = row
    return Release(
        number=number,
        model=model,
        version=version,
        created_at=moment(created_at),
        created_by=created_by,
        configuration=Configuration(hardware=hardware, min_instances=least, max_instances=most),
    )
