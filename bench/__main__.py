"""`python -m bench`: measure, print one table, keep the figures in build/bench.json."""

import argparse
import json
from pathlib import Path

from bench.figures import ROUNDS, Figure, measure

RESULTS = Path("build/bench.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each load is run")
    figures = measure(parser.parse_args().rounds)
    print(_table(figures))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([_plain(figure) for figure in figures], indent=2) + "\n")


def _table(figures: list[Figure]) -> str:
    rows = [("", "safelight", "coglet 0.23.1", "ratio", "goal", "")]
    rows += [_row(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 4, 5) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    peers = "" if figure.peers is None else _amount(figure.peers, figure.unit)
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    verdict = "" if figure.good is None else ("met" if figure.good(figure) else "missed")
    return figure.name, _amount(figure.ours, figure.unit), peers, ratio, figure.goal, verdict


def _amount(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 2
    return f"{value:,.{digits}f} {unit}"


def _plain(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "unit": figure.unit,
        "safelight": figure.ours,
        "coglet": figure.peers,
        "ratio": figure.ratio,
        "goal": figure.goal or None,
        "met": None if figure.good is None else figure.good(figure),
    }


if __name__ == "__main__":
    main()
