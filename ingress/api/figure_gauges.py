"""What `shared/figures.py` reads, and what the broker and the supervisor tell, as Prometheus gauges."""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ingress.cli.running import Running
from shared.broker_figures import BrokerFigures
from shared.figures import Archive, Chain, Figures, Server


class FigureGauges(Collector):
    """`figures` is None when PostgreSQL did not answer: then they are absent."""

    def __init__(self, figures: Figures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        found = self._figures
        if found is None:
            return
        yield _by("carelane_heartbeat_age_seconds", "Since a process last showed itself.", "process", found.heartbeats)
        yield _by("carelane_crises_open", "People in open crisis.", "severity", found.crises)
        yield _by("carelane_emergency_accesses_open", "Emergency accesses that are open.", "reason", found.emergencies)
        yield _by("carelane_grace_open", "People in grace; held: by an open crisis.", "kind", found.grace)
        yield _dead(found.dead)
        yield _by("carelane_connections", "Connections to PostgreSQL, by process.", "process", found.connections)
        if found.in_doubt is not None:
            yield _one("carelane_subjects_in_doubt", "Subjects whose order only Stripe can tell.", found.in_doubt)
        if found.server is not None:
            yield from _server(found.server)
        if found.archive is not None:
            yield from _archive(found.archive)
        if found.chain is not None:
            yield from _chain(found.chain)
        if found.report_seconds is not None:
            yield _one("carelane_report_age_seconds", "Since a daily report was owed.", found.report_seconds)
        missing = "Groups of figures that this role may not read."
        yield _by("carelane_figures_missing", missing, "group", dict.fromkeys(found.missing, 1))


class BrokerGauges(Collector):
    def __init__(self, figures: BrokerFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield _one("carelane_broker_up", "Whether the broker answers.", float(self._figures.is_up))
        if self._figures.is_up:
            yield _by("carelane_broker_messages", "Messages that lie in a lane.", "lane", self._figures.messages)
            is_open = self._figures.breaker == "open"
            yield _one("carelane_stripe_breaker_open", "Whether Stripe is not asked for a while.", float(is_open))


class SupervisedGauges(Collector):
    """The processes and embedded services of `carelane up`; nothing where it does not run here."""

    def __init__(self, running: Running | None) -> None:
        self._running = running

    def collect(self) -> Iterator[Metric]:
        if self._running is None:
            return
        up = GaugeMetricFamily("carelane_supervised_up", "Whether it runs and is ready.", labels=["process"])
        restarts = CounterMetricFamily("carelane_supervised_restarts", "How often it came back.", labels=["process"])
        for one in self._running.processes:
            up.add_metric([one.name], float(one.ready))
            restarts.add_metric([one.name], one.restarts)
        yield from (up, restarts)


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _by(name: str, words: str, label: str, values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for of, value in values.items():
        family.add_metric([of], value)
    return family


def _dead(dead: Mapping[tuple[str, str], int]) -> Metric:
    family = GaugeMetricFamily(
        "carelane_dead_letters", "Dead letters nobody has discarded, by cause.", labels=["reason_class", "reason_code"]
    )
    for cause, events in dead.items():
        family.add_metric(list(cause), events)
    return family


def _server(server: Server) -> Iterator[Metric]:
    yield _one("carelane_connections_most", "Connections that PostgreSQL allows.", server.connections_most)
    yield _one("carelane_database_bytes", "Size of the database.", server.bytes)
    age = "Transactions since the oldest row was frozen; at 2e9 PostgreSQL stops."
    yield _one("carelane_database_transaction_age", age, server.transaction_age)


def _archive(archive: Archive) -> Iterator[Metric]:
    yield _one("carelane_archive_on", "Whether PostgreSQL archives its log.", float(archive.is_on))
    yield CounterMetricFamily("carelane_archive_failures", "Files that were not archived.", value=archive.failures)
    if archive.archived_seconds is not None:
        yield _one("carelane_archive_age_seconds", "Since a file of the log was archived.", archive.archived_seconds)


def _chain(chain: Chain) -> Iterator[Metric]:
    yield _one("carelane_audit_height", "Links of the audit trail's chain.", chain.height)
    yield _one("carelane_audit_unlinked", "Audit records that wait for their link.", chain.unlinked)
    yield _one("carelane_audit_unlinked_oldest_seconds", "Age of the oldest of them.", chain.unlinked_oldest_seconds)
