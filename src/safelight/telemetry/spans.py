"""Spans by OpenTelemetry, sent over OTLP as its own variables say."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from safelight.tracing import Naming, Tracer, Value

_PREFIX: Final = "safelight."
_CALLERS: Final = TraceContextTextMapPropagator()
"""Reads W3C's `traceparent`, by which a caller's trace goes on here."""


def exporting() -> tuple[Tracer, Callable[[], None]]:
    """What makes spans and sends them, and what sends the rest and ends that."""
    return tracing(BatchSpanProcessor(OTLPSpanExporter()))


def tracing(processor: SpanProcessor) -> tuple[Tracer, Callable[[], None]]:
    """What makes spans for *processor*, and what ends that."""
    named = Resource.create({SERVICE_NAME: "safelight"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=named)
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("safelight")

    @contextmanager
    def start(name: str, traceparent: str, attributes: dict[str, Value]) -> Generator[Naming]:
        parent = _CALLERS.extract({"traceparent": traceparent}) if traceparent else None
        with tracer.start_as_current_span(
            name, context=parent, attributes=_prefixed(attributes)
        ) as span:
            yield _naming(span)

    return start, provider.shutdown


def _naming(span: trace.Span) -> Naming:
    def name_it(name: str | None = None, **attributes: Value) -> None:
        if name is not None:
            span.update_name(name)
        span.set_attributes(_prefixed(attributes))

    return name_it


def _prefixed(attributes: dict[str, Value]) -> dict[str, Value]:
    return {_PREFIX + name: value for name, value in attributes.items()}
