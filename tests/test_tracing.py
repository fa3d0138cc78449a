"""Spans: none unless asked for; then one for each request, run and call."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.api.calls import ECHO
from tests.test_logging import calling

from safelight.telemetry.asked import traced
from safelight.telemetry.spans import tracing
from safelight.tracing import plug_in, span


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """What spans are sent to."""
    kept = InMemorySpanExporter()
    tracer, close = tracing(SimpleSpanProcessor(kept))
    plug_in(tracer)
    yield kept
    plug_in(None)
    close()


async def test_a_request_and_the_run_of_its_prediction_are_spans(
    exporter: InMemorySpanExporter, tmp_path: Path
) -> None:
    """Named for the operation, with the ids that the logs have."""
    async with calling(tmp_path) as client:
        path = f"/v1/models/{ECHO}/predictions"
        answer = await client.post(
            path, json={"input": {"prompt": "x"}}, headers={"prefer": "wait"}
        )
    spans = {found.name: found for found in exporter.get_finished_spans()}
    request = spans["models.predictions.create"].attributes or {}
    assert request["safelight.status"] == 201
    assert request["safelight.request_id"] == answer.headers["x-request-id"]
    run = spans["prediction"].attributes or {}
    assert run["safelight.prediction"] == answer.json()["id"]
    assert run["safelight.model"] == ECHO


async def test_a_callers_trace_goes_on_here(exporter: InMemorySpanExporter, tmp_path: Path) -> None:
    """By the header that W3C has for it; what is none is passed over."""
    trace_id, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    async with calling(tmp_path) as client:
        for value in (f"00-{trace_id}-{parent}-01", "nonsense"):
            await client.get("/healthz", headers={"traceparent": value})
    first, second = exporter.get_finished_spans()
    assert first.parent is not None
    assert f"{first.parent.trace_id:032x}" == trace_id
    assert f"{first.parent.span_id:016x}" == parent
    assert second.parent is None


def test_an_exception_is_recorded_and_goes_on(exporter: InMemorySpanExporter) -> None:
    """Tracing changes nothing about what happens."""
    with pytest.raises(LookupError), span("work", provider="x"):
        raise LookupError("gone")
    (found,) = exporter.get_finished_spans()
    assert [event.name for event in found.events] == ["exception"]
    assert (found.attributes or {})["safelight.provider"] == "x"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_SERVICE_NAME": "x"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_without_somewhere_to_send_them_there_are_no_spans(environment: dict[str, str]) -> None:
    """Nothing is made that nobody gets."""
    with traced(environment), span("work") as naming:
        naming("other", status=1)
        assert span("a") is span("b")


def test_without_opentelemetry_the_server_starts_all_the_same(tmp_path: Path) -> None:
    """A part of it may be there for something else: that is not enough, and no reason to fail."""
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("")
    code = (
        "from safelight.telemetry.asked import traced\n"
        "with traced({'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://127.0.0.1:9'}): print('on')"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert found.stdout.strip() == "on"
    assert "OpenTelemetry is missing" in found.stderr


def test_unasked_opentelemetry_is_not_even_imported() -> None:
    """It costs a third of a second."""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, safelight.server; print('opentelemetry' in sys.modules)",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == "False"
