"""The webhook door's figures; every label's values are a short list of ours, never a caller's text."""

from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ingress.webhook.answers import STATUS_OF

KEPT_OUTCOMES = ("received", "duplicate", "conflict", "unparsable")
OUTCOMES = (*KEPT_OUTCOMES, *(code.lower() for code in STATUS_OF))

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_VERIFICATION_SECONDS = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05)


class Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Counter(
            "carelane_webhook_requests",
            "Requests to the webhook endpoint, by what became of them.",
            ["outcome"],
            registry=registry,
        )
        self.seconds = Histogram(
            "carelane_webhook_seconds",
            "From a request read in full to its answer.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.verification_seconds = Histogram(
            "carelane_webhook_verification_seconds",
            "Checking one signature.",
            buckets=_VERIFICATION_SECONDS,
            registry=registry,
        )
        self._exemptions = Counter(
            "carelane_webhook_flood_exemptions",
            "Signed events taken as always from a source whose unsigned requests were being limited, by lane.",
            ["lane"],
            registry=registry,
        )
        self._violations = Counter(
            "carelane_webhook_source_violations",
            "Requests from outside the list of sources; a signed one says that the list lacks something.",
            ["signed", "mode"],
            registry=registry,
        )
        self.sources_stale = Gauge(
            "carelane_webhook_sources_stale",
            "1 while the file of sources cannot be read and the last good list serves.",
            registry=registry,
            multiprocess_mode="max",
        )
        # From the start: a rate over a series that begins with its first error misses that error.
        self._of = {outcome: self._requests.labels(outcome) for outcome in OUTCOMES}
        for lane in ("crisis", "standard"):
            self._exemptions.labels(lane)
        for signed, mode in product(("true", "false"), ("monitor", "enforce")):
            self._violations.labels(signed, mode)

    def count(self, outcome: str) -> None:
        self._of[outcome.lower()].inc()

    def exemption(self, lane: str) -> None:
        self._exemptions.labels(lane).inc()

    def violation(self, *, signed: bool, mode: str) -> None:
        self._violations.labels(str(signed).lower(), mode).inc()
