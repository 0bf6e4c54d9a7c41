"""What both sides count of people; bounded labels only.

They count in the transaction that makes the change, as the alarms do: one that is rolled back is counted all the same,
which happens too seldom to matter to whoever looks at a rate.
"""

from prometheus_client import Counter, Histogram

# Said here once more (tests compare): the webhook door counts too, and knows no rules but the lane's.
CHANGES = ("started", "ended")
REASONS = ("crisis_detected", "payment_failure", "system_error", "code")
SOURCES = ("button", "clinician", "assessment", "system")
LEVELS = ("crisis_only", "essential", "full")
HOW = ("call", "text", "chat")
PLACES = ("usual", "first")
# What of the audit trail somebody should look at who watches over the doors.
SECURITY_ACTS = (
    "staff.sign_in_refused", "staff.enrolment_refused", "staff.act_refused", "staff.glass_refused",
    "staff.glass_broken", "staff.secret_damaged", "emergency_code.refused", "emergency_code.shut",
    "event.payload_viewed", "crisis.note_viewed",
)  # fmt: skip

GRACE = Counter("carelane_grace_total", "Grace periods that started or ended.", ["change"])
EMERGENCIES = Counter("carelane_emergency_accesses_opened_total", "Emergency accesses opened.", ["reason"])
CRISES = Counter("carelane_crises_opened_total", "Crises opened.", ["source"])
CONFLICTS = Counter("carelane_fold_conflicts_total", "Illegal steps of subjects that were refused.", ["kind"])
ACCESS_ANSWERS = Counter(
    "carelane_access_answers_total", "Answers about access; each bears the hotline's line.", ["level", "degraded"]
)
HOTLINE_SHOWN = Counter("carelane_hotline_shown_total", "Answers with the hotline's line, by its place.", ["place"])
HOTLINE_USED = Counter("carelane_hotline_used_total", "Times an application told that the hotline was called.", ["how"])
SECURITY = Counter("carelane_security_acts_total", "Acts on record that security is about.", ["act"])
POOL_WAIT = Histogram(
    "carelane_pool_wait_seconds",
    "Waiting for a connection of the process's own.",
    ["pool"],
    buckets=(0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2.0),
)
POOL_TIMEOUTS = Counter("carelane_pool_timeouts_total", "Waits for a connection that ended without one.")


def begin(counter: Counter, *values: tuple[str, ...]) -> None:
    """Tell these series from the start: a rate over one that begins with its first event misses that event."""
    for labels in values:
        counter.labels(*labels)


begin(GRACE, *((change,) for change in CHANGES))
begin(EMERGENCIES, *((reason,) for reason in REASONS))
begin(CRISES, *((source,) for source in SOURCES))
begin(HOTLINE_SHOWN, *((place,) for place in PLACES))
begin(SECURITY, *((act,) for act in SECURITY_ACTS))
begin(HOTLINE_USED, *((how,) for how in HOW))
begin(ACCESS_ANSWERS, *((level, degraded) for level in LEVELS for degraded in ("true", "false")))
