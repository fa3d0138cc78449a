"""What the doctor looks at outside: routes, keys, and whether providers take them."""

import http.client
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import msgspec

from safelight.cli.checking import Site
from safelight.cli.questions import Answer, Kind, NoAddress, Question, ask, question_for
from safelight.examination import Finding, State
from safelight.route import DEFAULT_ROUTES, RETIREMENTS, InvalidRoute, Route, parse_routes
from safelight.settings import Settings
from safelight.upstreams.google import GoogleConfig
from safelight.upstreams.scrub import scrub

_KEYS: Final = {
    "openai": ("OPENAI_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "jigsawstack": ("JIGSAWSTACK_API_KEY",),
}
"""What each provider's key may be called, in the order in which they win."""
_OWN_KEY: Final = frozenset({"openai", "jigsawstack"})
"""Providers whose models have an input for the caller's own key."""
_LACKING: Final = frozenset({400, 422})
"""What a request without a prompt is answered with, once the key is accepted."""

_Routes = Mapping[str, Sequence[Route]]


class _Listed(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = ""


class _List(msgspec.Struct, frozen=True):
    """OpenAI's form and Google's; and what Google counts."""

    data: tuple[_Listed, ...] | None = None
    models: tuple[_Listed, ...] | None = None
    total_tokens: int | None = msgspec.field(default=None, name="totalTokens")


class _Error(msgspec.Struct, frozen=True):
    message: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: _Error = _Error()


class _PlainRefusal(msgspec.Struct, frozen=True):
    """JigsawStack's form."""

    message: str = ""


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
    for name, (by, on, successor) in ending.items():
        shuts = "shut it down on" if on <= today else "will shut it down on"
        found = f"{name} is named, and {by} {shuts} {on.isoformat()}."
        advice = f"Name another in SAFELIGHT_ROUTES, such as {successor}."
        yield Finding("routes", State.HINT, found, advice)
    if not ending:
        yield Finding("routes", State.GOOD, f"{len(routes)} models know who answers for them.")


def check_providers(site: Site) -> Iterator[Finding]:
    """Which models can run live with the keys there are, and whether the keys are taken."""
    try:
        routes = _routes(site.settings)
    except InvalidRoute:
        return  # which check_routes says
    for provider in _KEYS:
        if _key(provider, site.settings):
            finding = _asked(provider, site.settings, routes)
            yield replace(finding, found=finding.found + _other_key(provider, site.settings))
        else:
            yield _without_key(provider, site.settings, routes)


def _routes(settings: Settings) -> _Routes:
    return {**DEFAULT_ROUTES, **parse_routes(settings.routes)}


def _key(provider: str, settings: Settings) -> str:
    keys = (settings.environment.get(name, "") for name in _KEYS[provider])
    return next(filter(None, keys), "").strip()


def _other_key(provider: str, settings: Settings) -> str:
    given = [name for name in _KEYS[provider] if settings.environment.get(name)]
    if len({settings.environment[name] for name in given}) < 2:
        return ""
    return f" {given[0]} is in use; {given[1]}, which differs, is not."


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
    advice = f"Set {_variables(provider)}, or use test mode, which needs none."
    if provider == "google" and _is_by_project(settings):
        advice += " Vertex by project needs OAuth, which is not supported: a key does instead."
    return Finding(provider, State.HINT, found, advice)


def _is_by_project(settings: Settings) -> bool:
    config = GoogleConfig.from_environment(settings.environment)
    return config.vertex and config.project is not None


def _can_answer(provider: str, settings: Settings) -> bool:
    return provider not in _KEYS or bool(_key(provider, settings))


def _asked(provider: str, settings: Settings, routes: _Routes) -> Finding:
    key = _key(provider, settings)
    if not key.isascii() or not key.isprintable() or " " in key:
        found = "The key holds characters that no key has."
        return Finding(provider, State.BROKEN, found, f"Check {_variables(provider)}.")
    tried = [route for several in routes.values() for route in several]
    wanted = sorted({route.model for route in tried if route.provider == provider})
    given = {**settings.environment, **dict.fromkeys(_KEYS[provider], key)}
    question = question_for(provider, given, wanted)
    if question is None:
        found = "A key is set. No call there tells for free whether it is good: it was not checked."
        return Finding(provider, State.GOOD, found)
    try:
        answer = ask(question)
    except NoAddress as error:
        found = f"{question.place} is no address: {scrub(str(error), key)}."
        return Finding(provider, State.BROKEN, found, "Correct or unset it.")
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = scrub(str(error), key) or type(error).__name__
        found = f"A key is set, but {question.host} could not be asked: {reason}."
        advice = f"Check the network, and {question.place} if set."
        return Finding(provider, State.HINT, found, advice)
    if answer.status == http.client.OK:
        return _accepted(provider, question, answer, wanted)
    return _refused(provider, question, answer)


def _variables(provider: str) -> str:
    return " or ".join(_KEYS[provider])


def _accepted(provider: str, question: Question, answer: Answer, wanted: Sequence[str]) -> Finding:
    if question.kind is Kind.NOTHING:
        return Finding(provider, State.GOOD, "The key is good.")
    try:
        read = msgspec.json.decode(answer.body, type=_List)
    except (msgspec.DecodeError, UnicodeDecodeError):
        read = _List()
    if question.kind is Kind.COUNT and read.total_tokens is not None:
        there = question.url.rpartition("/")[2].partition(":")[0]
        return Finding(provider, State.GOOD, f"The key is good. Its models are there: {there}.")
    if question.kind is Kind.COUNT or (read.data is None and read.models is None):
        found = f"{question.host} answers 200, but not with {question.kind.value}."
        return Finding(
            provider, State.HINT, found, f"Check {question.place}: something else is there."
        )
    return _listed(provider, read, wanted)


def _listed(provider: str, listed: _List, wanted: Sequence[str]) -> Finding:
    several = (*(listed.data or ()), *(listed.models or ()))
    names = {one.id or one.name.removeprefix("models/") for one in several}
    missing = [model for model in wanted if model not in names]
    if names and missing:
        found = f"The key is good, but these are not among its models: {', '.join(missing)}."
        advice = "Have the key admitted to them, or name others in SAFELIGHT_ROUTES."
        return Finding(provider, State.HINT, found, advice)
    there = f" Its models are there: {', '.join(wanted)}." if names and wanted else ""
    return Finding(provider, State.GOOD, f"The key is good.{there}")


def _refused(provider: str, question: Question, answer: Answer) -> Finding:
    status, host = answer.status, question.host
    reason = scrub(_reason(answer.body), question.key) or "no reason."
    said = f"{host} answers {status}: {reason}"
    if status == http.client.UNAUTHORIZED or b"API_KEY_INVALID" in answer.body:
        advice = f"Check {_variables(provider)}."
        return Finding(provider, State.BROKEN, f"The key is not accepted. {said}", advice)
    if question.kind is Kind.NOTHING and status in _LACKING:
        return Finding(provider, State.GOOD, "The key is good.")
    if status == http.client.FORBIDDEN:
        may_not = "list models" if question.kind is Kind.LIST else "do this"
        advice = "It may be allowed to paint all the same: a first live prediction will tell."
        return Finding(provider, State.HINT, f"The key may not {may_not}. {said}", advice)
    if status == http.client.NOT_FOUND:
        return _not_there(provider, question, said)
    if 300 <= status < 400:
        found = f"{host} answers {status}: it sends callers elsewhere, where no key is taken."
        return Finding(provider, State.HINT, found, f"Correct {question.place}.")
    found = f"Whether the key is good is not known. {said}"
    return Finding(provider, State.HINT, found, "Try again later.")


def _not_there(provider: str, question: Question, said: str) -> Finding:
    if question.kind is Kind.COUNT:
        advice = f"Name another model in SAFELIGHT_ROUTES, or check {question.place}."
        return Finding(provider, State.HINT, f"The model is not there. {said}", advice)
    found = f"There is no {question.kind.value.removeprefix('a ')} at {question.host}."
    advice = f"Check {question.place}."
    if question.kind is Kind.LIST:
        advice = (
            f"Servers that speak a provider's API need not have one; else check {question.place}."
        )
    return Finding(provider, State.HINT, found, advice)


def _reason(body: bytes) -> str:
    for form in (_Refusal, _PlainRefusal):
        try:
            read = msgspec.json.decode(body, type=form)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        message = read.error.message if isinstance(read, _Refusal) else read.message
        if message:
            return message
    return ""
