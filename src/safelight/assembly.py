"""Puts the models in the box together with the upstreams that answer for them."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import cog

from safelight.account import Mode
from safelight.catalog.asking import AskingModel
from safelight.catalog.listing import Entry
from safelight.catalog.pages import page_of
from safelight.catalog.sketching import SketchUpstream
from safelight.library import WEIGHTS_INPUT
from safelight.model import Model, Version
from safelight.outbound.inputs import Inputs
from safelight.outgoing import Outgoing
from safelight.overview import Overview, Provider, answering
from safelight.queueing import Queueing
from safelight.registry import Registry, Runnable, Trainer
from safelight.route import DEFAULT_ROUTES, SKETCH, InvalidRoute, Route, parse_routes
from safelight.routing import Routed
from safelight.runners.inline import Fetch, InlineRunner
from safelight.schema import InputSchema, Json, openapi_schema
from safelight.settings import InvalidSetting, Settings
from safelight.switchboard import Switchboard
from safelight.upstream import Upstream
from safelight.upstreams.google import Google, GoogleConfig
from safelight.upstreams.jigsawstack import JigsawStack, JigsawStackConfig
from safelight.upstreams.openai import OpenAI, OpenAIConfig

COG_VERSION: Final = cog.__version__
_DAY: Final = timedelta(days=1)
OutgoingTo = Callable[[str], Outgoing]
"""What reaches a provider, by its name."""
InputsOf = Callable[[str], Inputs]
"""Reads the files that the inputs of an account point at."""


def build_models(
    settings: Settings, entries: Sequence[Entry], outgoing_to: OutgoingTo, inputs_of: InputsOf
) -> tuple[Registry, Queueing, Overview]:
    """All models of *entries*, each with a runner for live mode and one for test mode; their room.

    With them, who is asked for them.

    Raises:
        InvalidSetting: SAFELIGHT_ROUTES cannot be read.
    """
    try:
        routes = {**DEFAULT_ROUTES, **parse_routes(settings.routes)}
    except InvalidRoute as error:
        raise InvalidSetting(f"SAFELIGHT_ROUTES: {error}") from error
    upstreams, keyless = _upstreams(settings.environment, outgoing_to)
    switchboard = Switchboard(upstreams, settings.upstream_limits, keyless=keyless)
    routing = _Routing(routes, switchboard, {})
    fetches = _fetch_with(inputs_of), _fetch_with(inputs_of, of_any_type=True)
    registry = Registry([r for entry in entries for r in _runnables(entry, routing, fetches)])
    most = settings.max_running
    queueing = Queueing(registry.concurrency(), most, routing.routed, switchboard)
    return registry, queueing, _overview(settings, entries, routing)


def _overview(settings: Settings, entries: Sequence[Entry], routing: "_Routing") -> Overview:
    models = {
        entry.full_name: answering(routing.routes[entry.full_name], entry.runner.own)
        if issubclass(entry.runner, AskingModel)
        else ()
        for entry in entries
    }
    environment = settings.environment
    configs = {
        "openai": OpenAIConfig.from_environment(environment),
        "google": GoogleConfig.from_environment(environment),
        "jigsawstack": JigsawStackConfig.from_environment(environment),
    }
    providers = [
        Provider(name, _host(config.base_url), is_configured=config.key is not None)
        for name, config in configs.items()
    ]
    providers.append(Provider(SKETCH, None, is_configured=True))
    return Overview(providers, models, settings.upstream_limits, routing.switchboard)


def _host(url: str) -> str | None:
    """Without what may be a password."""
    try:
        address = urlsplit(url)
        host, port = address.hostname, address.port
    except ValueError:
        return None
    return host if port is None else f"{host}:{port}"


class _Routing(NamedTuple):
    """Who may answer for each model, and what asks them."""

    routes: Mapping[str, Sequence[Route]]
    switchboard: Switchboard
    routed: dict[str, Routed]
    """Those that have been made, by model."""

    def live(self, entry: Entry) -> cog.BaseRunner:
        """What runs a model live."""
        if not issubclass(entry.runner, AskingModel):
            return entry.runner()
        routes = self.routes[entry.full_name]
        routed = Routed(routes, self.switchboard, keys_of=entry.provider, tell=print)
        self.routed[entry.full_name] = routed
        return entry.runner(routed, routes[0].model)


def _upstreams(
    environment: Mapping[str, str], outgoing_to: OutgoingTo
) -> tuple[Mapping[str, Upstream], Collection[str]]:
    """Who can be asked, and for which of them there is no key here."""
    openai = OpenAIConfig.from_environment(environment)
    google = GoogleConfig.from_environment(environment)
    jigsawstack = JigsawStackConfig.from_environment(environment)
    configs = {"openai": openai, "google": google, "jigsawstack": jigsawstack}
    upstreams = {
        "openai": OpenAI(openai, outgoing_to("openai")),
        "google": Google(google, outgoing_to("google")),
        "jigsawstack": JigsawStack(jigsawstack, outgoing_to("jigsawstack")),
        "sketch": SketchUpstream(),
    }
    return upstreams, [name for name, config in configs.items() if config.key is None]


def _fetch_with(inputs_of: InputsOf, *, of_any_type: bool = False) -> Fetch:
    """Fetches pictures, and weights; for a trainer any files."""

    async def fetch(account: str, name: str, url: str, folder: Path) -> Path:
        inputs = inputs_of(account)
        read = inputs.file if of_any_type or name == WEIGHTS_INPUT else inputs.image
        file = await read(name, url)
        path = folder / f"{name}-{file.filename}"
        await asyncio.to_thread(path.write_bytes, file.content)
        return path

    return fetch


def _runnables(entry: Entry, routing: _Routing, fetches: tuple[Fetch, Fetch]) -> list[Runnable]:
    """Each version of a model; *fetches* are for what runs it, and for what trains it."""
    fetch, fetch_any = fetches
    document = _document(entry)
    schema = InputSchema(document)
    inline = partial(InlineRunner, schema=schema, fetch=fetch)
    runners = {
        Mode.LIVE: inline(routing.live(entry), is_repeatable=entry.repeatable),
        Mode.TEST: inline(entry.test_runner(), is_repeatable=True),
    }
    versions = tuple(
        Version(
            id=version_id,
            created_at=entry.created_at - age * _DAY,
            cog_version=COG_VERSION,
            openapi_schema=document,
        )
        for age, version_id in enumerate((entry.version, *entry.other_versions))
    )
    model, trainer = _model(entry, versions), _trainer(entry, fetch_any)
    return [Runnable(model, version, schema, runners, trainer) for version in versions]


def _document(entry: Entry) -> Json:
    """What the model takes and gives; also what its trainer does, if it has one."""
    document = openapi_schema(entry.runner)
    if entry.trainer is None:
        return document
    trainer = openapi_schema(entry.trainer)["components"]["schemas"]
    named = {f"Training{name}": trainer[name] for name in ("Input", "Output")}
    own = document["components"]["schemas"]
    return document | {"components": {"schemas": {**trainer, **own, **named}}}


def _trainer(entry: Entry, fetch: Fetch) -> Trainer | None:
    if entry.trainer is None:
        return None
    schema = InputSchema(openapi_schema(entry.trainer))
    runners = {
        mode: InlineRunner(entry.trainer(), schema, fetch, is_repeatable=entry.repeatable)
        for mode in Mode
    }
    return Trainer(schema, runners)


def _model(entry: Entry, versions: tuple[Version, ...]) -> Model:
    page = page_of(entry.full_name)
    return Model(
        owner=entry.owner,
        name=entry.name,
        description=entry.description,
        versions=versions,
        is_official=entry.official,
        created_at=versions[-1].created_at,
        github_url=entry.github_url,
        paper_url=entry.paper_url,
        license_url=entry.license_url,
        readme=None if page is None else page.readme,
        cover=None if page is None else page.cover,
        examples=() if page is None else tuple(one.prediction.id for one in page.examples),
    )
