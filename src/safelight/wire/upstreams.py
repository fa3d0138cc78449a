"""Upstreams: who can be asked, how they are, who answers for which model."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from safelight.examination import Finding
from safelight.overview import Answering, Overview, Provider
from safelight.route import RETIREMENTS, Route
from safelight.throttle import UNLIMITED, Limit
from safelight.wire.encoding import Json, instant


def upstreams(overview: Overview, now: datetime) -> Json:
    """All providers with their routes, and all models in the box."""
    return {
        "providers": [_provider(overview, one, now) for one in overview.providers],
        "models": [
            {"model": name, "routes": list(map(_answering, several))}
            for name, several in overview.models.items()
        ],
    }


def findings_of_providers(findings: Sequence[Finding]) -> Json:
    """What was found when they were asked."""
    return {
        "results": [
            {
                "subject": one.subject,
                "state": one.state.value,
                "found": one.found,
                "advice": one.advice,
            }
            for one in findings
        ]
    }


def _provider(overview: Overview, provider: Provider, now: datetime) -> Json:
    routes = overview.routes(provider.name)
    return {
        "name": provider.name,
        "configured": provider.is_configured,
        "host": provider.host,
        "limit": _limit(overview.limit(provider.name)),
        "in_flight": sum(overview.state(route).in_flight for route in routes),
        "routes": [_route(overview, route, now) for route in routes],
    }


def _route(overview: Overview, route: Route, now: datetime) -> Json:
    health, left, in_flight = overview.state(route)
    retirement = RETIREMENTS.get(str(route))
    return {
        "route": str(route),
        "model": route.model,
        "state": health.value,
        "until": instant(now + timedelta(seconds=left)) if left > 0 else None,
        "in_flight": in_flight,
        "limit": _limit(overview.limit(str(route))),
        "retires_on": None if retirement is None else retirement.on.isoformat(),
    }


def _limit(limit: Limit) -> Json | None:
    if limit == UNLIMITED:
        return None
    return {
        "at_once": limit.at_once,
        "starts": limit.starts,
        "per_seconds": None if limit.starts is None else limit.period,
    }


def _answering(one: Answering) -> Json:
    shown: Json = {"route": str(one.route), "reason": one.reason.value}
    if one.retirement is not None:
        shown["retired_by"] = one.retirement.by
        shown["retired_on"] = one.retirement.on.isoformat()
    return shown
