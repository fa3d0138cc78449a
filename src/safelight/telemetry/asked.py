"""Whether the environment asks for OpenTelemetry, and whether it can have it."""

import importlib
import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Final

from safelight.tracing import Tracer, plug_in

_WHERE: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_log: Final = logging.getLogger("safelight.telemetry")


@contextmanager
def traced(environment: Mapping[str, str]) -> Generator[None]:
    """Send spans while the context lasts, if OTEL_* says where to."""
    if not _is_asked(environment):
        yield
        return
    try:
        # By its name, because importing it costs what only those should pay who asked for it.
        module = importlib.import_module("safelight.telemetry.spans")
    except ImportError:  # or there is a part of it, which something else has brought along
        _log.warning("OTEL_* is set, but OpenTelemetry is missing: pip install 'safelight[otel]'.")
        yield
        return
    exporting: Callable[[], tuple[Tracer, Callable[[], None]]] = module.exporting
    tracer, close = exporting()
    plug_in(tracer)
    try:
        yield
    finally:
        plug_in(None)
        close()


def _is_asked(environment: Mapping[str, str]) -> bool:
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    exporter = environment.get("OTEL_TRACES_EXPORTER", "otlp")
    return not is_off and exporter == "otlp" and any(environment.get(name) for name in _WHERE)
