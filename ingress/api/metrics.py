"""The application door's figures; every label's values are a short list of ours, never a caller's text."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from ingress.api.resources import TOLD

# Beside the calls: the pages that tell of them, what matches none of them, and what the front answered by itself.
UNKNOWN, FRONT = "unknown", "front"
OPERATIONS = (*(call.name for calls in TOLD.values() for call in calls), "openapi", "docs", UNKNOWN)
STATUSES = ("2xx", "3xx", "4xx", "5xx")

# About the two promises of the access call: 10 ms computed, 100 ms whatever is away.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        requests = Counter(
            "carelane_app_requests",
            "Requests to the application door, by call and by what became of them.",
            ["operation", "status"],
            registry=registry,
        )
        seconds = Histogram(
            "carelane_app_seconds",
            "From a request read in full to its answer, by call.",
            ["operation"],
            buckets=_SECONDS,
            registry=registry,
        )
        # From the start: a rate over a series that begins with its first error misses that error.
        self._requests = {
            (name, status): requests.labels(name, status) for name in (*OPERATIONS, FRONT) for status in STATUSES
        }
        self._seconds = {name: seconds.labels(name) for name in OPERATIONS}

    def answered(self, operation: str | None, status: int, seconds: float) -> None:
        """Whatever is none of `OPERATIONS` is unknown."""
        name = operation if operation in self._seconds else UNKNOWN
        self._requests[name, _class_of(status)].inc()
        self._seconds[name].observe(seconds)

    def answered_by_front(self, status: int) -> None:
        """What never reached the application, or had no answer of it in time; it is counted all the same."""
        self._requests[FRONT, _class_of(status)].inc()


def _class_of(status: int) -> str:
    return f"{status // 100}xx"
