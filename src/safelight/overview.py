"""Who can be asked and how they are, and who answers for which model: read, never changed."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

import msgspec

from safelight.route import RETIREMENTS, Retirement, Route
from safelight.switchboard import RouteState, Switchboard
from safelight.throttle import UNLIMITED, Limit, Limits


class Provider(msgspec.Struct, frozen=True):
    """One that can be asked."""

    name: str
    host: str | None
    """With its port, if it has one; None for what calls nobody."""
    is_configured: bool
    """Whether the server has a key of its own, or needs none."""


class Reason(StrEnum):
    """Why a route answers for a model."""

    OWN = "own"
    """It is the model itself."""
    SUCCESSOR = "successor"
    """The provider shuts the model down, or has."""
    CHOSEN = "chosen"
    """Whoever runs the server wants it so."""
    FALLBACK = "fallback"
    """It is asked when those before it cannot answer."""


class Answering(msgspec.Struct, frozen=True):
    """A route of a model."""

    route: Route
    reason: Reason
    retirement: Retirement | None = None
    """Of the model, when a successor answers for it."""


class Overview:
    """All providers, and the routes of all models in the box, as this process knows them."""

    def __init__(
        self,
        providers: Sequence[Provider] = (),
        models: Mapping[str, Sequence[Answering]] | None = None,
        limits: Limits | None = None,
        switchboard: Switchboard | None = None,
    ) -> None:
        self.providers = providers
        self.models = models or {}
        """Those that nobody is asked for have no routes."""
        self._limits = limits or {}
        self._switchboard = switchboard or Switchboard({}, {})

    def routes(self, provider: str) -> Sequence[Route]:
        """Those of a provider that some model has, each once."""
        every = (one.route for several in self.models.values() for one in several)
        return list(dict.fromkeys(route for route in every if route.provider == provider))

    def state(self, route: Route) -> RouteState:
        """How it is now."""
        return self._switchboard.state(route)

    def limit(self, name: str) -> Limit:
        """What a provider, or a route, may be asked."""
        return self._limits.get(name, UNLIMITED)


def answering(routes: Sequence[Route], own: Collection[str]) -> Sequence[Answering]:
    """Why each of a model's routes is there; *own* are those that are the model itself."""
    retirements = [RETIREMENTS[name] for name in own if name in RETIREMENTS]
    retired = max(retirements, key=lambda retirement: retirement.on, default=None)
    found: list[Answering] = []
    for route in routes:
        if str(route) in own:
            found.append(Answering(route, Reason.OWN))
        elif found:
            found.append(Answering(route, Reason.FALLBACK))
        elif retired is not None:
            found.append(Answering(route, Reason.SUCCESSOR, retired))
        else:
            found.append(Answering(route, Reason.CHOSEN))
    return found
