"""Lists of what fits a filter: a walk along the list, some steps at a time, without an index."""

import sqlite3
import time
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from safelight.model import EXAMPLES
from safelight.page import Part
from safelight.prediction import Prediction
from safelight.store import Filter, Found, Query
from safelight.stores.rows import micros, moment, part_of, prediction_from, predictions_from, within

Place = tuple[datetime, str]

LOOKED_AT: Final = 20_000
"""Rows that one walk looks at, at the most."""
STEP: Final = 1000
"""Rows that one statement looks at."""
PATIENCE: Final = 0.25
"""Seconds after which no other step is begun: rows can be large."""

_WITHOUT_INPUTS: Final = """
    SELECT body FROM predictions
    WHERE id IN (SELECT value FROM json_each(?1)) AND account IN (?2, ?3)
"""
_BODY: Final = "CAST(body AS TEXT)"
_INPUT: Final = "CAST(input AS TEXT)"
_SPECIAL: Final = frozenset("*?[")


def find(connection: sqlite3.Connection, query: Query, wanted: Filter) -> Found:
    """See `Store.find`."""
    rows: list[Prediction] = []
    fits = list(_conditions(wanted))
    place, ended = query.position, None
    give_up = time.monotonic() + PATIENCE
    for _ in range(LOOKED_AT // STEP):
        ended = _step_from(connection, query, place)
        rows += _fitting(connection, query, fits, (place, ended, query.limit - len(rows)))
        if ended is None or len(rows) > query.limit:
            ended = None
            break
        place = ended
        if time.monotonic() > give_up:
            break
    return Found(
        rows=rows[::-1] if query.is_backwards else rows,
        begun=None if rows else _place(connection, query, query.position),
        ended=ended,
    )


def without_inputs(
    connection: sqlite3.Connection, ids: Collection[str], account: str
) -> list[Prediction]:
    """See `Store.without_inputs`."""
    asked = (msgspec.json.encode(list(ids)).decode(), account, EXAMPLES)
    return [prediction_from(body, b"{}") for (body,) in connection.execute(_WITHOUT_INPUTS, asked)]


def _step_from(connection: sqlite3.Connection, query: Query, place: Place | None) -> Place | None:
    """Where the step from there ends; None when it is the last."""
    return _place(connection, query, place, STEP - 1)


def _place(
    connection: sqlite3.Connection, query: Query, after: Place | None, offset: int = 0
) -> Place | None:
    where, values = within(query)
    part = Part(limit=0, position=after, is_backwards=query.is_backwards)
    tail, values = part_of(part, where, values)
    # All that it reads stands in the index.
    statement = f"SELECT created_at, id FROM {_table(query)}{tail} OFFSET {offset:d}"  # noqa: S608 - no value in it
    row = connection.execute(statement, values).fetchone()
    return None if row is None else (moment(row[0]), row[1])


def _fitting(
    connection: sqlite3.Connection,
    query: Query,
    fits: list[tuple[str, list[Any]]],
    step: tuple[Place | None, Place | None, int],
) -> list[Prediction]:
    """What fits of one step: where it begins and ends, and the limit."""
    begin, end, limit = step
    where, values = within(query)
    if end is not None:
        where.append(f"(created_at, id) {'<=' if query.is_backwards else '>='} (?, ?)")
        values += (micros(end[0]), end[1])
    where.append("destination IS NULL")
    for condition, bound in fits:
        where.append(condition)
        values += bound
    part = Part(limit=limit, position=begin, is_backwards=query.is_backwards)
    # What part_of binds stands behind all of these.
    tail, values = part_of(part, where, values)
    statement = f"SELECT body, input FROM {_table(query)}{tail}"  # noqa: S608 - no value in it
    return predictions_from(connection.execute(statement, values).fetchall())


def _table(query: Query) -> str:
    # The planner must not be tempted by an index that would have it sort a million rows.
    index = "predictions_from_the_web" if query.source == "web" else "predictions_listed"
    return f"predictions INDEXED BY {index}"


def _conditions(wanted: Filter) -> Iterator[tuple[str, list[Any]]]:
    """What costs least comes first."""
    w = wanted
    if w.statuses is not None:
        blanks = ", ".join("?" * len(w.statuses))
        yield f"status IN ({blanks})", sorted(w.statuses)
    for column in ("model", "deployment"):
        if (value := getattr(w, column)) is not None:
            yield f"{column} = ?", [value]
    if w.token is not None:
        yield f"{_field(_BODY, 'token')} = ?", [w.token]
    if w.mode is not None:
        yield f"coalesce({_field(_BODY, 'mode')}, 'live') = ?", [w.mode]
    if w.prompt is not None:
        yield f"{_field(_INPUT, 'prompt')} GLOB ?", [_pattern(w.prompt)]


def _field(text: str, name: str) -> str:
    # What is nested deeper than SQLite reads must not break the whole list.
    return f"CASE WHEN json_valid({text}) THEN json_extract({text}, '$.{name}') END"


def _pattern(text: str) -> str:
    """What SQLite's GLOB finds the text with, in whatever case, in any script."""
    return f"*{''.join(map(_in_any_case, text))}*"


def _in_any_case(character: str) -> str:
    cases = {character, character.lower(), character.upper(), character.casefold()}
    cases |= {case.lower() for case in cases}
    single = sorted(case for case in cases if len(case) == 1)
    if len(single) == 1 and character not in _SPECIAL:
        return character
    return f"[{''.join(single)}]"
