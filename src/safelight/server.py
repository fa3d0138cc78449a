"""The server: the engine behind its sockets, until it is told to stop."""

import asyncio
import gc
import json
import logging
import os
import resource
import signal
import socket
import ssl
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from safelight.api.creating import HANG_UPS
from safelight.bootstrap import prepare_home, write_private
from safelight.certificates import prepare_certificates
from safelight.engine import Engine, running_engine
from safelight.log_lines import log_handler
from safelight.settings import InvalidSetting, Settings, misspelt

_log: Final = logging.getLogger("safelight.server")
BACKLOG: Final = 4096
OPEN_FILES: Final = 65_536
"""As many as are asked for where the system sets no limit."""
LONGEST_HEAD: Final = 65_536
"""Bytes of a request that may come before its body does; they are all held in memory."""
HEAD_WITHIN: Final = timedelta(seconds=75)
"""How long a caller may take for the head of a request."""
GIVEN_UP_AFTER: Final = timedelta(minutes=5)
"""How long a caller may take nothing of what it is sent, or not say that it is still there."""


@dataclass(frozen=True)
class Addresses:
    """The origins under which a server can be reached."""

    http: str | None
    https: str | None
    entrance: str | None = None
    """What opens the playground on this machine without a token."""


class _Connection(HttpToolsProtocol):
    """Sends the head and the body of an answer together, so that the caller wakes up once.

    And tells those who answer it when it is lost, without their asking; and takes no head without
    an end, all of which the parser would hold.
    """

    _held = 0
    """Bytes since the last that were body, or ended a head."""
    _alarm: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        self._held += len(data)
        super().data_received(data)
        if self._held > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")
        if self._held and self._alarm is None:
            self._set_alarm()
        elif self._alarm is not None and not self._held:
            self._alarm.cancel()
            self._alarm = None

    def _set_alarm(self) -> None:
        """Hang up on who begins a request and does not go on; the first begins with the call."""
        self._alarm = self.loop.call_later(HEAD_WITHIN.total_seconds(), self.transport.close)

    def on_headers_complete(self) -> None:
        self._held = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._held = 0
        super().on_message_complete()

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn's own signature
        self._hang_ups: set[Callable[[], None]] = set()
        super().connection_made(cast("asyncio.Transport", _Gathering(transport)))
        self._set_alarm()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._held = self._held or 1  # it may begin in the same piece in which another ended
        self.scope["extensions"] = {HANG_UPS: self._hang_ups}  # pyright: ignore[reportGeneralTypeIssues] - an extension of ours

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._alarm is not None:
            self._alarm.cancel()
        for tell in list(self._hang_ups):
            tell()


class _Gathering:
    """A transport that holds a write back for the next one, until the loop's turn ends."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._waiting.append(data)
        if len(self._waiting) > 1:
            self._send()
        else:
            self._loop.call_soon(self._send)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._transport.writelines(waiting)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        return getattr(self._transport, name)


class _Server(uvicorn.Server):
    """Leaves the signals to us, as two of these share one process, and waits for no idle client."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A TLS client that keeps an idle connection need not answer a polite goodbye for seconds.
        for connection in list(self.server_state.connections):
            if connection.transport.get_extra_info("sslcontext") and _is_idle(connection):
                connection.transport.abort()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


MakeEngine = Callable[[Settings], AbstractAsyncContextManager[Engine]]


def run(
    settings: Settings, *, started: Callable[[Addresses], None], engine: MakeEngine = running_engine
) -> None:
    """`serve` in an event loop of its own, with a log on stderr."""
    logging.basicConfig(
        level=settings.log_level.upper(), handlers=[log_handler(settings.log_format)]
    )

    for warning in misspelt(settings.environment):
        _log.warning("%s", warning)

    def ready(addresses: Addresses) -> None:
        _spare_the_collector()
        started(addresses)

    allow_many_connections()
    uvloop.run(serve(settings, started=ready, engine=engine))


