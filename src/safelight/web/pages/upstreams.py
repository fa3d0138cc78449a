"""Upstreams and health: who answers for which model, how they are, and how this server is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from starlette.responses import Response

from safelight.web.caller import Caller
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "openai": ("OPENAI_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "jigsawstack": ("JIGSAWSTACK_API_KEY",),
}
"""The variables that providers' keys are read from: one of them is enough."""
_OWN_KEYS: Final = frozenset({"openai", "jigsawstack"})
"""Those whose models take a key in the input."""
TITLES: Final[Mapping[str, str]] = {
    "openai": "OpenAI",
    "google": "Google",
    "jigsawstack": "JigsawStack",
    "sketch": "Sketch",
}
_PERIODS: Final[Mapping[float, str]] = {1: "a second", 60: "a minute", 3600: "an hour"}


async def upstreams(visitor: Visitor) -> Response:
    """`GET /upstreams`."""
    return await _shown(visitor, None)


async def check(visitor: Visitor) -> Response:
    """`POST /upstreams/check`: has the providers asked, and tells what they said."""
    found = await visitor.api.post("/v1/upstreams/check")
    return await _shown(visitor, found["results"])


async def _shown(visitor: Visitor, findings: list[Json] | None) -> Response:
    api = visitor.api
    known = await api.get("/v1/upstreams")
    about: Json = (await api.get("/openapi.json"))["info"]
    return visitor.page(
        "upstreams.html",
        providers=[_provider(one) for one in known["providers"]],
        models=known["models"],
        findings=findings,
        may_check=await _may_check(api),
        today=f"{datetime.now(UTC):%Y-%m-%d}",
        version=about["version"],
        health=[await _health(api, path) for path in ("/healthz", "/readyz")],
    )


def _provider(one: Json) -> Json:
    name: str = one["name"]
    resting = [route for route in one["routes"] if route["state"] != "ok"]
    return one | {
        "title": TITLES.get(name, name),
        "keys": KEYS.get(name, ()),
        "takes_own_keys": name in _OWN_KEYS,
        "limits": limits(one["limit"]),
        "routes": [route | {"limits": limits(route["limit"])} for route in one["routes"]],
        "is_well": not resting,
    }


def limits(limit: Json | None) -> str:
    """How much may be asked, in words."""
    if limit is None:
        return "none"
    told: list[str] = []
    if limit["at_once"] is not None:
        told.append(f"{limit['at_once']} at once")
    if limit["starts"] is not None:
        seconds: float = limit["per_seconds"]
        told.append(f"{limit['starts']} {_PERIODS.get(seconds, f'in {seconds:g} s')}")
    return ", ".join(told)


async def _may_check(api: Caller) -> bool:
    """Whether the token has the scope `admin`, told by what only that may read."""
    return (await api.call("GET", "/v1/tokens")).status != 403


async def _health(api: Caller, path: str) -> Json:
    answer = await api.call("GET", path)
    try:
        told = msgspec.json.decode(answer.body, type=dict[str, Any])
    except msgspec.DecodeError:
        told = {}
    says = told.get("status") if answer.status < 400 else told.get("detail")
    return {"path": path, "is_well": answer.status < 400, "says": says or answer.status}


PAGES: Final = (
    Page("GET", "/upstreams", upstreams),
    Page("POST", "/upstreams/check", check),
)
