"""What the workers count; bounded labels only."""

from collections import Counter as Counts
from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from schemas import catalog
from shared import counts
from shared.counts import begin
from shared.rules import drift
from shared.rules.lanes import LANES
from shared.rules.payout_links import KIND
from shared.rules.retries import ErrorClass

_ENDS = ("processed", "ignored", "dead")
_SETTLED = Counter("carelane_events_settled_total", "Events that came to an end.", ["lane", "state"])
_AGE = Histogram(
    "carelane_event_settle_seconds",
    "From receipt to the end of an event.",
    ["lane"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 3600),
)
BREACHES = Counter("carelane_crisis_breaches_total", "Crisis events that took longer than 200 ms.")
FLOODS = Counter("carelane_guards_opened_total", "Times that dead letters of one type came in a flood.")
UNSEEN_VERSIONS = Counter("carelane_unseen_api_versions_total", "Events in an API version not known to this program.")
PAYOUTS_STALE = Counter("carelane_payouts_stale_total", "Payouts found on their way for longer than money should be.")
ATTEMPTS_FAILED = Counter("carelane_attempts_failed_total", "Attempts at events that failed.", ["reason_class"])
NUDGES = Counter("carelane_relay_nudges_total", "Events that the relay rang the doorbell for.", ["lane"])
RESCUED = Counter("carelane_relay_rescued_total", "Claims taken back from lost workers.", ["outcome"])
CALLBACKS = Counter("carelane_callbacks_total", "Callbacks that were tried, by what became of it.", ["outcome"])
CALLBACK_ENDPOINTS_DISABLED = Counter("carelane_callback_endpoints_disabled_total", "Endpoints given up on.")
EXTENSIONS_REFUSED = Counter("carelane_extensions_refused_total", "Entry points left out.", ["group", "code"])
BACKFILLED = Counter("carelane_backfilled_total", "Events found at Stripe that had never arrived.")
DRIFTED = Counter("carelane_drift_total", "Subjects that differed from Stripe's objects.", ["drift"])
OBSERVATIONS_LOST = Counter("carelane_observations_lost_total", "What observers did not see or failed at.", ["why"])

begin(_SETTLED, *((lane, state) for lane in LANES for state in _ENDS))
begin(ATTEMPTS_FAILED, *((error_class.value,) for error_class in ErrorClass))
begin(NUDGES, *((lane,) for lane in LANES))
begin(CALLBACKS, *((outcome,) for outcome in ("delivered", "failed", "dead", "fenced")))
begin(DRIFTED, *((kind.value,) for kind in drift.Kind))
begin(counts.CONFLICTS, *((kind,) for kind in {KIND, *(known.kind for known in catalog.EVENT_TYPES.values())}))
for _lane in LANES:
    _AGE.labels(_lane)


def settled(ended: Iterable[tuple[str, str, float | None]]) -> None:
    """Count these: lane, state, and the seconds from receipt to end where they count."""
    ended = list(ended)
    for (lane, state), count in Counts((lane, state) for lane, state, _ in ended).items():
        _SETTLED.labels(lane, state).inc(count)
    for lane, _, age_seconds in ended:
        if age_seconds is not None:
            _AGE.labels(lane).observe(age_seconds)
