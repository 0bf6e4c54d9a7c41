"""What /metrics of the application door tells beside its own calls, read anew at each scrape."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, Info
from prometheus_client.registry import Collector

from ingress.api.figure_gauges import BrokerGauges, FigureGauges, SupervisedGauges
from ingress.cli import running
from shared import figures
from shared.broker_figures import BrokerFigures, BrokerReader
from shared.config import Settings
from shared.db import Pool
from shared.errors import CarelaneError
from shared.figures import Figures
from shared.release import release
from shared.status import Status


class ReadsBroker(Protocol):
    def read(self) -> BrokerFigures: ...


@dataclass(frozen=True, slots=True)
class Watch:
    """One for each process."""

    pool: Pool
    broker: ReadsBroker | None
    home: Path

    def gauges(self, status: Status | None) -> list[Collector]:
        """Without a status PostgreSQL is away: who asked it again would answer too late for the scrape."""
        known = None if status is None else self._figures()
        found: list[Collector] = [_build(), FigureGauges(known), SupervisedGauges(running.read(self.home))]
        return found if self.broker is None else [*found, BrokerGauges(self.broker.read())]

    def _figures(self) -> Figures | None:
        try:
            with self.pool.transaction() as conn:
                return figures.read(conn)
        except CarelaneError:
            return None


def watch(settings: Settings, pool: Pool) -> Watch:
    return Watch(pool, _broker(settings), settings.home)


def _broker(settings: Settings) -> ReadsBroker | None:
    redis = None if settings.redis_url is None else BrokerReader(settings.redis_url)
    if settings.broker_url is None:
        return redis
    # Its client is of no use where Redis is the broker.
    from shared.rabbit_figures import RabbitReader  # noqa: PLC0415

    return RabbitReader(settings.broker_url, redis)


def _build() -> Collector:
    built = Info("carelane_build", "The program that answers.", registry=CollectorRegistry())
    built.info({"version": release()})
    return built
