"""The engine: store, worker and API, built from settings and wired together."""

import asyncio
import hmac
import logging
import secrets
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from safelight.account import Account, issue, token_hash
from safelight.api.app import create_app
from safelight.api.context import Context
from safelight.assembly import build_models
from safelight.blob import BlobStore
from safelight.blobs.directory import DirectoryBlobs
from safelight.bootstrap import Home, prepare_home
from safelight.capability import Capabilities
from safelight.catalog.listing import ENTRIES, Entry
from safelight.catalog.pages import collections
from safelight.census import Census
from safelight.errors import Conflict, StoreUnavailable
from safelight.examination import Examine, Finding, nothing_examined
from safelight.file import DownloadLinks, FilePolicy
from safelight.gallery import show_examples
from safelight.ledger import EVERY_ACCOUNT
from safelight.library import Library
from safelight.limits import Limiter
from safelight.meter import Meter
from safelight.outbound.addresses import Allow
from safelight.outbound.client import Client
from safelight.outbound.inputs import Inputs
from safelight.outbound.metered import Metered
from safelight.outbound.webhooks import Rules, Sender
from safelight.own_files import OwnFiles
from safelight.presence import bury, dead, present, scratch
from safelight.price import PriceList
from safelight.queueing import Queueing
from safelight.registry import Registry
from safelight.repeats import Repeats
from safelight.route import DEFAULT_ROUTES, parse_routes
from safelight.runners.capture import capture_output
from safelight.settings import Settings
from safelight.signing import Signing
from safelight.spending import Estimates
from safelight.store import Store
from safelight.stores.sqlite import SqliteStore
from safelight.sweeper import Sweeper, interval
from safelight.telemetry.asked import traced
from safelight.training import Trainings
from safelight.vault import Vault
from safelight.web.entrance import Keys
from safelight.web.site import Site
from safelight.webhook import Retry
from safelight.wire import Wire, webhook_body
from safelight.worker import Worker

_log: Final = logging.getLogger("safelight.engine")
_LOOPBACK: Final = "localhost,127.0.0.0/8,::1"
_LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Engine:
    """What serves and what runs, ready to be put behind a socket."""

    app: ASGIApp
    registry: Registry
    library: Library
    store: Store
    worker: Worker
    sender: Sender
    blobs: BlobStore
    ticket: str
    """Part of the link that opens the playground on this machine."""


def _examine_nothing(_settings: Settings) -> Sequence[Finding]:
    return nothing_examined()


@asynccontextmanager
async def running_engine(
    settings: Settings,
    entries: Sequence[Entry] = ENTRIES,
    open_store: Callable[[Path], Store] = SqliteStore,
    *,
    sends: bool = True,
    examine: Callable[[Settings], Sequence[Finding]] = _examine_nothing,
) -> AsyncGenerator[Engine]:
    """An engine at work; on leaving, running predictions get the grace time to end.

    One that does not send leaves the webhooks that are due to those that do. *examine* asks the
    providers whether they take the keys.
    """
    home = prepare_home(settings)
    capture_output()
    engines = settings.home / "engines"
    async with AsyncExitStack() as stack:
        stack.enter_context(traced(settings.environment))
        owner = stack.enter_context(present(engines))
        stack.enter_context(_temporary_files_in(scratch(engines, owner)))
        store = open_store(settings.database)
        stack.push_async_callback(store.close)
        client = await stack.enter_async_context(Client(_allowed(settings)))
        engine = _assemble(
            settings, home, owner, store, client, entries, partial(examine, settings)
        )
        await _admit(store, home, settings)
        await show_examples(entries, store, engine.blobs)
        await _bury_the_dead(store, engines)
        await engine.registry.setup()
        await stack.enter_async_context(_sweeping(engine, settings))
        # Before the worker, so that it is there for what the last runs have to tell.
        if sends:
            await stack.enter_async_context(_working(engine.sender, settings))
        await stack.enter_async_context(_working(engine.worker, settings))
        yield engine


