"""One run against one target: how much it answered, how late, for how much processor time, and that it kept it all."""

from bench import latency, load, paced, prepared, signed
from bench.prepared import Batch
from bench.rounds import Sample
from bench.servers import Services
from bench.targets import Target

_WARM_UP_SECONDS = 1
_WARM_UP_CONNECTIONS = 16
_FIRST_GUESS_PER_SECOND = 15_000.0
_MARGIN = 1.5


class NotKept(RuntimeError):
    """Fewer rows were committed than requests answered: the target's figure would be a lie."""


class Gauge:
    """Takes samples of targets; learns how much each one takes, so that enough is prepared and not much more."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._most_per_second: dict[str, float] = {}

    def warm_up(self, target: Target) -> None:
        """See that the answer is exactly 200, and let the target fill its caches and pools."""
        load.post(target.url, next(iter(signed.deliveries(signed.Wish(count=1)))))
        self.loaded(target, connections=_WARM_UP_CONNECTIONS, seconds=_WARM_UP_SECONDS)

    def loaded(self, target: Target, *, connections: int, seconds: float) -> Sample:
        """As many requests as it answers, each connection waiting for its answers."""
        self._services.settle()
        expected = self._most_per_second.get(target.name, _FIRST_GUESS_PER_SECOND) * _MARGIN * seconds
        with prepared.batch(target.url, int(expected) + connections) as batch:
            own, stores = target.process.cpu_seconds(), self._services.cpu_seconds()
            fired = load.fire(target.url, batch, connections=connections, seconds=seconds)
            own, stores = target.process.cpu_seconds() - own, self._services.cpu_seconds() - stores
            _check(target, fired, batch=batch, connections=connections)
        self._most_per_second[target.name] = max(self._most_per_second.get(target.name, 0.0), fired.per_second)
        return {
            "requests_per_second": fired.per_second,
            "p50_ms": fired.p50_ms,
            "p95_ms": fired.p95_ms,
            "p99_ms": fired.p99_ms,
            "max_ms": fired.max_ms,
            "server_cpu_seconds_per_1000": own * 1000 / fired.answered,
            "stores_cpu_seconds_per_1000": stores * 1000 / fired.answered,
            "generator_cpu_seconds_per_1000": fired.generator_cpu_seconds * 1000 / fired.answered,
        }

    def idle(self, target: Target, *, per_second: float, seconds: float) -> Sample:
        """So few requests that none waits for another."""
        self._services.settle()
        made = list(signed.deliveries(signed.Wish(count=max(1, int(per_second * seconds)))))
        posted = paced.send(target.url, made, per_second=per_second, connections=1)
        return latency.summary([one.answered_seconds for one in posted])


def _check(target: Target, fired: load.Fired, *, batch: Batch, connections: int) -> None:
    """What was answered 200 is committed; what was under way at the end may be, and was not counted."""
    if target.kept is None:
        return
    kept = target.kept(batch.prefix)
    if not fired.answered <= kept <= fired.answered + connections:
        raise NotKept(f"{target.name} answered {fired.answered} and kept {kept}")
