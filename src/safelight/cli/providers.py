"""What the doctor looks at outside: routes, keys, and whether providers take them."""

import http.client
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from safelight.cli.checking import Finding, Site, State
from safelight.route import DEFAULT_ROUTES, RETIREMENTS, InvalidRoute, Route, parse_routes
from safelight.settings import Settings
from safelight.upstreams.google import GoogleConfig
from safelight.upstreams.openai import OpenAIConfig
from safelight.upstreams.scrub import scrub

_KEYS: Final = {
    "openai": ("OPENAI_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "jigsawstack": ("JIGSAWSTACK_API_KEY",),
}
"""What each provider's key may be called."""
_OWN_KEY: Final = frozenset({"openai", "jigsawstack"})
"""Providers whose models have an input for the caller's own key."""
_PATIENCE: Final = 5.0
_MOST_BYTES: Final = 4_000_000

_Routes = Mapping[str, Sequence[Route]]


class _Listed(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = ""


class _List(msgspec.Struct, frozen=True):
    """OpenAI's form and Google's."""

    data: tuple[_Listed, ...] = ()
    models: tuple[_Listed, ...] = ()


class _Error(msgspec.Struct, frozen=True):
    message: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: _Error = _Error()


@dataclass(frozen=True)
class _Question:
    """A call that costs nothing and needs a key."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes


def check_routes(site: Site) -> Iterator[Finding]:
    """The routes can be read, and none leads to a model that is shut down, or soon will be."""
    try:
        routes = _routes(site.settings)
    except InvalidRoute as error:
        yield Finding("routes", State.BROKEN, f"SAFELIGHT_ROUTES: {error}", "Correct or unset it.")
        return
    ending = {
        str(route): RETIREMENTS[str(route)]
        for tried in routes.values()
        for route in tried
        if str(route) in RETIREMENTS
    }
    today = datetime.now(UTC).date()
    for name, (by, on) in ending.items():
        shuts = "shut it down on" if on <= today else "will shut it down on"
        found = f"{name} is named, and {by} {shuts} {on.isoformat()}."
        yield Finding("routes", State.HINT, found, "Name a successor in SAFELIGHT_ROUTES.")
    if not ending:
        yield Finding("routes", State.GOOD, f"{len(routes)} models know who answers for them.")


def check_providers(site: Site) -> Iterator[Finding]:
    """Which models can run live with the keys there are, and whether the keys are taken."""
    try:
        routes = _routes(site.settings)
    except InvalidRoute:
        return  # which check_routes says
    for provider, names in _KEYS.items():
        if any(site.settings.environment.get(name) for name in names):
            yield _asked(provider, site.settings, routes)
        else:
            yield _without_key(provider, site.settings, routes)


def _routes(settings: Settings) -> _Routes:
    return {**DEFAULT_ROUTES, **parse_routes(settings.routes)}


def _without_key(provider: str, settings: Settings, routes: _Routes) -> Finding:
    # A model with another route that has a key, or needs none, does not miss this one.
    missing = [
        model
        for model, tried in routes.items()
        if any(route.provider == provider for route in tried)
        and not any(_can_answer(route.provider, settings) for route in tried)
    ]
    if not missing:
        return Finding(provider, State.GOOD, "No key is set, and no model needs one.")
    for_whom = "only for callers with a key" if provider in _OWN_KEY else "for nobody"
    found = f"No key is set. Live, this works {for_whom}: {', '.join(missing)}."
    advice = f"Set {' or '.join(_KEYS[provider])}, or use test mode, which needs none."
    return Finding(provider, State.HINT, found, advice)


def _can_answer(provider: str, settings: Settings) -> bool:
    names = _KEYS.get(provider)
    return names is None or any(settings.environment.get(name) for name in names)


def _asked(provider: str, settings: Settings, routes: _Routes) -> Finding:
    question = _question(provider, settings.environment)
    if question is None:
        found = "A key is set. No call there tells for free whether it is good: it was not checked."
        return Finding(provider, State.GOOD, found)
    host = urlsplit(question.url).netloc
    try:
        answer = _ask(question)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = scrub(str(error), question.key) or type(error).__name__
        found = f"A key is set, but {host} could not be asked: {reason}."
        return Finding(provider, State.HINT, found, "Check the network, and the base URL if set.")
    if answer.status == http.client.OK:
        wanted = {r.model for tried in routes.values() for r in tried if r.provider == provider}
        return _listed(provider, answer, sorted(wanted))
    return _refused(provider, question, answer)


def _question(provider: str, environment: Mapping[str, str]) -> _Question | None:
    if provider == "openai":
        openai = OpenAIConfig.from_environment(environment)
        headers = {
            "authorization": f"Bearer {openai.key}",
            "openai-organization": openai.organization,
            "openai-project": openai.project,
        }
        given = {name: value for name, value in headers.items() if value}
        return _Question(f"{openai.base_url}/models", given, openai.key or "")
    if provider == "google":
        google = GoogleConfig.from_environment(environment)
        version = google.api_version or "v1beta"
        url = f"{google.base_url}/{version}/models?pageSize=1000"
        key = google.key or ""
        # Vertex lists its models only for OAuth.
        return None if google.vertex else _Question(url, {"x-goog-api-key": key}, key)
    return None


def _ask(question: _Question) -> _Answer:
    address = urlsplit(question.url)
    host = address.hostname or ""
    if address.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, address.port, timeout=_PATIENCE, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, address.port, timeout=_PATIENCE)
    path = f"{address.path}?{address.query}" if address.query else address.path
    try:
        connection.request("GET", path, headers=dict(question.headers))
        response = connection.getresponse()
        return _Answer(response.status, response.read(_MOST_BYTES))
    finally:
        connection.close()


def _listed(provider: str, answer: _Answer, wanted: Sequence[str]) -> Finding:
    try:
        listed = msgspec.json.decode(answer.body, type=_List)
    except (msgspec.DecodeError, UnicodeDecodeError):
        listed = _List()
    names = {one.id or one.name.removeprefix("models/") for one in (*listed.data, *listed.models)}
    missing = [model for model in wanted if model not in names]
    if names and missing:
        found = f"The key is good, but these are not among its models: {', '.join(missing)}."
        advice = "Have the key admitted to them, or name others in SAFELIGHT_ROUTES."
        return Finding(provider, State.HINT, found, advice)
    there = f" Its models are there: {', '.join(wanted)}." if names and wanted else ""
    return Finding(provider, State.GOOD, f"The key is good.{there}")


def _refused(provider: str, question: _Question, answer: _Answer) -> Finding:
    status, host = answer.status, urlsplit(question.url).netloc
    said = f"{host} answers {status}: {scrub(_reason(answer.body), question.key) or 'no reason.'}"
    if status == http.client.UNAUTHORIZED or b"API_KEY_INVALID" in answer.body:
        advice = f"Check {' or '.join(_KEYS[provider])}."
        return Finding(provider, State.BROKEN, f"The key is not accepted. {said}", advice)
    if status == http.client.FORBIDDEN:
        advice = "It may be allowed to paint all the same: a first live prediction will tell."
        return Finding(provider, State.HINT, f"The key may not list models. {said}", advice)
    if status == http.client.NOT_FOUND:
        advice = "Servers that speak a provider's API need not have one; else check the base URL."
        return Finding(provider, State.HINT, f"There is no list of models at {host}.", advice)
    found = f"Whether the key is good is not known. {said}"
    return Finding(provider, State.HINT, found, "Try again later.")


def _reason(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error.message
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
