"""What `carelane doctor` looks at, looked at by a worker too: nobody has to ask before something is told."""

from datetime import UTC, datetime

import structlog
from prometheus_client import Gauge

from shared.checks import broker, database, keys, outside
from shared.checks.examination import examine
from shared.checks.finding import FAULT, WARNING, Finding
from shared.config import Settings

log = structlog.get_logger(__name__)

# Below the task's own limit, so that a server that hangs is told as that.
_TIMEOUT_SECONDS = 6.0
FOUND = Gauge(
    "carelane_self_check_findings",
    "What the last self-check found, by status.",
    ["status"],
    multiprocess_mode="mostrecent",
)
# Whichever worker looks next finds how it is then; what this one found before says nothing any more.
LOOKED = Gauge(
    "carelane_self_check_timestamp_seconds",
    "When the last self-check ended (Unix time).",
    multiprocess_mode="mostrecent",
)


def look(settings: Settings) -> list[Finding]:
    """All that is not well; each fault is a warning in the log, the counts are a metric."""
    groups = {
        "redis": lambda: broker.look(settings.redis_url),
        "postgresql": lambda: database.look(settings, clock=lambda: datetime.now(UTC), counts={}),
        "keys": lambda: keys.look(settings),
        # Nobody else would tell that Stripe has switched our endpoint off: no event comes any more, and nothing fails.
        "stripe": lambda: outside.stripe(settings),
        "flower": lambda: outside.flower(settings),
    }
    found = examine(groups, timeout_seconds=_TIMEOUT_SECONDS)
    for status in (FAULT, WARNING):
        FOUND.labels(status).set(sum(finding.status == status for finding in found))
    LOOKED.set_to_current_time()
    for finding in found:
        if finding.status == FAULT:
            log.warning("the self-check found a fault", action="self_check.fault", name=finding.name)
    return [finding for finding in found if finding.status in {FAULT, WARNING}]
