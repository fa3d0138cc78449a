"""`python -m bench`: measure, print one table, keep the figures in build/bench.json."""

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.figure import COGLET, Figure
from bench.figures import (
    ROUNDS,
    measure_pages,
    measure_predictions,
    measure_sketch,
    measure_starts,
)
from bench.holding import IN_FLIGHT
from bench.pages import measure_playground
from bench.providers import measure_providers

RESULTS: Final = Path("build/bench.json")
_ALWAYS: Final[Mapping[str, Callable[[int], list[Figure]]]] = {
    "predictions": measure_predictions,
    "lists": measure_pages,
    "starts": measure_starts,
    "sketch": measure_sketch,
    "playground": measure_playground,
}
_GROUPS: Final = (*_ALWAYS, "providers")


def main() -> None:
    options = _options()
    asked: list[str] = options.only or list(_GROUPS)
    found = {name: _measure(name, options) for name in _GROUPS if name in asked}
    print(as_text([figure for figures in found.values() for figure in figures]))
    keep(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each load is run")
    parser.add_argument(
        "--only", action="append", choices=_GROUPS, help="these rows alone; may be given again"
    )
    parser.add_argument(
        "--in-flight", type=int, default=IN_FLIGHT, help="predictions that are held at once"
    )
    parser.add_argument(
        "--held-bytes", type=int, help="size of their pictures; by default what time and disk allow"
    )
    return parser.parse_args()


def _measure(name: str, options: argparse.Namespace) -> list[Figure]:
    print(f"Measuring {name} ...", flush=True)
    if name in _ALWAYS:
        return _ALWAYS[name](options.rounds)
    return measure_providers(options.rounds, options.in_flight, options.held_bytes)


def as_text(figures: list[Figure]) -> str:
    """The table, for people."""
    rows = [("", "safelight", "peer", "ratio", "goal", "", "peer")]
    rows += [_row(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in (1, 2, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    peers = "" if figure.peers is None else _amount(figure.peers, figure.unit)
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    has_peer = figure.peers is not None or figure.beside != COGLET
    return (
        figure.name,
        _amount(figure.ours, figure.unit),
        peers,
        ratio,
        figure.goal,
        {True: "met", False: "missed", None: ""}[_is_met(figure)],
        figure.beside if has_peer else "",
    )


def _is_met(figure: Figure) -> bool | None:
    return None if figure.good is None else figure.good(figure)


def _amount(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 2
    return f"{value:,.{digits}f} {unit}"


def keep(found: Mapping[str, list[Figure]]) -> None:
    """Write them down; rows that were not asked for stay as they were measured before."""
    before: list[dict[str, Any]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    now = datetime.now(UTC).isoformat(timespec="seconds")
    rows = [row for row in before if row.get("group") in _GROUPS and row["group"] not in found]
    rows += [
        {"group": name, "measured_at": now, **_plain(figure)}
        for name, figures in found.items()
        for figure in figures
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n")


def _plain(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "unit": figure.unit,
        "safelight": figure.ours,
        "peer": figure.peers,
        "beside": figure.beside,
        "ratio": figure.ratio,
        "goal": figure.goal or None,
        "met": _is_met(figure),
    }


if __name__ == "__main__":
    main()
