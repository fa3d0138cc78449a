"""Pictures through a provider: what each costs beside the SDK alone and beside a gateway."""

import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from bench.figure import Figure, at_least, at_most
from bench.gateway import NAME, NotInstalled, litellm
from bench.holding import measure_holding
from bench.peers import Peer, safelight
from bench.pictures import (
    StandIn,
    rate,
    sdk_seconds,
    settings,
    stand_in,
    through_gateway,
    through_safelight,
)

BUILD: Final = Path("build")
SIZE: Final = 1_500_000
"""Bytes of a picture."""
MANY: Final = 32
"""Callers, each with one picture on its way."""
_PICTURES: Final = 320
_FEWER: Final = 160
_ROUNDS: Final = 3
"""At most: a round takes some twelve seconds."""
_FASTER: Final = 3.0
"""How many times the fastest that is measured the stand-in must do alone."""


class TooSlow(Exception):
    """The stand-in would be what is measured."""


@dataclass
class _Measured:
    """A value for each round."""

    rates: list[float] = field(default_factory=list[float])
    costs: list[float] = field(default_factory=list[float])
    """Milliseconds of CPU for each picture."""
    peers_rates: list[float] = field(default_factory=list[float])
    peers_costs: list[float] = field(default_factory=list[float])
    sdk_costs: list[float] = field(default_factory=list[float])
    sdk: str = ""
    missing: str | None = None
    """Why there is no gateway."""


def measure_providers(rounds: int, in_flight: int, held_bytes: int | None) -> list[Figure]:
    """Rates and costs in turn, then many in flight at once.

    Raises:
        TooSlow: The stand-in is no faster than what it stands in for.
    """
    with stand_in(SIZE) as provider:
        measured = _in_turn(provider, min(rounds, _ROUNDS))
    return [*_figures(measured), *measure_holding(in_flight, held_bytes, median(measured.rates))]


def _in_turn(provider: StandIn, rounds: int) -> _Measured:
    alone = rate(provider.port, provider.one, pictures=_PICTURES * 3, connections=MANY)
    measured = _Measured()
    with ExitStack() as stack:
        ours = stack.enter_context(_server(provider))
        gateway = _gateway(stack, provider, measured)
        for turn in range(rounds + 1):
            _ours(ours, measured)
            if gateway is not None:
                _peers(gateway, measured)
            seconds, measured.sdk = sdk_seconds(provider, pictures=_FEWER, connections=MANY)
            measured.sdk_costs.append(seconds * 1000)
            if turn == 0:  # caches warm, classes loaded
                _forget(measured)
    print(f"The stand-in alone gives {alone:,.0f} pictures a second.")
    check(alone, max(*measured.rates, *measured.peers_rates, 0))
    return measured


@contextmanager
def _server(provider: StandIn) -> Generator[Peer]:
    with (
        tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder,
        safelight(Path(folder), settings(provider)) as ours,
    ):
        yield ours


def _gateway(stack: ExitStack, provider: StandIn, measured: _Measured) -> Peer | None:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="safelight-bench-")))
    try:
        return stack.enter_context(litellm(BUILD, folder, provider.base_url))
    except NotInstalled as error:
        measured.missing = f"{NAME} not installed: {error}"
        return None


def _ours(peer: Peer, measured: _Measured) -> None:
    ask, before = through_safelight(peer.target, SIZE), peer.cpu_seconds
    measured.rates.append(rate(peer.target.port, ask, pictures=_PICTURES, connections=MANY))
    measured.costs.append((peer.cpu_seconds - before) / _PICTURES * 1000)


def _peers(peer: Peer, measured: _Measured) -> None:
    ask, before = through_gateway(peer.target, SIZE), peer.cpu_seconds
    measured.peers_rates.append(rate(peer.target.port, ask, pictures=_FEWER, connections=MANY))
    measured.peers_costs.append((peer.cpu_seconds - before) / _FEWER * 1000)


def _forget(measured: _Measured) -> None:
    for values in (measured.rates, measured.costs, measured.sdk_costs):
        values.clear()
    measured.peers_rates.clear()
    measured.peers_costs.clear()


def check(alone: float, fastest: float) -> None:
    """See to it that the stand-in is not what is measured; both are pictures a second.

    Raises:
        TooSlow: It might be.
    """
    if alone < _FASTER * fastest:
        raise TooSlow(
            f"The stand-in alone gives {alone:,.0f} pictures a second, and through it there were"
            f" {fastest:,.0f}: it would be what is measured."
        )


def _figures(measured: _Measured) -> list[Figure]:
    name = f"CPU a {SIZE / 1e6:g} MB picture, bought, stored, served"
    gateway = measured.missing or NAME
    peers_rate = median(measured.peers_rates) if measured.peers_rates else None
    peers_cost = median(measured.peers_costs) if measured.peers_costs else None
    sdk = f"openai {measured.sdk}, nothing stored"
    cost, sdk_cost = median(measured.costs), median(measured.sdk_costs)
    return [
        Figure(name, "ms", cost, sdk_cost, "<= 0.5x", at_most(0.5), sdk),
        Figure(f"{name}, beside a gateway", "ms", cost, peers_cost, beside=gateway),
        Figure(
            f"{SIZE / 1e6:g} MB pictures, {MANY} in flight",
            "1/s",
            median(measured.rates),
            peers_rate,
            ">= 4x",
            at_least(4),
            gateway,
        ),
    ]
