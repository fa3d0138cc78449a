"""What is measured on this machine alone: rates of two servers in turn, lists, starts, a sketch."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_least, at_most, under
from bench.history import COUNT
from bench.lists import measure_lists
from bench.load import Outcome, Target, load
from bench.peers import Peer, coglet, safelight
from safelight.sketch.commission import Commission
from safelight.sketch.painting import paint

ROUNDS = 5
"""Each figure is the median of so many, taken in turn."""
MANY = 32
"""Connections of the busy load."""


def measure_predictions(rounds: int) -> list[Figure]:
    """Predictions of a trivial model beside coglet's, and the memory of both."""
    with tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder, ExitStack() as stack:
        ours = _start(stack, safelight, Path(folder, "safelight"))
        peers = _start(stack, coglet, Path(folder, "coglet"))
        idle = [peer.resident_mb for peer in (ours, peers)]
        figures = [*_side_by_side(ours, peers, rounds)]
        figures.append(Figure("memory, idle", "MB", idle[0], idle[1]))
    return figures


def _start(
    stack: ExitStack, serve: Callable[[Path], AbstractContextManager[Peer]], folder: Path
) -> Peer:
    folder.mkdir()
    return stack.enter_context(serve(folder))


def _side_by_side(ours: Peer, peers: Peer, rounds: int) -> list[Figure]:
    both = (ours, peers)
    for peer in both:
        _load(peer.target, MANY, 2000)  # caches and branch predictors warm
    busy: dict[Peer, list[tuple[Outcome, float]]] = {ours: [], peers: []}
    calm: dict[Peer, list[Outcome]] = {ours: [], peers: []}
    for turn in range(rounds):
        for peer in both if turn % 2 else both[::-1]:
            calm[peer].append(_load(peer.target, 1, 500))
            before = peer.cpu_seconds
            outcome = _load(peer.target, MANY, 6400)
            busy[peer].append((outcome, (peer.cpu_seconds - before) / 6400 * 1e6))
    rates = [median(outcome.per_second for outcome, _ in busy[peer]) for peer in both]
    waits = [median(outcome.median_ms for outcome in calm[peer]) for peer in both]
    costs = [median(cost for _, cost in busy[peer]) for peer in both]
    refused = sum(outcome.refused for outcome, _ in busy[peers])
    print(f"coglet turned {refused} of {6400 * rounds} requests away with 409; they were repeated.")
    return [
        Figure(
            f"predictions, {MANY} connections",
            "1/s",
            rates[0],
            rates[1],
            goal=">= 2x",
            good=at_least(2),
        ),
        Figure(
            "prediction, 1 connection, median",
            "ms",
            waits[0],
            waits[1],
            goal="<= 1x",
            good=at_most(1),
        ),
        Figure(f"CPU a prediction, {MANY} connections", "us", costs[0], costs[1]),
    ]


def _load(target: Target, connections: int, requests: int) -> Outcome:
    return asyncio.run(load(target, connections=connections, requests=requests))


def measure_pages(rounds: int) -> list[Figure]:
    """Pages of a list of a million; the first time it takes a minute more, to make that."""
    found = measure_lists(rounds)
    medians = [
        Figure(
            f"list of {COUNT:,}, {pages.kind}, median",
            "ms",
            pages.median,
            goal="<= 5 ms",
            good=under(5),
        )
        for pages in found
    ]
    slowest = max(pages.p95 for pages in found)
    return [*medians, Figure("the same, the slowest of them, p95", "ms", slowest)]


def measure_starts(rounds: int) -> list[Figure]:
    """From the start to the first answer, and what imports take."""
    ready: dict[Callable[[Path], AbstractContextManager[Peer]], list[float]] = {}
    for _ in range(rounds):
        for serve in (safelight, coglet):
            with (
                tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder,
                serve(Path(folder)) as peer,
            ):
                ready.setdefault(serve, []).append(peer.ready_after)
    return [
        Figure(
            "start to ready, first start",
            "s",
            median(ready[safelight]),
            median(ready[coglet]),
            "<= 1.0 s",
            under(1.0),
        ),
        Figure(
            "python -c 'import safelight'",
            "ms",
            _run_time("-c", "import safelight") * 1000,
            goal="<= 150 ms",
            good=under(150),
        ),
        Figure(
            "the same, safelight.server", "ms", _run_time("-c", "import safelight.server") * 1000
        ),
        Figure("safelight --help", "ms", _run_time("-m", "safelight", "--help") * 1000),
    ]


def _run_time(*arguments: str) -> float:
    return median(_timed(lambda: _run(arguments)) for _ in range(7))


def _run(arguments: tuple[str, ...]) -> None:
    subprocess.run((sys.executable, *arguments), check=True, stdout=subprocess.DEVNULL)


def measure_sketch(rounds: int) -> list[Figure]:
    """The offline illustrator."""
    prompts = ("a lighthouse in a storm", "a fox in a snowy forest at dusk", "a city at night")
    for prompt in prompts:
        paint(Commission(prompt, 1024, 1024))
    took = [
        _timed(lambda prompt=prompt: paint(Commission(prompt, 1024, 1024)))
        for _ in range(rounds)
        for prompt in prompts
    ]
    milliseconds = median(took) * 1000
    return [
        Figure("sketch, 1024 x 1024 webp", "ms", milliseconds, goal="<= 250 ms", good=under(250))
    ]


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
