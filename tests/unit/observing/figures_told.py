"""Every figure that any process of ours tells, by its name."""

from prometheus_client import REGISTRY, CollectorRegistry

from ingress.api.figure_gauges import BrokerGauges, FigureGauges, SupervisedGauges
from ingress.api.gauges import WalkGauges
from ingress.api.metrics import Metrics as AppMetrics
from ingress.cli.running import Noted, Running
from ingress.stream.metrics import _Streams
from ingress.webhook.metrics import Metrics as DoorMetrics
from shared import access_alarm, counts
from shared.broker_figures import BrokerFigures
from shared.figures import Archive, Chain, Figures, Server
from shared.owed import Owed
from shared.status import Status
from workers import housekeeping, metrics, self_check, watchdog

# They count in the registry of the process.
__all__ = ["access_alarm", "counts", "housekeeping", "metrics", "self_check", "watchdog"]

ONE = {"one": 1}
FIGURES = Figures(
    heartbeats=ONE,
    crises=ONE,
    emergencies=ONE,
    grace=ONE,
    dead={("one", "one"): 1},
    in_doubt=1,
    connections=ONE,
    server=Server(1, 1, 1),
    archive=Archive(is_on=True, failures=1, archived_seconds=1.0),
    chain=Chain(1, 1, 1.0),
    report_seconds=1.0,
    missing=("one",),
)


class NoReaders:
    ended = ONE

    def __len__(self):
        return 0


def _metrics():
    registries = [REGISTRY, *(made(CollectorRegistry()).registry for made in (DoorMetrics, AppMetrics))]
    running = Running(1, (Noted("one", 1, ready=True, restarts=0, is_service=False),), None)
    collectors = [
        WalkGauges(Status(events=ONE, lanes={}, owed=Owed(callbacks=()))),
        FigureGauges(FIGURES),
        BrokerGauges(BrokerFigures(is_up=True)),
        SupervisedGauges(running),
        _Streams(NoReaders()),
    ]
    return [metric for source in (*registries, *collectors) for metric in source.collect()]


_PARTS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}


def families():
    """As the document lists them: a counter with its `_total`, a histogram by its own name."""
    told = {metric.name + ("_total" if metric.type == "counter" else "") for metric in _metrics()}
    return {name for name in told if name.startswith("carelane_")} | {"carelane_build_info"}


def names():
    """As Prometheus is asked for them."""
    parts = {metric.name + part for metric in _metrics() for part in _PARTS.get(metric.type, ("",))}
    return parts | {"up", "carelane_build_info"}
