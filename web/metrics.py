"""The figures of the service in Prometheus' words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from workers.figures import PAGE_SECONDS, Figures


class FiguresCollector(Collector):
    """Asks for the figures whenever it is asked. Gauges throughout: counts fall when reports are deleted."""

    def __init__(self, ask: Callable[[], Figures]) -> None:
        self._ask = ask

    def describe(self) -> Iterator[Metric]:
        """Nothing: so that making a registry asks nothing."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        found = self._ask()
        yield _gauge("nianbao_reports", "Reports kept, by status.", "status", found.reports)
        yield _gauge("nianbao_pages", "Pages of the reports kept, by state.", "state", found.pages)
        age = "Seconds since the oldest report of an unfinished status came in."
        yield _gauge("nianbao_oldest_report_age_seconds", age, "status", found.ages)
        failures = GaugeMetricFamily("nianbao_failures", "What could not be read, by reason.", labels=["of", "reason"])
        for of, reasons in (("report", found.failed_reports), ("page", found.failed_pages)):
            for reason, count in reasons.items():
                failures.add_metric([of, reason], count)
        yield failures
        bounds = [*map(str, PAGE_SECONDS), "+Inf"]
        yield GaugeHistogramMetricFamily(
            "nianbao_page_seconds",
            "Time that reading a page took, of all readings kept.",
            buckets=list(zip(bounds, found.page_seconds, strict=True)),
            gsum_value=found.page_seconds_sum,
        )


def render(ask: Callable[[], Figures], accept: str) -> tuple[bytes, str]:
    """The figures and their content type, in the best format that the asker's Accept header names."""
    registry = CollectorRegistry()
    registry.register(FiguresCollector(ask))
    try:
        encode, content_type = choose_encoder(accept)
    except (TypeError, ValueError):  # a version that is none
        encode, content_type = choose_encoder("")
    return encode(registry), content_type


def _gauge(name: str, said: str, label: str, values: dict[str, int] | dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
