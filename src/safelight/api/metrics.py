"""The measurements of the engine, in Prometheus's text format."""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response

from safelight.account import Scope
from safelight.api.context import MISSING_SCOPE, Context
from safelight.errors import Forbidden
from safelight.meter import Counter, Histogram, Meter
from safelight.store import Load

_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_FORWARDING: Final = (
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"),
    *("origin", "sec-fetch-site"),
)
"""What proxies add, and what browsers add for a page that asks."""


class Metrics:
    """The endpoint of `/metrics`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def get(self, request: Request) -> Response:
        """`GET /metrics`: for callers on this machine, and for tokens with the scope `admin`.

        Raises:
            Unauthenticated: A caller from elsewhere without a token.
            Forbidden: One whose token has not that scope.
        """
        if not self._is_from_here(request):
            token = await self._context.caller(request)
            if Scope.ADMIN not in token.scopes:
                raise Forbidden(MISSING_SCOPE.format(scope=Scope.ADMIN, operation="metrics"))
        registry = CollectorRegistry()
        registry.register(_Shown(self._context.meter, await self._context.store.load()))
        ProcessCollector(registry=registry)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _is_from_here(self, request: Request) -> bool:
        """Whether it comes straight from this machine, not through a proxy or a page that it runs.

        A page elsewhere can point a name of its own at 127.0.0.1; the browser then says that name.
        HTTP/1.0 is what nginx speaks to us unless it is told otherwise, with none of the headers.
        """
        peer = "" if request.client is None else request.client.host
        asked = request.url.hostname or ""
        is_forwarded = any(name in request.headers for name in _FORWARDING)
        is_old = request.scope.get("http_version") == "1.0"
        is_proxied = is_forwarded or is_old or self._context.public_url is not None
        return peer in _HERE and asked in _HERE and not is_proxied


class _Shown(Collector):
    """The meter as Prometheus's library wants it."""

    def __init__(self, meter: Meter, load: Load) -> None:
        self._meter = meter
        self._load = load

    def collect(self) -> Iterator[Metric]:
        """Every measurement."""
        yield from map(_counter, self._meter.counters)
        yield from map(_histogram, self._meter.histograms)
        gauges = (
            ("safelight_predictions_waiting", "Predictions that wait to run.", self._load.waiting),
            ("safelight_predictions_running", "Predictions that run.", self._load.running),
            (
                "safelight_stream_listeners",
                "Streams that are being listened to.",
                self._meter.listeners,
            ),
        )
        for name, text, value in gauges:
            yield GaugeMetricFamily(name, text, value)


def _counter(counter: Counter) -> Metric:
    name, text, labels = counter.described
    family = CounterMetricFamily(name, text, labels=labels)
    for values, count in counter.counts.items():
        family.add_metric(values, count)
    return family


def _histogram(histogram: Histogram) -> Metric:
    name, text, labels = histogram.described
    family = HistogramMetricFamily(name, text, labels=labels)
    bounds = [*map(str, histogram.bounds), "+Inf"]
    for values, series in histogram.series.items():
        counts = accumulate(series.buckets)
        family.add_metric(values, list(zip(bounds, counts, strict=True)), series.total)
    return family