def _assemble(  # noqa: PLR0913, PLR0917 - the parts, each once
    settings: Settings,
    home: Home,
    owner: str,
    store: Store,
    client: Client,
    entries: Sequence[Entry],
    examine: Examine,
) -> Engine:
    capabilities = Capabilities(_subkey(home, b"capabilities"))
    vault = Vault(_subkey(home, b"vault"))
    blobs = DirectoryBlobs(settings.home / "blobs")
    own_files = OwnFiles(store, blobs, capabilities, download_links(home))

    def inputs_of(account: str) -> Inputs:
        return Inputs(own_files.seen_by(account, client), limit_bytes=settings.max_body)

    meter = Meter()
    registry, queueing, overview = build_models(
        settings, entries, lambda provider: Metered(client, provider, meter), inputs_of
    )
    library = Library(registry, store.models, collections())
    context = Context(
        store=store,
        library=library,
        blobs=blobs,
        own_files=own_files,
        file_policy=FilePolicy(settings.max_file, settings.file_expiry),
        repeats=Repeats(store, _subkey(home, b"repeats")),
        vault=vault,
        signing=Signing(store.outbox, vault),
        capabilities=capabilities,
        wire=Wire(capabilities, shows_aborted=settings.show_aborted),
        public_url=settings.public_url,
        max_body=settings.max_body,
        estimates=_estimates(settings),
        limiter=settings.rate_limits and Limiter(settings.rate_limits),
        cors_origins=settings.cors_origins,
        meter=meter,
        overview=overview,
        examine=examine,
        queueing=queueing,
    )
    _measure(store, queueing, meter)
    worker = _worker(settings, owner, context)
    sender = _sender(settings, owner, context, client)
    keys = Keys(secrets.token_urlsafe(18), home.live_token, home.test_token)
    site = _site(settings, home, context, keys)
    return Engine(site, registry, library, store, worker, sender, blobs, keys.ticket)


def _site(settings: Settings, home: Home, context: Context, keys: Keys) -> Site:
    sessions = Vault(_subkey(home, b"sessions"))
    return Site(create_app(context), sessions, keys, settings.public_url, settings.max_body)


def _worker(settings: Settings, owner: str, context: Context) -> Worker:
    return Worker(
        owner=owner,
        store=context.store,
        library=context.library,
        blobs=context.blobs,
        vault=context.vault,
        queueing=context.queueing,
        run_time=settings.max_run_time,
        trainings=Trainings(context.library, context.wire),
        prices=context.estimates.prices,
    )


def _sender(settings: Settings, owner: str, context: Context, client: Client) -> Sender:
    return Sender(
        owner=owner,
        store=context.store,
        poster=client,
        signing=context.signing,
        render=partial(webhook_body, context.wire),
        rules=Rules(retry=Retry(lasts=settings.webhook_retry), log=settings.delivery_log),
        meter=context.meter,
    )


def _estimates(settings: Settings) -> Estimates:
    routes = {**DEFAULT_ROUTES, **parse_routes(settings.routes)}
    return Estimates(PriceList(settings.prices), routes)


def _measure(store: Store, queueing: Queueing, meter: Meter) -> None:
    store.time_commits(meter.commits.observe)
    store.watch(Census(meter, queueing.is_full, _now).hear)


def _now() -> datetime:
    return datetime.now(UTC)


def download_links(home: Home) -> DownloadLinks:
    """What signs links to uploaded files on this HOME."""
    return DownloadLinks(_subkey(home, b"downloads"))


def _subkey(home: Home, purpose: bytes) -> bytes:
    return hmac.digest(home.key, purpose, "sha256")


def _allowed(settings: Settings) -> Allow:
    if settings.allow_private_urls is not None:
        return Allow.parse(settings.allow_private_urls)
    return Allow.parse(_LOOPBACK if settings.host in _LOOPBACK_HOSTS else "")


@contextmanager
def _temporary_files_in(folder: Path) -> Generator[None]:
    # Beside the blobs, so that an output file is moved there by a rename.
    folder.mkdir()
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = None


async def _admit(store: Store, home: Home, settings: Settings) -> None:
    await store.ledger.limit_account(EVERY_ACCOUNT, settings.spend_limit)
    with suppress(Conflict):  # it has been given another name since
        await store.accounts.add(Account(username=settings.account, name=settings.account))
    for token_id, name, secret in (
        ("bootstrap", "Made on first start", home.live_token),
        ("bootstrap-test", "Made on first start, test mode", home.test_token),
    ):
        await store.accounts.add_token(
            issue(
                secret,
                token_id=f"{token_id}-{token_hash(secret).hex()[:8]}",
                name=name,
                account=settings.account,
                now=datetime.now(UTC),
            )
        )


async def _bury_the_dead(store: Store, engines: Path) -> None:
    for name in dead(engines):
        await store.release(name)
        await store.outbox.release(name)
        bury(engines, name)


@asynccontextmanager
async def _sweeping(engine: Engine, settings: Settings) -> AsyncGenerator[None]:
    sweeper = Sweeper(engine.store, engine.blobs, keep_for=settings.retention, clock=_now)
    sweeping = asyncio.create_task(sweeper.work(interval(settings.retention)), name="sweeper")
    try:
        yield
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)


@asynccontextmanager
async def _working(worker: Worker | Sender, settings: Settings) -> AsyncGenerator[None]:
    work = asyncio.create_task(worker.work(), name=type(worker).__name__.lower())
    try:
        yield
    finally:
        try:
            await worker.finish(settings.grace)
        except StoreUnavailable as error:  # then the leases lapse by themselves
            _log.error("%s", error)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