def allow_many_connections() -> None:
    """Have as many files open as the system lets us: whoever listens to a stream is one of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # it is a favour: some systems have limits of their own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _spare_the_collector() -> None:
    """Leave what was made at the start out of every garbage collection, and collect less often.

    Predictions make no cycles to speak of; looking for them took a sixth of the busy server's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def serve(
    settings: Settings,
    *,
    started: Callable[[Addresses], None] = lambda _addresses: None,
    engine: MakeEngine = running_engine,
    is_private: bool = False,
) -> None:
    """Serve *engine* until SIGINT, SIGTERM or cancellation; *started* is told when it is ready.

    A private server is for its own process: plain HTTP alone, and not announced in HOME.

    Raises:
        InvalidSetting: A port is taken, or HOME cannot be used.
    """
    prepare_home(settings)
    plain = _listen(settings, settings.port)
    secure = None if is_private else _listen_securely(settings)
    addresses = Addresses(_origin("http", plain), secure and _origin("https", secure))
    stop = asyncio.Event()
    async with engine(settings) as running:
        addresses = replace(addresses, entrance=f"{addresses.http}/enter?ticket={running.ticket}")
        servers = [_server(running.app, plain, None)]
        if secure is not None:
            servers.append(_server(running.app, secure, settings))
        async with _serving(servers):
            with _announced(settings, addresses, is_private=is_private), _stopping_on_signals(stop):
                started(addresses)
                try:
                    await stop.wait()
                finally:
                    running.store.stop_waiting()


def _listen(settings: Settings, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, port))
    except OSError as error:
        listening.close()
        raise InvalidSetting(
            f"{settings.host}:{port} cannot be listened on: {error.strerror}. Stop what uses it, "
            "or choose another port with SAFELIGHT_PORT and SAFELIGHT_TLS_PORT."
        ) from error
    _let_go_of_the_dead(listening)
    listening.listen(BACKLOG)
    listening.setblocking(False)  # noqa: FBT003 - the socket module's own form
    return listening


def _let_go_of_the_dead(listening: socket.socket) -> None:
    """Have its connections end when the other side is gone, or reads nothing, without a word."""
    seconds = int(GIVEN_UP_AFTER.total_seconds())
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(seconds // 2, 1))
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(seconds // 10, 1))
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000 * seconds)


def _listen_securely(settings: Settings) -> socket.socket | None:
    return (
        None
        if settings.tls_port == 0 and settings.port != 0
        else _listen(settings, settings.tls_port)
    )


def _origin(scheme: str, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared, not bound
    return f"{scheme}://{shown}:{port}"


def _is_idle(connection: object) -> bool:
    cycle = getattr(connection, "cycle", None)
    return cycle is None or cycle.response_complete


def _server(app: ASGIApp, listening: socket.socket, tls: Settings | None) -> "_Serving":
    config = uvicorn.Config(
        app,
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # SAFELIGHT_PUBLIC_URL tells what a proxy is called
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    config.load()
    if tls is not None:
        config.ssl = _tls_context(tls)
    return _Serving(_Server(config), listening)


def _tls_context(settings: Settings) -> ssl.SSLContext:
    certificates = prepare_certificates(settings, datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(certificates.chain, certificates.key)
    return context


@dataclass(frozen=True)
class _Serving:
    server: _Server
    listening: socket.socket


@asynccontextmanager
async def _serving(servers: list[_Serving]) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(s.server.serve(sockets=[s.listening])) for s in servers]
    try:
        while not all(s.server.started for s in servers):  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.001)
        yield
    finally:
        for serving in servers:
            serving.server.should_exit = True
        await asyncio.gather(*tasks)


@contextmanager
def _announced(settings: Settings, addresses: Addresses, *, is_private: bool) -> Generator[None]:
    if is_private:
        yield
        return
    path = settings.home / "server.json"
    announcement = json.dumps({**asdict(addresses), "pid": os.getpid()}).encode()
    earlier = path.read_bytes() if path.exists() else None
    write_private(path, announcement)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            if path.read_bytes() == announcement:  # else another server has taken over
                path.unlink()
                if earlier is not None:  # it may run still; whoever reads this asks it
                    write_private(path, earlier)


@contextmanager
def _stopping_on_signals(stop: asyncio.Event) -> Generator[None]:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
