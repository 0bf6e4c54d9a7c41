"""What /metrics of the application door tells beside its own calls, read anew at each scrape."""

from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Info
from prometheus_client.registry import Collector

from ingress.api.figure_gauges import BrokerGauges, FigureGauges, SupervisedGauges
from ingress.cli import running
from shared import figures
from shared.broker_figures import BrokerReader
from shared.config import Settings
from shared.db import Pool
from shared.errors import CarelaneError
from shared.figures import Figures
from shared.release import release


@dataclass(frozen=True, slots=True)
class Watch:
    """One for each process."""

    pool: Pool
    broker: BrokerReader | None
    home: Path

    def gauges(self) -> list[Collector]:
        found: list[Collector] = [_build(), FigureGauges(self._figures()), SupervisedGauges(running.read(self.home))]
        return found if self.broker is None else [*found, BrokerGauges(self.broker.read())]

    def _figures(self) -> Figures | None:
        try:
            with self.pool.transaction() as conn:
                return figures.read(conn)
        except CarelaneError:
            return None


def watch(settings: Settings, pool: Pool) -> Watch:
    broker = None if settings.redis_url is None else BrokerReader(settings.redis_url)
    return Watch(pool, broker, settings.home)


def _build() -> Collector:
    built = Info("carelane_build", "The program that answers.", registry=CollectorRegistry())
    built.info({"version": release()})
    return built

